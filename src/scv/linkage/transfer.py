"""Rows between the warehouse and Arrow, by COPY and in chunks, so that memory does not grow with the data."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql

# Bytes of CSV that become one table.
CHUNK = 16 << 20


class _CopyReader(io.RawIOBase):
    """The bytes of a COPY, as a file."""

    def __init__(self, copy: Iterable[Any]) -> None:
        self._chunks = iter(copy)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            found = next(self._chunks, None)
            if found is None:
                return 0
            self._rest = bytes(found)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def stream_out(connection: psycopg.Connection, query: str) -> Iterator[pa.Table]:
    """A query's rows as Arrow tables of text, in its order."""
    columns = _column_names(connection, query)
    options = pa_csv.ConvertOptions(
        column_types={name: pa.string() for name in columns},
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy ({query}) to stdout (format csv)") as copy,
    ):
        file = io.BufferedReader(_CopyReader(copy), CHUNK)
        if not file.peek(1):
            return
        reader = pa_csv.open_csv(
            pa.PythonFile(file, mode="r"),
            read_options=pa_csv.ReadOptions(column_names=columns, block_size=CHUNK, use_threads=False),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=options,
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])


def copy_out(connection: psycopg.Connection, query: str) -> pa.Table:
    """A query's rows as one Arrow table of text."""
    tables = list(stream_out(connection, query))
    if tables:
        return pa.concat_tables(tables)
    return pa.schema([(name, pa.string()) for name in _column_names(connection, query)]).empty_table()


def _column_names(connection: psycopg.Connection, query: str) -> list[str]:
    described = connection.execute(f"select * from ({query}) as described limit 0").description
    return [column.name for column in described or ()]


def _statement(table: str, columns: Sequence[str], options: str) -> sql.Composed:
    return sql.SQL("copy {} ({}) from stdin {}").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(cast(Any, options)),
    )


def copy_tables(connection: psycopg.Connection, target: str, tables: Iterable[pa.Table]) -> int:
    """Add Arrow tables whose columns are named as in the target; gives the number of rows."""
    rows = 0
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    for table in tables:
        if not table.num_rows:
            continue
        rows += table.num_rows
        statement = _statement(target, table.column_names, "(format csv)")
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for batch in table.to_batches(max_chunksize=50_000):
                buffer = io.BytesIO()
                pa_csv.write_csv(batch, buffer, options)
                copy.write(buffer.getvalue())
    return rows


def copy_in(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows to a table."""
    with connection.cursor() as cursor, cursor.copy(_statement(table, columns, "")) as copy:
        for row in rows:
            copy.write_row(tuple(value.item() if isinstance(value, np.generic) else value for value in row))
