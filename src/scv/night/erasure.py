"""Forgetting erased people: what nights before have kept of them goes before tonight's tables are built.

Extraction deletes their rows and never loads them again; the models take everything else from raw. Only what is
kept from night to night has to be told: work lists make the models leave the rows out, and what does not say
which record a value came from is dropped here.
"""

from psycopg import Connection, sql

from scv.db import warehouse
from scv.db.warehouse import translate_db_errors
from scv.extract import erase_records
from scv.facts.subjects import MOST_PERSONS
from scv.keys import joint_person_key
from scv.manifests import load_manifests
from scv.night.landed import list_name_columns
from scv.night.ledger import NightContext
from scv.settings import get_settings


def forget_erased(context: NightContext) -> int:
    """Let tonight's tables hold nothing of the records that were erased since the last built night.

    Returns how many records that were. A night that is run again does the same again; nothing is done while
    nobody was erased. Raises DatabaseError.
    """
    with warehouse.connect("loader") as connection, translate_db_errors("forgetting erased records"):
        keys = [
            key
            for (key,) in connection.execute(
                "select record_key from erasure.tombstone where forgotten_on is null or forgotten_on > %s",
                (context.previous_night,),
            ).fetchall()
        ]
        if not keys:
            return 0
        # a system that could not be read tonight has not deleted them yet
        erase_records(connection, keys, load_manifests(get_settings().project_root).values())
        _forget_names(connection)
        _forget_kept_values(keys)
        persons = [joint_person_key(key, number) for key in keys for number in range(1, MOST_PERSONS + 1)]
        connection.execute("delete from facts.fact where subject_record_key = any(%s::text[])", (persons,))
        connection.execute(
            "insert into work.record (night, record_key) select %s, unnest(%s::text[]) on conflict do nothing",
            (context.night, keys),
        )
        connection.execute(
            "update erasure.tombstone set forgotten_on = %s where record_key = any(%s::text[])",
            (context.night, keys),
        )
    return len(keys)


def _forget_names(connection: Connection) -> None:
    """Drop the parsed names that no row has any more."""
    written = [
        sql.SQL("select {} as full_name from {}").format(sql.Identifier(column), raw.name)
        for raw, column in list_name_columns(connection)
    ]
    if written:
        connection.execute(
            sql.SQL(
                "delete from raw_names.parsed_name where full_name not in "
                "(select full_name from ({}) as written where full_name is not null)"
            ).format(sql.SQL(" union ").join(written))
        )


def _forget_kept_values(keys: list[str]) -> None:
    """Drop the periods of customers that an erased record belonged to, and the address texts, which are made anew.

    A period does not say which record each value came from, so all that the record may have been part of go; the
    history of a customer who is left begins again tonight.
    """
    with warehouse.connect("transform") as connection:
        found = connection.execute(
            "select to_regclass('intermediate.int_customers__history') is not null"
        ).fetchone()
        if found and found[0]:
            connection.execute(
                """
                delete from intermediate.int_customers__history as periods
                using link.membership as members
                where
                    members.record_key = any(%s::text[])
                    and periods.customer_id = members.customer_id
                    and periods.valid_from < coalesce(members.valid_to, 'infinity')
                """,
                (keys,),
            )
        # a view that goes with it is missed by the next step, which then makes all of them anew
        connection.execute("drop table if exists intermediate.int_address_texts cascade")
