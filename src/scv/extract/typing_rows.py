"""From the landing to typed rows: every cell typed by expressions that cannot raise, bad rows set apart."""

from psycopg import Connection, sql

from scv.extract.landing import LANDING, Delivery
from scv.extract.raw_tables import RawTable
from scv.manifests import Column

TYPED = sql.Identifier("pg_temp", "typed_rows")
BAD = sql.Identifier("pg_temp", "bad_rows")

REASONS = {
    "smallint": "not_a_whole_number",
    "integer": "not_a_whole_number",
    "bigint": "not_a_whole_number",
    "numeric": "not_a_number",
    "date": "not_a_date",
    "timestamptz": "not_a_time",
    "boolean": "not_yes_or_no",
}


def create_bad_rows(connection: Connection) -> None:
    """The list of rows that cannot be loaded: where in the landing, why, which column, and the record's key."""
    connection.execute(sql.SQL("drop table if exists {}").format(BAD))
    connection.execute(
        "create temporary table bad_rows "
        "(landed tid, reason text not null, column_name text, row_key text, payload jsonb) on commit drop"
    )


def type_rows(connection: Connection, raw: RawTable, delivery: Delivery) -> sql.Identifier:
    """Type the landing; returns the table of typed rows, which has the declared columns, `_file` and `_landed`.

    A cell that is not empty and has no typed value, and a row without its whole key, go to the bad rows.
    A landing that came typed already is used as it is.
    """
    create_bad_rows(connection)
    is_text = delivery.is_text
    if not is_text and not delivery.text_columns:
        _list_missing_keys(connection, raw, LANDING)
        return LANDING
    by_text = {c.name: c for c in raw.table.columns if is_text or c.name in delivery.text_columns}
    values = [
        sql.SQL("{} as {}").format(
            typed_expression(column) if column.name in by_text else sql.Identifier("l", column.name),
            sql.Identifier(column.name),
        )
        for column in raw.table.columns
    ]
    checked = [column for name, column in by_text.items() if column.type != "text"]
    bad_column: sql.Composable = sql.SQL("null::text")
    if checked:
        tests = [
            sql.SQL("when t.{name} is null and pg_catalog.btrim(l.{name}) <> '' then {label}").format(
                name=sql.Identifier(column.name), label=sql.Literal(column.name)
            )
            for column in checked
        ]
        bad_column = sql.SQL("case {} end").format(sql.SQL(" ").join(tests))
    connection.execute(sql.SQL("drop table if exists {}").format(TYPED))
    connection.execute(
        sql.SQL(
            "create temporary table typed_rows on commit drop as "
            "select t.*, {file} as _file, l.ctid as _landed, {fault} as _fault, {bad} as _bad_column "
            "from {landing} as l cross join lateral (select {values} offset 0) as t"
        ).format(
            file=sql.SQL("l._file" if is_text else "1"),
            fault=sql.SQL("l._fault" if is_text else "null::text"),
            bad=bad_column,
            landing=LANDING,
            values=sql.SQL(", ").join(values),
        )
    )
    _list_untyped(connection, raw)
    _list_missing_keys(connection, raw, TYPED)
    return TYPED


def typed_expression(column: Column) -> sql.Composable:
    """The value of a text cell in the declared type, or null; never an error."""
    cell = sql.Identifier("l", column.name)
    code = sql.Literal(column.format or "iso")
    if column.type == "text":
        return sql.SQL("nullif({}, '')").format(cell)
    if column.type == "date":
        return sql.SQL("typed.to_date({}, {})").format(cell, code)
    if column.type == "timestamptz":
        return sql.SQL("typed.to_timestamp({}, {})").format(cell, code)
    if column.type == "smallint":
        number = sql.SQL("typed.to_integer({})").format(cell)
        return sql.SQL("case when {n} between -32768 and 32767 then {n} end::smallint").format(n=number)
    return sql.SQL("typed.{}({})").format(sql.Identifier(f"to_{column.type}"), cell)


def _list_untyped(connection: Connection, raw: RawTable) -> None:
    reasons = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(column.name), sql.Literal(REASONS[column.type]))
        for column in raw.table.columns
        if column.type != "text"
    )
    reason = sql.SQL("case _bad_column {} end").format(reasons) if reasons.as_string() else sql.SQL("null")
    connection.execute(
        sql.SQL(
            "insert into {bad} (landed, reason, column_name) select _landed, coalesce(_fault, {reason}), _bad_column "
            "from {typed} where _fault is not null or _bad_column is not null"
        ).format(bad=BAD, reason=reason, typed=TYPED)
    )


def _list_missing_keys(connection: Connection, raw: RawTable, rows: sql.Identifier) -> None:
    landed, unlisted = sql.SQL("ctid"), sql.SQL("")
    if rows is TYPED:
        landed, unlisted = sql.SQL("_landed"), sql.SQL(" and _fault is null and _bad_column is null")
    first_missing = sql.SQL(" ").join(
        sql.SQL("when {} is null then {}").format(sql.Identifier(name), sql.Literal(name))
        for name in raw.table.primary_key
    )
    any_missing = sql.SQL(" or ").join(
        sql.SQL("{} is null").format(sql.Identifier(name)) for name in raw.table.primary_key
    )
    connection.execute(
        sql.SQL(
            "insert into {bad} (landed, reason, column_name) select {landed}, 'missing_key', case {first} end "
            "from {rows} where ({missing}){unlisted}"
        ).format(
            bad=BAD, landed=landed, first=first_missing, rows=rows, missing=any_missing, unlisted=unlisted
        )
    )
