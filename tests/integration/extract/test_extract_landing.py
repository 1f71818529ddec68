"""The landing is nobody's but the loader's and is gone with its transaction; what is made of it has its shape."""

import psycopg
import pytest
from tests.support.people_files import HEADER, ROWS, declare_csv

from scv.db.warehouse import connect
from scv.extract import loading

pytestmark = pytest.mark.postgres

LANDINGS = """
select c.relname, c.relpersistence::text
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = %s and c.relkind = 'r' and c.relname ~ '[$]'
order by 1
"""


def test_nobody_else_sees_a_landing_and_nothing_of_it_stays(council, monkeypatch):
    people, seen = declare_csv(council), {}

    def look(connection, raw, *_):
        seen["within"] = connection.execute(LANDINGS, [f"raw_{people}"]).fetchall()
        with connect("admin", council.settings) as other:
            seen["admin"] = other.execute(LANDINGS, [f"raw_{people}"]).fetchall()
        with (
            connect("transform", council.settings) as other,
            pytest.raises((psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)),
        ):
            other.execute(f'select * from raw_{people}."people$landing"')

    monkeypatch.setattr(loading.quarantine, "close_mended", look)
    for number in (1, 2):
        assert council.load_csv(people, HEADER + ROWS, number).status == "loaded"
        # Unlogged: the server's log holds nothing of it, and a crash of the server empties it.
        assert seen["within"] == [("people$landing", "u"), ("people$typed", "u")]
        assert seen["admin"] == []
        assert council.query(LANDINGS, f"raw_{people}") == []
    (council.files(people) / "people.csv").write_text(HEADER + "x,Byrne,\n" * 40)
    assert council.extract(people, 3).status == "failed"
    assert council.query(LANDINGS, f"raw_{people}") == []


def test_a_table_made_of_its_first_delivery_has_the_declared_shape(council):
    people = council.name()
    kinds = ["text", "smallint", "integer", "bigint", "numeric", "date", "timestamptz", "boolean"]
    columns = {f"c_{kind}": kind for kind in kinds}
    columns["c_date"] = ("date", {"format": "iso"})
    table = {"name": "people", "location": "people.csv", "csv": {}, "columns": columns}
    table |= {"primary_key": ["c_text", "c_bigint"], "key_means_person": "unique"}
    council.declare(people, "csv", [table])
    assert council.load_csv(people, ",".join(columns) + "\n").status == "loaded"
    found = council.query(
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute "
        "where attrelid = %s::regclass and attnum > 0 order by attnum",
        f"raw_{people}.people",
    )
    key = ("c_text", "c_bigint")
    assert found == [
        *[
            (f"c_{kind}", kind.replace("timestamptz", "timestamp with time zone"), f"c_{kind}" in key)
            for kind in kinds
        ],
        ("_record_key", "text", True),
        ("_row_hash", "bigint", True),
        ("_valid_from", "timestamp with time zone", True),
        ("_valid_to", "timestamp with time zone", False),
        ("_batch_id", "text", True),
        ("_loaded_at", "timestamp with time zone", True),
    ]
    indexes = council.query(
        "select indexdef ~ 'UNIQUE', regexp_replace(indexdef, '.* btree ', '') from pg_indexes "
        "where schemaname = %s order by 2",
        f"raw_{people}",
    )
    assert indexes == [
        (True, "(_record_key, _valid_from)"),
        (True, "(c_text, c_bigint) WHERE (_valid_to IS NULL)"),
    ]
