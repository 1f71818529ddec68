"""Each way in which a file can be wrong, and what the night does about it."""

import gzip
import json
import zipfile

import openpyxl
import pytest

from scv.errors import SourceDownError

pytestmark = pytest.mark.postgres

COLUMNS = {"id": "integer", "surname": "text", "born": ("date", {"format": "dmy_slash"})}
HEADER = "id,surname,born\n"
ROWS = "".join(f"{number},Name {number},01/02/1970\n" for number in range(1, 41))


def declare_csv(council, dialect=None, **fields):
    name = council.name()
    table = {"name": "people", "location": "people.csv", "columns": COLUMNS, "csv": dialect or {}, **fields}
    council.declare(name, "csv", [table])
    return name


def expect_refusal(council, system, status, error, *words):
    """The n-th night is not applied, says why, and keeps what was there."""
    held = council.versions(system)
    result = council.extract(system, 2)
    assert (result.status, result.error) == (status, error)
    for word in words:
        assert word in result.message
    assert council.versions(system) == held
    entry = council.ledger(system, 2)
    assert (entry["status"], entry["message"], entry["rows_read"]) == (status, result.message, 0)


@pytest.fixture
def people(council):
    """A CSV system with forty rows loaded."""
    name = declare_csv(council)
    assert council.load_csv(name, HEADER + ROWS).status == "loaded"
    return name


