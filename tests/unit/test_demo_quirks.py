"""Every oddity of real departmental data appears in the synthetic council."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from scv.demo import mishaps
from scv.demo.blocks import Block, build_block
from scv.demo.calendar import to_day
from scv.demo.parameters import load_parameters
from scv.demo.tables import shown_at
from scv.demo.world import Span

FIRST = to_day(date(2026, 3, 2))


@pytest.fixture(scope="module")
def block() -> Block:
    return build_block(5, 0, 8_000, Span(FIRST - 730, FIRST, FIRST + 5), load_parameters())


def column(block: Block, table: str, name: str) -> list[Any]:
    """What a column held at any time up to the first night."""
    versions = block.tables[table]
    values: pa.ChunkedArray = versions.filter(pc.less(versions["_from"], FIRST))[name]
    return [value for value in values.to_pylist() if value is not None]


def matches(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    expression = re.compile(pattern, flags)
    return lambda value: expression.search(value) is not None


QUIRKS: list[tuple[str, str, str, Callable[[Any], bool]]] = [
    ("a couple in one field", "council_tax.ctaccount", "lead_liab_name", matches(r"^MR & MRS \w ")),
    ("a couple, surname first", "council_tax.ctaccount", "lead_liab_name", matches(r"^[^ ]+, MR & MRS$")),
    ("a couple of two surnames", "council_tax.ctaccount", "lead_liab_name", matches(r"^M\w+ \w [^ ]+ & M\w+ \w ", re.I)),
    ("executors", "council_tax.ctaccount", "lead_liab_name", matches(r"EXORS|EXECUTORS")),
    ("representatives", "council_tax.ctaccount", "lead_liab_name", matches(r"REPS|Representatives|P/R", re.I)),
    ("an estate", "council_tax.ctaccount", "lead_liab_name", matches(r"ESTATE OF", re.I)),
    ("deceased in the name", "council_tax.ctaccount", "lead_liab_name", matches(r"DECD|Dec'd|Deceased|^Late ", re.I)),
    ("the late", "council_tax.ctaccount", "lead_liab_name", matches(r"^late |the late", re.I)),
    ("names cut at 32 characters", "council_tax.ctaccount", "lead_liab_name", lambda v: len(v) == 32),
    ("digits for letters", "council_tax.ctaccount", "lead_liab_name", matches(r"[A-Z][01][A-Z]")),
    ("a company is liable", "council_tax.ctaccount", "lead_liab_name", matches(r"LTD|LIMITED|Association|LLP|PLC")),
    ("nobody is liable", "council_tax.ctaccount", "lead_liab_name", matches(r"OCCUPIER|VOID|UNKNOWN|TEST RECORD")),
    ("a maiden name", "council_tax.ctaccount", "lead_liab_name", matches(r" nee ")),
    ("care of", "council_tax.ctaccount", "lead_liab_name", matches(r" c/o ")),
    ("a third liable person", "council_tax.ctliab_person", "liab_pers_occ", lambda v: v == 3),
    ("an open occupation ends far in the future", "council_tax.ctoccupation", "vacation_date", lambda v: v.year > 2060),
    ("a property without UPRN", "council_tax.ctproperty", "uprn", lambda v: True),
    ("titles of four characters", "housing_benefit.hbmember", "title", lambda v: v in ("Mast", "Miss")),
    ("open ends as text", "housing_benefit.hbhousehold", "to_date", lambda v: v == "2099-12-31"),
    ("the reference without its check digit", "housing_benefit.hbctaxclaim", "ctax_ref", lambda v: len(v) == 8),
    ("the reference with its check digit", "housing_benefit.hbctaxclaim", "ctax_ref", lambda v: len(v) == 9),
    ("a date that cannot be read", "housing_benefit.hbincome", "from_date", lambda v: v == "see file"),
    ("a temporary NINO", "housing_benefit.hbmember", "nino", matches(r"^TN\d{6}[MF]$")),
    ("the default birth date", "housing.member", "dob", lambda v: v == "1900-01-01"),
    ("an open tenancy ends in 1900", "housing.tenagree", "eot", lambda v: v == "1900-01-01"),
    ("a case paused by a death", "housing.araction", "action_code", lambda v: v == "DEC"),
    ("a restricted person", "adult_social_care.dm_persons", "restricted", lambda v: v == "Y"),
    ("a claim of a person in danger", "housing_benefit.hbclaim", "unsafe_addr_ind", lambda v: v == "1"),
    ("a temporary UPN", "education.pupils", "upn", matches(r"[A-Z]$")),
    ("an open post ends in 2999", "hr_payroll.posts", "end_date", lambda v: v == "31/12/2999"),
    ("a late notice of death", "deaths.registrar", "registered_on", lambda v: True),
    ("a cancelled entry", "deaths.registrar", "entry_status", lambda v: v == "C"),
    ("a withdrawn notice", "deaths.tell_us_once", "status", lambda v: v == "WITHDRAWN"),
    ("the letter O for a nought", "correspondence.print_items", "postcode", matches(r"O[A-Z]{2}$|\dO|WM\d*O|I ?\d?[A-Z]{2}$")),
    ("an item that came back", "correspondence.print_items", "return_reason", lambda v: v == "gone away"),
    ("an item that a relative sent back", "correspondence.print_items", "return_reason", lambda v: v == "deceased"),
    ("another address in the body", "correspondence.print_items", "body", matches(r"other address")),
    ("an item without the council's reference", "correspondence.print_items", "job_ref", lambda v: True),
    ("a failed message", "correspondence.notify_items", "status", lambda v: v == "technical-failure"),
    ("a caller who reports a death", "contacts.cccontact", "reason_code", lambda v: v == "BEREAVEMENT"),
    ("a couple applies together", "grants.applications", "full_name", matches(r" & | and |/")),
    ("a flat at the end of the first line", "permits.permit", "addr1", matches(r"^\w.* Flat \d+$")),
    ("the first line left empty", "education.pupils", "address2", matches(r"\d")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "table", "field", "shows"), QUIRKS, ids=[q[0] for q in QUIRKS])
def test_quirk_appears(block: Block, name: str, table: str, field: str, shows: Callable[[Any], bool]) -> None:
    values = column(block, table, field)
    assert any(shows(value) for value in values), f"{name}: not among {len(values)} values"


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("council_tax.ctproperty", "uprn"),
        ("permits.permit", "uprn"),
        ("permits.permit", "postcode"),
        ("permits.permit", "nino"),
        ("permits.permit", "dob"),
        ("education.pupils", "address1"),
        ("correspondence.print_items", "account_ref"),
        ("correspondence.print_items", "handover_date"),
        ("adult_social_care.dm_persons", "nhs_id"),
        ("contacts.cccontact", "dob"),
    ],
)
def test_a_field_is_sometimes_empty(block: Block, table: str, field: str) -> None:
    values = shown_at(block.tables[table], FIRST)[field]
    assert 0 < values.null_count < len(values) / 1.5


def test_flats_often_carry_the_number_of_their_building(block: Block) -> None:
    buildings = [v for v in column(block, "permits.permit", "uprn") if v.startswith("1001")]
    assert len(buildings) > 20


def test_old_and_new_accounts_are_both_live_for_some_days(block: Block) -> None:
    occupations = block.tables["council_tax.ctoccupation"].to_pylist()
    late = [r for r in occupations if r["live_ind"] == "N" and (r["_from"] - to_day(r["vacation_date"])) > 7]
    assert len(late) > 20


def test_one_person_has_several_names_in_several_systems(block: Block) -> None:
    """After a marriage some departments know the new name and some never hear of it."""
    contacts = column(block, "contacts.cccontact", "surname")
    assert len(set(contacts)) > 100


def test_systems_share_telephones_and_addresses_of_e_mail(block: Block) -> None:
    emails = column(block, "permits.permit", "email")
    assert len(set(emails)) < len(emails)


def test_names_of_other_origins_are_a_tenth(block: Block) -> None:
    from scv.demo.naming import name_lists

    lists = name_lists()["surnames"]
    foreign = {
        n
        for origin in ("south_asian_muslim", "indian", "african", "polish", "chinese", "arabic")
        for n in lists[origin]
    }
    surnames = column(block, "education.pupils", "surname")
    share = sum(n in foreign for n in surnames) / len(surnames)
    assert 0.04 < share < 0.15


def test_no_rate_is_below_its_floor() -> None:
    rates = load_parameters()
    floors = rates.floors()
    assert len(floors) > 20
    assert {name: rates[name] for name, floor in floors.items() if rates[name] < floor} == {}


def test_files_can_be_late_half_twice_or_reordered(tmp_path: Path) -> None:
    path = tmp_path / "registrar_2026-03-03.csv"
    path.write_text("entry_no,surname,entry_status\nR1,Smith,A\nR2,Jones,A\n")
    again = mishaps.send_again(path)
    assert again.read_bytes() == path.read_bytes() and again.name != path.name
    assert mishaps.change_codes(again, "entry_status", {"A": "ACT"}) == 2
    assert mishaps.reorder_columns(again) == ["surname", "entry_status", "entry_no"]
    assert again.read_text().splitlines()[1] == "Smith,ACT,R1"
    size = mishaps.halve(path)
    assert path.stat().st_size == size
    (tmp_path / "later").mkdir()
    assert mishaps.hold_back(path, tmp_path / "later").is_file() and not path.exists()
