"""The purpose register: default deny, every cell tried, and a wrong entry told by file, entry and expectation."""

import copy
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.purposes import SMALL, write

from scv.errors import InputError, SettingsError
from scv.manifests import load_manifests
from scv.purposes import Register, check_register, load_register

NIGHT = date(2026, 3, 2)


@pytest.fixture(scope="module")
def written(project_root: Path) -> dict[str, Any]:
    """The project's own register as it is written, read without any code of ours."""
    content: dict[str, Any] = yaml.safe_load((project_root / "purposes" / "register.yml").read_text())
    return content


@pytest.fixture(scope="module")
def register(project_root: Path) -> Register:
    """The project's own register."""
    return load_register(project_root)


HEALTH = {
    **SMALL["allowances"][0],
    "name": "health",
    "data_classes": ["health"],
    "condition": {"article_9": "health_or_social_care", "schedule_1": 2},
}


def small(folder: Path, *allowances: dict[str, Any]) -> Register:
    """The small register with other allowances."""
    return load_register(write(folder, allowances=list(allowances)))


def allowance(**changes: Any) -> dict[str, Any]:
    """The small register's allowance, with parts changed."""
    return {**SMALL["allowances"][0], **changes}


def test_every_cell_is_allowed_exactly_when_an_entry_lists_it(
    written: dict[str, Any], register: Register
) -> None:
    listed = {
        (department, entry["purpose"], data_class)
        for entry in written["allowances"]
        for department in entry["departments"]
        for data_class in entry["data_classes"]
    }
    names = [[item["name"] for item in written[part]] for part in ("departments", "purposes", "data_classes")]
    cells = list(product(*names))
    assert len(cells) > 3000
    allowed = {cell for cell in cells if register.is_allowed(*cell, on=NIGHT).allowed}
    assert allowed == listed
    assert {cell for cell, _ in register.cells()} == listed


def test_an_empty_register_denies_every_cell(tmp_path: Path, written: dict[str, Any]) -> None:
    empty = load_register(write(tmp_path, **{**written, "allowances": []}))
    cells = list(product(empty.departments, empty.purposes, empty.data_classes))
    verdicts = [empty.is_allowed(*(item.name for item in cell), on=NIGHT) for cell in cells]
    assert len(verdicts) > 3000
    assert not any(verdict.allowed for verdict in verdicts)
    assert {verdict.reason for verdict in verdicts} == {"not listed, and what is not listed is denied"}


def test_the_shipped_register_agrees_with_the_manifests(project_root: Path) -> None:
    assert check_register(project_root, NIGHT) == ()


def test_every_declared_column_has_a_data_class(project_root: Path, register: Register) -> None:
    columns = [
        (system.name, table.name, column.name, column.privacy)
        for system in load_manifests(project_root).values()
        for table in system.tables
        for column in table.columns
    ]
    assert len(columns) > 200
    assert [key for key in columns if register.class_of(*key) is None] == []


def test_a_column_is_classed_by_its_name_then_its_table_then_its_privacy_class(tmp_path: Path) -> None:
    found = small(tmp_path)
    assert found.class_of("books", "borrowers", "ticket_no", "identifier") == "ticket"
    assert found.class_of("books", "loans", "taken_on", "service") == "ticket"
    assert found.class_of("books", "borrowers", "surname", "name") == "identity"
    assert found.class_of("books", "borrowers", "born", "demographic") is None


def test_every_column_of_the_link_input_about_a_person_has_a_data_class(
    project_root: Path, register: Register
) -> None:
    folder = project_root / "dbt_project" / "models" / "intermediate" / "pre_link"
    models = yaml.safe_load((folder / "_pre_link__models.yml").read_text())["models"]
    contract = next(model for model in models if model["name"] == "int_person_records__link_input")
    columns = {column["name"] for column in contract["columns"]}
    ours = {"record_key", "source_system", "source_table", "source_row_key", "known_from"}
    classed = {name for item in register.data_classes for name in item.link_columns}
    assert len(columns) > 30
    assert columns - ours - classed == set()


def test_no_special_category_is_open_to_finance(register: Register) -> None:
    special = [item.name for item in register.data_classes if item.is_special_category]
    purposes = [purpose.name for purpose in register.purposes]
    assert {"care", "support_reason", "special_category"} <= set(special)
    for purpose, data_class in product(purposes, special):
        assert not register.is_allowed("finance", purpose, data_class, NIGHT).allowed


def test_safe_contact_details_are_open_to_safeguarding_only(register: Register) -> None:
    readers = {cell.department for cell, _ in register.cells() if cell.data_class == "safe_contact_details"}
    assert readers == {"safeguarding"}