def replace_file(council, system, content, file="people.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    (council.files(system) / file).write_bytes(data)


def test_a_missing_column_stops_the_system_and_names_everything(council, people):
    replace_file(council, people, "id,born\n1,01/02/1970\n")
    expect_refusal(
        council, people, "failed", "SourceSchemaError",
        f"{people}.people has no column 'surname'", "Columns found: id, born",
        f"dbt_project/models/staging/{people}/_{people}__sources.yml",
    )  # fmt: skip


def test_reordered_columns_stop_the_system(council, people):
    replace_file(council, people, "surname,id,born\nByrne,1,01/02/1970\n")
    expect_refusal(
        council, people, "failed", "SourceSchemaError", "expected columns in the order id, surname, born",
        "found surname, id, born",
    )  # fmt: skip


def test_another_delimiter_stops_the_system(council, people):
    replace_file(council, people, (HEADER + ROWS).replace(",", ";"))
    expect_refusal(council, people, "failed", "SourceSchemaError", "the delimiter ','", "a semicolon")


def test_a_byte_order_mark_that_is_not_declared_stops_the_system(council, people):
    replace_file(council, people, (HEADER + ROWS).encode("utf-8-sig"))
    expect_refusal(
        council, people, "failed", "SourceSchemaError", "encoding utf-8, found the byte-order mark"
    )


def test_another_encoding_stops_the_system(council, people):
    replace_file(council, people, (HEADER + ROWS + "41,Müller,\n").encode("latin-1"))
    expect_refusal(
        council, people, "failed", "SourceSchemaError", "encoding utf-8", "bytes of another encoding"
    )


def test_a_header_that_is_missing_is_not_told_with_its_values(council, people):
    replace_file(council, people, ROWS.replace("Name 1,", "Canary,"))
    result = council.extract(people, 2)
    assert result.status == "failed" and "is the header missing?" in result.message
    assert "Canary" not in result.message


def test_a_new_column_warns_and_is_not_read(council, people):
    rows = ROWS.replace(",01/02", ",Canary,01/02")
    replace_file(council, people, "id,surname,belief,born\n" + rows)
    result = council.extract(people, 2)
    assert result.status == "loaded"
    assert result.warnings == (f"{people}.people: new column 'belief', not read",)
    assert "Canary" not in str(council.current(people))
    assert result.tables[0].rows_unchanged == 40


@pytest.mark.parametrize("cut", [-1, -4, -20])
def test_a_last_line_that_is_cut_off_is_half_a_file(council, people, cut):
    replace_file(council, people, (HEADER + ROWS)[:cut])
    expect_refusal(council, people, "half", "HalfDeliveryError", "cut off")


def test_a_last_line_cut_within_quotes_is_half_a_file(council, people):
    replace_file(council, people, HEADER + ROWS + '41,"Name\n')
    expect_refusal(council, people, "half", "HalfDeliveryError", "cut in the middle of a quoted field")


def test_an_empty_file_is_half_a_file(council, people):
    replace_file(council, people, "")
    expect_refusal(council, people, "half", "HalfDeliveryError", "is empty")


def test_far_fewer_rows_than_held_are_half_a_file(council, people):
    replace_file(council, people, HEADER + "".join(ROWS.splitlines(keepends=True)[:19]))
    expect_refusal(council, people, "half", "HalfDeliveryError", "40 rows are held and only 19 came")
    replace_file(council, people, HEADER + "".join(ROWS.splitlines(keepends=True)[:20]))
    assert council.extract(people, 2).status == "loaded"


def test_fewer_rows_than_declared_are_half_a_file_and_more_warn(council):
    people = declare_csv(council, rows={"min": 41, "max": 41})
    result = council.load_csv(people, HEADER + ROWS)
    assert (result.status, result.error) == ("half", "HalfDeliveryError")
    assert "expected at least 41 rows (rows.min), found 40" in result.message
    more = council.load_csv(people, HEADER + ROWS + "41,A,\n42,B,\n")
    assert more.status == "loaded" and "expected at most 41 rows (rows.max), found 42" in more.warnings[0]


def test_a_missing_file_is_a_system_that_is_down(council, people):
    (council.files(people) / "people.csv").unlink()
    expect_refusal(council, people, "stale", "SourceDownError", "no file 'people.csv'")


def test_a_missing_folder_is_a_system_that_is_down(council, people):
    council.connect_to(people, str(council.folder / "nowhere"))
    expect_refusal(council, people, "stale", "SourceDownError", "folder of connection")


def test_a_required_system_that_is_down_raises_after_the_ledger_is_written(council):
    people = declare_csv(council)
    council.load_csv(people, HEADER + ROWS)
    table = {"name": "people", "location": "people.csv", "columns": COLUMNS, "csv": {}}
    council.declare(people, "csv", [table], required=True)
    (council.files(people) / "people.csv").unlink()
    with pytest.raises(SourceDownError):
        council.extract(people, 2)
    assert council.ledger(people, 2)["status"] == "stale"


def test_a_system_down_in_a_second_run_does_not_undo_the_first(council, people):
    (council.files(people) / "people.csv").unlink()
    result = council.extract(people, 1)
    assert (result.status, result.error) == ("loaded", "SourceDownError")
    assert council.ledger(people, 1)["rows_new"] == 40


def test_an_unequal_number_of_cells_quarantines_the_row(council, people):
    replace_file(council, people, HEADER + ROWS + "41,Byrne\n42,Li,01/02/1970,more\n")
    result = council.extract(people, 2).tables[0]
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (42, 40, 2)
    assert council.quarantined(people) == [("field_count", None)] * 2


def test_a_row_with_a_nul_is_quarantined(council, people):
    replace_file(council, people, HEADER + ROWS + "41,By\x00rne,\n")
    assert council.extract(people, 2).status == "loaded"
    assert council.quarantined(people) == [("nul_character", None)]


@pytest.mark.parametrize(("said", "is_right"), [("40", True), ("41", False), ("", False), (None, False)])
def test_a_trailer_counts_the_rows(council, said, is_right):
    people = declare_csv(council, {"trailer": "END"})
    trailer = "" if said is None else f"END,{said}\n"
    result = council.load_csv(people, HEADER + ROWS + trailer)
    assert result.status == ("loaded" if is_right else "half")
    if is_right:
        assert result.tables[0].rows_read == 40
    else:
        assert "trailer" in result.message


def test_declared_encodings_delimiters_and_marks_are_read(council):
    marked = declare_csv(council, {"encoding": "utf-8-sig"})
    assert council.load_csv(marked, (HEADER + "1,Nguyễn,\n").encode("utf-8-sig")).status == "loaded"
    latin = declare_csv(council, {"encoding": "latin-1", "delimiter": ";"})
    content = (HEADER + "1,Müller,\n").replace(",", ";").encode("latin-1")
    assert council.load_csv(latin, content).status == "loaded"
    assert council.current(marked, columns="surname") + council.current(latin, columns="surname") == [
        ("Nguyễn",),
        ("Müller",),
    ]


def test_cells_with_line_ends_tabs_and_backslashes_come_whole(council):
    people = declare_csv(council)
    council.load_csv(people, HEADER + '1,"a\tb\\c\nd ""e"", \\N",\n')
    assert council.current(people, columns="surname") == [('a\tb\\c\nd "e", \\N',)]


@pytest.mark.parametrize("ending", [".gz", ".zip"])
def test_compressed_files_are_read_and_capped(council, people, ending):
    (council.files(people) / "people.csv").unlink()
    path = council.files(people) / f"people.csv{ending}"

    def pack(content):
        if ending == ".gz":
            path.write_bytes(gzip.compress(content))
        else:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("people.csv", content)

    pack((HEADER + ROWS).encode())
    assert council.extract(people, 2).tables[0].rows_unchanged == 40
    pack((HEADER + ROWS).encode() + b"41,Byrne,\n" * 2_000_000)
    result = council.extract(people, 3)
    assert result.status == "failed" and "max_compression_ratio" in result.message
    pack((HEADER + ROWS).encode())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    result = council.extract(people, 4)
    assert result.status in ("failed", "half") and (
        "damaged" in result.message or "cut off" in result.message
    )


def test_a_file_above_the_declared_size_is_refused(council):
    people = declare_csv(council, max_mb=1)
    result = council.load_csv(people, HEADER + "1,Byrne,\n" * 150_000)
    assert result.status == "failed" and "larger than 1 MB (max_mb)" in result.message


# --- deliveries of new and changed rows


def declare_delta(council):
    return declare_csv(council, location="in/people_*.csv", delivery="delta")


def deliver(council, system, name, content):
    folder = council.files(system) / "in"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content)


