"""Rows that could not be interpreted: kept with the reason, tried again, and closed once they are mended."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection, sql
from psycopg.rows import tuple_row

from scv.extract.raw_tables import RawTable, record_key_expression
from scv.extract.typing_rows import BAD

HELD_BACK = sql.Identifier("pg_temp", "held_back")
# Rows that were not cut into cells, or that were doubles, cannot be tried again from what we kept.
FINAL_REASONS = [
    "field_count",
    "line_length",
    "duplicate_key",
    "not_an_object",
    "nul_character",
    "invalid_character",
]


def set_apart(connection: Connection, raw: RawTable, rows: sql.Identifier, secret: bytes) -> int:
    """Describe the bad rows (payload, record key) and take them out of `rows`; returns how many there are now.

    Their keys, where they have one, are remembered as held back: a row that came and could not be typed
    was not deleted.
    """
    landed = sql.SQL("l._landed" if rows == raw.typed else "l.ctid")
    payload = sql.SQL("pg_catalog.to_jsonb(o)")
    if _is_text(connection, raw):
        payload = sql.SQL(
            "case when o._fault is null then pg_catalog.to_jsonb(o) - '{_file,_line,_fault,_cells}'::text[] "
            "else pg_catalog.jsonb_build_object('cells', o._cells::jsonb) end"
        )
    names = {
        "bad": BAD,
        "rows": rows,
        "landed": landed,
        "landing": raw.landing,
        "payload": payload,
        "key": record_key_expression(connection, raw, "l"),
        "whole": sql.SQL(" and ").join(
            sql.SQL("{} is not null").format(sql.Identifier("l", name)) for name in raw.table.primary_key
        ),
        "held_back": HELD_BACK,
        "columns": raw.key("l"),
    }
    row = connection.execute(sql.SQL("select count(*) from {bad}").format(bad=BAD)).fetchone()
    count = int(row[0]) if row else 0
    if not count:
        return 0
    connection.execute(
        sql.SQL(
            "update {bad} as b set payload = {payload}, row_key = case when {whole} then {key} end "
            "from {rows} as l, {landing} as o where b.payload is null and {landed} = b.landed and o.ctid = b.landed"
        ).format(**names),
        {"secret": secret},
    )
    connection.execute(
        sql.SQL(
            "insert into {held_back} select {columns} from {rows} as l inner join {bad} as b on b.landed = {landed} "
            "where {whole} and b.reason <> 'duplicate_key'"
        ).format(**names)
    )
    connection.execute(
        sql.SQL("delete from {rows} as l using {bad} as b where b.landed = {landed}").format(**names)
    )
    row = connection.execute(sql.SQL("select count(*) from {bad}").format(bad=BAD)).fetchone()
    return int(row[0]) if row else 0


def count_held_back(connection: Connection, raw: RawTable) -> int:
    """Current versions whose row came but could not be loaded."""
    any_held = connection.execute(sql.SQL("select exists (select from {})").format(HELD_BACK)).fetchone()
    if not any_held or not any_held[0]:
        return 0
    row = connection.execute(
        sql.SQL(
            "select count(*) from {} as c where c._valid_to is null and ({}) in (select {} from {})"
        ).format(raw.name, raw.key("c"), raw.key(), HELD_BACK)
    ).fetchone()
    return int(row[0]) if row else 0


def create_held_back(connection: Connection, raw: RawTable, rows: sql.Identifier) -> None:
    """The keys of rows that came but are not loaded."""
    connection.execute(sql.SQL("drop table if exists {}").format(HELD_BACK))
    connection.execute(
        sql.SQL("create temporary table held_back on commit drop as select {} from {} limit 0").format(
            raw.key(), rows
        )
    )


def add_retries(connection: Connection, raw: RawTable, before: date, cutoff: datetime) -> int:
    """Land the open rows of nights before a date once more, as file 0, oldest of all; returns how many.

    Rows that were replayed at this cut-off count as open: a second run of a night must end as the first.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, raw.table.column_names))
    cells = sql.SQL(", ").join(
        sql.SQL("q.payload ->> {}").format(sql.Literal(n)) for n in raw.table.column_names
    )
    cursor = connection.execute(
        sql.SQL(
            "insert into {landing} (_file, _line, {names}) select 0, -q.quarantine_id, {cells} "
            "from quarantine.row as q where q.system = %(system)s and q.table_name = %(table)s "
            "and q.night < %(before)s and (q.replayed_at is null or q.replayed_at = %(cutoff)s) "
            "and q.reason_code <> all (%(final)s) and not (q.payload ? 'cells') order by q.quarantine_id"
        ).format(landing=raw.landing, names=names, cells=cells),
        {**_where(raw), "before": before, "cutoff": cutoff, "final": FINAL_REASONS},
    )
    return cursor.rowcount


def drop_overtaken_retries(connection: Connection, raw: RawTable, until: datetime) -> int:
    """Leave out rows whose record has come whole since, up to an instant; returns how many."""
    return connection.execute(
        sql.SQL(
            "with overtaken as (delete from {typed} as l using {landing} as o, quarantine.row as q, {raw} as v "
            "where o.ctid = l._landed and o._file = 0 and q.quarantine_id = -o._line and {same_key} "
            "and v._valid_from >= (q.night::timestamp at time zone 'Europe/London') and v._valid_from <= %s "
            "returning l._landed) delete from {landing} as o using overtaken where o.ctid = overtaken._landed"
        ).format(typed=raw.typed, landing=raw.landing, raw=raw.name, same_key=raw.same_key("l", "v")),
        [until],
    ).rowcount


