"""Person records on their way from the link input through their standard form into `link.record` and DuckDB.

Everything goes in chunks: memory holds one chunk and what DuckDB keeps.
"""

from collections.abc import Iterator

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from scv.linkage.blocking import SIGNED
from scv.linkage.duck import run
from scv.linkage.model import Model
from scv.linkage.records import COLUMNS, standardise
from scv.linkage.store import LINK_INPUT
from scv.linkage.transfer import copy_tables, stream_out

HASHED = f"""
select found.*, pg_catalog.hash_record_extended(row(found.*), 0) as input_hash from ({LINK_INPUT}) as found
"""
CHANGED = f"{HASHED} inner join pg_temp.change on found.key = change.record_key and change.is_live"
# Rows per table on the way into the warehouse.
ROWS = 50_000
# A column counts as filled where at least this share of the records has a value.
FILLED = 0.02


def read_input(connection: psycopg.Connection, only_changed: bool = False) -> Iterator[pa.Table]:
    """The link input in order of its keys, all text, with the hash of each row."""
    query = CHANGED if only_changed else HASHED
    yield from stream_out(connection, f'{query} order by found.key collate "C"')


def load_input(
    connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, only_changed: bool = False
) -> tuple[int, list[str]]:
    """Standardise the link input into the tables `records` and `input_hash` of DuckDB.

    Gives the number of records and the columns that are filled.
    """
    rows, filled = 0, dict.fromkeys(COLUMNS, 0)
    nothing = pa.array([], pa.string())
    con.register("arrow_input", standardise(pa.table({"key": nothing, "source": nothing}), "key", "source"))
    run(con, "create or replace table records as select * from arrow_input")
    run(con, "create or replace table input_hash (rid bigint, input_hash bigint)")
    for table in read_input(connection, only_changed):
        records = standardise(table, "key", "source")
        rid = pa.array(range(rows, rows + records.num_rows), pa.int64())
        records = records.set_column(0, "rid", rid)
        con.register("arrow_input", records)
        run(con, "insert into records select * from arrow_input")
        order = pc.sort_indices(table, [("key", "ascending")])
        hashes = table.column("input_hash").take(order).cast(pa.int64())
        con.register("arrow_input", pa.table({"rid": rid, "input_hash": hashes}))
        run(con, "insert into input_hash select * from arrow_input")
        rows += records.num_rows
        for name in COLUMNS:
            filled[name] += records.num_rows - records.column(name).null_count
    con.unregister("arrow_input")
    return rows, [name for name, count in filled.items() if count >= FILLED * max(rows, 1)]


def write_records(connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Add the tables `records` and `block_key` of DuckDB to `link.record`."""
    run(
        con,
        "create or replace table key_list as"
        f" select rid, list({SIGNED} order by key) as block_keys from block_key group by rid",
    )
    rows = int(run(con, "select count(*) from records")[0][0])

    def chunks() -> Iterator[pa.Table]:
        for start in range(0, rows, ROWS):
            yield con.sql(
                "select r.key as record_key, r.source, h.input_hash::varchar as input_hash,"
                f" {_text_array([f'{name}::varchar' for name in COLUMNS])} as standard,"
                " '{' || coalesce(array_to_string(k.block_keys, ','), '') || '}' as block_keys,"
                f" '{model.version}' as model_version"
                " from records r join input_hash h on h.rid = r.rid left join key_list k on k.rid = r.rid"
                f" where r.rid >= {start} and r.rid < {start + ROWS}"
            ).to_arrow_table()

    copy_tables(connection, "link.record", chunks())
    run(con, "drop table key_list")


def _text_array(values: list[str]) -> str:
    """SQL of a PostgreSQL array literal of text."""
    quoted = (
        f"coalesce('\"' || replace(replace({value}, '\\', '\\\\'), '\"', '\\\"') || '\"', 'NULL')"
        for value in values
    )
    return f"'{{' || concat_ws(',', {', '.join(quoted)}) || '}}'"


def fetch_records(connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, which: str) -> list[str]:
    """Load records of `link.record` into the table `records`, in order of their keys, which it gives.

    `which` is a query for record keys.
    """
    items = ", ".join(f"record.standard[{place}] as {name}" for place, name in enumerate(COLUMNS, 1))
    query = (
        f"select record.record_key as key, record.source, {items} from link.record"
        f' where record.record_key in ({which}) order by record.record_key collate "C"'
    )
    keys: list[str] = []
    typed = ", ".join(f"{name}::integer as {name}" if name == "birth_days" else name for name in COLUMNS)
    empty = pa.schema([(name, pa.string()) for name in ("key", "source", *COLUMNS)]).empty_table()
    con.register("arrow_input", empty.append_column("rid", pa.array([], pa.int64())))
    select = f"select rid, key, source, {typed}, null::varchar as age_class from arrow_input"
    run(con, f"create or replace table records as {select}")
    for table in stream_out(connection, query):
        rid = pa.array(range(len(keys), len(keys) + table.num_rows), pa.int64())
        con.register("arrow_input", table.append_column("rid", rid))
        run(con, f"insert into records {select}")
        keys += table.column("key").to_pylist()
    con.unregister("arrow_input")
    return keys