def test_delta_files_add_and_change_and_say_nothing_of_absent_rows(council):
    people = declare_delta(council)
    deliver(council, people, "people_1.csv", HEADER + "1,Byrne,\n2,Okafor,\n")
    assert council.extract(people, 1).status == "loaded"
    deliver(council, people, "people_2.csv", HEADER + "2,Okafor-Reid,\n3,Li,\n")
    deliver(council, people, "people_3.csv", HEADER + "3,Li-Moss,\n")
    result = council.extract(people, 2).tables[0]
    assert (result.rows_read, result.rows_loaded, result.rows_new, result.rows_changed) == (3, 3, 1, 1)
    assert council.current(people, columns="id, surname") == [
        (1, "Byrne"),
        (2, "Okafor-Reid"),
        (3, "Li-Moss"),
    ]
    held = council.versions(people)
    again = council.extract(people, 2).tables[0]
    assert (council.versions(people), again.rows_read, again.rows_new) == (held, 3, 1)
    quiet = council.extract(people, 3).tables[0]
    assert (council.versions(people), quiet.rows_read, quiet.rows_loaded) == (held, 0, 0)


def test_the_same_file_under_a_new_name_is_ignored_and_said(council):
    people = declare_delta(council)
    deliver(council, people, "people_1.csv", HEADER + "1,Byrne,\n")
    deliver(council, people, "people_2.csv", HEADER + "1,Byrne-Moss,\n")
    council.extract(people, 1)
    deliver(council, people, "people_3.csv", HEADER + "1,Byrne,\n")
    result = council.extract(people, 2)
    assert result.tables[0].rows_read == 0
    assert (
        "people_3.csv has the same content as people_1.csv, loaded in the night 2026-03-02: ignored"
        in result.warnings[0]
    )
    assert council.current(people, columns="surname") == [("Byrne-Moss",)]


def test_an_old_snapshot_under_a_new_name_is_no_new_delivery(council):
    people = declare_csv(council, location="people_*.csv")
    replace_file(council, people, HEADER + ROWS, "people_1.csv")
    council.extract(people, 1)
    replace_file(council, people, HEADER + ROWS, "people_2.csv")
    expect_refusal(council, people, "stale", "SourceDownError", "an old delivery under a new name")


def test_empty_deliveries_are_deliveries_and_missing_ones_make_the_table_stale(council):
    people = declare_delta(council)
    deliver(council, people, "people_1.csv", HEADER + "1,Byrne,\n")
    assert council.extract(people, 1).status == "loaded"
    for number in (2, 3, 4):
        deliver(council, people, f"people_{number}.csv", HEADER)
        assert council.extract(people, number).status == "loaded"
    assert council.extract(people, 5).status == "loaded"
    late = council.extract(people, 6)
    assert late.status == "stale" and "the last file came in the night 2026-03-05" in late.message


# --- fixed width, JSON, workbooks


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


def test_a_system_that_is_not_set_up_does_not_stop_the_night(council):
    people = declare_csv(council)
    result = council.extract(people)
    assert (result.status, result.error) == ("stale", "SourceDownError")
    assert f"'src_{people}' is not known" in result.message


def test_a_share_that_fails_while_reading_is_a_system_that_is_down(council, people, monkeypatch):
    from scv.extract import files

    def fail(self, buffer):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(files._CappedReader, "readinto", fail)
    expect_refusal(council, people, "stale", "SourceDownError", "cannot be read (OSError)")


def test_few_bad_rows_are_quarantined_whatever_their_share(council):
    people = declare_csv(council)
    result = council.load_csv(people, HEADER + "x,Byrne,\n")
    assert (result.status, result.tables[0].rows_quarantined) == ("loaded", 1)