def drop_failed_retries(connection: Connection, raw: RawTable) -> int:
    """Rows that were tried again in vain stay in quarantine as they are; returns how many."""
    return connection.execute(
        sql.SQL(
            "with failed as (delete from {bad} as b using {landing} as l where l.ctid = b.landed and l._file = 0 "
            "returning b.landed) delete from {landing} as l using failed where l.ctid = failed.landed"
        ).format(bad=BAD, landing=raw.landing)
    ).rowcount


def close_retried(connection: Connection, raw: RawTable, cutoff: datetime) -> "Closed":
    """Mark the rows that were tried again with success as replayed at the cut-off; returns how many, by night."""
    nights = connection.execute(
        sql.SQL(
            "with closed as (update quarantine.row as q set replayed_at = %s from {} as l "
            "where l._file = 0 and q.quarantine_id = -l._line returning q.night) "
            "select night, count(*) from closed group by night"
        ).format(raw.landing),
        [cutoff],
    ).fetchall()
    return Closed(dict(nights))


@dataclass(frozen=True)
class Closed:
    """Rows of quarantine that were replayed, by the night that had quarantined them."""

    nights: dict[date, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.nights.values())

    def of_night(self, night: date) -> int:
        """Those of one night."""
        return self.nights.get(night, 0)


def summarise(connection: Connection) -> str:
    """Bad rows by reason and column, as counts."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            sql.SQL(
                "select reason || coalesce(' in ' || column_name, ''), count(*) from {} group by 1 order by 2 desc, 1"
            ).format(BAD)
        )
        return ", ".join(f"{reason}: {count}" for reason, count in cursor.fetchall())


def drop_tombstoned(connection: Connection) -> int:
    """Bad rows of erased records are not even quarantined; returns how many."""
    return connection.execute(
        sql.SQL("delete from {} as b using erasure.tombstone as t where t.record_key = b.row_key").format(BAD)
    ).rowcount


def store(connection: Connection, raw: RawTable, night: date) -> None:
    """Write the night's bad rows; one that stands open from an earlier night is not written twice."""
    connection.execute(
        "delete from quarantine.row where system = %(system)s and table_name = %(table)s and night = %(night)s",
        {**_where(raw), "night": night},
    )
    connection.execute(
        sql.SQL(
            "insert into quarantine.row (system, table_name, night, row_key, reason_code, column_name, payload) "
            "select %(system)s, %(table)s, %(night)s, b.row_key, b.reason, b.column_name, "
            "coalesce(b.payload, '{{}}') from {bad} as b where not exists ("
            "select from quarantine.row as q where q.system = %(system)s and q.table_name = %(table)s "
            "and q.replayed_at is null and q.reason_code = b.reason and q.payload = b.payload "
            "and q.row_key is not distinct from b.row_key) order by b.landed"
        ).format(bad=BAD),
        {**_where(raw), "night": night},
    )


def close_mended(
    connection: Connection, raw: RawTable, rows: sql.Identifier, night: date, cutoff: datetime, secret: bytes
) -> int:
    """Mark rows of earlier nights whose record came whole tonight as replayed at the cut-off; returns how many."""
    open_rows = connection.execute(
        "select count(*) from quarantine.row where system = %(system)s and table_name = %(table)s "
        "and night < %(night)s and replayed_at is null and row_key is not null",
        {**_where(raw), "night": night},
    ).fetchone()
    if not open_rows or not open_rows[0]:
        return 0
    return connection.execute(
        sql.SQL(
            "with came as materialized (select distinct {key} as row_key from {rows} as l) "
            "update quarantine.row as q set replayed_at = %(cutoff)s from came "
            "where q.system = %(system)s and q.table_name = %(table)s and q.night < %(night)s "
            "and q.replayed_at is null and q.row_key = came.row_key "
            "and not exists (select from {bad} as b where b.row_key = q.row_key)"
        ).format(key=record_key_expression(connection, raw, "l"), rows=rows, bad=BAD),
        {**_where(raw), "night": night, "cutoff": cutoff, "secret": secret},
    ).rowcount


def reopen(connection: Connection, raw: RawTable, cutoff: datetime) -> None:
    """Undo what this night has replayed, before it is loaded again."""
    connection.execute(
        "update quarantine.row set replayed_at = null "
        "where system = %(system)s and table_name = %(table)s and replayed_at = %(cutoff)s",
        {**_where(raw), "cutoff": cutoff},
    )


def _where(raw: RawTable) -> dict[str, str]:
    return {"system": raw.system.name, "table": raw.table.name}


def _is_text(connection: Connection, raw: RawTable) -> bool:
    row = connection.execute(
        "select exists (select from pg_catalog.pg_attribute where attrelid = pg_catalog.to_regclass(%s) "
        "and attname = '_fault' and not attisdropped)",
        [raw.landing.as_string(connection)],
    ).fetchone()
    return bool(row and row[0])
