"""Versions in raw_<system>.<table>: what changed is found by comparing typed columns in one join on the key."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection, sql

from scv.extract.quarantine import HELD_BACK
from scv.extract.raw_tables import RawTable, record_key_expression

DIFFERENCE = sql.Identifier("pg_temp", "difference")
ALWAYS_GIVEN = ("_record_key", "_row_hash", "_valid_from", "_batch_id", "_loaded_at")


@dataclass(frozen=True)
class Stamp:
    """What is written on the versions of a night."""

    cutoff: datetime
    batch_id: str
    secret: bytes

    @property
    def parameters(self) -> dict[str, object]:
        """What a statement that writes versions takes."""
        return {"cutoff": self.cutoff, "batch": self.batch_id, "secret": self.secret}


@dataclass(frozen=True)
class Holding:
    """What a raw table holds before a load."""

    current: int
    content_hash: str
    was_loaded: bool
    """Whether this night has written to it before."""


@dataclass(frozen=True)
class Difference:
    """What a delivery changes: rows that are not held, that differ, and that are held and did not come."""

    unheld: int
    changed: int
    absent: int
    tombstoned: int = 0
    """Rows of erased records, which are not held and stay so."""

    @property
    def is_empty(self) -> bool:
        """Whether the delivery says what we hold."""
        return not (self.unheld or self.changed or self.absent)


@dataclass(frozen=True)
class Applied:
    """Versions that were written."""

    new: int = 0
    changed: int = 0
    deleted: int = 0
    returned: int = 0
    tombstoned: int = 0


def look(connection: Connection, raw: RawTable, cutoff: datetime) -> Holding:
    """Count and hash the current rows, and see which nights have written."""
    row = connection.execute(
        sql.SQL(
            "select count(*) filter (where _valid_to is null), "
            "coalesce(sum(_row_hash) filter (where _valid_to is null), 0), "
            "coalesce(bool_or(_valid_from = %(cutoff)s or _valid_to = %(cutoff)s), false) from {}"
        ).format(raw.name),
        {"cutoff": cutoff},
    ).fetchone()
    assert row is not None
    # Order does not matter to a sum; modulo 2**64, it is as good a fingerprint as one row's hash.
    return Holding(row[0], f"{int(row[1]) % 2**64:016x}", row[2])


def forget_tombstoned(connection: Connection, raw: RawTable) -> int:
    """Delete every version of erased records; returns how many records there were."""
    cursor = connection.execute(
        sql.SQL(
            "with gone as (delete from {} where _record_key in (select record_key from erasure.tombstone) "
            "returning _record_key) select count(distinct _record_key) from gone"
        ).format(raw.name)
    )
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def compare(
    connection: Connection, raw: RawTable, rows: sql.Identifier, secret: bytes, *, partial: bool
) -> Difference:
    """Fill the difference between the typed rows and the current versions."""
    names = {
        "rows": rows,
        "raw": raw.name,
        "same_key": raw.same_key("l", "c"),
        "came": raw.columns("l"),
        "held": raw.columns("c"),
        "first_l": sql.Identifier("l", raw.table.primary_key[0]),
        "first_c": sql.Identifier("c", raw.table.primary_key[0]),
        "join": sql.SQL("left join" if partial else "full join"),
        "difference": DIFFERENCE,
    }
    connection.execute(sql.SQL("drop table if exists {}").format(DIFFERENCE))
    connection.execute(
        sql.SQL(
            "create temporary table difference on commit drop as select l.ctid as landed, c.held "
            "from {rows} as l {join} (select ctid as held, * from {raw} where _valid_to is null) as c on {same_key} "
            "where {first_l} is null or {first_c} is null or row({came}) is distinct from row({held})"
        ).format(**names)
    )
    if not partial:
        connection.execute(
            sql.SQL(
                "delete from {difference} as d using {raw} as c, {held_back} as h "
                "where d.landed is null and c.ctid = d.held and {same}"
            ).format(**names, held_back=HELD_BACK, same=raw.same_key("c", "h"))
        )
    tombstoned = 0
    if _has_tombstones(connection):
        tombstoned = connection.execute(
            sql.SQL(
                "delete from {difference} as d using {rows} as l where d.held is null and l.ctid = d.landed "
                "and exists (select from erasure.tombstone as t where t.record_key = {key})"
            ).format(**names, key=record_key_expression(connection, raw, "l")),
            {"secret": secret},
        ).rowcount
    row = connection.execute(
        sql.SQL(
            "select count(*) filter (where held is null), "
            "count(*) filter (where landed is not null and held is not null), "
            "count(*) filter (where landed is null) from {}"
        ).format(DIFFERENCE)
    ).fetchone()
    assert row is not None
    unheld, changed, absent = row
    return Difference(unheld, changed, absent, tombstoned)


def _has_tombstones(connection: Connection) -> bool:
    row = connection.execute("select exists (select from erasure.tombstone)").fetchone()
    return bool(row and row[0])


def has_strays(connection: Connection, raw: RawTable, rows: sql.Identifier, cutoff: datetime) -> bool:
    """Whether this night has written versions of rows that a partial delivery does not hold any more."""
    row = connection.execute(
        sql.SQL(
            "select exists (select from {raw} as c where c._valid_from = %(cutoff)s and c._valid_to is null "
            "and not exists (select from {rows} as l where {same_key}))"
        ).format(raw=raw.name, rows=rows, same_key=raw.same_key("l", "c")),
        {"cutoff": cutoff},
    ).fetchone()
    return bool(row and row[0])


def rewind(connection: Connection, raw: RawTable, cutoff: datetime) -> None:
    """Bring the versions back to what they were before this night."""
    connection.execute(sql.SQL("delete from {} where _valid_from = %s").format(raw.name), [cutoff])
    connection.execute(
        sql.SQL("update {} set _valid_to = null where _valid_to = %s").format(raw.name), [cutoff]
    )


def apply_difference(
    connection: Connection, raw: RawTable, rows: sql.Identifier, difference: Difference, stamp: Stamp
) -> Applied:
    """Close versions that changed or are gone, and insert those that are new, changed or came back."""
    if difference.is_empty:
        return Applied(tombstoned=difference.tombstoned)
    returned = connection.execute(
        sql.SQL(
            "select count(*) from {rows} as l where l.ctid = any (array("
            "select landed from {difference} where held is null)) "
            "and ({key}) in (select {key_c} from {raw} as c where c._valid_to is not null)"
        ).format(rows=rows, difference=DIFFERENCE, key=raw.key("l"), key_c=raw.key("c"), raw=raw.name)
    ).fetchone()
    # By an array of places, and not by a join: only the pages are read on which something changes.
    connection.execute(
        sql.SQL(
            "update {} as c set _valid_to = %(cutoff)s where c.ctid = any (array("
            "select held from {} where held is not null))"
        ).format(raw.name, DIFFERENCE),
        {"cutoff": stamp.cutoff},
    )
    if difference.unheld or difference.changed:
        among = sql.SQL(" where l.ctid = any (array(select landed from {} where landed is not null))").format(
            DIFFERENCE
        )
        connection.execute(
            sql.SQL("insert into {} ({}) {}").format(
                raw.name, raw.version_columns(), _select_versions(connection, raw, rows, among)
            ),
            stamp.parameters,
        )
    back = int(returned[0]) if returned else 0
    return Applied(
        new=difference.unheld - back,
        changed=difference.changed,
        deleted=difference.absent,
        returned=back,
        tombstoned=difference.tombstoned,
    )


def make_table(
    connection: Connection, raw: RawTable, rows: sql.Identifier, count: int, stamp: Stamp
) -> Applied:
    """Make the raw table, without its indexes, out of the `count` typed rows of its first load.

    `create table as` is the one way to write a table for which Postgres hashes rows in parallel workers.
    """
    made = connection.execute(
        sql.SQL("create table {} as {}").format(
            raw.name, _select_versions(connection, raw, rows, among=sql.SQL(""))
        ),
        stamp.parameters,
    ).rowcount
    connection.execute(
        sql.SQL("alter table {} {}").format(
            raw.name,
            sql.SQL(", ").join(
                sql.SQL("alter column {} set not null").format(sql.Identifier(name))
                for name in (*raw.table.primary_key, *ALWAYS_GIVEN)
            ),
        )
    )
    return Applied(new=made, tombstoned=count - made)


def drop_table(connection: Connection, raw: RawTable) -> None:
    """Drop a table that this transaction has made."""
    connection.execute(sql.SQL("drop table {}").format(raw.name))


def _select_versions(
    connection: Connection, raw: RawTable, rows: sql.Identifier, among: sql.Composable
) -> sql.Composable:
    """A select of versions valid from the cut-off, in the order of `version_columns`, leaving out erased records.

    Takes the parameters of a stamp.
    """
    unless_erased: sql.Composable = sql.SQL("")
    if _has_tombstones(connection):
        unless_erased = sql.SQL(
            " where not exists (select from erasure.tombstone as t where t.record_key = n._record_key)"
        )
    return sql.SQL(
        "select {columns}, n._record_key, n._row_hash, %(cutoff)s::timestamptz as _valid_from, "
        "null::timestamptz as _valid_to, %(batch)s::text as _batch_id, now() as _loaded_at from ("
        "select {columns_l}, {key} as _record_key, {row_hash} as _row_hash from {rows} as l{among}"
        ") as n{unless_erased}"
    ).format(
        columns=raw.columns("n"),
        columns_l=raw.columns("l"),
        key=record_key_expression(connection, raw, "l"),
        row_hash=raw.row_hash("l"),
        rows=rows,
        among=among,
        unless_erased=unless_erased,
    )
