"""What names mean is kept in the warehouse once per name, and renewed when the parser learns."""

from collections.abc import Iterator

import psycopg
import pytest

from scv.db.warehouse import connect
from scv.errors import DatabaseError
from scv.names import store
from scv.names.store import renew_parsed_names, store_parsed_names
from scv.settings import Settings

NAMES = [
    "MR & MRS J SMITH",
    "EXORS OF THE LATE PRIYA NAIR",
    "VOID",
    "Mr Jón Þórsson Jr",
    "ACME LETTINGS LTD",
    "",
]


@pytest.fixture
def loader(warehouse: Settings) -> Iterator[psycopg.Connection]:
    with connect("loader", warehouse) as connection:
        connection.execute("select 1")  # opens the transaction that is taken back at the end
        yield connection
        connection.rollback()


def read_people(connection: psycopg.Connection) -> list[tuple]:
    return connection.execute(
        "select * from raw_names.parsed_person order by full_name, person_no"
    ).fetchall()


def test_names_are_stored_with_their_people_once(loader: psycopg.Connection) -> None:
    assert store_parsed_names(loader, iter(NAMES)) == len(NAMES)
    assert store_parsed_names(loader, [*NAMES, "Ms K Doe"]) == 1
    kinds = loader.execute("select full_name, kind, deceased from raw_names.parsed_name").fetchall()
    assert ("EXORS OF THE LATE PRIYA NAIR", "estate", True) in kinds
    assert ("", "placeholder", False) in kinds
    assert len(kinds) == len(NAMES) + 1
    assert read_people(loader) == [
        ("EXORS OF THE LATE PRIYA NAIR", 1, None, "Priya", None, "Nair", None),
        ("MR & MRS J SMITH", 1, "Mr", "J", None, "Smith", None),
        ("MR & MRS J SMITH", 2, "Mrs", None, None, "Smith", None),
        ("Mr Jón Þórsson Jr", 1, "Mr", "Jón", None, "Þórsson", "Jr"),
        ("Ms K Doe", 1, "Ms", "K", None, "Doe", None),
    ]


def test_names_may_come_from_a_cursor_of_the_same_connection_and_repeat(
    loader: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH", 7)
    with loader.cursor("names") as cursor:
        cursor.execute("select 'Mr J Smith ' || n % 40 from generate_series(1, 100) as n")
        assert store_parsed_names(loader, (row[0] for row in cursor)) >= 40
    row = loader.execute("select count(*), count(distinct full_name) from raw_names.parsed_person").fetchone()
    assert row == (40, 40)


def test_a_new_parser_renews_what_is_stored_and_tells_what_means_something_else(
    loader: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_parsed_names(loader, NAMES)
    right = read_people(loader)
    loader.execute(
        "update raw_names.parsed_person set surname = 'wrong' where full_name = 'MR & MRS J SMITH'"
    )
    assert list(renew_parsed_names(loader)) == []
    monkeypatch.setattr(store, "RENEW_AT_ONCE", 4)
    monkeypatch.setattr(store, "_VERSION", "next")
    renewed = [name for batch in renew_parsed_names(loader) for name in batch]
    assert renewed == ["MR & MRS J SMITH"]
    assert read_people(loader) == right
    versions = loader.execute("select distinct parser_version from raw_names.parsed_name").fetchall()
    assert versions == [("next",)]


def test_a_name_that_is_stored_is_left_to_the_renewal_of_all(
    loader: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_parsed_names(loader, NAMES)
    monkeypatch.setattr(store, "_VERSION", "next")
    assert store_parsed_names(loader, NAMES) == 0


def test_a_refusal_of_the_database_names_no_name(warehouse: Settings) -> None:
    with connect("reader", warehouse) as reader, pytest.raises(DatabaseError) as raised:
        store_parsed_names(reader, ["Mr Canary Value"])
    assert "Canary" not in str(raised.value)
    assert raised.value.sqlstate == "42501"
