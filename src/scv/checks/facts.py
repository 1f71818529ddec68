"""The counts that suites with `for_each` judge: per table, person source, mart and rule; never a value.

Each subject comes with its parameters (limits out of the manifest, the contract or the rule) and its facts. A
fact is None where there is nothing to compare with yet; such an expectation is met.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from scv.clock import cutoff
from scv.findings.reviews import ReviewModel
from scv.findings.rules import Rule
from scv.manifests import System, Table
from scv.publish.contracts import PublishedModel

# Below these, one row more or less is a large share, so shares say nothing.
FEWEST_ROWS = 200
FEWEST_RECORDS = 100
FEWEST_READ = 20
# What readers see instead of an address that they may not see or that nobody knows.
NO_ADDRESS = ["unknown", "address_withheld"]
SHOWN_AS_TEXT = ("address_id", "address_line")
SHOWN_OR_NULL = ("postcode", "uprn", "phone", "email")


@dataclass(frozen=True)
class Subject:
    """One table, source, mart or rule: its name, its facts and the parameters of its suite."""

    name: str
    facts: dict[str, float | None]
    parameters: dict[str, Any] = field(default_factory=dict)


def count_arrivals(
    connection: psycopg.Connection, systems: dict[str, System], degraded: frozenset[str], night: date
) -> list[Subject]:
    """One subject per table of each system that is whole tonight; reads raw rows as role transform."""
    ledger = _read_ledger(connection, night)
    latest = _read_latest_data(connection)
    return [
        _count_arrival(connection, system, table, ledger[system.name, table.name],
                       latest.get((system.name, table.name)), night)
        for system in systems.values() if system.name not in degraded
        for table in system.tables if (system.name, table.name) in ledger
    ]  # fmt: skip


@dataclass(frozen=True)
class _Load:
    read: int
    quarantined: int
    deleted: int
    unaccounted: int


def _read_ledger(connection: psycopg.Connection, night: date) -> dict[tuple[str, str], _Load]:
    rows = connection.execute(
        """
        select system, table_name, rows_read, rows_quarantined, rows_deleted,
               rows_read - rows_loaded - rows_quarantined - rows_tombstoned
        from audit.load where night = %s
        """,
        [night],
    )
    return {(system, table): _Load(*counts) for system, table, *counts in rows}


def _read_latest_data(connection: psycopg.Connection) -> dict[tuple[str, str], tuple[date, date | None]]:
    """The last night on which each table was loaded, and the last on which it brought a row."""
    rows = connection.execute(
        """
        select system, table_name, max(night), max(night) filter (where rows_read > 0)
        from audit.load where status = 'loaded' group by system, table_name
        """
    )
    return {(system, table): (loaded, filled) for system, table, loaded, filled in rows}


def _count_arrival(
    connection: psycopg.Connection,
    system: System,
    table: Table,
    load: _Load,
    latest: tuple[date, date | None] | None,
    night: date,
) -> Subject:
    relation = sql.Identifier(system.schema_name, table.name)
    present = _read_column_names(connection, f"{system.schema_name}.{table.name}")
    current = 0
    if "_valid_to" in present:
        current = _count(
            connection, sql.SQL("select count(*) from {} where _valid_to is null").format(relation)
        )
    # A whole extract is as fresh as its night; a delta, as the last file that held anything.
    newest = None if latest is None else latest[0] if table.delivery == "snapshot" else latest[1]
    hours = None if newest is None else (cutoff(night) - cutoff(newest)).total_seconds() / 3600
    return Subject(
        f"{system.name}.{table.name}",
        {
            "current_rows": current,
            "hours_since_data": hours,
            "missing_columns": len(set(table.column_names) - present),
            "unaccounted_rows": load.unaccounted,
            "quarantined_ratio": _share(load.quarantined, load.read, FEWEST_READ),
            "deleted_ratio": _share(load.deleted, current + load.deleted, FEWEST_ROWS),
        },
        {
            "rows_min": table.rows_min,
            "rows_max": table.rows_max,
            "freshness_hours": table.freshness_hours,
            "max_bad_ratio": system.max_bad_ratio,
        },
    )


def count_sources(
    connection: psycopg.Connection, degraded: frozenset[str], before: dict[str, int]
) -> list[Subject]:
    """One subject per system with person records; reads the link input as role linkage.

    `before` holds the number of records by system when it was last judged.
    """
    rows = connection.execute(
        """
        select source_system, count(*) from intermediate.int_person_records__link_input
        group by source_system order by source_system
        """
    ).fetchall()
    found = {**dict.fromkeys(before, 0), **dict(rows)}
    return [
        Subject(
            system,
            {"records": count, "kept_ratio": _share(count, before.get(system, 0), FEWEST_RECORDS)},
        )
        for system, count in sorted(found.items())
        if system not in degraded
    ]


def read_records_before(connection: psycopg.Connection, night: date) -> dict[str, int]:
    """Person records by system when the link input was last judged before this night; as role publisher."""
    rows = connection.execute(
        """
        select distinct on (subject) split_part(subject, '.', 1), (observed ->> 'count')::bigint
        from audit.check_result
        where suite = 'link_input__source' and subject like '%%.records' and night < %s and observed ? 'count'
        order by subject, night desc
        """,
        [night],
    ).fetchall()
    return dict(rows)


def count_marts(connection: psycopg.Connection, models: tuple[PublishedModel, ...]) -> list[Subject]:
    """One subject per published model; reads built and published tables as role publisher."""
    return [
        Subject(
            f"{model.schema}.{model.name}",
            {
                "kept_ratio": _kept_ratio(connection, model),
                "safe_contact_rows": _count_safe(connection, model),
            },
        )
        for model in models
    ]


def _kept_ratio(connection: psycopg.Connection, model: PublishedModel) -> float | None:
    if not _read_column_names(connection, model.label):
        return None
    built, published = (
        _count(connection, sql.SQL("select count(*) from {}").format(sql.Identifier(schema, model.name)))
        for schema in (model.source_schema, model.schema)
    )
    return _share(built, published, FEWEST_ROWS)


def _count_safe(connection: psycopg.Connection, model: PublishedModel) -> float | None:
    """Rows in a mart that everybody reads which show where or how to reach a safe-flagged person."""
    tests: list[sql.Composable] = [
        sql.SQL("shown.{} <> all(%(none)s)").format(sql.Identifier(column))
        for column in SHOWN_AS_TEXT if column in model.columns
    ]  # fmt: skip
    tests += [
        sql.SQL("shown.{} is not null").format(sql.Identifier(column))
        for column in SHOWN_OR_NULL if column in model.columns
    ]  # fmt: skip
    if model.schema != "marts" or "customer_id" not in model.columns or not tests:
        return None
    if not _read_column_names(connection, "build_restricted.customer_contact"):
        return None
    statement = sql.SQL(
        """
        select count(*) from {} as shown
        where shown.customer_id in (select customer_id from build_restricted.customer_contact) and ({})
        """
    ).format(sql.Identifier(model.source_schema, model.name), sql.SQL(" or ").join(tests))
    return _count(connection, statement, {"none": NO_ADDRESS})


def count_findings(
    connection: psycopg.Connection, models: list[ReviewModel], rules: dict[str, Rule], night: date
) -> list[Subject]:
    """One subject per review model; reads the models and the open findings as role publisher."""
    has_history = _count(
        connection,
        sql.SQL("select count(*) from audit.publication where night < %(night)s"),
        {"night": night},
    )
    return [_count_rule(connection, model, rules[model.rule_code], bool(has_history)) for model in models]


def _count_rule(connection: psycopg.Connection, model: ReviewModel, rule: Rule, has_history: bool) -> Subject:
    row = connection.execute(
        sql.SQL(
            """
            select count(*), count(*) filter (where rule_code is distinct from %(rule)s),
                   count(*) filter (where coalesce(cardinality(finding_subject_keys), 0) = 0),
                   count(*) - count(distinct finding_subject_keys),
                   (select count(*) from alerts.finding where rule_code = %(rule)s and gone_on is null)
            from {}
            """
        ).format(sql.Identifier("review", model.name)),
        {"rule": rule.rule_code},
    ).fetchone() or (0, 0, 0, 0, 0)
    found, wrong_rule, without_subject, repeated, open_before = row
    limit = max(rule.jump_floor, rule.jump_ratio * open_before) if has_history else None
    return Subject(
        rule.rule_code,
        {
            "found_rows": found,
            "wrong_rule_rows": wrong_rule,
            "rows_without_subject": without_subject,
            "repeated_subjects": repeated,
        },
        {"jump_limit": limit},
    )


def _read_column_names(connection: psycopg.Connection, relation: str) -> set[str]:
    rows = connection.execute(
        """
        select attname from pg_catalog.pg_attribute
        where attrelid = pg_catalog.to_regclass(%s) and attnum > 0 and not attisdropped
        """,
        [relation],
    )
    return {name for (name,) in rows}


def _count(
    connection: psycopg.Connection, statement: sql.Composed | sql.SQL, values: dict[str, Any] | None = None
) -> int:
    row = connection.execute(statement, values).fetchone()
    return int(row[0]) if row else 0


def _share(part: float, whole: float, fewest: int) -> float | None:
    return None if whole < fewest else part / whole
