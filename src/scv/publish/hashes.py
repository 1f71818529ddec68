"""Hashes that compare published tables: the same rows give the same hash, whoever wrote them in what order."""

import psycopg
from psycopg import sql

from scv.publish.contracts import CHANGED_AT

# Who wrote a row and in which run says nothing about what readers see.
LEFT_OUT = (CHANGED_AT, "_batch_id", "_loaded_at", "_run_id", "batch_id", "run_id")
PUBLISHED_SCHEMAS = ("marts", "restricted")
FINDINGS = "alerts.finding"

_RELATIONS = """
    select namespace.nspname, relations.relname, attribute.attname, types.typname = 'numeric'
    from pg_catalog.pg_class as relations
    join pg_catalog.pg_namespace as namespace on namespace.oid = relations.relnamespace
    join pg_catalog.pg_attribute as attribute on attribute.attrelid = relations.oid
    join pg_catalog.pg_type as types on types.oid = attribute.atttypid
    where relations.relkind = 'r' and attribute.attnum > 0 and not attribute.attisdropped
      and (namespace.nspname = any(%s) or namespace.nspname || '.' || relations.relname = %s)
      and attribute.attname <> all(%s)
    order by namespace.nspname, relations.relname, attribute.attname
"""


def published_hash(connection: psycopg.Connection) -> dict[str, str]:
    """Hash of each permanent table (marts, restricted and alerts.finding), as 'rows:md5'.

    Leaves out _changed_at, batch and run ids; independent of the order of rows and columns.
    """
    columns: dict[tuple[str, str], list[sql.Composable]] = {}
    for schema, table, column, is_numeric in connection.execute(
        _RELATIONS, [list(PUBLISHED_SCHEMAS), FINDINGS, list(LEFT_OUT)]
    ):
        columns.setdefault((schema, table), []).append(_as_text(column, is_numeric))
    return {
        f"{schema}.{table}": _hash_table(connection, sql.Identifier(schema, table), texts)
        for (schema, table), texts in columns.items()
    }


def _hash_table(connection: psycopg.Connection, table: sql.Identifier, texts: list[sql.Composable]) -> str:
    statement = sql.SQL(
        """
        select pg_catalog.count(*)::text || ':' || pg_catalog.md5(
            coalesce(pg_catalog.string_agg(hashed.row_hash, '' order by hashed.row_hash), ''))
        from (
            select pg_catalog.md5(pg_catalog.concat_ws(pg_catalog.chr(31), {texts})) as row_hash from {table}
        ) as hashed
        """
    ).format(table=table, texts=sql.SQL(", ").join(texts))
    row = connection.execute(statement).fetchone()
    return str(row[0]) if row else ""


def _as_text(column: str, is_numeric: bool) -> sql.Composable:
    name = sql.Identifier(column)
    # 1.0 and 1.00 are the same amount; times are printed in UTC by every session of ours.
    value = sql.SQL("pg_catalog.trim_scale({})").format(name) if is_numeric else name
    return sql.SQL("coalesce({}::text, pg_catalog.chr(30))").format(value)
