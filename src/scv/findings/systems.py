"""Which departmental systems are not of tonight, and the one alert that says so for each."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import psycopg

from scv.manifests import System

ALERT_KIND = "system_stale"
# What a load's status means to people; a table without a load tonight is missing.
WORDS = {
    "stale": "not reached",
    "failed": "refused",
    "half": "half delivered",
    "missing": "not loaded",
}


@dataclass(frozen=True)
class DegradedSystem:
    """A system with tables that are not of tonight: table name to stale, failed, half or missing."""

    name: str
    tables: dict[str, str]
    table_count: int
    last_whole_night: date | None

    @property
    def message(self) -> str:
        """One sentence for the people on duty."""
        counts = Counter(self.tables.values())
        what = ", ".join(f"{counts[status]} {words}" for status, words in WORDS.items() if counts[status])
        since = f"Its last whole load was of night {self.last_whole_night}" if self.last_whole_night else (
            "It was never loaded whole")  # fmt: skip
        return (
            f"{self.name} is not of tonight: of {self.table_count} tables {what}. {since}; its last good data "
            f"is used and marked stale, its checks are held back, and none of its findings closes."
        )


def find_degraded(
    connection: psycopg.Connection, systems: dict[str, System], night: date
) -> dict[str, DegradedSystem]:
    """The systems of the manifests that are stale, half, failed or missing tonight, by name."""
    statuses = {
        (system, table): status
        for system, table, status in connection.execute(
            "select system, table_name, status from audit.load where night = %s", [night]
        )
    }
    whole_nights = _read_whole_nights(connection, systems, night)
    degraded = {}
    for system in systems.values():
        tables = {table.name: statuses.get((system.name, table.name), "missing") for table in system.tables}
        wrong = {name: status for name, status in tables.items() if status != "loaded"}
        if wrong:
            degraded[system.name] = DegradedSystem(
                system.name, wrong, len(tables), whole_nights.get(system.name)
            )
    return degraded


def _read_whole_nights(
    connection: psycopg.Connection, systems: dict[str, System], night: date
) -> dict[str, date]:
    """The last earlier night on which every table that is declared now was loaded."""
    rows = connection.execute(
        """
        select system, night, array_agg(table_name) from audit.load
        where status = 'loaded' and night < %s group by system, night order by night
        """,
        [night],
    )
    return {
        name: loaded_on
        for name, loaded_on, tables in rows
        if name in systems and {table.name for table in systems[name].tables} <= set(tables)
    }


def record_system_alerts(
    connection: psycopg.Connection, degraded: dict[str, DegradedSystem], night: date
) -> None:
    """Keep exactly one alert for each system that is not of tonight; as role publisher, caller commits."""
    connection.execute(
        "delete from alerts.run_alert where night = %s and kind = %s and system <> all(%s)",
        [night, ALERT_KIND, list(degraded)],
    )
    for system in degraded.values():
        connection.execute(
            """
            insert into alerts.run_alert (night, system, kind, message) values (%s, %s, %s, %s)
            on conflict (night, system, kind) do update set message = excluded.message
            """,
            [night, system.name, ALERT_KIND, system.message],
        )
