"""One table of one night: landed, typed, compared, applied, counted; all within the caller's transaction."""

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg import Connection, sql

from scv import __version__
from scv.clock import cutoff as cutoff_of
from scv.errors import SourceDataError
from scv.extract import doubles, ledger, quarantine, versions
from scv.extract.faults import half_file
from scv.extract.landing import Delivery, drop_landing
from scv.extract.raw_tables import RawTable, make_indexes, widen_raw_table
from scv.extract.results import LoadResult
from scv.extract.sources import Request, Source
from scv.extract.typing_rows import type_rows
from scv.extract.versions import Applied, Difference, Holding, Stamp

# Fewer bad rows than this are quarantined whatever their share: one bad row of ten is no reason to stop.
FEW_BAD_ROWS = 5
# Fewer rows than this say nothing about a half delivery.
FEW_ROWS = 20
NAMES_AT_ONCE = 20_000


@dataclass(frozen=True)
class Load:
    """What a load of a table needs to know beyond the table."""

    request: Request
    stamp: Stamp
    full_reconcile: bool = False


def load_table(connection: Connection, source: Source, raw: RawTable, load: Load) -> LoadResult:
    """Load one table and write its row of the ledger.

    SourceDataError (and HalfDeliveryError) where the delivery is not fit to be applied, SourceSchemaError,
    SourceDownError where it could not be read.
    """
    started = time.monotonic()
    held = since = None
    if widen_raw_table(connection, raw):
        versions.forget_tombstoned(connection, raw)
        held = versions.look(connection, raw, load.stamp.cutoff)
        since = None if load.full_reconcile else _watermark(connection, raw, load.stamp.cutoff)
    delivery = source.land(raw, replace(load.request, since=since), connection)
    result = _apply(connection, raw, load, held, delivery)
    drop_landing(connection, raw)
    result = replace(result, seconds=round(time.monotonic() - started, 3))
    ledger.write_load(connection, result, describe_versions(raw))
    ledger.write_files(
        connection, raw.system.name, raw.table.name, load.request.night, delivery.files, delivery.copies
    )
    return result


def describe_versions(raw: RawTable) -> dict[str, str]:
    """Which code and which manifest a load was made with."""
    return {"scv": __version__, "manifest": hashlib.sha256(raw.system.path.read_bytes()).hexdigest()[:16]}


@dataclass(frozen=True)
class _Written:
    """What became of the rows that could be typed. `rows` is what is left after one was chosen per key."""

    rows: int
    overtaken: int
    applied: Applied
    content_hash: str


def _apply(
    connection: Connection, raw: RawTable, load: Load, held: Holding | None, delivery: Delivery
) -> LoadResult:
    """Type what was landed, judge it, write the versions, and count. `held` is None on the first load."""
    night, stamp = load.request.night, load.stamp
    _judge_volume(raw, held, delivery)
    retries = 0
    if held is not None and delivery.partial and delivery.is_text:
        retries = quarantine.add_retries(connection, raw, night, stamp.cutoff)
    rows = type_rows(connection, raw, delivery)
    quarantine.create_held_back(connection, raw, rows)
    bad = quarantine.set_apart(connection, raw, rows, stamp.secret)
    if retries:
        failed = quarantine.drop_failed_retries(connection, raw)
        bad -= failed
        retries -= failed
        retries -= quarantine.drop_overtaken_retries(
            connection, raw, stamp.cutoff - timedelta(microseconds=1)
        )
    read = delivery.rows + retries
    written = _write(connection, raw, rows, read - bad, load, held, delivery.partial)
    bad = read - written.rows - written.overtaken
    erased_bad = quarantine.drop_tombstoned(connection) if bad else 0
    bad -= erased_bad
    _judge_bad_rows(connection, raw, read, bad)
    quarantine.store(connection, raw, night)
    quarantine.close_mended(connection, raw, rows, night, stamp.cutoff, stamp.secret)
    if retries:
        quarantine.close_retried(connection, raw, stamp.cutoff)
    applied = written.applied
    result = LoadResult(
        system=raw.system.name,
        table=raw.table.name,
        night=night,
        batch_id=stamp.batch_id,
        status="loaded",
        rows_read=read,
        rows_loaded=read - bad - erased_bad - applied.tombstoned,
        rows_quarantined=bad,
        rows_tombstoned=erased_bad + applied.tombstoned,
        rows_new=applied.new,
        rows_changed=applied.changed,
        rows_deleted=applied.deleted,
        rows_returned=applied.returned,
        rows_unchanged=written.rows - applied.new - applied.changed - applied.returned - applied.tombstoned,
        content_hash=written.content_hash,
        warnings=(*delivery.warnings, *_warn_of_volume(raw, read, delivery.partial)),
    )
    return _judge_freshness(connection, raw, result, delivery)


