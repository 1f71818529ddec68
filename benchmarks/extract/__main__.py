"""Extraction against a bare binary COPY pipe: `python benchmarks/extract [--rows 1000000]`.

One table of ten columns in a departmental Postgres database is (a) piped by COPY into an empty table without
index, key or hash, which is what no loader can beat, and (b) loaded by `extract_system` with change detection,
counts, quarantine and its indexes: for the first time, on an unchanged night, and with 1 % of the rows changed.
Both in the same run, on an embedded server of its own. The ratio is (a) / (b): 1.0 means that all of that is free.
Must: 0.35 on first load, 0.5 on an unchanged night. Targets: 0.45 and 0.8.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import psycopg
import yaml
from pydantic import SecretStr

from scv.db.embedded import remove_server
from scv.db.migrations import start_warehouse
from scv.db.roles import ensure_database
from scv.db.warehouse import Login
from scv.extract import extract_system
from scv.settings import Settings

FIRST = date(2026, 3, 2)
COLUMNS = {
    "id": "integer",
    "reference": "text",
    "forename": "text",
    "surname": "text",
    "born": "date",
    "address": "text",
    "postcode": "text",
    "balance": "numeric",
    "updated_at": "timestamptz",
    "kind": "smallint",
}
MAKE = """
create table people as select
    i::integer as id, 'A' || i as reference, (array['JOHN', 'MARY', 'ALI', 'ZOE'])[1 + i %% 4] as forename,
    'SURNAME' || (i::bigint * 7919 %% 50000) as surname, date '1930-01-01' + (i * 31 %% 30000)::integer as born,
    i || ' High Street' as address, 'AB' || (i %% 99) || ' ' || (i %% 9) || 'CD' as postcode,
    ((i %% 100000) / 100.0)::numeric(12, 2) as balance, timestamptz '2020-01-01' + i * interval '37 sec' as updated_at,
    (i %% 3)::smallint as kind
from generate_series(1, %(rows)s) as i
"""


def declare(root: Path, key_means_person: str) -> None:
    """Write the manifest of the one system."""
    meta = {
        "owner": "bench@example.gov.uk",
        "connection": "src_bench",
        "format": "postgres",
        "lawful_basis": "public_task",
    }
    table = {
        "location": "people",
        "primary_key": ["id"],
        "key_means_person": key_means_person,
        "freshness_hours": 36,
        "retention_class": "two_years",
    }
    columns = [
        {"name": name, "data_type": kind, "config": {"meta": {"privacy": "service"}}}
        for name, kind in COLUMNS.items()
    ]
    tables = [{"name": "people", "config": {"meta": table}, "columns": columns}]
    source = {"name": "bench", "schema": "raw_bench", "config": {"meta": meta}, "tables": tables}
    path = root / "dbt_project/models/staging/bench/_bench__sources.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": 2, "sources": [source]}))


def pipe(source: Login, target: Login) -> float:
    """Seconds for the bare pipe into an empty table."""
    with psycopg.connect(source.conninfo) as there, psycopg.connect(target.conninfo) as here:
        here.execute("drop table if exists bare")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        here.execute(f"create table bare ({columns})")
        here.commit()
        start = time.perf_counter()
        with (
            there.cursor() as reading,
            here.cursor() as writing,
            reading.copy("copy people to stdout (format binary)") as out,
            writing.copy("copy bare from stdin (format binary)") as into,
        ):
            for block in out:
                into.write(block)
        here.commit()
        return time.perf_counter() - start


def load(settings: Settings, number: int) -> float:
    """Seconds for the n-th night."""
    start = time.perf_counter()
    result = extract_system("bench", FIRST + timedelta(days=number), settings=settings)
    seconds = time.perf_counter() - start
    table = result.tables[0]
    assert result.status == "loaded", result.message
    assert table.rows_read == table.rows_loaded
    return seconds


def measure(settings: Settings, rows: int) -> dict[str, float]:
    """Seconds of each part."""
    source = ensure_database("bench_source", "bench_source", settings)
    target = ensure_database("bench_target", "bench_target", settings)
    settings.connections["src_bench"] = SecretStr(source.url)
    with psycopg.connect(source.conninfo, autocommit=True) as connection:
        connection.execute(MAKE, {"rows": rows})
        connection.execute("vacuum analyze people")
    pipe(source, target)
    bare = [pipe(source, target)]
    seconds = {"first": load(settings, 0)}
    bare.append(pipe(source, target))
    seconds["unchanged"] = load(settings, 1)
    bare.append(pipe(source, target))
    with psycopg.connect(source.conninfo, autocommit=True) as connection:
        connection.execute("update people set surname = 'MOSS' where id % 100 = 0")
        connection.execute("vacuum analyze people")
    seconds["one_percent"] = load(settings, 2)
    bare.append(pipe(source, target))
    return {"bare": statistics.median(bare), **seconds}


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--key-means-person", default="none", choices=["none", "unique"])
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="scv-bench-"))
    home.chmod(0o711)
    os.environ["SCV_HOME"] = str(home)
    settings = Settings(home=home)
    try:
        declare(home / "project", given.key_means_person)
        start_warehouse(settings)
        seconds = measure(settings.model_copy(update={"project_root": home / "project"}), given.rows)
    finally:
        remove_server(settings)
        shutil.rmtree(home, ignore_errors=True)
    ratios = {name: round(seconds["bare"] / value, 2) for name, value in seconds.items() if name != "bare"}
    print(
        json.dumps(
            {
                "rows": given.rows,
                "key_means_person": given.key_means_person,
                "seconds": {name: round(value, 2) for name, value in seconds.items()},
                "rows_per_second": {name: round(given.rows / value) for name, value in seconds.items()},
                "ratio_to_bare_copy": ratios,
                "loader_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
