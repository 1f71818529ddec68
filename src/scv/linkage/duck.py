"""DuckDB, in memory, used so that no half-read result blocks its connection."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa


def open_memory(threads: int = 2, memory_limit: str = "1000MB") -> duckdb.DuckDBPyConnection:
    """A new in-memory database; past its memory limit it spills to a temporary folder that it removes."""
    con = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": memory_limit})
    run(con, "set enable_progress_bar = false")
    # DuckDB 2.0 fails with an internal error where its statistics say that a compared column is all null.
    run(con, "set disabled_optimizers = 'statistics_propagation'")
    return con


def run(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] | None = None
) -> list[tuple[Any, ...]]:
    """Execute one statement and read its result to the end."""
    return con.execute(sql, parameters).fetchall() if parameters else con.execute(sql).fetchall()


def load(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Copy an Arrow table into a table of that name."""
    con.register("arrow_input", table)
    run(con, f"create or replace table {name} as select * from arrow_input")
    con.unregister("arrow_input")


def read(con: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The result of a query as an Arrow table."""
    return con.sql(sql).to_arrow_table()