def _write(
    connection: Connection,
    raw: RawTable,
    rows: sql.Identifier,
    count: int,
    load: Load,
    held: Holding | None,
    partial: bool,
) -> _Written:
    """Write the versions of the `count` typed rows."""
    stamp, overtaken = load.stamp, 0
    # Doubles are seldom in a whole delivery, so they are looked for only where the index finds some.
    if partial and doubles.has_doubles(connection, raw, rows):
        count, overtaken = _leave_one_per_key(connection, raw, rows, count, stamp)
    if held is None:
        applied = versions.make_table(connection, raw, rows, count, stamp)
        if not make_indexes(connection, raw):
            versions.drop_table(connection, raw)
            count, overtaken = _leave_one_per_key(connection, raw, rows, count, stamp)
            applied = versions.make_table(connection, raw, rows, count, stamp)
            make_indexes(connection, raw)
        return _Written(count, overtaken, applied, versions.look(connection, raw, stamp.cutoff).content_hash)
    difference = versions.compare(connection, raw, rows, stamp.secret, partial=partial)
    if not partial and _has_doubles(connection, raw, rows, count, held, difference):
        count, overtaken = _leave_one_per_key(connection, raw, rows, count, stamp)
        difference = versions.compare(connection, raw, rows, stamp.secret, partial=partial)
    if held.was_loaded:
        before = ledger.read_load(connection, raw.system.name, raw.table.name, load.request.night)
        is_same = difference.is_empty and not (
            partial and versions.has_strays(connection, raw, rows, stamp.cutoff)
        )
        if is_same and before is not None and before.status == "loaded":
            counted = Applied(
                before.rows_new,
                before.rows_changed,
                before.rows_deleted,
                before.rows_returned,
                difference.tombstoned,
            )
            return _Written(count, overtaken, counted, held.content_hash)
        versions.rewind(connection, raw, stamp.cutoff)
        quarantine.reopen(connection, raw, stamp.cutoff)
        difference = versions.compare(connection, raw, rows, stamp.secret, partial=partial)
    applied = versions.apply_difference(connection, raw, rows, difference, stamp)
    if difference.is_empty and not held.was_loaded:
        return _Written(count, overtaken, applied, held.content_hash)
    return _Written(count, overtaken, applied, versions.look(connection, raw, stamp.cutoff).content_hash)


def _has_doubles(
    connection: Connection,
    raw: RawTable,
    rows: sql.Identifier,
    count: int,
    held: Holding,
    difference: Difference,
) -> bool:
    """Whether a key came twice, told from counts alone where every row is held already.

    Each row that came and is held matches one current version. If no key came twice, as many versions are
    matched as rows are; only rows that are not held need a look.
    """
    matched_rows = count - difference.unheld - difference.tombstoned
    matched_versions = held.current - difference.absent - quarantine.count_held_back(connection, raw)
    if matched_rows != matched_versions:
        return doubles.has_doubles(connection, raw, rows)
    return bool(difference.unheld) and doubles.has_doubles(connection, raw, rows, only_unheld=True)


