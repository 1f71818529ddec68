"""One departmental system of one night: applied whole, or not at all."""

import time
from dataclasses import replace
from datetime import date

from psycopg import Connection

from scv.clock import cutoff
from scv.db import warehouse
from scv.db.warehouse import translate_db_errors
from scv.errors import InputError, ScvError, SourceDataError, SourceDownError, SourceSchemaError
from scv.extract import ledger
from scv.extract.faults import HalfDeliveryError
from scv.extract.loading import Load, describe_versions, load_table, store_names
from scv.extract.raw_tables import RawTable
from scv.extract.results import LoadResult, Status, SystemResult
from scv.extract.sources import Request, open_source
from scv.extract.versions import Stamp
from scv.manifests import System, load_manifests
from scv.settings import Settings, get_settings

# For sorts and hash joins of the comparison; Postgres goes to disk beyond it.
WORK_MEMORY = "256MB"
STATUS_OF_ERROR: dict[type[ScvError], Status] = {
    SourceDownError: "stale",
    HalfDeliveryError: "half",
    SourceDataError: "failed",
    SourceSchemaError: "failed",
}


def extract_system(
    system_name: str, night: date, *, full_reconcile: bool = False, settings: Settings | None = None
) -> SystemResult:
    """Load all tables of a system as they are shown at a night's cut-off.

    Runs in one transaction: killed anywhere and run again, the result is the same; run again with an
    unchanged source, nothing changes; with a changed one, the night's versions are written anew.
    A system that is down (stale), sends another schema or too many bad rows (failed) or half a delivery
    (half) keeps yesterday's data: that is a result, recorded in audit.load, and no error, unless the
    manifest says `required: true`. `full_reconcile` reads watermarked tables whole and so sees deletes.
    Raises InputError for an unknown system or a night before the last loaded one.
    """
    settings = settings or get_settings()
    system = find_system(system_name, settings)
    started = time.monotonic()
    failure: ScvError | None = None
    with warehouse.connect("loader", settings) as connection:
        try:
            with translate_db_errors(f"loading {system.name}", table=f"raw_{system.name}"):
                tables = _load_system(connection, system, night, settings, full_reconcile)
                connection.commit()
            return _sum_up(system, night, tables)
        except tuple(STATUS_OF_ERROR) as error:
            failure = error
        connection.rollback()
        with translate_db_errors("writing the ledger", table="audit.load"):
            result = _record_failure(connection, system, night, failure, time.monotonic() - started)
            connection.commit()
    if system.required:
        raise failure
    return result


def find_system(name: str, settings: Settings) -> System:
    """The manifest of a system; InputError where there is none."""
    manifests = load_manifests(settings.project_root)
    if name not in manifests:
        raise InputError(f"There is no system '{name}'. Systems: {', '.join(manifests)}.")
    return manifests[name]


def prepare_transaction(connection: Connection, system: System) -> None:
    """Let no other run load this system until this transaction ends, and give its joins memory."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0)), set_config('work_mem', %s, true), "
        "set_config('maintenance_work_mem', %s, true), set_config('jit', 'off', true), "
        # What has just landed has no statistics, and a nested loop over it takes hours.
        "set_config('enable_nestloop', 'off', true), "
        # Workers cost nothing here but for large tables, where the hashing is worth them.
        "set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)",
        [f"scv.extract.{system.name}", WORK_MEMORY, WORK_MEMORY],
    )


def make_stamp(system: System, night: date, settings: Settings) -> Stamp:
    """What is written on the versions of a night."""
    return Stamp(cutoff(night), f"{night}/{system.name}", settings.record_key_bytes())


def _load_system(
    connection: Connection, system: System, night: date, settings: Settings, full_reconcile: bool
) -> list[LoadResult]:
    load = Load(Request(night), make_stamp(system, night, settings), full_reconcile)
    with open_source(system, settings) as source:
        warnings = {table.name: tuple(source.verify(table)) for table in system.tables}
        prepare_transaction(connection, system)
        last = ledger.last_night(connection, system.name)
        if last is not None and last > night:
            raise InputError(
                f"{system.name} was loaded by the night {last}, later than {night}. Nights are loaded in order: "
                "name the last one or a new one."
            )
        results = []
        for table in system.tables:
            raw = RawTable(system, table)
            with translate_db_errors(f"loading {raw.label}", table=raw.label):
                result = load_table(connection, source, raw, load)
            said = tuple(dict.fromkeys((*warnings[table.name], *result.warnings)))
            results.append(replace(result, warnings=said))
    # Last of all, because two systems that load side by side wait for each other here.
    for table in system.tables:
        store_names(connection, RawTable(system, table), load.stamp.cutoff)
    return results


def _sum_up(system: System, night: date, tables: list[LoadResult]) -> SystemResult:
    late = [table for table in tables if table.status != "loaded"]
    return SystemResult(
        system=system.name,
        night=night,
        status="stale" if late else "loaded",
        tables=tuple(tables),
        message=" ".join(table.message or "" for table in late) or None,
    )


def _record_failure(
    connection: Connection, system: System, night: date, failure: ScvError, seconds: float
) -> SystemResult:
    """Write the ledger for a system that was not applied; a load of the same night that was stands."""
    status = next(status for kind, status in STATUS_OF_ERROR.items() if isinstance(failure, kind))
    stamp = f"{night}/{system.name}"
    tables = []
    for table in system.tables:
        before = ledger.read_load(connection, system.name, table.name, night)
        if before is not None and before.status == "loaded":
            tables.append(before)
            continue
        result = LoadResult(
            system.name,
            table.name,
            night,
            stamp,
            status,
            seconds=round(seconds, 3),
            message=str(failure),
        )
        ledger.write_load(connection, result, describe_versions(RawTable(system, table)))
        tables.append(result)
    is_loaded = all(table.status == "loaded" for table in tables)
    return SystemResult(
        system=system.name,
        night=night,
        status="loaded" if is_loaded else status,
        tables=tuple(tables),
        message=str(failure),
        error=type(failure).__name__,
    )
