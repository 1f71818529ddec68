"""Which of the departments' tables have been landed so far."""

from psycopg import Connection

from scv.extract.raw_tables import RawTable
from scv.manifests import load_manifests
from scv.settings import get_settings


def list_landed_tables(connection: Connection) -> list[tuple[str, str]]:
    """All of them, as (schema, table). The ledger is not asked: it counts the last run of a night only."""
    return connection.execute(
        r"""
        select schemaname, tablename from pg_catalog.pg_tables
        where schemaname like 'raw\_%' and schemaname <> 'raw_names' order by 1, 2
        """
    ).fetchall()


def list_name_columns(connection: Connection) -> list[tuple[RawTable, str]]:
    """Their columns that hold whole names, as (table, column)."""
    landed = set(list_landed_tables(connection))
    return [
        (RawTable(system, table), column)
        for system in load_manifests(get_settings().project_root).values()
        for table in system.tables
        for column in table.names
        if (f"raw_{system.name}", table.name) in landed
    ]
