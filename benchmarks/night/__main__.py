"""Seconds and peak memory of each step of a night, by size of the council, and how they grow.

    python -m benchmarks.night --residents 20000,100000 [--nights 2] [--seed 1]

Night 1 loads everything, later nights a day's changes; their ratio and the growth exponent between the smallest
and the largest council are printed. Process start is not in the steps. The baseline is night 1 of the same run.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

WORK = ("extract", "list_changes", "stage", "link", "build")


def main() -> None:
    """Run the councils one after the other and print a table for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--residents", default="20000,100000")
    parser.add_argument("--nights", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sizes = [int(size) for size in options.residents.split(",")]
    results = {size: measure(size, options.nights, options.seed) for size in sizes}
    for size, nights in results.items():
        print_council(size, nights)
    if len(sizes) > 1:
        small, large = min(sizes), max(sizes)
        for number in range(options.nights):
            exponent = math.log(work(results[large][number]) / work(results[small][number])) / math.log(
                large / small
            )
            print(f"growth exponent of night {number + 1}, {small:,} to {large:,} residents: {exponent:.2f}")


def measure(residents: int, nights: int, seed: int) -> list[dict[str, Any]]:
    """The nights of summary.json of one council, made in a folder that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="scv-bench-") as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        command = [sys.executable, "-m", "scv.cli.main", "demo", "--no-airflow", "--json"]
        command += [
            "--residents",
            str(residents),
            "--nights",
            str(nights),
            "--seed",
            str(seed),
            "--home",
            str(home),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        environment = {**os.environ, "SCV_HOME": str(home)}
        subprocess.run(
            [sys.executable, "-m", "scv.cli.main", "db", "remove", "--yes"], env=environment, check=False
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        return list(json.loads(done.stdout)["nights"])


def work(night: dict[str, Any]) -> float:
    """Seconds of extract, staging, link and marts together."""
    return sum(night["seconds"].get(step, 0.0) for step in WORK)


def print_council(residents: int, nights: list[dict[str, Any]]) -> None:
    """One table: a row per step, a column per night, and the ratios to night 1."""
    print(f"\n{residents:,} residents")
    print(f"{'step':<14}" + "".join(f"{night['date']:>14}" for night in nights))
    for step in nights[0]["seconds"]:
        print(f"{step:<14}" + "".join(f"{night['seconds'].get(step, 0.0):>12.1f} s" for night in nights))
    print(f"{'peak memory':<14}" + "".join(f"{night['peak_mb']:>11,} MB" for night in nights))
    ratios = [work(night) / work(nights[0]) for night in nights]
    print(f"{'of night 1':<14}" + "".join(f"{ratio:>14.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
