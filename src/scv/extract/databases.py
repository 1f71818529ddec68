"""Databases other than Postgres, through SQLAlchemy: declared columns only, streamed, read-only."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import exc, types

from scv.errors import ScvError, SourceDownError
from scv.extract.connections import source_url
from scv.extract.faults import bad_text, missing_columns, missing_table, wrong_type
from scv.extract.landing import Delivery, copy_rows, create_text_landing
from scv.extract.raw_tables import RawTable
from scv.extract.rows import Cells
from scv.extract.sources import Amount, Request
from scv.manifests import Column, System, Table

CHUNK_ROWS = 2000

# For each declared type, the kinds of column that may hold it there. SQLite knows few types, so
# dates and times are text in it; elsewhere a declared text format says so.
ACCEPTED = {
    "text": {"text", "uuid"},
    "smallint": {"integer", "boolean"},
    "integer": {"integer", "boolean"},
    "bigint": {"integer", "boolean"},
    "numeric": {"numeric", "integer"},
    "date": {"date", "timestamp"},
    "timestamptz": {"timestamp", "date"},
    "boolean": {"boolean", "integer"},
}


@contextmanager
def open_database(system: System, target: str) -> Iterator["DatabaseSource"]:
    """Connect; SourceDownError where the database does not answer."""
    url = source_url(system.connection, target)
    if url.get_backend_name() == "sqlite":
        # mode=ro: a missing file is an error instead of a new empty database, and nothing is written.
        url = sa.URL.create("sqlite", database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
    try:
        engine = sa.create_engine(url, hide_parameters=True, poolclass=sa.NullPool)
    except ModuleNotFoundError as error:
        raise SourceDownError(
            f"{system.name}: the driver '{error.name}' of its database is not installed."
        ) from None
    try:
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _read_any_text)
        with _say_down(system, "connecting"):
            connection = engine.connect()
        with connection:
            yield DatabaseSource(system, connection)
    finally:
        engine.dispose()


class DatabaseSource:
    """An open database."""

    def __init__(self, system: System, connection: sa.Connection) -> None:
        self._system, self._connection = system, connection

    def verify(self, table: Table) -> list[str]:
        """Hold columns and types against the manifest; a new column is a warning."""
        found = self._columns(table)
        missing = [column.source for column in table.columns if column.source not in found]
        if missing:
            raise missing_columns(self._system, table, missing, list(found))
        for column in table.columns:
            self._verify_type(table, column, found[column.source])
        declared = {*table.never_read, *(column.source for column in table.columns)}
        label = f"{self._system.name}.{table.name}"
        ignored = [name for name in found if name not in declared]
        return [f"{label}: column '{name}' is not declared, not read" for name in ignored]

    def count(self, table: Table) -> Amount:
        """Rows there now."""
        with _say_down(self._system, f"counting {table.name}"):
            statement: sa.Select = sa.select(sa.func.count()).select_from(_table(table))
            return Amount(rows=int(self._connection.execute(statement).scalar_one()))

    def land(self, raw: RawTable, request: Request, warehouse: psycopg.Connection) -> Delivery:
        """Stream the declared columns through a server-side cursor into the text landing."""
        table = raw.table
        create_text_landing(warehouse, raw)
        statement: sa.Select = sa.select(*[sa.column(column.source) for column in table.columns]).select_from(
            _table(table)
        )
        if request.since is not None and table.watermark is not None:
            statement = statement.where(self._is_later(table, request))
        rows = copy_rows(warehouse, raw, self._stream(table, statement))
        return Delivery(rows=rows, partial=request.since is not None)

    def _stream(self, table: Table, statement: sa.Select) -> Iterator[Cells]:
        with _say_down(self._system, f"reading {table.name}"):
            result = self._connection.execution_options(stream_results=True, yield_per=CHUNK_ROWS).execute(
                statement
            )
            for chunk in result.partitions():
                for row in chunk:
                    yield [value if value is None or type(value) is str else _write(value) for value in row]

    def _is_later(self, table: Table, request: Request) -> sa.ColumnElement[bool]:
        column = table.column(str(table.watermark))
        assert request.since is not None
        there = self._columns(table)[column.source]
        place: sa.ColumnClause = sa.column(column.source)
        if _kind(there) in ("text", "unknown"):
            # Text sorts by its date first, in whichever zone and precision the rest is written.
            bound: Any = (request.since - timedelta(days=1)).date().isoformat()
        else:
            # A naive column is local time: at most an hour ahead of UTC in London.
            bound = (request.since - timedelta(hours=1)).replace(tzinfo=None)
        return sa.or_(place >= sa.literal(bound), place.is_(None))

    def _columns(self, table: Table) -> dict[str, types.TypeEngine]:
        schema, _, name = table.location.rpartition(".")
        with _say_down(self._system, f"looking at {table.name}"):
            inspector = sa.inspect(self._connection)
            try:
                return {
                    item["name"]: item["type"] for item in inspector.get_columns(name, schema=schema or None)
                }
            except exc.NoSuchTableError:
                found = inspector.get_table_names(schema=schema or None)
        raise missing_table(self._system, table, found)

    def _verify_type(self, table: Table, column: Column, there: types.TypeEngine) -> None:
        kind = _kind(there)
        accepted = set(ACCEPTED[column.type])
        if column.format is not None or (column.type == "timestamptz" and self._is_sqlite()):
            accepted.add("text")
        if self._is_sqlite() and column.type == "boolean":
            accepted.add("text")
        named = column.source_type.lower() if column.source_type else None
        if named is not None and str(there).lower() == named:
            return
        if kind != "unknown" and kind not in accepted:
            expected = column.source_type or " or ".join(sorted(accepted))
            raise wrong_type(self._system, table, column.source, expected, str(there).lower())

    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"


def list_tables(target: str, name: str) -> dict[str, list[tuple[str, str, bool]]]:
    """Tables of a database with their columns, for scaffolding: (name, kind, is part of the primary key)."""
    engine = sa.create_engine(source_url(name, target), hide_parameters=True, poolclass=sa.NullPool)
    try:
        inspector = sa.inspect(engine)
        found = {}
        for table in sorted(inspector.get_table_names()):
            keys = set(inspector.get_pk_constraint(table)["constrained_columns"])
            found[table] = [
                (item["name"], _kind(item["type"]), item["name"] in keys)
                for item in inspector.get_columns(table)
            ]
        return found
    except exc.SQLAlchemyError as error:
        raise SourceDownError(f"Connection '{name}' does not answer ({type(error).__name__}).") from None
    finally:
        engine.dispose()


def _table(table: Table) -> sa.TableClause:
    schema, _, name = table.location.rpartition(".")
    return sa.table(name, schema=schema or None)


def _kind(there: types.TypeEngine) -> str:
    """The kind of a reflected type: text, integer, numeric, date, timestamp, boolean, uuid, unknown."""
    kinds: list[tuple[type, str]] = [
        (types.Boolean, "boolean"),
        (types.Uuid, "uuid"),
        (types.DateTime, "timestamp"),
        (types.Date, "date"),
        (types.Integer, "integer"),
        (types.Numeric, "numeric"),
        (types.Enum, "text"),
        (types.String, "text"),
        (types.NullType, "unknown"),
    ]
    if str(there).lower().startswith(("timestamp", "datetime")):
        return "timestamp"
    return next((kind for base, kind in kinds if isinstance(there, base)), "other")


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "surrogateescape")
    return str(value)


def _read_any_text(connection: Any, _: Any) -> None:
    """Let SQLite give text that is not UTF-8, too: its row goes to quarantine, and the others are loaded."""
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")


@contextmanager
def _say_down(system: System, doing: str) -> Iterator[None]:
    """Driver errors, which hold statements and values, told as what they mean for the night."""
    failure: ScvError | None = None
    try:
        yield
    except exc.NoSuchTableError:
        raise
    except UnicodeDecodeError:
        failure = bad_text(system, doing)
    except exc.SQLAlchemyError as error:
        cause = type(getattr(error, "orig", None) or error).__name__
        failure = SourceDownError(
            f"{system.name}: its database failed while {doing} ({cause}). Yesterday's data stay. "
            f"Check connection '{system.connection}'."
        )
    if failure is not None:
        raise failure
