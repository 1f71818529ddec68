"""Our linkage against plain Splink 5 on the same standard records, with the same blocking, in the same run.

    python -m benchmarks.link --records 100000,300000,1000000 [--keep DIR] [--no-warehouse]

Prints one line of JSON: of each size the seconds and the peak memory of both (training, and predict + cluster
with the model loaded), of standardising, of the first night in the warehouse and of a night with ten thousand
changed records; the ratios; and how the time grows. Every measurement is a process of its own, and process start
is in none. The council is made by the demonstration (minutes); --keep keeps it and its records for the next run.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from benchmarks.link.council import make_base, multiply

from scv.linkage.records import standardise


def main() -> None:
    """Measure every size and print the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", default="100000")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--no-warehouse", action="store_true")
    options = parser.parse_args()
    sizes = sorted(int(size) for size in options.records.split(","))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        base = make_base(folder)
        found = {size: measure(folder, base, size, not options.no_warehouse) for size in sizes}
    result: dict[str, Any] = {"cores": os.cpu_count(), "load": os.getloadavg(), "sizes": found}
    if len(sizes) > 1:
        result["growth_exponent"] = grow(found, sizes[0], sizes[-1])
    print(json.dumps(result))


def measure(folder: Path, base: Path, size: int, warehouse: bool) -> dict[str, Any]:
    """All measurements of one size."""
    records, standard = folder / f"records_{size}.parquet", folder / f"standard_{size}.parquet"
    if not records.is_file():
        pq.write_table(multiply(pq.read_table(base), size), records)
    if not standard.is_file():
        ran("-m", "benchmarks.link.__main__", "standardise", str(records), str(standard))
    model = folder / f"model_{size}.json"
    both: dict[str, Any] = {}
    for name in ("ours", "plain"):
        module = f"benchmarks.link.{name}"
        trained = ran("-m", module, str(standard), str(model), "--train")
        loaded = ran("-m", module, str(standard), str(model))
        both[name] = {"trained": trained, "loaded": loaded}
    both["ratio"] = {
        "train": round(seconds(both["ours"]["trained"], "train") / seconds(both["plain"]["trained"], "train"), 2),
        "predict and cluster": round(rest(both["ours"]["loaded"]) / rest(both["plain"]["loaded"]), 2),
    }  # fmt: skip
    if warehouse:
        home = {"SCV_HOME": str(folder / "home")}
        first = ran("-m", "benchmarks.link.warehouse", str(records), "first", **home)
        changed = ran("-m", "benchmarks.link.warehouse", str(records), "changed", **home)
        both |= {"first night": first, "changed night": changed}
        both["ratio"]["changed night"] = round(total(changed) / total(first), 3)
    return both


def seconds(run: dict[str, Any], step: str) -> float:
    """Of one step."""
    return float(run["seconds"][step])


def total(run: dict[str, Any]) -> float:
    """Of all steps."""
    return float(sum(run["seconds"].values()))


def rest(run: dict[str, Any]) -> float:
    """Of all steps but training and loading."""
    return total(run) - sum(run["seconds"].get(step, 0.0) for step in ("train", "load"))


def grow(found: dict[int, Any], small: int, large: int) -> dict[str, float]:
    """Exponents of growth between two sizes."""
    steps = math.log(large / small)
    names = {
        "ours": lambda one: rest(one["ours"]["loaded"]),
        "plain": lambda one: rest(one["plain"]["loaded"]),
    }
    if "first night" in found[small]:
        names["first night"] = lambda one: total(one["first night"])
        names["changed night"] = lambda one: total(one["changed night"])
    return {
        name: round(math.log(of(found[large]) / of(found[small])) / steps, 3) for name, of in names.items()
    }


def ran(*arguments: str, **environment: str) -> dict[str, Any]:
    """Run Python apart and read its line of JSON."""
    done = subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def standardise_file(records: str, standard: str) -> None:
    """Write the standard form of a file of records."""
    table = pq.read_table(records)
    started = time.perf_counter()
    pq.write_table(standardise(table, "key", "source"), standard)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": round(time.perf_counter() - started, 2), "peak_mb": peak}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["standardise"]:
        standardise_file(*sys.argv[2:4])
    else:
        main()
