"""Every version of every row: changes, deletes and returns are seen, and loading again changes nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scv.db.warehouse import connect
from scv.errors import InputError
from scv.extract import erase_records
from scv.extract.nightly import find_system
from scv.keys import record_key

PEOPLE = {
    "name": "people",
    "location": "people.csv",
    "csv": {},
    "columns": {"id": "integer", "surname": "text", "born": ("date", {"format": "iso"})},
}
HEADER = "id,surname,born\n"
pytestmark = pytest.mark.postgres


@pytest.fixture
def people(council):
    """A system with one CSV file."""
    name = council.name()
    council.declare(name, "csv", [PEOPLE])
    return name


def test_first_load_keeps_typed_rows_from_the_cutoff_on(council, people):
    result = council.load_csv(people, HEADER + "1,Byrne,1970-01-31\n2,Okafor,\n")
    assert result.status == "loaded"
    assert council.current(people, columns="id, surname, born::text, _valid_from::text, _batch_id") == [
        (1, "Byrne", "1970-01-31", "2026-03-02 00:00:00+00", f"2026-03-02/{people}"),
        (2, "Okafor", None, "2026-03-02 00:00:00+00", f"2026-03-02/{people}"),
    ]
    entry = council.ledger(people)
    assert (entry["rows_read"], entry["rows_loaded"], entry["rows_new"], entry["status"]) == (
        2,
        2,
        2,
        "loaded",
    )
    assert entry["content_hash"] and entry["versions"]["scv"]


def test_changes_deletes_and_returns_are_versions_of_their_nights(council, people):
    council.load_csv(people, HEADER + "1,Byrne,1970-01-31\n2,Okafor,1980-02-01\n3,Singh,1990-03-03\n")
    second = council.load_csv(
        people, HEADER + "1,Byrne-Moss,1970-01-31\n3,Singh,1990-03-03\n4,Li,2000-01-01\n", 2
    )
    third = council.load_csv(
        people,
        HEADER + "1,Byrne-Moss,1970-01-31\n2,Okafor,1980-02-01\n3,Singh,1990-03-03\n4,Li,2000-01-01\n",
        3,
    )
    counted = [(r.rows_new, r.rows_changed, r.rows_deleted, r.rows_returned, r.rows_unchanged) for r in
               (second.tables[0], third.tables[0])]  # fmt: skip
    assert counted == [(1, 1, 1, 0, 1), (0, 0, 0, 1, 3)]
    assert council.as_of(people, 1, "id, surname") == [(1, "Byrne"), (2, "Okafor"), (3, "Singh")]
    assert council.as_of(people, 2, "id, surname") == [(1, "Byrne-Moss"), (3, "Singh"), (4, "Li")]
    assert council.as_of(people, 3, "id, surname") == [
        (1, "Byrne-Moss"),
        (2, "Okafor"),
        (3, "Singh"),
        (4, "Li"),
    ]
    assert len(council.versions(people)) == 6


def test_the_same_night_again_changes_nothing(council, people):
    first = council.load_csv(people, HEADER + "1,Byrne,1970-01-31\n2,Okafor,\n")
    held, loaded_at = council.versions(people), council.current(people, columns="_loaded_at")
    again = council.extract(people)
    assert council.versions(people) == held
    assert council.current(people, columns="_loaded_at") == loaded_at
    assert again.tables[0].rows_new == first.tables[0].rows_new == 2
    assert council.ledger(people)["content_hash"] == first.tables[0].content_hash


def test_an_unchanged_night_writes_no_versions(council, people):
    council.load_csv(people, HEADER + "1,Byrne,1970-01-31\n2,Okafor,\n")
    held = council.versions(people)
    result = council.extract(people, 2).tables[0]
    assert council.versions(people) == held
    assert (result.rows_read, result.rows_loaded, result.rows_unchanged) == (2, 2, 2)


def test_the_same_night_with_a_changed_source_ends_as_if_it_had_run_once(council, people):
    council.load_csv(people, HEADER + "1,Byrne,\n2,Okafor,\n3,Singh,\n")
    council.load_csv(people, HEADER + "1,Byrne-Moss,\n3,Singh,\n4,Li,\n", 2)
    result = council.load_csv(people, HEADER + "1,Byrne-Hay,\n2,Okafor,\n3,Singh,\n", 2).tables[0]
    assert council.query(
        f"select id, surname, _valid_from::date::text, _valid_to::date::text from raw_{people}.people "
        "order by id, _valid_from"
    ) == [
        (1, "Byrne", "2026-03-02", "2026-03-03"),
        (1, "Byrne-Hay", "2026-03-03", None),
        (2, "Okafor", "2026-03-02", None),
        (3, "Singh", "2026-03-02", None),
    ]
    assert (result.rows_new, result.rows_changed, result.rows_deleted, result.rows_unchanged) == (0, 1, 0, 2)


def test_a_mended_row_that_spoils_again_within_the_night_is_open_again(council, people):
    council.load_csv(people, HEADER + "1,Byrne,unknown\n2,Okafor,\n")
    council.load_csv(people, HEADER + "1,Byrne,1970-01-31\n2,Okafor,\n", 2)
    assert council.quarantined(people) == []
    council.load_csv(people, HEADER + "1,Byrne,unknown\n2,Okafor-Reid,\n", 2)
    assert council.quarantined(people) == [("not_a_date", "born")]
    assert council.query("select count(*) from quarantine.row where system = %s", people) == [(1,)]


def test_nights_are_loaded_in_order(council, people):
    council.load_csv(people, HEADER + "1,Byrne,\n", 2)
    with pytest.raises(InputError, match="loaded in order"):
        council.extract(people, 1)


def test_the_record_key_is_the_one_of_the_package_and_of_the_database(council, people):
    council.load_csv(people, HEADER + "1,Byrne,\n")
    secret = council.settings.record_key_bytes()
    expected = record_key(secret, people, "people", 1)
    assert council.current(people, columns="_record_key") == [(expected,)]
    in_database = council.query("select audit.record_key(%s, %s, 'people', '1')", secret, people)
    assert in_database == [(expected,)]


def test_a_column_declared_later_is_added_and_filled(council, people):
    council.load_csv(people, HEADER + "1,Byrne,\n")
    wider = {**PEOPLE, "columns": {**PEOPLE["columns"], "phone": "text"}}
    council.declare(people, "csv", [wider])
    council.load_csv(people, "id,surname,born,phone\n1,Byrne,,01632 960001\n", 2)
    assert council.current(people, columns="id, phone") == [(1, "01632 960001")]
    assert council.as_of(people, 1, "id, phone") == [(1, None)]


def test_a_key_that_comes_twice_is_quarantined_but_for_one_row(council, people):
    content = HEADER + "1,Byrne,\n2,Okafor,\n2,Okafor-Reid,\n3,Li,\n3,Li,\n"
    result = council.load_csv(people, content).tables[0]
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (5, 3, 2)
    assert council.quarantined(people) == [("duplicate_key", None)] * 2
    kept = council.current(people, columns="id, surname")
    shuffled = HEADER + "3,Li,\n2,Okafor-Reid,\n1,Byrne,\n3,Li,\n2,Okafor,\n"
    again = council.load_csv(people, shuffled, 2).tables[0]
    assert council.current(people, columns="id, surname") == kept
    assert (again.rows_unchanged, again.rows_quarantined) == (3, 2)
    assert len(council.quarantined(people)) == 2
    council.load_csv(people, HEADER + "1,Byrne,\n2,Okafor,\n3,Li,\n", 3)
    assert council.quarantined(people) == []


def test_a_row_without_its_key_is_quarantined(council, people):
    result = council.load_csv(people, HEADER + ",Byrne,\n2,Okafor,\n").tables[0]
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)
    assert council.quarantined(people) == [("missing_key", "id")]


def test_tombstones_are_obeyed_for_ever(council, people):
    content = HEADER + "1,Byrne,\n2,Okafor,\n3,Singh,\n"
    council.load_csv(people, content)
    key = record_key(council.settings.record_key_bytes(), people, "people", 2)
    council.execute("insert into erasure.tombstone values (%s, 'erasure request', '2026-03-02')", key)
    result = council.extract(people, 2).tables[0]
    assert (result.rows_read, result.rows_loaded, result.rows_tombstoned, result.rows_deleted) == (3, 2, 1, 0)
    again = council.extract(people, 2).tables[0]
    assert (again.rows_loaded, again.rows_tombstoned) == (2, 1)
    assert council.query(f"select id from raw_{people}.people order by 1") == [(1,), (3,)]
    fresh = council.name()
    council.declare(fresh, "csv", [PEOPLE])
    key = record_key(council.settings.record_key_bytes(), fresh, "people", 3)
    council.execute("insert into erasure.tombstone values (%s, 'erasure request', '2026-03-02')", key)
    first = council.load_csv(fresh, content).tables[0]
    assert (first.rows_new, first.rows_tombstoned) == (2, 1)


def test_a_person_is_erased_over_all_versions_and_out_of_quarantine(council, people):
    council.load_csv(people, HEADER + "1,Byrne,\n2,Okafor,\n")
    council.load_csv(people, HEADER + "1,Byrne-Moss,\n2,Okafor,not a date\n", 2)
    keys = [record_key(council.settings.record_key_bytes(), people, "people", number) for number in (1, 2)]
    with connect("loader", council.settings) as connection:
        deleted = erase_records(connection, keys, [find_system(people, council.settings)])
    assert deleted == {f"raw_{people}.people": 3, "quarantine.row": 1}
    assert council.versions(people) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    snapshots=st.lists(
        st.dictionaries(
            st.integers(1, 5),
            st.tuples(st.sampled_from(["A", "B", ""]), st.sampled_from(["", "2000-01-01"])),
            min_size=1,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_sequence_of_snapshots_can_be_read_back_night_by_night(council, snapshots):
    people = council.name()
    council.declare(people, "csv", [PEOPLE])
    for number, rows in enumerate(snapshots, 1):
        text = "".join(f"{key},{surname},{born}\n" for key, (surname, born) in rows.items())
        council.load_csv(people, HEADER + text, number)
        council.extract(people, number)
    for number, rows in enumerate(snapshots, 1):
        expected = [(key, surname or None, born or None) for key, (surname, born) in sorted(rows.items())]
        assert council.as_of(people, number, "id, surname, born::text") == expected
    overlaps = council.query(
        f"select count(*) from raw_{people}.people as a inner join raw_{people}.people as b on a.id = b.id "
        "and a._valid_from < b._valid_from and coalesce(a._valid_to, 'infinity') > b._valid_from"
    )
    unchanged = council.query(
        f"select count(*) from raw_{people}.people as a inner join raw_{people}.people as b on a.id = b.id "
        "and a._valid_to = b._valid_from and a._row_hash = b._row_hash"
    )
    assert (overlaps, unchanged) == ([(0,)], [(0,)])
