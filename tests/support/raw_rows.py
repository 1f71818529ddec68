"""Rows in raw tables by hand, with the keys, hashes and versions that the loader would give them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import psycopg
from psycopg import sql

from scv.clock import cutoff
from scv.db.warehouse import connect
from scv.extract.landing import create_native_landing, drop_landing
from scv.extract.raw_tables import RawTable, make_indexes, widen_raw_table
from scv.extract.versions import Stamp, make_table
from scv.keys import record_key
from scv.manifests import System, Table, load_manifests
from scv.names.store import store_parsed_names
from scv.settings import Settings, get_settings
from scv.transform import run_dbt


def make_raw_tables(settings: Settings) -> None:
    """All raw tables of all systems, empty."""
    with connect("loader", settings) as connection:
        for system in load_manifests(settings.project_root).values():
            for table in system.tables:
                raw = RawTable(system, table)
                if not widen_raw_table(connection, raw):
                    create_native_landing(connection, raw, ())
                    make_table(connection, raw, raw.landing, 0, Stamp(datetime.now(UTC), "", b"secret"))
                    make_indexes(connection, raw)
                    drop_landing(connection, raw)


def open_night(settings: Settings, night: date, previous: date | None = None) -> None:
    """Make a night the one that dbt works on."""
    with connect("publisher", settings) as connection:
        connection.execute("delete from control.night_context")
        connection.execute(
            "insert into control.night_context (night, cutoff, previous_night) values (%s, %s, %s)",
            (night, cutoff(night), previous),
        )


def build_night(settings: Settings, night: date, previous: date | None) -> None:
    """Build all tables of a night; a record that has no customer yet gets one of its account and place on it."""
    open_night(settings, night, previous)
    build_open_night(night)


def build_open_night(night: date) -> None:
    """The same for a night that was opened already."""
    run_dbt("build", "pre_link", night)
    with connect("linkage") as connection:
        connection.execute(
            """
            update link.membership as members set valid_to = %(night)s
            where valid_to is null and not exists (
                select from intermediate.int_person_records__link_input as records
                where records.record_key = members.record_key
            )
            """,
            {"night": night},
        )
        connection.execute(
            """
            insert into link.membership (record_key, customer_id, valid_from)
            select records.record_key,
                   case when records.party_no %% 10 = 2 then 'C3'
                        when records.account_ref = '1001' then 'C1'
                        when records.account_ref = '3003' then 'C4' else 'C2' end,
                   %(night)s
            from intermediate.int_person_records__link_input as records
            where not exists (
                select from link.membership as m where m.record_key = records.record_key and m.valid_to is null
            )
            """,
            {"night": night},
        )
    run_dbt("build", "post_link", night)


@cache
def find_table(system: str, table: str) -> tuple[System, Table]:
    """The manifest's entry of a table."""
    found = load_manifests(get_settings().project_root)[system]
    return found, next(entry for entry in found.tables if entry.name == table)


@cache
def _key_columns(system: str, table: str) -> tuple[str, ...]:
    return find_table(system, table)[1].primary_key


def key_of(system: str, table: str, row: Mapping[str, Any]) -> str:
    """The record key that the loader would give the row."""
    secret = get_settings().record_key_bytes()
    return record_key(secret, system, table, *(row[name] for name in _key_columns(system, table)))


def put_rows(
    settings: Settings, system: str, table: str, rows: Iterable[Mapping[str, Any]], night: date
) -> None:
    """Let an extract of a night show these rows: a changed row gets a new version, its names are parsed."""
    owner, entry = find_table(system, table)
    raw, names = RawTable(owner, entry), set[str]()
    with connect("loader", settings) as connection:
        for row in rows:
            end_row(connection, raw, key_of(system, table, row), night)
            _insert(connection, raw, row, night)
            names |= {row[name] for name in entry.names if row.get(name) is not None}
        # the loader parses what it has not seen before, and notes what changed
        store_parsed_names(connection, sorted(names))
        connection.execute(
            sql.SQL(
                "insert into work.record (night, record_key) select distinct %s::date, _record_key from {}"
                " where %s in (_valid_from, _valid_to) on conflict do nothing"
            ).format(raw.name),
            (night, cutoff(night)),
        )


def end_row(connection: psycopg.Connection, raw: RawTable, key: str, night: date) -> None:
    """Let the newest version of a row end with an extract that no longer shows it."""
    connection.execute(
        sql.SQL("update {} set _valid_to = %s where _record_key = %s and _valid_to is null").format(raw.name),
        (cutoff(night), key),
    )


def _insert(connection: psycopg.Connection, raw: RawTable, row: Mapping[str, Any], night: date) -> None:
    system, table = raw.system.name, raw.table.name
    values = dict(row) | {
        "_record_key": key_of(system, table, row),
        "_row_hash": 0,
        "_valid_from": cutoff(night),
        "_batch_id": f"{night}/{system}",
        "_loaded_at": cutoff(night),
    }
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            raw.name,
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        ),
        list(values.values()),
    )
    connection.execute(
        sql.SQL("update {} as t set _row_hash = {} where _record_key = %s and _valid_to is null").format(
            raw.name, raw.row_hash("t")
        ),
        (values["_record_key"],),
    )
