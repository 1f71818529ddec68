"""Replaying quarantine: rows that were kept are typed again, with the manifest as it is now."""

from dataclasses import replace
from datetime import date, timedelta

from psycopg import Connection

from scv.db import warehouse
from scv.db.warehouse import translate_db_errors
from scv.errors import InputError
from scv.extract import doubles, ledger, quarantine, versions
from scv.extract.landing import Delivery, create_text_landing, drop_landing
from scv.extract.loading import describe_versions, store_names
from scv.extract.nightly import find_system, make_stamp, prepare_transaction
from scv.extract.raw_tables import RawTable
from scv.extract.typing_rows import type_rows
from scv.extract.versions import Stamp
from scv.manifests import System
from scv.settings import Settings, get_settings


def replay_quarantine(system_name: str, *, settings: Settings | None = None) -> tuple[date, dict[str, int]]:
    """Load the open quarantined rows of a system that can be typed now, into its last loaded night.

    Returns that night and rows replayed by table. A row whose record came whole since is left out.
    InputError where the system is not known or was never loaded.
    """
    settings = settings or get_settings()
    system = find_system(system_name, settings)
    with (
        warehouse.connect("loader", settings) as connection,
        translate_db_errors(f"replaying {system.name}", table="quarantine.row"),
    ):
        prepare_transaction(connection, system)
        night = _last_night(connection, system)
        stamp = make_stamp(system, night, settings)
        replayed = {}
        for table in system.tables:
            raw = RawTable(system, table)
            held = ledger.read_load(connection, system.name, table.name, night)
            replayed[table.name] = _replay_table(connection, raw, night, stamp) if held is not None else 0
            store_names(connection, raw, stamp.cutoff)
        connection.commit()
    return night, replayed


def _last_night(connection: Connection, system: System) -> date:
    night = ledger.last_night(connection, system.name)
    if night is None:
        raise InputError(f"{system.name} was never loaded, so there is nothing to replay.")
    return night


def _replay_table(connection: Connection, raw: RawTable, night: date, stamp: Stamp) -> int:
    create_text_landing(connection, raw)
    rows_found = quarantine.add_retries(connection, raw, night + timedelta(days=1), stamp.cutoff)
    rows = type_rows(connection, raw, Delivery(rows_found, partial=True))
    quarantine.create_held_back(connection, raw, rows)
    quarantine.set_apart(connection, raw, rows, stamp.secret)
    quarantine.drop_failed_retries(connection, raw)
    quarantine.drop_overtaken_retries(connection, raw, stamp.cutoff)
    doubles.take_out_doubles(connection, raw, rows)
    quarantine.set_apart(connection, raw, rows, stamp.secret)
    quarantine.drop_failed_retries(connection, raw)
    difference = versions.compare(connection, raw, rows, stamp.secret, partial=True)
    applied = versions.apply_difference(connection, raw, rows, difference, stamp)
    closed = quarantine.close_retried(connection, raw, stamp.cutoff)
    drop_landing(connection, raw)
    before = ledger.read_load(connection, raw.system.name, raw.table.name, night)
    if not closed.total or before is None:
        return 0
    written = applied.new + applied.changed + applied.returned
    tombstoned = applied.tombstoned
    after = replace(
        before,
        rows_read=before.rows_read + closed.total - closed.of_night(night),
        rows_loaded=before.rows_loaded + closed.total - tombstoned,
        rows_tombstoned=before.rows_tombstoned + tombstoned,
        rows_quarantined=before.rows_quarantined - closed.of_night(night),
        rows_new=before.rows_new + applied.new,
        rows_changed=before.rows_changed + applied.changed,
        rows_returned=before.rows_returned + applied.returned,
        rows_unchanged=before.rows_unchanged + closed.total - written - tombstoned,
        content_hash=versions.look(connection, raw, stamp.cutoff).content_hash,
    )
    ledger.write_load(connection, after, describe_versions(raw))
    return closed.total
