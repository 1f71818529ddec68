"""What the linkage reads from the warehouse and writes to it: only opaque keys, weights and settings leave."""

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import repeat
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql

from scv.errors import InputError
from scv.linkage.comparisons import BY_NAME
from scv.linkage.customers import Assignment, Before
from scv.linkage.evidence import probability
from scv.linkage.model import Model
from scv.linkage.partition import Edges, bits_of_levels

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
EDGE_COLUMNS = (
    "record_key_l", "record_key_r", "match_weight", "match_probability", "levels", "frequency", "household",
    "one_per_source", "contradiction", "model_version",
)  # fmt: skip


def copy_out(connection: psycopg.Connection, query: str) -> pa.Table:
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
    return copy_out(connection, LINK_INPUT)


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


def write_levels(connection: psycopg.Connection, model: Model) -> None:
    """What the levels of the model's comparisons are called and weigh, for `link.edge_explanation`."""
    rows = []
    for place, name in enumerate(model.parameters.comparisons, 1):
        bits = bits_of_levels(model.parameters, name)
        rows += [
            (model.version, place, name, level, label, float(bits[level]))
            for level, label in BY_NAME[name].labels.items()
        ]
    connection.execute("delete from link.model_level where model_version = %s", [model.version])
    columns = ("model_version", "place", "comparison", "level", "label", "match_weight")
    copy_in(connection, "link.model_level", columns, rows)


def clear_edges(connection: psycopg.Connection) -> None:
    """Forget all edges."""
    connection.execute("truncate link.edge")


def write_edges(connection: psycopg.Connection, keys: Sequence[str], edges: Edges, model: Model) -> None:
    """Add edges between records whose keys are given by position."""
    chances = probability(edges.weight)
    effects = [edges.effects[:, i].tolist() for i in range(edges.effects.shape[1])]
    rows = zip(
        (keys[i] for i in edges.left.tolist()), (keys[i] for i in edges.right.tolist()), edges.weight.tolist(),
        chances.tolist(), edges.levels.tolist(), edges.frequency.tolist(), *effects, repeat(model.version),
        strict=False,
    )  # fmt: skip
    copy_in(connection, "link.edge", EDGE_COLUMNS, rows)


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
    copy_in(
        connection,
        "link.membership",
        ("record_key", "customer_id", "valid_from"),
        ((key, new[key], night) for key in entered),
    )
    copy_in(
        connection,
        "link.customer_event",
        (
            "night",
            "run",
            "cause",
            "old_customer_id",
            "new_customer_id",
            "record_key",
            "because",
            "because_key",
        ),
        ((night, f"night {night}", *event) for event in assignment.events),
    )


def copy_in(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows to a table."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(value.item() if isinstance(value, np.generic) else value for value in row))


def read_edge(connection: psycopg.Connection, first: str, second: str) -> tuple[Any, ...] | None:
    """Weight, probability, levels, frequencies, the three effects and the model's version of an edge."""
    low, high = sorted((first, second))
    return connection.execute(
        "select match_weight, match_probability, levels, frequency, household, one_per_source, contradiction,"
        " model_version from link.edge where record_key_l = %s and record_key_r = %s",
        [low, high],
    ).fetchone()