@pytest.mark.parametrize(
    ("column", "systems"),
    [
        ("nino", {"deaths", "housing", "housing_benefit", "hr_payroll", "permits"}),
        ("nhs_number", {"adult_social_care", "children_social_care"}),
        ("upn", {"children_social_care", "education"}),
        ("person_number", {"council_tax", "hr_payroll"}),
    ],
)
def test_identifiers_are_matched_between_the_allowed_systems_only(
    register: Register, column: str, systems: set[str]
) -> None:
    assert register.identifier_systems(column, NIGHT) == systems


def test_an_identifier_follows_the_systems_of_the_allowed_departments(tmp_path: Path) -> None:
    found = small(tmp_path, allowance())
    assert found.identifier_systems("ticket_no", NIGHT) == {"books", "trees", "ponds"}
    only_parks = small(tmp_path, allowance(departments=["parks"]))
    assert only_parks.identifier_systems("ticket_no", NIGHT) == {"trees", "ponds"}
    for_reading = small(tmp_path, allowance(purpose="reading"))
    assert for_reading.identifier_systems("ticket_no", NIGHT) == frozenset()


def test_a_link_column_of_no_class_is_refused(register: Register) -> None:
    with pytest.raises(
        InputError, match=r"'shoe_size' of the link input belongs to no data class.*register\.yml"
    ):
        register.identifier_systems("shoe_size", NIGHT)


def test_a_value_is_seen_only_for_a_purpose_that_shows_values(tmp_path: Path) -> None:
    compared = small(tmp_path, allowance())
    assert not compared.may_see("libraries", "ticket", NIGHT)
    read = small(tmp_path, allowance(purpose="reading"))
    assert read.may_see("libraries", "ticket", NIGHT)
    assert not read.may_see("museum", "ticket", NIGHT)


def test_stewards_see_a_national_insurance_number_and_other_numbers_as_other_evidence(
    register: Register,
) -> None:
    numbers = ("nino", "nhs_number", "upn", "person_number")
    assert [n for n in numbers if register.may_see("data_stewards", n, NIGHT)] == ["nino"]
    assert [n for n in numbers if register.may_see("adult_social_care", n, NIGHT)] == ["nhs_number"]
    assert not any(register.may_see("contact_centre", n, NIGHT) for n in numbers)


def test_an_allowance_stands_from_its_approval_until_the_day_before_it_expires(tmp_path: Path) -> None:
    first, last = date(2025, 1, 1), date(2026, 2, 1)
    found = small(tmp_path, allowance(expires_on=last, review_due=date(2025, 12, 31)))
    cell = ("parks", "identity_linkage", "ticket")
    day = timedelta(days=1)
    assert not found.is_allowed(*cell, first - day).allowed
    assert found.is_allowed(*cell, first).allowed
    assert found.is_allowed(*cell, last - day).allowed
    expired = found.is_allowed(*cell, last)
    assert not expired.allowed
    assert expired.reason == "'tickets' expired on 2026-02-01"
    assert found.identifier_systems("ticket_no", last) == frozenset()


def test_a_decision_may_follow_one_that_ran_out(tmp_path: Path) -> None:
    old = allowance(expires_on=date(2026, 1, 1))
    new = allowance(name="again", approved_on=date(2026, 1, 1), review_due=date(2027, 1, 1))
    found = small(tmp_path, new, old)
    for on, name in ((date(2025, 12, 31), "tickets"), (date(2026, 1, 1), "again")):
        entry = found.is_allowed("parks", "identity_linkage", "ticket", on).entry
        assert entry is not None and entry.name == name


