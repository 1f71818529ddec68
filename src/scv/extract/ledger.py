"""The loader's ledger: audit.load (one row per night and table) and audit.file (contents that were loaded)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.types.json import Jsonb

from scv.extract.landing import DeliveredFile
from scv.extract.results import LoadResult

COPY = "copy"


@dataclass(frozen=True)
class SeenFile:
    """A content that an earlier night loaded, or a copy of one that it saw."""

    name: str
    night: date
    rows: int


def write_load(connection: Connection, result: LoadResult, versions: dict[str, str]) -> None:
    """Write one table's row of the night, over that of an earlier run."""
    connection.execute(
        """
        insert into audit.load (
            batch_id, night, system, table_name, status, rows_read, rows_loaded, rows_quarantined,
            rows_tombstoned, rows_new, rows_changed, rows_deleted, rows_returned, rows_unchanged,
            content_hash, seconds, message, versions, loaded_at
        ) values (
            %(batch_id)s, %(night)s, %(system)s, %(table)s, %(status)s, %(rows_read)s, %(rows_loaded)s,
            %(rows_quarantined)s, %(rows_tombstoned)s, %(rows_new)s, %(rows_changed)s, %(rows_deleted)s,
            %(rows_returned)s, %(rows_unchanged)s, %(content_hash)s, %(seconds)s, %(message)s, %(versions)s, now()
        )
        on conflict (night, system, table_name) do update set
            batch_id = excluded.batch_id, status = excluded.status, rows_read = excluded.rows_read,
            rows_loaded = excluded.rows_loaded, rows_quarantined = excluded.rows_quarantined,
            rows_tombstoned = excluded.rows_tombstoned, rows_new = excluded.rows_new,
            rows_changed = excluded.rows_changed, rows_deleted = excluded.rows_deleted,
            rows_returned = excluded.rows_returned, rows_unchanged = excluded.rows_unchanged,
            content_hash = excluded.content_hash, seconds = excluded.seconds, message = excluded.message,
            versions = excluded.versions, loaded_at = excluded.loaded_at
        """,
        {**vars(result), "versions": Jsonb(versions)},
    )


def read_load(connection: Connection, system: str, table: str, night: date) -> LoadResult | None:
    """One table's row of a night, or None."""
    names = (
        "batch_id, status, rows_read, rows_loaded, rows_quarantined, rows_tombstoned, rows_new, rows_changed, "
        "rows_deleted, rows_returned, rows_unchanged, content_hash, seconds, message"
    )
    row = connection.execute(
        f"select {names} from audit.load where system = %s and table_name = %s and night = %s",
        [system, table, night],
    ).fetchone()
    if row is None:
        return None
    found = dict(zip(names.split(", "), row, strict=True))
    return LoadResult(system=system, table=table, night=night, **found)


def last_night(connection: Connection, system: str) -> date | None:
    """The last night in which a system was loaded."""
    row = connection.execute(
        "select max(night) from audit.load where system = %s and status = 'loaded'", [system]
    ).fetchone()
    return row[0] if row else None


def seen_files(connection: Connection, system: str, table: str, *, before: date) -> dict[str, SeenFile]:
    """Contents that nights before this one loaded, and copies they saw; this night's own are read again."""
    rows = connection.execute(
        "select content_sha256, coalesce(file_name, ''), night, rows from audit.file "
        "where system = %s and table_name = %s and night < %s",
        [system, table, before],
    )
    return {row[0]: SeenFile(row[1], row[2], row[3]) for row in rows}


def write_files(
    connection: Connection,
    system: str,
    table: str,
    night: date,
    files: Iterable[DeliveredFile],
    copies: Iterable[DeliveredFile],
) -> None:
    """Remember what this night read, and which copies it saw, over what an earlier run of it remembered."""
    connection.execute(
        "delete from audit.file where system = %s and table_name = %s and night = %s", [system, table, night]
    )
    known = [(file, file.sha256 if file.rows else hash_empty(file.sha256, file.name)) for file in files]
    known += [(file, name_copy(file.sha256, file.name)) for file in copies]
    for file, digest in known:
        connection.execute(
            "insert into audit.file (system, table_name, content_sha256, night, rows, file_name) "
            "values (%s, %s, %s, %s, %s, %s) on conflict (system, table_name, content_sha256) do nothing",
            [system, table, digest, night, file.rows, file.name],
        )


def hash_empty(sha256: str, name: str) -> str:
    """What an empty delivery is known by: two of them are alike in content and still two deliveries."""
    return hashlib.sha256(f"{sha256} {name}".encode()).hexdigest()


def name_copy(sha256: str, name: str) -> str:
    """What a file is known by that was not read, because its content had come under another name."""
    return f"{COPY} {hash_empty(sha256, name)}"


def last_delivery(connection: Connection, system: str, table: str, night: date) -> date | None:
    """The last night up to this one in which a file came that was no copy of an earlier one."""
    row = connection.execute(
        "select max(night) from audit.file where system = %s and table_name = %s and night <= %s "
        "and not starts_with(content_sha256, %s)",
        [system, table, night, COPY],
    ).fetchone()
    return row[0] if row else None
