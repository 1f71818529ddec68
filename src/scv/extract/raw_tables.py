"""The tables raw_<system>.<table>: made and widened from the manifest, and named here only."""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from scv.errors import SourceSchemaError
from scv.manifests import System, Table

LOADER_COLUMNS = ("_record_key", "_row_hash", "_valid_from", "_valid_to", "_batch_id", "_loaded_at")
# As pg_catalog.format_type prints the declared types.
PRINTED_TYPES = {
    "text": "text",
    "smallint": "smallint",
    "integer": "integer",
    "bigint": "bigint",
    "numeric": "numeric",
    "date": "date",
    "timestamptz": "timestamp with time zone",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class RawTable:
    """Names of one raw table as SQL; every identifier comes out of a validated manifest."""

    system: System
    table: Table

    @property
    def label(self) -> str:
        """Schema and table for messages."""
        return f"raw_{self.system.name}.{self.table.name}"

    @property
    def name(self) -> sql.Identifier:
        """Schema and table."""
        return sql.Identifier(f"raw_{self.system.name}", self.table.name)

    @property
    def landing(self) -> sql.Identifier:
        """Where a delivery lands. The sign `$` keeps it apart from every name that a manifest may declare."""
        return sql.Identifier(f"raw_{self.system.name}", f"{self.table.name}$landing")

    @property
    def typed(self) -> sql.Identifier:
        """The rows that are typed out of the landing."""
        return sql.Identifier(f"raw_{self.system.name}", f"{self.table.name}$typed")

    def columns(self, alias: str | None = None) -> sql.Composable:
        """The declared columns, in declared order."""
        return list_columns(self.table.column_names, alias)

    def version_columns(self) -> sql.Composable:
        """All columns, in the order in which versions are written."""
        return list_columns((*self.table.column_names, *LOADER_COLUMNS))

    def key(self, alias: str | None = None) -> sql.Composable:
        """The columns of the primary key."""
        return list_columns(self.table.primary_key, alias)

    def same_key(self, left: str, right: str) -> sql.Composable:
        """Whether two rows have the same primary key."""
        return sql.SQL(" and ").join(
            sql.SQL("{} = {}").format(sql.Identifier(left, name), sql.Identifier(right, name))
            for name in self.table.primary_key
        )

    def row_hash(self, alias: str | None = None) -> sql.Composable:
        """Hash of the declared columns."""
        return sql.SQL("pg_catalog.hash_record_extended(row({}), 0)").format(self.columns(alias))


def list_columns(names: Iterable[str], alias: str | None = None) -> sql.Composable:
    """Columns as a list, each with the alias in front where there is one."""
    return sql.SQL(", ").join(
        sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names
    )


def record_key_expression(connection: psycopg.Connection, raw: RawTable, alias: str) -> sql.Composable:
    """The record key in SQL: the same as audit.record_key and scv.keys.record_key, inlined because it is hot.

    Takes the bound parameter %(secret)s.
    """
    row = connection.execute(
        "select n.nspname from pg_catalog.pg_extension as e "
        "inner join pg_catalog.pg_namespace as n on n.oid = e.extnamespace where e.extname = 'pgcrypto'"
    ).fetchone()
    assert row is not None, "the migrations make pgcrypto"
    parts = sql.SQL(" || pg_catalog.chr(31) || ").join(
        sql.SQL("{}::text").format(sql.Identifier(alias, name)) for name in raw.table.primary_key
    )
    prefix = sql.Literal(f"{raw.system.name}\x1f{raw.table.name}\x1f")
    return sql.SQL(
        "pg_catalog.encode(substring({hmac}(pg_catalog.convert_to({prefix} || {parts}, 'UTF8'), "
        "%(secret)s::bytea, 'sha256') from 1 for 16), 'hex')"
    ).format(hmac=sql.Identifier(row[0], "hmac"), prefix=prefix, parts=parts)


def widen_raw_table(connection: psycopg.Connection, raw: RawTable) -> bool:
    """Make the schema where it is missing, and add columns to the table that were declared since.

    Returns whether the table is there. SourceSchemaError where a declared type differs from the table's.
    """
    connection.execute("select audit.create_raw_schema(%s)", [f"raw_{raw.system.name}"])
    found: dict[str, str] = dict(
        connection.execute(
            "select attname, pg_catalog.format_type(atttypid, atttypmod) from pg_catalog.pg_attribute "
            "where attrelid = pg_catalog.to_regclass(%s) and attnum > 0 and not attisdropped",
            [raw.name.as_string(connection)],
        ).fetchall()
    )
    if not found:
        return False
    for column in raw.table.columns:
        if column.name not in found:
            connection.execute(
                sql.SQL("alter table {} add column {} {}").format(
                    raw.name, sql.Identifier(column.name), sql.SQL(column.type)
                )
            )
        elif found[column.name] != PRINTED_TYPES[column.type]:
            raise SourceSchemaError(
                f"{raw.label}, column '{column.name}': expected type {column.type} (data_type in "
                f"{raw.system.manifest}), found {found[column.name]} in the versions we hold. Undo the change, "
                "or declare the column under a new name with its source_name."
            )
    return True


def make_indexes(connection: psycopg.Connection, raw: RawTable) -> bool:
    """The index on the natural key of current rows; where a key means a person, also on the record key.

    Returns False, and makes none, where a key stands twice. The failure is caught within the server: it
    would print the key, here and in the server's log. This is much cheaper than counting keys beforehand.
    """
    index = sql.SQL("create unique index {} on {} ({}) where _valid_to is null").format(
        sql.Identifier(f"{raw.table.name}_current"), raw.name, raw.key()
    )
    connection.execute(
        sql.SQL(
            "do $make$ begin {}; perform pg_catalog.set_config('scv.has_index', 'true', true); "
            "exception when unique_violation then "
            "perform pg_catalog.set_config('scv.has_index', 'false', true); end $make$"
        ).format(index)
    )
    made = connection.execute("select pg_catalog.current_setting('scv.has_index') = 'true'").fetchone()
    if not made or not made[0]:
        return False
    if raw.table.key_means_person != "none":
        connection.execute(
            sql.SQL("alter table {} add primary key (_record_key, _valid_from)").format(raw.name)
        )
    return True
