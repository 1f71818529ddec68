"""Postgres to Postgres: binary COPY out of one into the other, declared columns only."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import pq, sql
from psycopg.errors import CharacterNotInRepertoire, UntranslatableCharacter, error_from_result

from scv.errors import ScvError, SourceDownError
from scv.extract.connections import source_url
from scv.extract.faults import bad_text, missing_columns, missing_table, wrong_type
from scv.extract.landing import Delivery, create_native_landing
from scv.extract.raw_tables import RawTable
from scv.extract.sources import Amount, Request
from scv.manifests import Column, System, Table

# For each declared type, the types that it may have there. All of them are cast at the source without
# fail, but for wider whole numbers, which are landed as text and typed here.
ACCEPTED = {
    "text": {"text", "varchar", "bpchar", "name", "uuid", "json", "jsonb"},
    "smallint": {"int2", "int4", "int8"},
    "integer": {"int4", "int2", "int8"},
    "bigint": {"int8", "int4", "int2"},
    "numeric": {"numeric", "int8", "int4", "int2", "float8", "float4"},
    "date": {"date"},
    "timestamptz": {"timestamptz", "timestamp"},
    "boolean": {"bool"},
}
WIDER = {"smallint": {"int4", "int8"}, "integer": {"int8"}}
# Text that is not in the encoding which its database names, or of a database that names none.
NOT_UTF8 = (CharacterNotInRepertoire, UntranslatableCharacter)
AS_TEXT = {"text", "varchar", "bpchar"}
# As much as stays in the processor's cache: a fifth faster than 128 KB.
BLOCK = 16 * 1024
SESSION = "-c search_path= -c timezone=UTC -c datestyle=ISO,YMD -c default_transaction_read_only=on"

COLUMNS = """
select a.attname, t.typname
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_type as t on t.oid = a.atttypid
where a.attrelid = pg_catalog.to_regclass(%s) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""


@contextmanager
def open_postgres(system: System, target: str) -> Iterator["PostgresSource"]:
    """Connect, and open one read-only snapshot over all tables; SourceDownError where it does not answer."""
    url = source_url(system.connection, target)
    with _say_down(system, "connecting"):
        connection = psycopg.connect(
            host=url.host,
            port=url.port,
            dbname=url.database,
            user=url.username,
            password=url.password,
            connect_timeout=10,
            options=SESSION,
            client_encoding="UTF8",
            application_name="scv loader",
            **{key: str(value) for key, value in url.query.items()},  # type: ignore[arg-type]  # any option of libpq
        )
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield PostgresSource(system, connection)


