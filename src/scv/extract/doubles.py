"""Keys that came more than once: found, and left with one row each."""

from psycopg import Connection, sql

from scv.extract.raw_tables import RawTable
from scv.extract.typing_rows import BAD
from scv.extract.versions import DIFFERENCE


def has_doubles(
    connection: Connection, raw: RawTable, rows: sql.Identifier, *, only_unheld: bool = False
) -> bool:
    """Whether a key came more than once, among all rows or among those that are not held."""
    among: sql.Composable = sql.SQL("")
    if only_unheld:
        among = sql.SQL("inner join {} as d on d.landed = l.ctid ").format(DIFFERENCE)
    row = connection.execute(
        sql.SQL("select exists (select from {} as l {}group by {} having count(*) > 1)").format(
            rows, among, raw.key("l")
        )
    ).fetchone()
    return bool(row and row[0])


def take_out_doubles(connection: Connection, raw: RawTable, rows: sql.Identifier) -> tuple[int, int]:
    """Leave one row per key; returns how many rows a later file has overtaken, and how many were listed as bad.

    Of rows in different files the one in the last file counts, and the others are no fault. Of rows in one
    file the first by row hash stays, so that the choice does not hang on their order, and the others are bad.
    """
    overtaken = 0
    file: sql.Composable = sql.SQL("")
    if rows == raw.typed:
        overtaken = connection.execute(
            sql.SQL(
                "delete from {rows} as l using "
                "(select {key}, max(_file) as _file from {rows} as x group by {key}) as m "
                "where {same_key} and l._file < m._file"
            ).format(rows=rows, key=raw.key("x"), same_key=raw.same_key("l", "m"))
        ).rowcount
        file = sql.SQL(", _file")
    doubled = connection.execute(
        sql.SQL(
            "insert into {bad} (landed, reason) select landed, 'duplicate_key' from (select {landed} as landed, "
            "row_number() over (partition by {key}{file} order by {row_hash}, {landed}) as place from {rows} as l "
            "where ({key}) in (select {key_x} from {rows} as x group by {key_x} having count(*) > 1)) as doubles "
            "where place > 1"
        ).format(
            bad=BAD,
            landed=sql.SQL("l._landed" if rows == raw.typed else "l.ctid"),
            key=raw.key("l"),
            key_x=raw.key("x"),
            file=file,
            row_hash=raw.row_hash("l"),
            rows=rows,
        )
    ).rowcount
    return overtaken, doubled
