"""What arrived: the loads of one night, system by system, beside those of the night before."""

from collections.abc import Sequence
from datetime import date

import psycopg
from psycopg.rows import class_row

from scv.findings.systems import DegradedSystem
from scv.manifests import System
from scv.report.facts import SystemLoad, TableLoad

# The worst state of a table is the state of its system.
WORST_FIRST = ("failed", "half", "missing", "stale")

_TABLES = """
    select table_name as "table", status, rows_read as read, rows_loaded as loaded,
           rows_quarantined as quarantined, rows_tombstoned as tombstoned, rows_new as new,
           rows_changed as changed, rows_deleted as deleted, rows_returned as returned, message
    from audit.load where night = %s and system = %s order by table_name
"""


def collect_loads(
    connection: psycopg.Connection,
    systems: dict[str, System],
    degraded: dict[str, DegradedSystem],
    night: date,
    previous: date | None,
) -> tuple[SystemLoad, ...]:
    """One entry per system of the manifests, by name; as role publisher."""
    before = _read_totals(connection, previous)
    seconds = _read_seconds(connection, night)
    return tuple(
        _sum_up(
            system,
            degraded.get(name),
            _read_tables(connection, name, night),
            before.get(name),
            seconds.get(name, 0.0),
        )
        for name, system in systems.items()
    )


def _sum_up(
    system: System,
    degraded: DegradedSystem | None,
    tables: Sequence[TableLoad],
    read_before: int | None,
    seconds: float,
) -> SystemLoad:
    status = "whole"
    if degraded:
        states = set(degraded.tables.values())
        status = next(state for state in WORST_FIRST if state in states)
    return SystemLoad(
        system=system.name,
        owner=system.owner,
        status=status,
        read=sum(table.read for table in tables),
        read_before=read_before,
        loaded=sum(table.loaded for table in tables),
        quarantined=sum(table.quarantined for table in tables),
        tombstoned=sum(table.tombstoned for table in tables),
        new=sum(table.new for table in tables),
        changed=sum(table.changed for table in tables),
        deleted=sum(table.deleted for table in tables),
        returned=sum(table.returned for table in tables),
        seconds=seconds,
        last_whole_night=degraded.last_whole_night if degraded else None,
        tables=tuple(tables),
    )


def _read_tables(connection: psycopg.Connection, system: str, night: date) -> list[TableLoad]:
    with connection.cursor(row_factory=class_row(TableLoad)) as cursor:
        return cursor.execute(_TABLES, [night, system]).fetchall()


def _read_totals(connection: psycopg.Connection, night: date | None) -> dict[str, int]:
    rows = connection.execute(
        "select system, sum(rows_read)::bigint from audit.load where night = %s group by system", [night]
    )
    return dict(rows)


def _read_seconds(connection: psycopg.Connection, night: date) -> dict[str, float]:
    rows = connection.execute(
        """
        select loads.system, coalesce(max(steps.seconds), sum(loads.seconds), 0)::double precision
        from audit.load as loads
        left join audit.step as steps
            on steps.night = loads.night and steps.step = 'extract' and steps.system = loads.system
        where loads.night = %s group by loads.system
        """,
        [night],
    )
    return dict(rows)
