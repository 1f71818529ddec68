"""Disclosures at the door: codes and dates come in; a story, a diagnosis or a scope too wide stays out."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from scv.cli.disclosure import app
from scv.disclosures import CodeLists, Disclosure, find_terms, load_codes, read_disclosure
from scv.disclosures.files import check_file
from scv.errors import InputError, SettingsError, SourceDataError
from scv.purposes import Register, load_register

TODAY = date(2026, 3, 2)
GOOD = {
    "record_key": "0123456789abcdef0123456789abcdef",
    "need_code": "print_hard_to_read",
    "action_code": "large_print",
    "channel_code": "telephone",
    "condition_code": "explicit_consent",
    "recorded_by": "revenues",
    "share_scope": "revenues benefits housing print_room",
    "disclosed_on": "2026-02-27",
    "starts_on": "2026-02-27",
    "review_due": "2027-02-27",
}


@pytest.fixture(scope="module")
def codes(project_root: Path) -> CodeLists:
    """The code lists of the project."""
    return load_codes(project_root)


@pytest.fixture(scope="module")
def register(project_root: Path) -> Register:
    """The purpose register of the project."""
    return load_register(project_root)


def refusals(codes: CodeLists, register: Register, **changes: str) -> list[str]:
    read = read_disclosure({**GOOD, **changes}, codes, register, TODAY)
    assert not isinstance(read, Disclosure)
    return [f"{refusal.field}: {refusal.message}" for refusal in read]


def test_a_disclosure_of_codes_and_dates_is_taken(codes: CodeLists, register: Register) -> None:
    read = read_disclosure(GOOD, codes, register, TODAY)
    assert isinstance(read, Disclosure)
    assert read.share_scope == {"revenues", "benefits", "housing", "print_room"}
    assert (read.starts_on, read.expires_on) == (date(2026, 2, 27), None)


def test_a_need_may_be_told_before_an_action_is_agreed(codes: CodeLists, register: Register) -> None:
    read = read_disclosure({**GOOD, "action_code": ""}, codes, register, TODAY)
    assert isinstance(read, Disclosure)
    assert read.action_code is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"need_code": "blind"}, "need_code: expected one of print_hard_to_read, "),
        ({"action_code": "be_nice"}, "action_code: expected one of large_print, "),
        ({"channel_code": "gossip"}, "channel_code: expected one of telephone, "),
        ({"recorded_by": "elves"}, "recorded_by: expected one of revenues, "),
        ({"record_key": "J. Smith"}, "record_key: expected a record key of 32 hexadecimal digits"),
        ({"disclosed_on": "27/02/2026"}, "disclosed_on: expected a date as YYYY-MM-DD"),
        ({"disclosed_on": "2026-02-30"}, "disclosed_on: expected a day of the calendar"),
        ({"disclosed_on": "2026-03-03", "starts_on": "2026-03-03"}, "disclosed_on: expected a day that is not in the future"),
        ({"starts_on": "2026-02-26", "review_due": "2026-12-01"}, "starts_on: expected the day of disclosure or later"),
        ({"review_due": "2027-02-28"}, "review_due: expected a day after the start and within 12 months of it"),
        ({"review_due": "2026-02-27"}, "review_due: expected a day after the start and within 12 months of it"),
        ({"expires_on": "2026-02-27"}, "expires_on: expected a day after the start"),
        ({"withdrawn_on": "2026-02-26"}, "row: expected only the fields record_key, "),
        ({"condition_code": "public_task"}, "condition_code: expected one of explicit_consent, social_care"),
        ({"share_scope": ""}, "share_scope: expected some of revenues, "),
        ({"share_scope": "revenues elves"}, "share_scope: expected some of revenues, "),
        ({"note": "x"}, "row: expected only the fields record_key, "),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_by_field_and_expectation(
    codes: CodeLists, register: Register, changes: dict[str, str], told: str
) -> None:
    (said,) = refusals(codes, register, **changes)
    assert said.startswith(told)


def test_a_temporary_need_must_have_an_end_and_an_earlier_review(
    codes: CodeLists, register: Register
) -> None:
    assert refusals(codes, register, need_code="bereaved", condition_code="public_task") == [
        "review_due: expected a day after the start and within 6 months of it",
        "expires_on: expected a day after the start, because the need is temporary",
    ]


def test_the_scope_is_never_wider_than_the_purpose_register(codes: CodeLists, register: Register) -> None:
    assert refusals(codes, register, share_scope="revenues finance human_resources") == [
        "share_scope: expected departments that the purpose register allows support / support_action, not finance",
        "share_scope: expected departments that the purpose register allows support / support_action, not human_resources",
    ]
    assert refusals(codes, register, recorded_by="finance")[0].startswith("recorded_by: expected departments")


def test_a_story_in_a_field_is_refused_named_by_its_kind_and_never_repeated(
    codes: CodeLists, register: Register
) -> None:
    story = "Told me she has dementia and that her son hits her"
    (said,) = refusals(codes, register, need_code=story)
    assert said.endswith("what was given tells of abuse and diagnosis, which is never recorded")
    assert "son" not in said.split("tells of")[0].split()


@given(st.sampled_from(sorted(GOOD)), st.text(min_size=1))
@settings(max_examples=200, deadline=None)
def test_no_refusal_repeats_what_was_given(field: str, value: str) -> None:
    root = Path(__file__).parents[2]
    secret = f"zq{value}qz"
    read = read_disclosure({**GOOD, field: secret}, load_codes(root), load_register(root), TODAY)
    assert not isinstance(read, Disclosure)
    assert all(secret.strip() not in refusal.message for refusal in read)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Has been diagnosed", {"diagnosis"}),
        ("ALZHEIMER’S", {"diagnosis"}),
        ("Parkinson's disease", {"diagnosis"}),
        ("self-harm", {"diagnosis"}),
        ("dépression", {"diagnosis"}),
        ("learning   disabilities", {"diagnosis"}),
        ("victim of domestic\nviolence", {"abuse"}),
        ("women's refuge", {"abuse"}),
        ("abused, now on probation", {"abuse", "offence"}),
        ("Large print, please", set()),
        ("Ms Parkinson, 3 Hodgkin Road", set()),
        ("hearing aids", set()),
        ("undiagnosed", set()),
        ("Cancerian Street", set()),
        ("", set()),
    ],
)
def test_terms_are_found_as_officers_write_them(text: str, kinds: set[str]) -> None:
    assert find_terms(text) == kinds


def test_no_code_of_ours_tells_of_a_diagnosis(codes: CodeLists) -> None:
    words = [
        f"{code} {' '.join(str(value) for value in entry.model_dump().values())}".replace("_", " ")
        for entries in (codes.needs, codes.actions, codes.channels)
        for code, entry in entries.items()
    ]
    assert len(words) > 40
    assert [text for text in words if find_terms(text)] == []


def test_no_usual_name_is_taken_for_a_term(project_root: Path) -> None:
    folder = project_root / "src" / "scv" / "names" / "data"
    names = [
        name
        for file in ("forenames.txt", "surnames.txt")
        for name in (folder / file).read_text().splitlines()
        if not name.startswith("#")
    ]
    assert len(names) > 5000
    assert [name for name in names if find_terms(name)] == []


def write(folder: Path, rows: list[dict[str, str]], *heading: str) -> Path:
    path = folder / "disclosures.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*GOOD, "expires_on", *heading])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_file_is_judged_row_by_row(tmp_path: Path, project_root: Path) -> None:
    path = write(tmp_path, [GOOD, {**GOOD, "need_code": "unhappy"}, {**GOOD, "expires_on": "2026-06-01"}])
    found = check_file(path, project_root, TODAY)
    assert len(found.disclosures) == 2
    assert [(row.row, row.refusals[0].field) for row in found.refused] == [(3, "need_code")]


def test_a_file_with_a_column_for_notes_is_refused_whole(tmp_path: Path, project_root: Path) -> None:
    path = write(tmp_path, [GOOD], "notes about Mrs Quill")
    with pytest.raises(InputError, match="There is no column for free text; nothing was read") as error:
        check_file(path, project_root, TODAY)
    assert "Quill" not in str(error.value)


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path, project_root: Path) -> None:
    path = write(tmp_path, [GOOD])
    path.write_text(path.read_text().replace("2027-02-27,", "2027-02-27,,she is unwell"))
    (row,) = check_file(path, project_root, TODAY).refused
    assert row.refusals[0].message == "expected 11 cells, found more"


@pytest.mark.parametrize("content", [b"", b"need_code\nx\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_list_of_disclosures_is_refused(
    tmp_path: Path, project_root: Path, content: bytes
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"lacks the columns|cannot be read"):
        check_file(path, project_root, TODAY)


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("support_needs.csv", "print_hard_to_read,Again twice,true,false,12", "expected each code once"),
        ("support_needs.csv", "other,Another need,perhaps,false,12", "line 17: is_special_category"),
        (
            "support_conditions.csv",
            "odd,Odd condition,public_task,health_or_social_care,9",
            "expected paragraph 2",
        ),
        ("support_conditions.csv", "odd,Odd condition,because,,", "lawful_basis"),
    ],
)
def test_a_code_list_that_is_wrong_names_file_and_line(
    tmp_path: Path, project_root: Path, name: str, line: str, told: str
) -> None:
    seeds = tmp_path / "dbt_project" / "seeds"
    seeds.mkdir(parents=True)
    for path in (project_root / "dbt_project" / "seeds").glob("support_*.csv"):
        (seeds / path.name).write_text(path.read_text() + (f"{line}\n" if path.name == name else ""))
    with pytest.raises(SettingsError, match=told) as error:
        load_codes(tmp_path)
    assert f"{name}, line " in str(error.value)


def test_check_prints_what_is_refused_and_fails(tmp_path: Path) -> None:
    path = write(tmp_path, [GOOD, {**GOOD, "action_code": "be_nice"}])
    result = CliRunner().invoke(app, ["check", str(path), "--date", "2026-03-02"])
    assert result.exit_code == SourceDataError.exit_code
    assert result.stdout.startswith("row 3: action_code: expected one of large_print, ")
    assert result.stdout.endswith("accepted=1 refused=1\n")
    told = json.loads(CliRunner().invoke(app, ["check", str(path), "--date", "2026-03-02", "--json"]).stdout)
    assert (told["accepted"], told["refused"][0]["row"]) == (1, 3)


def test_codes_lists_all_four_lists() -> None:
    lists = json.loads(CliRunner().invoke(app, ["codes", "--json"]).stdout)
    assert set(lists) == {"needs", "actions", "channels", "conditions"}
    assert "large_print" in CliRunner().invoke(app, ["codes"]).stdout
