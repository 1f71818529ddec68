"""The night's work lists: the rows that changed since the last built night.

They are persisted, so that a step that is killed and run again works on the same list, and they reach back to
the last night whose tables were all built, so that nothing is lost when a night is blocked or left out. The
models before linkage add the person records that a changed row is part of, those after it the customers.
"""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection, sql

from scv.clock import cutoff
from scv.db import warehouse
from scv.names.store import renew_parsed_names
from scv.night.erasure import forget_erased
from scv.night.landed import list_landed_tables, list_name_columns
from scv.night.ledger import NightContext


@dataclass(frozen=True)
class WorkList:
    """How many changed rows the later steps of the night look at, and how many erased records they forget."""

    records: int
    erased: int


def list_changed_records(context: NightContext) -> WorkList:
    """Fill work.record with the keys of all rows that are new, changed or gone since the last built night.

    A row counts as changed, too, when a new version of the parser reads its name in another way.
    """
    erased = forget_erased(context)
    _list_renewed_names(context.night)
    return WorkList(list_changed_rows(context), erased)


def list_changed_rows(context: NightContext) -> int:
    """Put on the list what raw says is new, changed or gone since the last built night; returns the list's length.

    Zero while no night was built yet: everything then counts as changed, without a list.
    """
    if context.previous_night is None:
        return 0
    with warehouse.connect("transform") as connection:
        for table, key in (("record", "record_key"), ("customer", "customer_id")):
            _carry_over(connection, context, table, key)
        since = cutoff(context.previous_night)
        for schema, table in list_landed_tables(connection):
            _add_changed_rows(connection, context.night, since, schema, table)
        row = connection.execute(
            "select count(*) from work.record where night = %s", (context.night,)
        ).fetchone()
    return int(row[0]) if row else 0


def _list_renewed_names(night: date) -> None:
    """List the rows, of all versions, with a name that the parser now reads in another way."""
    with warehouse.connect("loader") as connection:
        for names in renew_parsed_names(connection):
            for raw, column in list_name_columns(connection):
                connection.execute(
                    sql.SQL(
                        """
                        insert into work.record (night, record_key)
                        select distinct %s::date, _record_key from {} where {} = any(%s::text[])
                        on conflict do nothing
                        """
                    ).format(raw.name, sql.Identifier(column)),
                    (night, names),
                )


def _carry_over(connection: Connection, context: NightContext, table: str, key: str) -> None:
    """Drop the lists of built nights, and take over those of nights that were begun but never built."""
    names = {"table": sql.Identifier("work", table), "key": sql.Identifier(key)}
    parameters = {"night": context.night, "previous": context.previous_night}
    connection.execute(sql.SQL("delete from {table} where night <= %(previous)s").format(**names), parameters)
    connection.execute(
        sql.SQL(
            """
            insert into {table} (night, {key})
            select distinct %(night)s::date, {key} from {table} where night < %(night)s
            on conflict do nothing
            """
        ).format(**names),
        parameters,
    )


def _add_changed_rows(connection: Connection, night: date, since: datetime, schema: str, table: str) -> None:
    connection.execute(
        sql.SQL(
            """
            insert into work.record (night, record_key)
            select distinct %(night)s::date, _record_key
            from {}
            where (_valid_from > %(since)s and _valid_from <= %(until)s)
                or (_valid_to > %(since)s and _valid_to <= %(until)s)
            on conflict do nothing
            """
        ).format(sql.Identifier(schema, table)),
        {"night": night, "since": since, "until": cutoff(night)},
    )
