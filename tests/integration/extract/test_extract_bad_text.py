"""Text that cannot be stored: its row is kept apart with the reason, and is not taken for a deleted one."""

import psycopg
import pytest
from tests.support.people_files import HEADER, ROWS, load_people, replace_file

from scv.db.warehouse import find_login

pytestmark = pytest.mark.postgres

COLUMNS = {"id": "integer", "surname": "text"}


def test_a_row_that_came_with_a_nul_keeps_its_last_version_until_it_is_mended(council):
    people = load_people(council)
    replace_file(council, people, HEADER + ROWS.replace("Name 7,", "Na\x00me 7,"))
    result = council.extract(people, 2).tables[0]
    assert (result.rows_quarantined, result.rows_deleted) == (1, 0)
    assert council.quarantined(people) == [("nul_character", None)]
    assert (7, "Name 7") in council.current(people, columns="id, surname")
    replace_file(council, people, HEADER + ROWS)
    assert council.extract(people, 3).tables[0].rows_unchanged == 40
    assert council.quarantined(people) == []


def test_text_in_sqlite_that_is_not_utf8_quarantines_its_row_only(council):
    people = council.name()
    council.declare(people, "sqlite", [{"name": "people", "columns": COLUMNS}])
    source = council.sqlite(people)
    source.execute("create table people (id integer primary key, surname text)")
    source.executemany("insert into people values (?, ?)", [(1, "Byrne"), (2, "Müller")])
    assert council.extract(people, 1).tables[0].rows_new == 2
    source.execute("update people set surname = cast(x'4dfc6c6c6572' as text) where id = 2")
    source.close()
    result = council.extract(people, 2)
    assert result.status == "loaded", result.message
    assert (result.tables[0].rows_quarantined, result.tables[0].rows_unchanged) == (1, 1)
    assert council.quarantined(people) == [("invalid_character", None)]
    assert council.current(people, columns="id, surname") == [(1, "Byrne"), (2, "Müller")]


@pytest.fixture
def latin(council):
    """A function that makes a Postgres system, in an encoding, of one person whose name is in Latin-1."""
    admin = find_login("admin", council.settings)
    made = []

    def make(encoding):
        people = council.name()
        with psycopg.connect(admin.conninfo, autocommit=True) as connection:
            connection.execute(
                f"create database {people} encoding '{encoding}' locale 'C' template template0"
            )
        made.append(people)
        login = find_login("admin", council.settings, database=people)
        with psycopg.connect(login.conninfo, client_encoding=encoding, autocommit=True) as source:
            source.execute("create table people (id integer primary key, surname text)")
            source.execute(b"insert into people values (1, 'M\xfcller')")
        council.declare(people, "postgres", [{"name": "people", "columns": COLUMNS}])
        council.connect_to(people, login.url)
        return people

    yield make
    with psycopg.connect(admin.conninfo, autocommit=True) as connection:
        for people in made:
            connection.execute(f"drop database {people}")


def test_a_postgres_database_in_another_encoding_is_converted(council, latin):
    people = latin("latin1")
    assert council.extract(people).status == "loaded"
    assert council.current(people, columns="surname") == [("Müller",)]


def test_a_postgres_database_without_an_encoding_is_told_as_bad_data(council, latin):
    result = council.extract(latin("sql_ascii"))
    assert (result.status, result.error) == ("failed", "SourceDataError")
    assert "not in the encoding of its database" in result.message and "ller" not in result.message