def _leave_one_per_key(
    connection: Connection, raw: RawTable, rows: sql.Identifier, count: int, stamp: Stamp
) -> tuple[int, int]:
    """Rows left, and rows that a later file has overtaken; the other doubles go to quarantine."""
    overtaken, doubled = doubles.take_out_doubles(connection, raw, rows)
    quarantine.set_apart(connection, raw, rows, stamp.secret)
    return count - overtaken - doubled, overtaken


def _judge_volume(raw: RawTable, held: Holding | None, delivery: Delivery) -> None:
    """Refuse half a delivery."""
    if delivery.partial:
        return
    system, table, read = raw.system, raw.table, delivery.rows
    if read < table.rows.min:
        raise half_file(system, table, f"expected at least {table.rows.min} rows (rows.min), found {read}")
    if held is not None and held.current >= FEW_ROWS and read < table.rows.half_below * held.current:
        raise half_file(
            system,
            table,
            f"{held.current} rows are held and only {read} came (rows.half_below: {table.rows.half_below})",
        )


def _judge_bad_rows(connection: Connection, raw: RawTable, read: int, bad: int) -> None:
    """Refuse a delivery of which too many rows cannot be interpreted."""
    system = raw.system
    if bad > FEW_BAD_ROWS and bad > system.max_bad_ratio * read:
        raise SourceDataError(
            f"{system.name}.{raw.table.name}: {bad} of {read} rows cannot be interpreted "
            f"({quarantine.summarise(connection)}); allowed is a share of {system.max_bad_ratio} "
            f"(max_bad_ratio in {system.manifest}). Nothing of {system.name} was applied and yesterday's data stay."
        )


def _warn_of_volume(raw: RawTable, read: int, partial: bool) -> list[str]:
    most = raw.table.rows.max
    if partial or most is None or read <= most:
        return []
    return [f"{raw.system.name}.{raw.table.name}: expected at most {most} rows (rows.max), found {read}"]


def _judge_freshness(
    connection: Connection, raw: RawTable, result: LoadResult, delivery: Delivery
) -> LoadResult:
    """A table of delta files is stale when no file has come for longer than declared."""
    table = raw.table
    if table.delivery != "delta" or delivery.files:
        return result
    last = ledger.last_delivery(connection, raw.system.name, table.name, result.night)
    if last is not None:
        age = cutoff_of(result.night) - cutoff_of(last)
        if age <= timedelta(hours=table.freshness_hours):
            return result
    said = f"in the night {last}" if last else "never"
    message = (
        f"{raw.system.name}.{table.name}: the last file came {said}; expected one within "
        f"{table.freshness_hours} hours (freshness_hours in {raw.system.manifest})."
    )
    return replace(result, status="stale", message=message)


def _watermark(connection: Connection, raw: RawTable, cutoff: datetime) -> datetime | None:
    """The last value that earlier nights saw, less the overlap; None where all has to be read."""
    table = raw.table
    if table.watermark is None:
        return None
    row = connection.execute(
        sql.SQL("select max({})::timestamptz from {} where _valid_from < %s").format(
            sql.Identifier(table.watermark), raw.name
        ),
        [cutoff],
    ).fetchone()
    if row is None or row[0] is None:
        return None
    return row[0] - timedelta(hours=table.watermark_overlap_hours)


def store_names(connection: Connection, raw: RawTable, cutoff: datetime) -> None:
    """Have the names of the night's new versions parsed, once per distinct value."""
    from scv.names.store import store_parsed_names

    for name in raw.table.names:
        with connection.cursor("names_of_the_night") as cursor:
            cursor.itersize = NAMES_AT_ONCE
            cursor.execute(
                sql.SQL(
                    "select distinct {c} from {t} where _valid_from = %s and {c} is not null order by 1"
                ).format(c=sql.Identifier(name), t=raw.name),
                [cutoff],
            )
            store_parsed_names(connection, (row[0] for row in cursor))
