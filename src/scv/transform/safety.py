"""Keeps values out of everything that dbt says about a database error.

PostgreSQL writes values into its messages ("invalid input syntax for type date: ..."), dbt puts those
into its results, logs and exceptions. So the adapter's own handler is replaced by one that keeps the
SQLSTATE and the names of table, column and constraint, and drops the rest where it arises.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def _handle_errors(self: Any, sql: str) -> Iterator[None]:
    import psycopg2
    from dbt_common.exceptions import DbtDatabaseError

    failure: str | None = None
    try:
        yield
    except psycopg2.DatabaseError as error:
        with suppress(psycopg2.Error):
            self.rollback_if_open()
        failure = describe(error)
    if failure is not None:
        # Outside the except block: the original would otherwise hang on as the context.
        raise DbtDatabaseError(failure)


def describe(error: Any) -> str:
    """SQLSTATE and the names that came with a psycopg2 error, in one line without a value."""
    diagnostic = error.diag
    parts = [f"SQLSTATE {error.pgcode or 'none (no answer from the server)'}"]
    table = ".".join(part for part in (diagnostic.schema_name, diagnostic.table_name) if part)
    for label, name in (
        ("table", table),
        ("column", diagnostic.column_name),
        ("constraint", diagnostic.constraint_name),
    ):
        if name:
            parts.append(f"{label} {name}")
    return ", ".join(parts)


def hide_values() -> None:
    """Put our handler in place of the adapter's; may be called any number of times."""
    from dbt.adapters.postgres.connections import PostgresConnectionManager

    PostgresConnectionManager.exception_handler = _handle_errors
