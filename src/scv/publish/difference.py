"""The night's difference between built and published tables, by primary key and typed comparison."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from scv.publish.contracts import CHANGED_AT, PublishedModel


@dataclass(frozen=True)
class Difference:
    """Rows of one permanent table: how many it had before, and how many the night changed."""

    rows_before: int
    inserted: int
    updated: int
    deleted: int


def apply_difference(
    connection: psycopg.Connection, model: PublishedModel, changed_at: datetime
) -> Difference:
    """Make the permanent table equal to the built one; part of the caller's transaction.

    `changed_at` is the night's cut-off, in UTC; only rows that differ are touched, and bear it.
    """
    table = sql.Identifier(model.schema, model.name)
    built = sql.Identifier(model.source_schema, model.name)
    same_key = _pairs(model.primary_key, sql.SQL(" and "))
    row = connection.execute(sql.SQL("select pg_catalog.count(*) from {}").format(table)).fetchone()
    deleted = connection.execute(
        sql.SQL(
            """
            delete from {table} as permanent
            where not exists (select from {built} as built where {same_key})
            """
        ).format(table=table, built=built, same_key=same_key)
    ).rowcount
    updated = _update(connection, model, table, built, same_key, changed_at)
    inserted = _insert(connection, model, table, built, same_key, changed_at)
    return Difference(row[0] if row else 0, inserted, updated, deleted)


def _update(
    connection: psycopg.Connection,
    model: PublishedModel,
    table: sql.Identifier,
    built: sql.Identifier,
    same_key: sql.Composable,
    changed_at: datetime,
) -> int:
    others = [column for column in model.columns if column not in model.primary_key]
    if not others:
        return 0
    statement = sql.SQL(
        """
        update {table} as permanent set {assignments}, {changed_at} = {now}
        from {built} as built
        where {same_key} and row({permanent_values}) is distinct from row({built_values})
        """
    ).format(
        table=table,
        built=built,
        same_key=same_key,
        changed_at=sql.Identifier(CHANGED_AT),
        now=sql.Placeholder(),
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Identifier("built", column))
            for column in others
        ),
        permanent_values=sql.SQL(", ").join(sql.Identifier("permanent", column) for column in others),
        built_values=sql.SQL(", ").join(sql.Identifier("built", column) for column in others),
    )
    return connection.execute(statement, [changed_at]).rowcount


def _insert(
    connection: psycopg.Connection,
    model: PublishedModel,
    table: sql.Identifier,
    built: sql.Identifier,
    same_key: sql.Composable,
    changed_at: datetime,
) -> int:
    names = sql.SQL(", ").join(map(sql.Identifier, model.columns))
    statement = sql.SQL(
        """
        insert into {table} ({names}, {changed_at})
        select {values}, {now} from {built} as built
        where not exists (select from {table} as permanent where {same_key})
        """
    ).format(
        table=table,
        built=built,
        same_key=same_key,
        names=names,
        changed_at=sql.Identifier(CHANGED_AT),
        now=sql.Placeholder(),
        values=sql.SQL(", ").join(sql.Identifier("built", column) for column in model.columns),
    )
    return connection.execute(statement, [changed_at]).rowcount


def _pairs(columns: tuple[str, ...], between: sql.SQL) -> sql.Composed:
    return between.join(
        sql.SQL("{} = {}").format(sql.Identifier("permanent", column), sql.Identifier("built", column))
        for column in columns
    )
