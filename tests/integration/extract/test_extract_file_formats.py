"""Fixed width, JSON and workbooks."""

import json
import zipfile

import openpyxl
import pytest
from tests.support.people_files import COLUMNS, expect_refusal, replace_file

pytestmark = pytest.mark.postgres

FIXED = {
    "id": ("integer", {"width": 4}),
    "surname": ("text", {"width": 10}),
    "born": ("date", {"width": 8, "format": "dmy_compact"}),
}


def fixed_lines(count, trailer=None):
    lines = [f"{number:<4}{f'Name {number}':<10}01021970" for number in range(1, count + 1)]
    return "\n".join(["HDRPEOPLE", *lines, f"TRL{count if trailer is None else trailer:>09}"]) + "\n"


def declare_fixed(council):
    name = council.name()
    layout = {"encoding": "latin-1", "header": "HDRPEOPLE", "trailer": "TRL"}
    council.declare(
        name, "fixed_width", [{"name": "people", "location": "people.txt", "columns": FIXED, "fixed": layout}]
    )
    return name


def test_fixed_width_is_cut_and_its_trailer_counted(council):
    people = declare_fixed(council)
    assert council.load_csv(people, fixed_lines(30), file="people.txt").tables[0].rows_new == 30
    assert council.current(people, columns="id, surname, born::text")[0] == (1, "Name 1", "1970-02-01")
    replace_file(council, people, fixed_lines(30, trailer=31), "people.txt")
    expect_refusal(council, people, "half", "HalfDeliveryError", "the trailer says 31 rows, found 30")
    replace_file(council, people, fixed_lines(30)[:-14], "people.txt")
    expect_refusal(council, people, "half", "HalfDeliveryError", "trailer 'TRL' is missing")
    replace_file(council, people, fixed_lines(30).replace("HDRPEOPLE", "HDRPOSTS"), "people.txt")
    expect_refusal(council, people, "failed", "SourceSchemaError", "starts with HDRPEOPLE")
    replace_file(council, people, fixed_lines(30).replace("01021970", "0102197"), "people.txt")
    expect_refusal(council, people, "failed", "SourceSchemaError", "lines of 22 characters")


def test_a_fixed_line_of_another_length_is_quarantined(council):
    people = declare_fixed(council)
    content = fixed_lines(30).replace("Name 7    ", "Name 7   ")
    result = council.load_csv(people, content, file="people.txt").tables[0]
    assert (result.rows_read, result.rows_quarantined) == (30, 1)
    assert council.quarantined(people) == [("line_length", None)]


JSON_COLUMNS = {
    "id": "text",
    "surname": ("text", {"path": "person.surname"}),
    "born": ("date", {"path": "person.born", "format": "iso"}),
    "amount": "numeric",
}


def declare_json(council, **fields):
    name = council.name()
    council.declare(
        name, "json", [{"name": "people", "location": "people.json", "columns": JSON_COLUMNS, **fields}]
    )
    return name


def test_json_is_read_by_path_with_numbers_as_written(council):
    people = declare_json(council)
    items = '[{"id": "a", "person": {"surname": "Li", "born": "1970-02-01"}, "amount": 10.10, "body": "x"},\n'
    items += '{"id": "b", "person": null, "amount": null}]'
    result = council.load_csv(people, items, file="people.json")
    assert council.current(people, columns="id, surname, born::text, amount::text") == [
        ("a", "Li", "1970-02-01", "10.10"),
        ("b", None, None, None),
    ]
    assert result.warnings == (f"{people}.people: new key 'body', not read",)


