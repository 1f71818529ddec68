"""Our linkage on standard records, without a warehouse.

python -m benchmarks.link.ours STANDARD.parquet MODEL.json [--train]

Prints one line of JSON: seconds of training (or of loading the model), of comparing, clustering, customer ids and
of writing down every edge with its explanation; pairs and peak memory. With --train the model is written.
"""

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from scv.linkage.customers import Before, assign
from scv.linkage.duck import open_memory, run
from scv.linkage.model import Model
from scv.linkage.night import CAUTION, group_persons
from scv.linkage.partition import find_persons, prepare
from scv.linkage.record_store import FILLED
from scv.linkage.records import COLUMNS
from scv.linkage.store import edge_tables
from scv.linkage.training import train

SECRET = b"a benchmark's secret"
NIGHT = date(2026, 3, 2)


def read_standard(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Load standard records into the table `records`; gives their number."""
    run(con, f"create table records as select * from read_parquet('{path}') order by rid")
    return pq.ParquetFile(path).metadata.num_rows


def main() -> None:
    """Train or load, compare and cluster, give ids, write edges down."""
    records, model_path = Path(sys.argv[1]), Path(sys.argv[2])
    seconds = {}
    with open_memory() as con:
        size = read_standard(con, records)
        started = time.perf_counter()
        if "--train" in sys.argv:
            counts = run(con, f"select {', '.join(f'count({name})' for name in COLUMNS)} from records")[0]
            filled = [name for name, count in zip(COLUMNS, counts, strict=True) if count >= FILLED * size]
            model = train(con, filled, "a benchmark", trained_on=NIGHT, secret=SECRET)
            model_path.write_text(json.dumps(model.as_dict()))
            seconds["train"], started = _lap(started)
        else:
            model = Model.from_dict(json.loads(model_path.read_text()), SECRET)
            seconds["load"], started = _lap(started)
        prepare(con, model)
        partition = find_persons(con, model, size, shift=CAUTION)
        keys = [row[0] for row in run(con, "select key from records order by rid")]
        seconds["predict and cluster"], started = _lap(started)
    persons = group_persons(keys, partition.person)
    assign(persons, Before({}, {}, {}), SECRET, NIGHT)
    seconds["ids"], started = _lap(started)
    written = sum(table.num_rows for table in edge_tables(keys, partition.edges, model))
    seconds["explanations"], started = _lap(started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found = {"pairs": partition.compared, "edges": written, "persons": len(persons), "peak_mb": peak}
    print(json.dumps({"seconds": seconds, **found}))


def _lap(started: float) -> tuple[float, float]:
    now = time.perf_counter()
    return round(now - started, 2), now


if __name__ == "__main__":
    main()
