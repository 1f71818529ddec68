"""The history of customers: night by night, run again, and run anew, it must come out the same.

What the model reads is written by the tests, so that a night is a few rows; the model is the real one.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import psycopg
import pytest

from scv.clock import cutoff
from scv.db.warehouse import connect
from scv.settings import Settings
from scv.transform import run_dbt

pytestmark = pytest.mark.postgres

FIRST, SECOND, THIRD, FOURTH = (date(2026, 3, day) for day in (2, 3, 4, 5))

INPUTS = """
create table intermediate.int_customers__members
    (customer_id text, record_key text, source_system text, source_table text, member_from date);
create table intermediate.int_customers__golden
    (customer_id text, attribute text, value text, source_system text, record_key text, as_of date);
create table intermediate.int_customers__safe_flag (customer_id text, source_systems text[]);
create table intermediate.int_contact_details__protected (attribute text, value text);
create table build.dim_death (customer_id text, death_status text, death_date date);
"""


@dataclass
class Night:
    """What the models before dim_customer say on a night: customer -> attribute -> value."""

    night: date
    people: dict[str, dict[str, str]]
    changed: list[str] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)
    protected: dict[str, str] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)


NIGHTS = [
    Night(
        FIRST,
        {
            "ada": {"surname": "Byrne", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
            "ben": {"surname": "Nair", "address_id": "h2", "address_line": "2 High Street"},
            "cat": {"surname": "Nair", "address_id": "h2", "address_line": "2 High Street"},
            "dan": {"surname": "Doe", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
        },
        changed=["ada", "ben", "cat", "dan"],
    ),
    # ada marries, cat turns out to be ben, eve arrives
    Night(
        SECOND,
        {
            "ada": {"surname": "Okafor", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
            "ben": {"surname": "Nair", "address_id": "h2", "address_line": "2 High Street"},
            "dan": {"surname": "Doe", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
            "eve": {"surname": "Lloyd"},
        },
        changed=["ada", "ben", "cat", "eve"],
    ),
    # ada is safe-flagged: her home and her telephone disappear from every period, dan's too
    Night(
        THIRD,
        {
            "ada": {"surname": "Okafor", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
            "ben": {"surname": "Nair", "address_id": "h2", "address_line": "2 High Street"},
            "dan": {"surname": "Doe", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
            "eve": {"surname": "Lloyd", "address_id": "h3", "address_line": "3 High Street"},
        },
        changed=["ada", "eve"],
        flagged=["ada"],
        protected={"address_id": "h1", "phone": "1"},
    ),
    # a returned letter says that ben is dead without any record changing
    Night(
        FOURTH,
        {
            "ada": {"surname": "Okafor", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
            "ben": {"surname": "Nair", "address_id": "h2", "address_line": "2 High Street"},
            "dan": {"surname": "Doe", "address_id": "h1", "address_line": "1 High Street", "phone": "1"},
            "eve": {"surname": "Lloyd", "address_id": "h3", "address_line": "3 High Street"},
        },
        flagged=["ada"],
        protected={"address_id": "h1", "phone": "1"},
        dead={"ben": "reported"},
    ),
]


@pytest.fixture(scope="module")
def history(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """The four nights, run once in their order."""
    with connect("transform", warehouse, autocommit=True) as connection:
        connection.execute(INPUTS)
        for night in NIGHTS:
            run_night(connection, night)
        yield connection


def run_night(
    connection: psycopg.Connection,
    night: Night,
    *,
    full_refresh: bool = False,
    previous: date | None = None,
) -> None:
    """Write what the night says and build the history and dim_customer from it, after the night before it."""
    previous = previous or max((other.night for other in NIGHTS if other.night < night.night), default=None)
    with connect("publisher", autocommit=True) as publisher:
        publisher.execute("delete from control.night_context")
        publisher.execute(
            "insert into control.night_context (night, cutoff, previous_night) values (%s, %s, %s)",
            (night.night, cutoff(night.night), previous),
        )
    for table in ("members", "golden", "safe_flag"):
        connection.execute(f"truncate intermediate.int_customers__{table}")
    connection.execute("truncate intermediate.int_contact_details__protected, build.dim_death")
    for customer, values in night.people.items():
        connection.execute(
            "insert into intermediate.int_customers__members values (%s, %s, 'housing', 'member', %s)",
            (customer, f"record of {customer}", FIRST),
        )
        for attribute, value in values.items():
            connection.execute(
                "insert into intermediate.int_customers__golden values (%s, %s, %s, 'housing', null, %s)",
                (customer, attribute, value, FIRST),
            )
    for customer in night.flagged:
        connection.execute("insert into intermediate.int_customers__safe_flag values (%s, null)", (customer,))
    for detail in night.protected.items():
        connection.execute("insert into intermediate.int_contact_details__protected values (%s, %s)", detail)
    for customer, status in night.dead.items():
        connection.execute("insert into build.dim_death values (%s, %s, null)", (customer, status))
    for customer in night.changed:
        connection.execute(
            "insert into work.customer values (%s, %s) on conflict do nothing", (night.night, customer)
        )
    run_dbt(
        "run", None, night.night, select=("int_customers__history", "dim_customer"), full_refresh=full_refresh
    )


def read_periods(connection: psycopg.Connection, customer: str) -> list[tuple[object, ...]]:
    """The periods of a customer: from, to, surname, home, telephone."""
    return connection.execute(
        "select valid_from, valid_to, surname, address_id, phone from build.dim_customer "
        "where customer_id = %s order by valid_from",
        (customer,),
    ).fetchall()


def read_all(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    """Every row of the table, in order."""
    return connection.execute("select * from build.dim_customer order by customer_id, valid_from").fetchall()


def test_a_changed_value_ends_a_period_and_starts_another(history: psycopg.Connection) -> None:
    assert read_periods(history, "eve") == [
        (SECOND, THIRD, "Lloyd", "unknown", None),
        (THIRD, None, "Lloyd", "h3", None),
    ]


def test_a_customer_merged_into_another_is_closed(history: psycopg.Connection) -> None:
    assert read_periods(history, "cat") == [(FIRST, SECOND, "Nair", "h2", None)]


def test_a_death_shows_although_no_record_of_the_customer_changed(history: psycopg.Connection) -> None:
    statuses = history.execute(
        "select valid_from, death_status from build.dim_customer where customer_id = 'ben' order by 1"
    ).fetchall()
    assert statuses == [(FIRST, "none"), (FOURTH, "reported")]


def test_periods_of_a_customer_meet_and_one_is_current(history: psycopg.Connection) -> None:
    for customer in ("ada", "ben", "dan", "eve"):
        periods = read_periods(history, customer)
        assert all(left[1] == right[0] for left, right in itertools.pairwise(periods)), customer
        assert periods[-1][1] is None
    assert history.execute(
        "select count(*) from build.dim_customer where is_current is distinct from (valid_to is null)"
    ).fetchone() == (0,)


def test_a_flag_withholds_the_past_too_without_starting_a_period(history: psycopg.Connection) -> None:
    assert read_periods(history, "ada") == [
        (FIRST, SECOND, "Byrne", "address_withheld", None),
        (SECOND, None, "Okafor", "address_withheld", None),
    ]
    # dan only shares the home: nothing of his was listed as changed on any later night
    assert read_periods(history, "dan") == [(FIRST, None, "Doe", "address_withheld", None)]


def test_a_flag_that_is_lifted_leaves_no_trace(history: psycopg.Connection) -> None:
    run_night(history, replace(NIGHTS[3], flagged=[], protected={}))
    assert read_periods(history, "ada") == [
        (FIRST, SECOND, "Byrne", "h1", "1"),
        (SECOND, None, "Okafor", "h1", "1"),
    ]
    run_night(history, NIGHTS[3])


def test_running_the_last_night_again_changes_nothing(history: psycopg.Connection) -> None:
    before = read_all(history)
    run_night(history, NIGHTS[3])
    assert read_all(history) == before


def test_running_the_nights_again_from_the_second_gives_the_same_history(
    history: psycopg.Connection,
) -> None:
    before = read_all(history)
    for night in NIGHTS[1:]:
        run_night(history, night)
    assert read_all(history) == before


def test_a_full_refresh_never_drops_the_history(history: psycopg.Connection) -> None:
    before = read_all(history)
    run_night(history, NIGHTS[3], full_refresh=True)
    assert read_all(history) == before


def test_replaying_all_nights_into_an_empty_table_gives_the_same_history(
    history: psycopg.Connection,
) -> None:
    before = read_all(history)
    history.execute("drop table build.dim_customer, intermediate.int_customers__history")
    for night in NIGHTS:
        run_night(history, night)
    assert read_all(history) == before


def test_what_a_night_wrote_that_was_never_built_shows_from_the_next(history: psycopg.Connection) -> None:
    before = read_all(history)
    run_night(history, NIGHTS[2])
    # the third night ended before its tables were all built: its work is the fourth's
    run_night(history, replace(NIGHTS[3], changed=NIGHTS[2].changed), previous=SECOND)
    assert read_periods(history, "eve") == [
        (SECOND, FOURTH, "Lloyd", "unknown", None),
        (FOURTH, None, "Lloyd", "h3", None),
    ]
    for night in NIGHTS[2:]:
        run_night(history, night)
    assert read_all(history) == before
