"""How a CSV file may be laid out, and what the night says where it is laid out otherwise."""

import pytest
from tests.support.people_files import HEADER, ROWS, declare_csv, expect_refusal, load_people, replace_file

pytestmark = pytest.mark.postgres


@pytest.fixture
def people(council):
    """A CSV system with forty rows loaded."""
    return load_people(council)


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


def test_an_unequal_number_of_cells_quarantines_the_row(council, people):
    replace_file(council, people, HEADER + ROWS + "41,Byrne\n42,Li,01/02/1970,more\n")
    result = council.extract(people, 2).tables[0]
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (42, 40, 2)
    assert council.quarantined(people) == [("field_count", None)] * 2


def test_a_row_with_a_nul_is_quarantined(council, people):
    replace_file(council, people, HEADER + ROWS + "41,By\x00rne,\n")
    assert council.extract(people, 2).status == "loaded"
    assert council.quarantined(people) == [("nul_character", None)]


def test_few_bad_rows_are_quarantined_whatever_their_share(council):
    people = declare_csv(council)
    result = council.load_csv(people, HEADER + "x,Byrne,\n")
    assert (result.status, result.tables[0].rows_quarantined) == ("loaded", 1)


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
