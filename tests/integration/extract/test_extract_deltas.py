"""Deliveries of new and changed rows, and files that come again under another name."""

import pytest
from tests.support.people_files import HEADER, ROWS, declare_csv, expect_refusal, replace_file

from scv.extract.checking import check_system

pytestmark = pytest.mark.postgres


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


def test_the_same_file_under_a_new_name_is_ignored_and_said_once(council):
    people = declare_delta(council)
    deliver(council, people, "people_1.csv", HEADER + "1,Byrne,\n")
    deliver(council, people, "people_2.csv", HEADER + "1,Byrne-Moss,\n")
    council.extract(people, 1)
    deliver(council, people, "people_3.csv", HEADER + "1,Byrne,\n")
    for _ in range(2):
        result = council.extract(people, 2)
        assert result.tables[0].rows_read == 0
        assert result.warnings == (
            f"{people}.people: file people_3.csv has the same content as people_1.csv, "
            "loaded in the night 2026-03-02: ignored",
        )
    assert council.current(people, columns="surname") == [("Byrne-Moss",)]
    assert council.extract(people, 3).warnings == ()
    (found,) = check_system(people, settings=council.settings)
    assert (found.is_ok, found.rows, found.files) == (True, None, 3)
    assert found.warnings == (
        f"{people}.people: file people_3.csv has the same content as people_1.csv: ignored",
    )


def test_a_copy_of_an_earlier_file_is_no_sign_of_life(council):
    people = declare_delta(council)
    deliver(council, people, "people_1.csv", HEADER + "1,Byrne,\n")
    assert council.extract(people, 1).status == "loaded"
    for number in (2, 3):
        deliver(council, people, f"people_{number}.csv", HEADER + "1,Byrne,\n")
        result = council.extract(people, number)
        assert f"people_{number}.csv has the same content" in result.warnings[0]
    assert result.status == "stale" and "the last file came in the night 2026-03-02" in result.message


def test_two_files_of_one_night_with_the_same_content_are_read_once(council):
    people = declare_delta(council)
    deliver(council, people, "people_1.csv", HEADER + "1,Byrne,\n")
    deliver(council, people, "people_2.csv", HEADER + "1,Byrne,\n")
    result = council.extract(people, 1)
    assert (result.tables[0].rows_read, len(result.warnings)) == (1, 1)
    assert council.extract(people, 2).warnings == ()


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