class PostgresSource:
    """An open Postgres database."""

    def __init__(self, system: System, connection: psycopg.Connection) -> None:
        self._system, self._connection = system, connection

    def verify(self, table: Table) -> list[str]:
        """Hold columns and types against the manifest; a new column is a warning."""
        found = self._columns(table)
        missing = [column.source for column in table.columns if column.source not in found]
        if missing:
            raise missing_columns(self._system, table, missing, list(found))
        for column in table.columns:
            accepted = _accepted(column)
            if found[column.source] not in accepted:
                expected = column.source_type or " or ".join(sorted(accepted))
                raise wrong_type(self._system, table, column.source, expected, found[column.source])
        declared = {*table.never_read, *(column.source for column in table.columns)}
        label = f"{self._system.name}.{table.name}"
        return [
            f"{label}: column '{name}' is not declared, not read" for name in found if name not in declared
        ]

    def count(self, table: Table) -> Amount:
        """Rows there now."""
        with _say_down(self._system, f"counting {table.name}"):
            row = self._connection.execute(sql.SQL("select count(*) from {}").format(_name(table))).fetchone()
        return Amount(rows=int(row[0]) if row else 0)

    def land(self, raw: RawTable, request: Request, warehouse: psycopg.Connection) -> Delivery:
        """COPY out, COPY in; the rows are never looked at on the way."""
        table = raw.table
        found = self._columns(table)
        as_text = frozenset(
            column.name
            for column in table.columns
            if column.format or found[column.source] in WIDER.get(column.type, ())
        )
        create_native_landing(warehouse, raw, as_text)
        query: sql.Composed = sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(
                _cast(column, found[column.source], column.name in as_text) for column in table.columns
            ),
            _name(table),
        )
        if request.since is not None and table.watermark is not None:
            mark = sql.Identifier(table.column(table.watermark).source)
            query += sql.SQL(" where {mark} >= {since} or {mark} is null").format(
                mark=mark, since=sql.Literal(request.since)
            )
        outward = sql.SQL("copy ({}) to stdout (format binary)").format(query)
        inward = sql.SQL("copy {} ({}) from stdin (format binary)").format(raw.landing, raw.columns())
        with warehouse.cursor() as target:
            with target.copy(inward) as into:
                for block in self._stream(table, outward):
                    into.write(block)
            rows = target.rowcount
        return Delivery(rows=rows, partial=request.since is not None, is_text=False, text_columns=as_text)

    def _stream(self, table: Table, outward: sql.Composed) -> Iterator[bytes]:
        """The source's COPY in blocks.

        Rows are taken straight from libpq and joined, which takes half the time of psycopg's loop over
        rows. It is a generator, so that the warehouse's own errors are not told as the source's.
        """
        with _say_down(self._system, f"reading {table.name}"):
            channel = self._connection.pgconn
            result = channel.exec_(outward.as_bytes(self._connection))
            if result.status != pq.ExecStatus.COPY_OUT:
                raise error_from_result(result)
            rows: list[bytes] = []
            size = 0
            while True:
                count, row = channel.get_copy_data(0)
                if count <= 0 or row is None:
                    break
                rows.append(row)  # type: ignore[arg-type]  # a memoryview, which join takes
                size += count
                if size > BLOCK:
                    yield b"".join(rows)
                    rows.clear()
                    size = 0
            yield b"".join(rows)
            while (last := channel.get_result()) is not None:
                if last.status == pq.ExecStatus.FATAL_ERROR:
                    raise error_from_result(last)

    def _columns(self, table: Table) -> dict[str, str]:
        with _say_down(self._system, f"looking at {table.name}"):
            name = _name(table).as_string(self._connection)
            found = {row[0]: row[1] for row in self._connection.execute(COLUMNS, [name])}
            if found:
                return found
            schema = _schema(table)
            tables = self._connection.execute(
                "select tablename from pg_catalog.pg_tables where schemaname = %s order by 1 limit 100",
                [schema],
            ).fetchall()
        raise missing_table(self._system, table, [row[0] for row in tables])


def _accepted(column: Column) -> set[str]:
    if column.source_type is not None:
        return {column.source_type}
    # A declared text format says that the department keeps the date as text.
    return AS_TEXT if column.format else ACCEPTED[column.type]


def _cast(column: Column, found: str, as_text: bool) -> sql.Composable:
    if found == "timestamp" and column.type == "timestamptz":
        # A time without a zone is the council's own.
        return sql.SQL("{} at time zone 'Europe/London'").format(sql.Identifier(column.source))
    kind = "text" if as_text else column.type
    return sql.SQL("{}::{}").format(
        sql.Identifier(column.source), sql.SQL(f"pg_catalog.{_PG_NAMES.get(kind, kind)}")
    )


_PG_NAMES = {"smallint": "int2", "integer": "int4", "bigint": "int8", "boolean": "bool"}


def _schema(table: Table) -> str:
    return table.location.rpartition(".")[0] or "public"


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(_schema(table), table.location.rpartition(".")[2])


@contextmanager
def _say_down(system: System, doing: str) -> Iterator[None]:
    failure: ScvError | None = None
    try:
        yield
    except NOT_UTF8:
        failure = bad_text(system, doing)
    except psycopg.Error as error:
        code = f"SQLSTATE {error.sqlstate}" if error.sqlstate else type(error).__name__
        failure = SourceDownError(
            f"{system.name}: its database failed while {doing} ({code}). Yesterday's data stay. "
            f"Check connection '{system.connection}' and the rights of its login."
        )
    if failure is not None:
        raise failure
