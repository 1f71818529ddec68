"""Tables that are kept from night to night: what several nights made of them is what one full build makes, or, of the
history of customers, what replaying those nights into an empty table makes."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg import sql
from tests.support.raw_rows import build_night, end_row, find_table, key_of, make_raw_tables, put_rows

from scv.clock import cutoff
from scv.db.warehouse import connect
from scv.errors import RebuildUnfinished
from scv.extract.raw_tables import RawTable
from scv.night import ledger
from scv.night.history import rebuild_history
from scv.settings import Settings
from scv.transform import run_dbt

pytestmark = pytest.mark.postgres

FIRST, SECOND, THIRD, FOURTH = (date(2026, 3, day) for day in (2, 3, 4, 5))
KEPT = ("fct_payment", "fct_debt", "fct_correspondence")

ACCOUNTS = [
    {"account_ref": 100, "account_cd": "1", "lead_liab_name": "MR JOHN & MRS ANNE SMITH"},
    {"account_ref": 200, "account_cd": "2", "lead_liab_name": "Mr Amir Khan"},
    {"account_ref": 300, "account_cd": "3", "lead_liab_name": "Ms Eve Lloyd"},
    {"account_ref": 400, "account_cd": "4", "lead_liab_name": "Mr Dan Doe"},
]
PROPERTIES = [
    {"property_ref": "P1", "addr1": "1 HIGH STREET", "postcode": "AB1 2CD", "uprn": "100"},
    {"property_ref": "P2", "addr1": "2 HIGH STREET", "postcode": "AB1 2CD", "uprn": "200"},
]
OCCUPATIONS = [
    {
        "account_ref": account,
        "property_ref": place,
        "occupation_date": date(2020, 1, 1),
        "vacation_date": date(2099, 12, 31),
        "live_ind": "Y",
    }
    for account, place in ((100, "P1"), (200, "P2"))
]


def money(number: int, account: int, code: str, amount: int, day: int) -> dict[str, object]:
    """A council tax transaction."""
    return {
        "transaction_ref": number,
        "account_ref": account,
        "process_date": date(2026, 2, day),
        "tran_amount": amount,
        "tran_code": code,
    }


def letter(number: int, account: str, name: str) -> dict[str, object]:
    """A printed letter."""
    return {
        "job_ref": f"J{number}",
        "department": "council_tax",
        "account_ref": account,
        "class": "bill",
        "addressee_block": name,
        "address": "1 HIGH STREET",
        "postcode": "AB1 2CD",
        "created_on": date(2026, 2, 1),
        "handover_date": date(2026, 2, 2),
    }


@pytest.fixture(scope="module")
def nights(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """Three nights, and what the kept tables looked like after each."""
    make_raw_tables(warehouse)
    put_rows(warehouse, "council_tax", "ctaccount", ACCOUNTS, FIRST)
    put_rows(warehouse, "council_tax", "ctproperty", PROPERTIES, FIRST)
    put_rows(warehouse, "council_tax", "ctoccupation", OCCUPATIONS, FIRST)
    bill = money(3, 200, "BILL", 80, 1)
    first_rows = [
        money(1, 100, "BILL", 100, 1),
        money(2, 100, "PAY", -50, 2),
        bill,
        money(4, 200, "PAY", -20, 2),
    ]
    put_rows(warehouse, "council_tax", "cttransaction", first_rows, FIRST)
    letters = [letter(1, "1001", "Mr John Smith"), letter(2, "2002", "Mr Amir Khan")]
    put_rows(warehouse, "correspondence", "print_items", letters, FIRST)
    build_ledger_night(warehouse, FIRST, None)
    # a payment comes in, a charge is taken back and a letter is sent: no person changes
    with connect("loader", warehouse) as connection:
        raw = RawTable(*find_table("council_tax", "cttransaction"))
        end_row(connection, raw, key_of("council_tax", "cttransaction", bill), SECOND)
    put_rows(warehouse, "council_tax", "cttransaction", [money(5, 200, "PAY", -30, 3)], SECOND)
    put_rows(warehouse, "correspondence", "print_items", [letter(3, "2002", "Mr Amir Khan")], SECOND)
    # a customer marries, and a record that was linked to another is none of theirs
    put_rows(
        warehouse, "council_tax", "ctaccount", [ACCOUNTS[2] | {"lead_liab_name": "Mrs Eve Byrne"}], SECOND
    )
    move_record(warehouse, ACCOUNTS[3], "C6", SECOND)
    build_ledger_night(warehouse, SECOND, FIRST)
    # an account is no longer there; linkage now says that two persons are one, without a row that changes
    with connect("loader", warehouse) as connection:
        raw = RawTable(*find_table("council_tax", "ctaccount"))
        end_row(connection, raw, key_of("council_tax", "ctaccount", ACCOUNTS[2]), THIRD)
    move_record(warehouse, ACCOUNTS[1], "C1", THIRD)
    build_ledger_night(warehouse, THIRD, SECOND)
    with connect("transform", warehouse, autocommit=True) as connection:
        yield connection


def build_ledger_night(settings: Settings, night: date, previous: date | None) -> None:
    """Build a night, and let the ledger know."""
    build_night(settings, night, previous)
    with connect("publisher", settings) as connection:
        connection.execute(
            "insert into audit.night (night, cutoff, status, started_at, built_at)"
            " values (%s, %s, 'published', now(), now())",
            (night, cutoff(night)),
        )


def move_record(settings: Settings, account: dict[str, object], customer: str, night: date) -> None:
    """Let linkage give the first person of an account to another customer."""
    with connect("linkage", settings) as connection:
        moved = connection.execute(
            """
            update link.membership as members set valid_to = %s
            from intermediate.int_person_records__link_input as records
            where records.record_key = members.record_key and records.source_row_key = %s and members.valid_to is null
            returning members.record_key
            """,
            (night, key_of("council_tax", "ctaccount", account)),
        ).fetchall()
        for (record,) in moved:
            connection.execute(
                "insert into link.membership (record_key, customer_id, valid_from) values (%s, %s, %s)",
                (record, customer, night),
            )


def read_table(connection: psycopg.Connection, name: str, schema: str = "build") -> list[str]:
    """All rows of a table as text, in order."""
    query = sql.SQL("select t::text from {} as t order by 1").format(sql.Identifier(schema, name))
    return [row[0] for row in connection.execute(query)]


def test_a_joint_debt_stands_in_full_on_both_customers(nights: psycopg.Connection) -> None:
    rows = nights.execute(
        """
        select customer_id, balance_gbp::text, liable_count from build.fct_debt
        where is_latest and is_joint order by customer_id
        """
    ).fetchall()
    assert rows == [("C1", "50.00", 2), ("C3", "50.00", 2)]


def test_a_charge_that_was_taken_back_is_no_longer_owed(nights: psycopg.Connection) -> None:
    rows = nights.execute(
        "select customer_id, balance_gbp::text from build.fct_debt where is_latest and not is_joint"
    ).fetchall()
    assert rows == [("C1", "-50.00")]


def test_facts_follow_a_merged_customer(nights: psycopg.Connection) -> None:
    for mart in KEPT:
        query = sql.SQL("select distinct customer_id from {} order by 1").format(
            sql.Identifier("build", mart)
        )
        names = nights.execute(query).fetchall()
        assert ("C2",) not in names and ("C1",) in names, mart


def test_a_full_build_gives_the_same_tables(nights: psycopg.Connection) -> None:
    kept = {name: read_table(nights, name) for name in KEPT}
    assert all(kept.values())
    run_dbt("run", None, THIRD, select=KEPT, full_refresh=True)
    assert {name: read_table(nights, name) for name in KEPT} == kept


def test_the_history_is_rebuilt_from_nothing_row_for_row_though_broken_off(
    nights: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = read_table(nights, "int_customers__history", "intermediate")
    tables = {name: read_table(nights, name) for name in (*KEPT, "dim_customer", "dim_death")}
    periods = nights.execute(
        "select customer_id, valid_from, valid_to from intermediate.int_customers__history order by 1, 2"
    ).fetchall()
    # kept, merged, split off, renamed and retired: something of everything
    assert ("C2", SECOND, THIRD) in periods and ("C6", SECOND, None) in periods
    assert ("C4", FIRST, SECOND) in periods and ("C4", SECOND, THIRD) in periods
    nights.execute("drop table intermediate.int_customers__history")

    def break_off(command: str, selector: str, night: date, *, full_refresh: bool) -> object:
        done = run_dbt(command, selector, night, full_refresh=full_refresh)
        if night == SECOND:
            raise KeyboardInterrupt
        return done

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("scv.night.history.run_dbt", break_off)
        rebuild_history()
    with pytest.raises(RebuildUnfinished, match="scv history rebuild"):
        ledger.open_night(FOURTH)
    rebuilt = rebuild_history()
    assert (rebuilt.replayed, rebuilt.last_night, rebuilt.periods) == (2, THIRD, len(kept))
    assert read_table(nights, "int_customers__history", "intermediate") == kept
    assert {name: read_table(nights, name) for name in tables} == tables
    assert ledger.open_night(FOURTH).previous_night == THIRD
