"""Tables that are kept by work lists: what several nights made of them is what one full build makes."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg import sql
from tests.support.raw_rows import build_night, end_row, find_table, key_of, make_raw_tables, put_rows

from scv.db.warehouse import connect
from scv.extract.raw_tables import RawTable
from scv.settings import Settings
from scv.transform import run_dbt

pytestmark = pytest.mark.postgres

FIRST, SECOND, THIRD = (date(2026, 3, day) for day in (2, 3, 4))
KEPT = ("fct_payment", "fct_debt", "fct_correspondence")

ACCOUNTS = [
    {"account_ref": 100, "account_cd": "1", "lead_liab_name": "MR JOHN & MRS ANNE SMITH"},
    {"account_ref": 200, "account_cd": "2", "lead_liab_name": "Mr Amir Khan"},
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
    build_night(warehouse, FIRST, None)
    # a payment comes in, a charge is taken back and a letter is sent: no person changes
    with connect("loader", warehouse) as connection:
        raw = RawTable(*find_table("council_tax", "cttransaction"))
        end_row(connection, raw, key_of("council_tax", "cttransaction", bill), SECOND)
    put_rows(warehouse, "council_tax", "cttransaction", [money(5, 200, "PAY", -30, 3)], SECOND)
    put_rows(warehouse, "correspondence", "print_items", [letter(3, "2002", "Mr Amir Khan")], SECOND)
    build_night(warehouse, SECOND, FIRST)
    # linkage now says that the two first-named persons are one: no row changes
    with connect("linkage", warehouse) as connection:
        connection.execute("update link.membership set valid_to = %s where customer_id = 'C2'", (THIRD,))
        connection.execute(
            "insert into link.membership (record_key, customer_id, valid_from) "
            "select record_key, 'C1', %s from link.membership where customer_id = 'C2'",
            (THIRD,),
        )
    build_night(warehouse, THIRD, SECOND)
    with connect("transform", warehouse, autocommit=True) as connection:
        yield connection


def read_table(connection: psycopg.Connection, name: str) -> list[str]:
    """All rows of a mart as text, in order."""
    query = sql.SQL("select t::text from {} as t order by 1").format(sql.Identifier("build", name))
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
