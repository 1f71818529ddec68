"""Systems that are kept in SQLite files."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from scv.demo.tables import TableSpec

TYPES = {"int": "INTEGER", "big": "INTEGER", "num": "NUMERIC", "bool": "INTEGER"}


def _quote(name: str) -> str:
    return f'"{name}"'


class SqliteSink:
    """One system's file, open for writing."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None)
        # A crash in the middle must leave the last night's state; losing the very last commit to a
        # power cut is harmless, as the night is written again.
        self.connection.execute("pragma synchronous = normal")
        self.connection.execute("begin immediate")

    def create_tables(self, specs: Iterable[TableSpec]) -> None:
        """Empty tables with their keys."""
        for spec in specs:
            columns = [f"{_quote(name)} {TYPES.get(form, 'TEXT')}" for name, form in spec.columns.items()]
            key = ", ".join(map(_quote, spec.key))
            self.connection.execute(
                f"create table {_quote(spec.name)} ({', '.join(columns)}, primary key ({key}))"
            )

    def finish_tables(self, specs: Iterable[TableSpec]) -> None:
        """Nothing: the keys are there from the start."""

    def insert(self, spec: TableSpec, rows: pa.Table) -> None:
        """Append or replace rows."""
        if not rows.num_rows:
            return
        marks = ", ".join("?" * rows.num_columns)
        names = ", ".join(map(_quote, rows.column_names))
        columns = [_as_text(column) for column in rows.columns]
        self.connection.executemany(
            f"insert or replace into {_quote(spec.name)} ({names}) values ({marks})",
            zip(*columns, strict=True),
        )

    def delete(self, spec: TableSpec, keys: pa.Table) -> None:
        """Delete rows by key."""
        same = " and ".join(f"{_quote(name)} = ?" for name in spec.key)
        columns = [_as_text(keys[name]) for name in spec.key]
        self.connection.executemany(
            f"delete from {_quote(spec.name)} where {same}", zip(*columns, strict=True)
        )

    def commit(self) -> None:
        """Make everything since the last commit visible."""
        self.connection.execute("commit")
        self.connection.execute("begin immediate")

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        self.connection.execute("rollback")
        self.connection.close()


def _as_text(column: pa.ChunkedArray) -> list:
    """Values for SQLite, which knows neither dates nor instants."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return [None if value is None else value.isoformat() for value in column.to_pylist()]
    return column.to_pylist()