def test_json_that_is_cut_off_or_changed_is_refused(council):
    people = declare_json(council)
    items = [{"id": str(n), "person": {"surname": "Li", "born": None}, "amount": 1} for n in range(3000)]
    whole = json.dumps(items)
    assert council.load_csv(people, whole, file="people.json").tables[0].rows_new == 3000
    for cut in (-1, -9, -5000):
        replace_file(council, people, whole[:cut], "people.json")
        expect_refusal(council, people, "half", "HalfDeliveryError", "cut off")
    replace_file(council, people, '{"items": []}', "people.json")
    expect_refusal(council, people, "failed", "SourceSchemaError", "a JSON list of objects")
    replace_file(council, people, whole.replace("surname", "last_name"), "people.json")
    expect_refusal(council, people, "failed", "SourceSchemaError", "no column 'person.surname'")


def test_a_body_is_judged_while_reading_and_never_kept(council):
    name = council.name()
    columns = {"id": "text", "postcode": "text", "contains_other_address": "boolean"}
    council.declare(
        name,
        "json",
        [
            {
                "name": "people",
                "location": "items.json",
                "columns": columns,
                "derive": {"contains_other_address": ["body", "postcode"]},
                "own_postcodes": ["ZZ1 1AA"],
            }
        ],
    )
    items = [
        {"id": "a", "postcode": "AB1 2CD", "body": "Canary at ab12cd, write to ZZ1 1AA"},
        {"id": "b", "postcode": "AB1 2CD", "body": "Canary has moved to EF3 4GH"},
        {"id": "c", "postcode": None, "body": None},
    ]
    (council.files(name) / "items.json").write_text(json.dumps(items))
    result = council.extract(name, 1)
    assert council.current(name, columns="id, contains_other_address") == [
        ("a", False),
        ("b", True),
        ("c", None),
    ]
    assert "Canary" not in str(council.query(f"select to_jsonb(r) from raw_{name}.people as r"))
    assert result.warnings == ()


def write_workbook(path, rows, header=("id", "surname", "born"), sheet="people"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    book.active.append(header)
    for row in rows:
        book.active.append(row)
    book.save(path)


def test_workbooks_are_read_with_real_dates_and_dates_as_text(council):
    from datetime import datetime

    name = council.name()
    council.declare(name, "xlsx", [{"name": "people", "location": "book.xlsx#people", "columns": COLUMNS}])
    path = council.files(name) / "book.xlsx"
    write_workbook(
        path, [(1, "Byrne", "01/02/1970"), (2.0, 7700900123, datetime(1980, 3, 4)), (None, None, None)]
    )
    assert council.extract(name, 1).tables[0].rows_read == 2
    assert council.current(name, columns="id, surname, born::text") == [
        (1, "Byrne", "1970-02-01"),
        (2, "7700900123", "1980-03-04"),
    ]
    write_workbook(path, [], header=("id", "born", "surname"))
    expect_refusal(council, name, "failed", "SourceSchemaError", "columns in the order id, surname, born")
    write_workbook(path, [], header=("id", "born"))
    expect_refusal(council, name, "failed", "SourceSchemaError", "no column 'surname'")
    write_workbook(path, [], sheet="Sheet1")
    expect_refusal(
        council, name, "failed", "SourceSchemaError", "expected 'book.xlsx#people'", "found Sheet1"
    )
    path.write_bytes(path.read_bytes()[:500])
    expect_refusal(council, name, "failed", "SourceDataError", "not a workbook, or cut off")


def test_a_sheet_that_is_damaged_within_is_told_without_its_cells(council):
    name = council.name()
    council.declare(name, "xlsx", [{"name": "people", "location": "book.xlsx#people", "columns": COLUMNS}])
    path = council.files(name) / "book.xlsx"
    write_workbook(path, [(number, f"Canary {number}", "01/02/1970") for number in range(50)])
    with zipfile.ZipFile(path) as archive:
        parts = {item.filename: archive.read(item) for item in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content.replace(b"</row>", b"</rwo>", 3) if "sheet1" in part else content)
    result = council.extract(name)
    assert (result.status, result.error) == ("failed", "SourceDataError")
    assert "damaged within the sheet" in result.message and "Canary" not in result.message
