"""Erasing people's rows: over all versions, out of quarantine too. The tombstone keeps them from coming back."""

from collections.abc import Collection

from psycopg import Connection, sql

from scv.extract.raw_tables import RawTable
from scv.manifests import System


def erase_records(
    connection: Connection, record_keys: Collection[str], systems: Collection[System]
) -> dict[str, int]:
    """Delete all versions of these records from raw and from quarantine, within the caller's transaction.

    Returns versions deleted by raw table (`raw_<system>.<table>`), and rows under `quarantine.row`.
    It does not write tombstones: without one, the next extract brings the record back.
    """
    keys = list(record_keys)
    deleted = {}
    for system in systems:
        for table in system.tables:
            raw = RawTable(system, table)
            there = connection.execute(
                "select to_regclass(%s) is not null", [raw.name.as_string(connection)]
            ).fetchone()
            if there and there[0]:
                deleted[raw.label] = connection.execute(
                    sql.SQL("delete from {} where _record_key = any (%s)").format(raw.name), [keys]
                ).rowcount
    deleted["quarantine.row"] = connection.execute(
        "delete from quarantine.row where row_key = any (%s)", [keys]
    ).rowcount
    return deleted
