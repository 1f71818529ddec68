"""One night of the linkage in the warehouse of the benchmark's council.

python -m benchmarks.link.warehouse RECORDS.parquet first|changed

`first` empties link.*, puts the records into the link input and links them as a first night; `changed` adds ten
thousand changed and new ones and links the next night. Prints one line of JSON: the night's result and peak memory.
"""

import json
import resource
import sys
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from benchmarks.link.council import changed_night

from scv.db.warehouse import connect
from scv.linkage.night import link_night
from scv.linkage.transfer import copy_tables

NIGHT = date(2026, 3, 2)
CHANGED = 10_000
INPUT = "intermediate.int_person_records__link_input"
WORK = (
    "record", "edge", "night", "affected", "membership", "customer_event", "doubt", "review", "review_asked", "giant",
    "model", "model_level",
)  # fmt: skip


def make_input(connection: psycopg.Connection) -> None:
    """A table in place of the view that dbt made, with its columns."""
    connection.execute(f"alter view if exists {INPUT} rename to link_input_of_the_demonstration")
    connection.execute(
        f"create table {INPUT} as select * from intermediate.link_input_of_the_demonstration limit 0"
    )
    connection.execute(f"alter table {INPUT} alter column birth_date type text")
    connection.execute(f"grant select on {INPUT} to scv_linkage")


def as_input(records: pa.Table) -> pa.Table:
    """Rows of the link input that read as these records."""
    source = pc.split_pattern(records.column("source"), ".", max_splits=1).combine_chunks()
    last = pc.replace_substring_regex(records.column("entry"), r"^.*\.", "")
    renamed = {"key": "record_key", "address": "address_line", "former_address": "former_address_line",
               "home_from": "home_from_date", "home_to": "home_to_date"}  # fmt: skip
    columns = {
        renamed.get(name, name): records.column(name)
        for name in records.column_names
        if name not in ("source", "entry", "input_hash")
    }
    columns |= {"source_system": pc.list_element(source, 0), "source_table": pc.list_element(source, 1)}
    columns["source_row_key"] = last
    return pa.table(columns)


def put(rows: pa.Table, first: bool) -> None:
    """Write rows to the link input in place of those of the same key."""
    with connect("transform") as connection:
        kind = connection.execute(
            "select relkind from pg_catalog.pg_class where oid = to_regclass(%s)", [INPUT]
        ).fetchone()
        if kind == ("v",) or kind == (b"v",):
            make_input(connection)
        if first:
            connection.execute(f"truncate {INPUT}")
        else:
            keys = rows.column("record_key").to_pylist()
            connection.execute(f"delete from {INPUT} where record_key = any(%s)", [keys])
        copy_tables(connection, INPUT, [rows])
    with connect("transform", autocommit=True) as connection:
        connection.execute(f"analyze {INPUT}")


def main() -> None:
    """Put the rows of the night and link it."""
    records = pq.read_table(Path(sys.argv[1]))
    first = sys.argv[2] == "first"
    put(as_input(records if first else changed_night(records, CHANGED)), first)
    del records
    if first:
        with connect("linkage") as connection:
            for table in WORK:
                connection.execute(f"delete from link.{table}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result = link_night(NIGHT if first else NIGHT + timedelta(days=1))
    with connect("linkage", autocommit=True) as connection:
        connection.execute("analyze link.record")
        connection.execute("analyze link.edge")
        connection.execute("analyze link.membership")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({**asdict(result), "peak_mb": peak, "peak_mb_before": before}))


if __name__ == "__main__":
    main()
