"""A scan of what departments sent counts the texts that tell too much, and never shows one."""

import json
from datetime import date

import pytest
from tests.support.raw_rows import make_raw_tables, put_rows
from typer.testing import CliRunner

from scv.cli.disclosure import app
from scv.disclosures.texts import TextScan, scan_texts
from scv.errors import InputError, SourceDataError
from scv.settings import Settings

NIGHT = date(2026, 3, 2)
LATER = date(2026, 3, 3)


def contact(number: str, reason: str) -> dict[str, str]:
    return {"contact_no": number, "surname": "Quill", "reason_code": reason}


def counts(scan: TextScan) -> list[tuple[str, str, int]]:
    return [
        (f"{found.system}.{found.table}.{found.column}", found.category, found.texts) for found in scan.found
    ]


def test_tables_that_were_never_loaded_are_passed_over(warehouse: Settings) -> None:
    assert scan_texts(warehouse) == TextScan(0, 0, ())


def test_texts_are_counted_by_column_and_kind_once_for_each_distinct_text(warehouse: Settings) -> None:
    make_raw_tables(warehouse)
    rows = [
        contact("1", "MOVE"),
        contact("2", "has dementia, beaten by son"),
        contact("3", "has dementia, beaten by son"),
        contact("4", "depressed"),
    ]
    put_rows(warehouse, "contacts", "cccontact", rows, NIGHT)
    found = scan_texts(warehouse)
    assert counts(found) == [
        ("contacts.cccontact.reason_code", "abuse", 1),
        ("contacts.cccontact.reason_code", "diagnosis", 2),
    ]
    assert found.columns > 200


def test_the_command_says_whom_to_ask_and_shows_no_text(warehouse: Settings) -> None:
    result = CliRunner().invoke(app, ["scan", "contacts"])
    assert result.exit_code == SourceDataError.exit_code
    assert (
        "contacts.cccontact.reason_code: 2 texts tell of diagnosis. Ask contactcentre@example.gov.uk"
        in result.stdout
    )
    assert "dementia" not in result.stdout and "Quill" not in result.stdout
    told = json.loads(CliRunner().invoke(app, ["scan", "contacts", "--json"]).stdout)
    assert [found["category"] for found in told["found"]] == ["abuse", "diagnosis"]


def test_a_text_that_was_changed_at_its_source_is_found_no_more(warehouse: Settings) -> None:
    rows = [contact(number, "MOVE") for number in ("1", "2", "3", "4")]
    put_rows(warehouse, "contacts", "cccontact", rows, LATER)
    assert counts(scan_texts(warehouse)) == []


def test_a_name_of_no_system_is_refused(warehouse: Settings) -> None:
    with pytest.raises(InputError, match=r"No system is called elves\. Systems are adult_social_care, "):
        scan_texts(warehouse, ("elves",))