def test_an_overdue_allowance_stands_and_says_so(tmp_path: Path) -> None:
    found = small(tmp_path, allowance())
    verdict = found.is_allowed("parks", "identity_linkage", "ticket", date(2026, 7, 1))
    assert verdict.allowed
    assert "review overdue since 2026-06-30" in verdict.reason


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_unknown_name_is_an_error_and_no_denial(register: Register, place: int) -> None:
    cell = ["finance", "income_planning", "debt"]
    cell[place] = "elves"
    with pytest.raises(InputError, match=r"'elves' is not a .* of the purpose register .*Known: "):
        register.is_allowed(cell[0], cell[1], cell[2], NIGHT)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"departments": ["elves"]}, r"allowances\.tickets\.departments: expected one of libraries.*found 'elves'"),
        ({"purpose": "gossip"}, r"allowances\.tickets\.purpose: expected one of .*found 'gossip'"),
        ({"data_classes": ["shoes"]}, r"allowances\.tickets\.data_classes: expected one of .*found 'shoes'"),
        ({"data_classes": ["health"]}, r"allowances\.tickets\.condition: expected a condition of Article 9 for health"),
        ({**HEALTH, "data_classes": ["health", "ticket"]}, r"condition: expected special category data only, found ticket"),
        (
            {**HEALTH, "condition": {"article_9": "health_or_social_care"}},
            r"allowances\.health\.condition: schedule_1: expected paragraph 2 beside health_or_social_care, found nothing",
        ),
        (
            {**HEALTH, "condition": {"article_9": "substantial_public_interest", "schedule_1": 2}},
            r"schedule_1: expected paragraph 6 to 28 beside substantial_public_interest, found 2",
        ),
        (
            {**HEALTH, "condition": {"article_9": "explicit_consent", "schedule_1": 18}},
            r"schedule_1: expected none beside explicit_consent, found 18",
        ),
        ({"lawful_basis": "because"}, r"allowances\.tickets\.lawful_basis: .*'public_task'.*found 'because'"),
        ({"review_due": date(2024, 1, 1)}, r"allowances\.tickets: review_due: expected a day after approved_on"),
        ({"expires_on": date(2025, 1, 1)}, r"allowances\.tickets: expires_on: expected a day after approved_on"),
        ({"departments": []}, r"allowances\.tickets\.departments: .*at least 1"),
        ({"departments": ["parks", "parks"]}, r"departments: expected each name once"),
        ({"approved_on": "soon"}, r"allowances\.tickets\.approved_on: .*found 'soon'"),
        ({"secret": "yes"}, r"allowances\.tickets\.secret: is not a word of the register"),
    ],
)  # fmt: skip
def test_a_wrong_allowance_is_told_by_file_entry_and_expectation(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError, match=told) as error:
        small(tmp_path, allowance(**changes))
    assert str(error.value).startswith(
        f"{tmp_path}/purposes/register.yml: the purpose register cannot be used:"
    )


def test_a_missing_field_is_told(tmp_path: Path) -> None:
    without = allowance()
    del without["approved_by"]
    with pytest.raises(
        SettingsError, match=r"allowances\.tickets\.approved_by: expected a value, found nothing"
    ):
        small(tmp_path, without)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        small(tmp_path, allowance(departments=["elves"], purpose="gossip"))
    assert "found 'elves'" in str(error.value) and "found 'gossip'" in str(error.value)


def test_two_decisions_on_one_cell_at_one_time_are_refused(tmp_path: Path) -> None:
    second = allowance(name="again", departments=["parks"], approved_on=date(2025, 6, 1))
    with pytest.raises(
        SettingsError,
        match=r"allowances\.again: expected one decision at a time, found 'tickets' still standing for "
        r"parks / identity_linkage / ticket",
    ):
        small(tmp_path, allowance(), second)


@pytest.mark.parametrize(
    ("part", "position", "changes", "told"),
    [
        (
            "departments",
            1,
            {"name": "libraries"},
            r"departments\.name: expected each once, found 'libraries'",
        ),
        (
            "departments",
            2,
            {"systems": ["books"]},
            r"departments\.systems: expected each once, found 'books'",
        ),
        (
            "data_classes",
            1,
            {"privacy": ["name"]},
            r"data_classes\.privacy: expected each once, found 'name'",
        ),
        ("data_classes", 1, {"link_columns": ["surname"]}, r"data_classes\.link_columns: .*found 'surname'"),
        (
            "data_classes",
            0,
            {"columns": ["surname"]},
            r"data_classes\.identity\.columns: expected system\.table\.column",
        ),
        ("purposes", 0, {"name": "linking"}, r"purposes: expected 'identity_linkage'.*found nothing"),
    ],
)
def test_a_name_claimed_twice_or_missing_is_told(
    tmp_path: Path, part: str, position: int, changes: dict[str, Any], told: str
) -> None:
    entries = copy.deepcopy(SMALL[part])
    entries[position] |= changes
    with pytest.raises(SettingsError, match=told):
        load_register(write(tmp_path, **{part: entries}))


@pytest.mark.parametrize("text", ["departments: [", "- a list", ""])
def test_a_file_that_is_no_register_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    (tmp_path / "purposes" / "register.yml").write_text(text)
    with pytest.raises(SettingsError, match=r"register\.yml: "):
        load_register(tmp_path)


def test_a_register_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="without it nothing is allowed"):
        load_register(tmp_path)
