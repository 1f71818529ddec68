"""Every version of every row: changes, deletes and returns are seen, and loading again changes nothing."""

import pytest

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
    assert (entry["rows_read"], entry["rows_loaded"], entry["rows_new"], entry["status"]) == (2, 2, 2, "loaded")
    assert entry["content_hash"] and entry["versions"]["scv"]
