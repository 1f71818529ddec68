"""Files that are cut off, far too short, too large or not there at all: yesterday's data stay."""

import gzip
import zipfile

import pytest
from tests.support.people_files import (
    COLUMNS,
    HEADER,
    ROWS,
    declare_csv,
    expect_refusal,
    load_people,
    replace_file,
)

from scv.errors import SourceDownError

pytestmark = pytest.mark.postgres


@pytest.fixture
def people(council):
    """A CSV system with forty rows loaded."""
    return load_people(council)


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
