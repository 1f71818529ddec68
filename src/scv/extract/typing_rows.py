"""From the landing to typed rows: every cell typed by expressions that cannot raise, bad rows set apart."""

from psycopg import Connection, sql

from scv.extract.landing import Delivery
from scv.extract.raw_tables import RawTable
from scv.manifests import Column

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


def type_rows(connection: Connection, raw: RawTable, delivery: Delivery) -> sql.Identifier:
    """Type the landing; returns the table of typed rows, which has the declared columns, `_file` and `_landed`.

    A cell that is not empty and has no typed value, and a row without its whole key, go to the bad rows.
    A landing that came typed already is used as it is.
    """
    is_text = delivery.is_text
    if not is_text and not delivery.text_columns:
        _list_bad_rows(connection, raw, raw.landing)
        return raw.landing
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
    connection.execute(
        sql.SQL(
            "create unlogged table {typed} as "
            "select t.*, {file} as _file, l.ctid as _landed, {fault} as _fault, {bad} as _bad_column "
            "from {landing} as l cross join lateral (select {values} offset 0) as t"
        ).format(
            typed=raw.typed,
            file=sql.SQL("l._file" if is_text else "1"),
            fault=sql.SQL("l._fault" if is_text else "null::text"),
            bad=bad_column,
            landing=raw.landing,
            values=sql.SQL(", ").join(values),
        )
    )
    _list_bad_rows(connection, raw, raw.typed)
    return raw.typed


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


def _list_bad_rows(connection: Connection, raw: RawTable, rows: sql.Identifier) -> None:
    """List what cannot be loaded: where in the landing, why, and which column; its key and payload come later."""
    key = [sql.Identifier(name) for name in raw.table.primary_key]
    is_bad: sql.Composable = sql.SQL(" or ").join(sql.SQL("{} is null").format(name) for name in key)
    column: sql.Composable = sql.SQL("case {} end").format(
        sql.SQL(" ").join(
            sql.SQL("when {} is null then {}").format(name, sql.Literal(label))
            for name, label in zip(key, raw.table.primary_key, strict=True)
        )
    )
    landed: sql.Composable = sql.SQL("ctid")
    reason: sql.Composable = sql.SQL("'missing_key'")
    if rows == raw.typed:
        landed = sql.SQL("_landed")
        untyped = sql.SQL(" ").join(
            sql.SQL("when _bad_column = {} then {}").format(
                sql.Literal(declared.name), sql.Literal(REASONS[declared.type])
            )
            for declared in raw.table.columns
            if declared.type != "text"
        )
        reason = sql.SQL("coalesce(_fault, case when _bad_column is null then 'missing_key' {} end)").format(
            untyped
        )
        column = sql.SQL("case when _fault is null then coalesce(_bad_column, {}) end").format(column)
        is_bad = sql.SQL("_fault is not null or _bad_column is not null or {}").format(is_bad)
    connection.execute(sql.SQL("drop table if exists {}").format(BAD))
    connection.execute(
        sql.SQL(
            "create temporary table bad_rows on commit drop as select {landed} as landed, {reason} as reason, "
            "{column} as column_name, null::text as row_key, null::jsonb as payload from {rows} where {is_bad}"
        ).format(landed=landed, reason=reason, column=column, rows=rows, is_bad=is_bad)
    )
