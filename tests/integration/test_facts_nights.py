"""What was told reaches the next night's tables, and what was withdrawn or ended is in none of them."""

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
from psycopg import sql
from tests.support.raw_rows import build_night, key_of, make_raw_tables, put_rows

from scv.db.warehouse import connect
from scv.facts import apply_notices
from scv.publish import publish_night
from scv.purposes import load_register
from scv.purposes.warehouse_copy import copy_register
from scv.settings import Settings

pytestmark = pytest.mark.postgres

FIRST = date(2026, 3, 2)
NIGHTS = [FIRST + timedelta(days=number) for number in range(4)]
ACCOUNTS = [
    {"account_ref": 100, "account_cd": "1", "lead_liab_name": "Ms Ann Quill"},
    {"account_ref": 200, "account_cd": "2", "lead_liab_name": "Mr Bob Marsh"},
    {"account_ref": 300, "account_cd": "3", "lead_liab_name": "Mrs Cy Reed"},
]
# Codes that nothing else in the council bears: whatever shows them shows the disclosure.
WITHDRAWN, ENDED, STAYS = "sign_language", "braille", "large_print"
# The lists of codes themselves, and the facts, which are kept as they were told.
NOT_SEARCHED = ("seeds", "facts", "control", "pg_catalog", "information_schema", "extensions")


def notice(account: int, reference: str, kind: str, known: date, **more: str) -> dict[str, str]:
    given = {
        "source_department": "housing",
        "known_at": known.isoformat(),
        "reference": reference,
        "kind": kind,
    }
    if "refers_to" not in more:
        given |= {"record_key": key_of("council_tax", "ctaccount", ACCOUNTS[account])}
    return given | more


def support(account: int, reference: str, action: str, **more: str) -> dict[str, str]:
    day = FIRST.isoformat()
    return notice(
        account, reference, "support", FIRST, need_code="print_hard_to_read", action_code=action,
        channel_code="telephone", condition_code="explicit_consent", share_scope="revenues housing",
        disclosed_on=day, starts_on=day, review_due="2026-08-01", **more,
    )  # fmt: skip


def apply(on: date, *notices: dict[str, str]) -> None:
    result = apply_notices(list(enumerate(notices, start=1)), "N. Officer", on)
    assert result.refused == ()


def run_night(settings: Settings, number: int) -> None:
    night = NIGHTS[number]
    build_night(settings, night, NIGHTS[number - 1] if number else None)
    with connect("publisher") as connection:
        connection.execute(
            "insert into audit.night (night, cutoff, status) values (%s, now(), 'running')", (night,)
        )
    publish_night(night, require_checks=False, release=True)


def rows(connection: psycopg.Connection, statement: str) -> list[tuple[object, ...]]:
    return connection.execute(statement).fetchall()


def where_it_stands(connection: psycopg.Connection, word: str) -> list[str]:
    """Every table of any schema of which a row holds the word anywhere."""
    tables = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema <> all(%s) order by 1, 2",
        [list(NOT_SEARCHED)],
    ).fetchall()
    assert len(tables) > 100
    return [
        f"{schema}.{table}"
        for schema, table in tables
        if connection.execute(
            sql.SQL("select true from {} as held where strpos(to_jsonb(held)::text, %s) > 0 limit 1").format(
                sql.Identifier(schema, table)
            ),
            [word],
        ).fetchone()
    ]


@pytest.fixture(scope="module")
def council(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """A first night; then three people are told of, and the tables of the second night."""
    make_raw_tables(warehouse)
    put_rows(warehouse, "council_tax", "ctaccount", ACCOUNTS, FIRST)
    copy_register(load_register(warehouse.project_root), FIRST)
    run_night(warehouse, 0)
    apply(
        FIRST,
        support(0, "S1", WITHDRAWN),
        support(0, "S2", ENDED, expires_on=NIGHTS[2].isoformat()),
        support(0, "S3", STAYS),
        support(2, "S4", ""),
        notice(1, "D1", "death", FIRST, evidence_code="certificate_seen", date_of_death="2026-02-20"),
        notice(2, "F1", "safe_contact", FIRST, starts_on="2026-03-02"),
    )
    run_night(warehouse, 1)
    with connect("admin", warehouse, autocommit=True) as connection:
        yield connection


def test_the_next_night_shows_what_was_told(council: psycopg.Connection) -> None:
    told = rows(
        council, "select action_code, departments, ends_on from marts.dim_support_action order by action_code"
    )
    assert told == [
        (ENDED, ["housing", "revenues"], NIGHTS[2]),
        (STAYS, ["housing", "revenues"], None),
        (WITHDRAWN, ["housing", "revenues"], None),
    ]
    assert rows(council, "select death_status, status_rule_code, known_by_systems from marts.dim_death") == [
        ("verified", "department_date", "facts")
    ]
    assert rows(
        council,
        "select surname, address_status from marts.dim_customer where address_status like '%withheld'",
    ) == [("Reed", "address_withheld")]
    assert len(rows(council, "select need_code from restricted.support_need")) == 4


def test_why_support_is_needed_stands_in_the_restricted_schema_only(council: psycopg.Connection) -> None:
    shown = where_it_stands(council, "print_hard_to_read")
    assert shown == ["build_restricted.support_need", "restricted.support_need"]


def test_what_was_withdrawn_or_has_ended_is_in_no_table_the_next_night(
    warehouse: Settings, council: psycopg.Connection
) -> None:
    assert "marts.dim_support_action" in where_it_stands(council, WITHDRAWN)
    apply(
        NIGHTS[1],
        notice(0, "W1", "withdrawal", NIGHTS[1], refers_to="S1"),
        notice(1, "D2", "death_reversed", NIGHTS[1]),
    )
    run_night(warehouse, 2)
    assert where_it_stands(council, WITHDRAWN) == []
    # that it ended, and that nobody was asked since, is followed where only programs read
    assert where_it_stands(council, ENDED) == [
        "intermediate.int_facts__told",
        "intermediate.int_support__steps",
    ]
    assert "marts.dim_support_action" in where_it_stands(council, STAYS)
    assert rows(council, "select death_status, reversed_evidence_count from marts.dim_death") == [
        ("reversed", 1)
    ]
    assert rows(
        council,
        "select death_status, death_date from marts.dim_customer where surname = 'Marsh' and is_current",
    ) == [("reversed", None)]


def test_an_end_that_nobody_answered_is_a_finding_until_it_is_answered(
    warehouse: Settings, council: psycopg.Connection
) -> None:
    open_ones = "select rule_code from alerts.finding where gone_on is null and rule_code like 'support%'"
    run_night(warehouse, 3)
    assert rows(council, open_ones) == [("support_expired_but_live",)]
    assert where_it_stands(council, ENDED) == [
        "intermediate.int_facts__told",
        "intermediate.int_support__steps",
    ]
