"""What the linkage reads from the warehouse and writes to it: only opaque keys, weights and settings leave."""

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql

from scv.errors import InputError
from scv.linkage.customers import Assignment, Before
from scv.linkage.model import Model

# Columns of the link input in the names of the flat file. The unit in which a person stands once is the
# source table; people named side by side in one entry (a row, or the parties of an account) are several.
LINK_INPUT = """
select
    record_key as key, source_system || '.' || source_table as source, title, forename, middle_names, surname, suffix,
    birth_date::text as birth_date, sex, coalesce(address_line, address_std) as address,
    coalesce(postcode_std, postcode) as postcode, uprn::text as uprn, nino, nhs_number, upn, person_number, email,
    phone, account_key,
    source_system || '.' || source_table || '.' || coalesce(account_key, source_row_key, record_key) as entry
from intermediate.int_person_records__link_input
"""
EDGES = """
select record_key_l, record_key_r, match_weight::text, explanation ->> 'origin' as origin, model_version
from link.edge
"""


def _copy_out(connection: psycopg.Connection, query: str) -> pa.Table:
    """A query's rows as an Arrow table of text."""
    with io.BytesIO() as buffer:
        with (
            connection.cursor() as cursor,
            cursor.copy(f"copy ({query}) to stdout (format csv, header)") as copy,
        ):
            for chunk in copy:
                buffer.write(chunk)
        buffer.seek(0)
        names = buffer.readline().decode().strip().split(",")
        buffer.seek(0)
        return pa_csv.read_csv(
            buffer,
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )


def read_records(connection: psycopg.Connection) -> pa.Table:
    """The link input: one row per live person record, all text."""
    return _copy_out(connection, LINK_INPUT)


def read_changed(connection: psycopg.Connection, night: date) -> set[str]:
    """Record keys of the night's work list."""
    rows = connection.execute("select record_key from work.record where night = %s", [night]).fetchall()
    return {row[0] for row in rows}


def read_edges(connection: psycopg.Connection) -> pa.Table:
    """All weighed pairs: record_key_l, record_key_r, match_weight, origin, model_version as text."""
    return _copy_out(connection, EDGES)


def read_model(connection: psycopg.Connection) -> Model | None:
    """The active model, or None before the first training."""
    row = connection.execute("select settings from link.model where active").fetchone()
    return Model.from_dict(row[0]) if row else None


def read_before(connection: psycopg.Connection, night: date) -> Before:
    """Customer ids as they were before this night, whatever an earlier run of it wrote.

    InputError where a later night was already linked: ids would have to be taken back.
    """
    row = connection.execute("select max(valid_from) from link.membership").fetchone()
    later = row[0] if row else None
    if later is not None and later > night:
        raise InputError(f"Night {night} cannot be linked: {later} was already. Nights only go forward.")
    current = connection.execute(
        "select record_key, customer_id from link.membership"
        " where valid_from < %s and (valid_to is null or valid_to >= %s)",
        [night, night],
    ).fetchall()
    since = connection.execute(
        "select customer_id, min(valid_from) from link.membership where valid_from < %s group by 1", [night]
    ).fetchall()
    former = connection.execute(
        "select distinct on (record_key) record_key, customer_id from link.membership where valid_to < %s"
        " order by record_key, valid_from desc",
        [night],
    ).fetchall()
    now: dict[str, str] = dict(current)
    return Before(now, dict(since), {key: old for key, old in former if key not in now})


def read_decisions(connection: psycopg.Connection) -> list[tuple[str, str, str]]:
    """The newest decision on each pair: record_key_l, record_key_r, same or not_same."""
    return connection.execute(
        "select distinct on (record_key_l, record_key_r) record_key_l, record_key_r, decision from link.decision"
        " order by record_key_l, record_key_r, decided_at desc, decision_id desc"
    ).fetchall()


def write_model(connection: psycopg.Connection, model: Model, night: date) -> None:
    """Store a newly trained model and make it the active one."""
    connection.execute("update link.model set active = false where active")
    connection.execute(
        "insert into link.model (version, settings, trained_on, description, active) values (%s, %s, %s, %s, true)"
        " on conflict (version) do update set active = true",
        [model.version, json.dumps(model.as_dict()), night, model.description],
    )


def delete_edges(
    connection: psycopg.Connection, keys: Sequence[str], pairs: Iterable[tuple[str, str]]
) -> None:
    """Forget the edges of these records, and these edges."""
    connection.execute("create temporary table stale_key (record_key text primary key) on commit drop")
    _copy_in(connection, "pg_temp.stale_key", ("record_key",), ((key,) for key in sorted(set(keys))))
    for side in ("record_key_l", "record_key_r"):
        connection.execute(
            sql.SQL("delete from link.edge using pg_temp.stale_key where {} = stale_key.record_key").format(
                sql.Identifier("edge", side)
            )
        )
    connection.execute("create temporary table stale_pair (l text, r text) on commit drop")
    _copy_in(connection, "pg_temp.stale_pair", ("l", "r"), pairs)
    connection.execute(
        "delete from link.edge using pg_temp.stale_pair where record_key_l = l and record_key_r = r"
    )


def clear_edges(connection: psycopg.Connection) -> None:
    """Forget all edges."""
    connection.execute("truncate link.edge")


def write_edges(connection: psycopg.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Add edges: record_key_l, record_key_r, match_weight, match_probability, explanation, model_version."""
    columns = (
        "record_key_l",
        "record_key_r",
        "match_weight",
        "match_probability",
        "explanation",
        "model_version",
    )
    _copy_in(connection, "link.edge", columns, rows)


def write_customers(
    connection: psycopg.Connection, before: Before, assignment: Assignment, night: date
) -> None:
    """Take back what an earlier run of this night wrote, and write tonight's memberships and events."""
    connection.execute("delete from link.membership where valid_from = %s", [night])
    connection.execute("update link.membership set valid_to = null where valid_to = %s", [night])
    connection.execute("delete from link.customer_event where night = %s", [night])
    new = assignment.customer
    left = [key for key, old in before.current.items() if new.get(key) != old]
    connection.execute(
        "update link.membership set valid_to = %s where valid_to is null and record_key = any(%s)",
        [night, left],
    )
    entered = sorted(key for key, customer in new.items() if before.current.get(key) != customer)
    _copy_in(
        connection,
        "link.membership",
        ("record_key", "customer_id", "valid_from"),
        ((key, new[key], night) for key in entered),
    )
    _copy_in(
        connection,
        "link.customer_event",
        ("night", "cause", "old_customer_id", "new_customer_id", "record_key"),
        ((night, e.cause, e.old_customer_id, e.new_customer_id, e.record_key) for e in assignment.events),
    )


def write_review(connection: psycopg.Connection, rows: Iterable[tuple[str, str, float, str]]) -> None:
    """Replace the list of doubtful pairs: record_key_l, record_key_r, match_probability, reason."""
    connection.execute("delete from link.review")
    _copy_in(connection, "link.review", ("record_key_l", "record_key_r", "match_probability", "reason"), rows)


def _copy_in(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(value.item() if isinstance(value, np.generic) else value for value in row))


def read_edge(connection: psycopg.Connection, first: str, second: str) -> tuple[Any, ...] | None:
    """match_weight, match_probability, explanation, model_version of a pair, or None where it has no edge."""
    low, high = sorted((first, second))
    return connection.execute(
        "select match_weight, match_probability, explanation, model_version from link.edge"
        " where record_key_l = %s and record_key_r = %s",
        [low, high],
    ).fetchone()
