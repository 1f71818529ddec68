"""The models: their unit tests, and that a night of changes gives the same tables as building everything anew."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.support.raw_rows import end_row, find_table, key_of, make_raw_tables, open_night, put_rows

from scv.db.warehouse import connect
from scv.extract.raw_tables import RawTable
from scv.settings import Settings
from scv.transform import TransformFailed, build_staging, run_dbt

pytestmark = pytest.mark.postgres

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)
CANARY = "Zzyzxcanary"


def account(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"account_ref": number, "account_cd": "1", "lead_liab_name": name, **more}


def occupation(number: int, property_ref: str, **more: Any) -> dict[str, Any]:
    row = {"account_ref": number, "property_ref": property_ref, "occupation_date": date(2020, 1, 1)}
    return row | {"vacation_date": date(2069, 12, 27), "live_ind": "Y"} | more


def item(number: str, name: str, account_ref: str) -> dict[str, Any]:
    row = {"job_ref": number, "department": "council_tax", "account_ref": account_ref, "class": "bill"}
    row |= {"addressee_block": name, "created_on": date(2026, 2, 1), "handover_date": date(2026, 2, 3)}
    return row | {"address": "12 High Street", "postcode": "WM1 1AA", "contains_other_address": False}


@pytest.fixture(scope="module")
def empty(warehouse: Settings) -> Settings:
    """Raw tables without rows, everything built once."""
    make_raw_tables(warehouse)
    open_night(warehouse, FIRST)
    run_dbt("build", "pre_link", FIRST)
    run_dbt("build", "post_link", FIRST)
    return warehouse


def test_unit_tests_of_all_models_hold(empty: Settings) -> None:
    run = run_dbt("test", None, FIRST, select=("test_type:unit",))
    assert run.tests >= 40


def test_seeds_keep_what_they_promise(empty: Settings) -> None:
    run = run_dbt("test", None, FIRST, select=("resource_type:seed",))
    assert run.tests >= 10


def test_views_that_have_not_changed_are_left_alone(empty: Settings) -> None:
    run = run_dbt("run", None, FIRST, select=("path:models/staging",))
    assert run.models >= 49
    assert run.unchanged == run.models


def test_a_later_night_leaves_alone_what_stands_until_something_of_it_changes(
    empty: Settings, admin: psycopg.Connection
) -> None:
    assert build_staging(FIRST).seeds > 0
    # what is built after linkage comes and goes every night
    admin.execute("drop view intermediate.int_correspondence__addressee_customers cascade")
    kept = build_staging(FIRST)
    assert (kept.seeds, kept.models) == (0, 2)
    assert kept.tests >= 20
    admin.execute("drop view staging.stg_permits__permits cascade")
    assert build_staging(FIRST).models >= 70
    assert build_staging(FIRST).models == 2
    admin.execute("create table raw_permits.one_more (a integer)")
    assert build_staging(FIRST).seeds > 0
    assert build_staging(FIRST, full=True).seeds > 0


@pytest.fixture(scope="module")
def nights(empty: Settings) -> Iterator[psycopg.Connection]:
    """A first night, and a second on which a bit of everything changed."""
    put_rows(
        empty,
        "council_tax",
        "ctproperty",
        [
            {"property_ref": "P1", "addr1": "12 High Street", "postcode": "WM1 1AA", "uprn": "1"},
            {"property_ref": "P2", "addr1": "7 Mill Lane", "postcode": "WM2 0AB", "uprn": "2"},
        ],
        FIRST,
    )
    accounts = [account(1, "MR & MRS J SMITH"), account(2, "Ms K Doe"), account(3, "Mr Sam Patel")]
    put_rows(empty, "council_tax", "ctaccount", accounts, FIRST)
    homes = [occupation(1, "P1"), occupation(2, "P2"), occupation(3, "P2")]
    put_rows(empty, "council_tax", "ctoccupation", homes, FIRST)
    letters = [item("J1", "MR & MRS J SMITH", "11"), item("J2", "Ms K Doe", "21")]
    put_rows(empty, "correspondence", "print_items", letters, FIRST)
    open_night(empty, FIRST)
    run_dbt("build", "pre_link", FIRST)
    link_each_record(empty, FIRST)
    run_dbt("build", "post_link", FIRST)

    # the property is renumbered, the husband dies, Sam Patel's account is deleted, Ms Doe is written to again
    put_rows(
        empty,
        "council_tax",
        "ctproperty",
        [{"property_ref": "P2", "addr1": "7A Mill Lane", "postcode": "WM2 0AB", "uprn": "3"}],
        SECOND,
    )
    put_rows(empty, "council_tax", "ctaccount", [account(1, "MRS A SMITH")], SECOND)
    with connect("loader", empty) as connection:
        gone = key_of("council_tax", "ctaccount", account(3, ""))
        end_row(connection, RawTable(*find_table("council_tax", "ctaccount")), gone, SECOND)
    put_rows(empty, "correspondence", "print_items", [item("J3", "MS DOE", "21")], SECOND)
    open_night(empty, SECOND, FIRST)
    run_dbt("build", "pre_link", SECOND)
    link_each_record(empty, SECOND)
    run_dbt("build", "post_link", SECOND)
    with connect("transform", empty, autocommit=True) as connection:
        yield connection


def link_each_record(settings: Settings, night: date) -> None:
    """Linkage for a test: every record is a customer of its own, by its name."""
    linked = """
        with linked as (
            select record_key, lower(concat_ws('_', title, forename, surname)) as customer_id
            from intermediate.int_person_records__link_input
        )
    """
    with connect("linkage", settings) as connection:
        connection.execute(
            linked
            + """
            update link.membership as m set valid_to = %s
            where valid_to is null and not exists (
                select from linked as l where l.record_key = m.record_key and l.customer_id = m.customer_id
            )
            """,
            (night,),
        )
        connection.execute(
            linked
            + """
            insert into link.membership (record_key, customer_id, valid_from)
            select record_key, customer_id, %s from linked as l
            where not exists (
                select from link.membership as m where m.valid_to is null and m.record_key = l.record_key
            )
            """,
            (night,),
        )


def contents(connection: psycopg.Connection, schema: str) -> dict[str, list[str]]:
    """All rows of the tables of a schema, as text, in an order of their own."""
    tables = connection.execute(
        "select tablename from pg_catalog.pg_tables where schemaname = %s order by 1", (schema,)
    ).fetchall()
    assert tables
    return {
        name: [
            row
            for (row,) in connection.execute(
                sql.SQL("select t::text as r from {} as t order by r").format(sql.Identifier(schema, name))
            )
        ]
        for (name,) in tables
    }


def test_a_change_of_a_property_reaches_the_people_who_live_there(nights: psycopg.Connection) -> None:
    rows = nights.execute(
        "select surname, address_line, uprn from intermediate.int_person_records__link_input order by 1"
    ).fetchall()
    assert rows == [("Doe", "7A Mill Lane", "3"), ("Smith", "12 High Street", "1")]


def test_changed_records_and_customers_are_on_the_work_lists(nights: psycopg.Connection) -> None:
    records = {
        key for (key,) in nights.execute("select record_key from work.record where night = %s", (SECOND,))
    }
    doe = key_of("council_tax", "ctaccount", account(2, ""))
    assert doe in records
    customers = {
        customer
        for (customer,) in nights.execute("select customer_id from work.customer where night = %s", (SECOND,))
    }
    assert {"ms_k_doe", "mr_j_smith", "mrs_a_smith", "mr_sam_patel"} <= customers


def test_a_letter_of_before_still_means_who_stood_on_the_account_then(nights: psycopg.Connection) -> None:
    found = nights.execute(
        "select person_no, customer_id, match_basis from intermediate.int_correspondence__addressee_customers "
        "where item_key = %s order by 1, 2",
        (key_of("correspondence", "print_items", item("J1", "", "")),),
    ).fetchall()
    # the husband has no record left, so nobody can be named for him; the wife can
    assert found == [(1, None, "none"), (2, "mrs_a_smith", "account")]


def test_a_night_of_changes_equals_building_everything_anew(nights: psycopg.Connection) -> None:
    kept = contents(nights, "intermediate")
    run_dbt("build", "pre_link", SECOND, full_refresh=True)
    run_dbt("run", None, SECOND, select=("path:models/intermediate/post_link",), full_refresh=True)
    anew = contents(nights, "intermediate")
    mine = [name for name in kept if kept[name] and name not in ("int_address_texts",)]
    assert len(mine) >= 8
    for name in mine:
        assert kept[name] == anew[name], name


def test_running_a_night_again_changes_nothing(nights: psycopg.Connection) -> None:
    before = contents(nights, "intermediate")
    run_dbt("build", "pre_link", SECOND)
    run_dbt("build", "post_link", SECOND)
    assert contents(nights, "intermediate") == before


def test_a_failure_names_model_and_sqlstate_and_no_value(nights: psycopg.Connection, empty: Settings) -> None:
    with connect("loader", empty) as connection:
        for name in (CANARY, f"{CANARY} again"):
            connection.execute(
                "insert into raw_permits.permit (permit_no, surname, _record_key, _row_hash, _valid_from,"
                " _batch_id, _loaded_at) values (%s, %s, %s, 1, %s, 'b', now())",
                (name, CANARY, key_of("council_tax", "ctaccount", account(2, "")) if " " not in name else CANARY,
                 "2026-03-03 00:00+00"),
            )  # fmt: skip
    with pytest.raises(TransformFailed) as failure:
        run_dbt("build", "pre_link", SECOND)
    assert "int_person_records__standardised" in failure.value.nodes
    assert "SQLSTATE 23505" in str(failure.value)
    assert CANARY not in str(failure.value)
    assert failure.value.__cause__ is None
    written = [path for path in empty.home.rglob("*") if path.is_file() and "pg" not in path.parts]
    assert written
    for path in written:
        assert CANARY.encode() not in path.read_bytes(), path
    with connect("loader", empty) as connection:
        connection.execute("delete from raw_permits.permit")


def test_another_night_than_the_warehouse_is_at_is_refused(empty: Settings) -> None:
    with pytest.raises(Exception, match="Open the night first"):
        run_dbt("build", "pre_link", date(2026, 4, 1))
