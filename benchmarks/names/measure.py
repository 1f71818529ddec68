"""How long it takes to parse many different names: `python benchmarks/names/measure.py --names 1000000`.

The names are put together from forenames, surnames and the shapes of tests/data/*.csv, so that joint
names, estates, organisations and placeholders come as often as a council has them (about one in eight).
"""

import argparse
import csv
import itertools
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scv.names import parse_names
from scv.names.vocabulary import load_vocabulary

ROOT = Path(__file__).parents[2]
PLAIN = ["{t} {f} {s}", "{S}, {F} {G}", "{T} {F} {S}", "{S} {F} {T}", "{t} {i} {s}", "{f} {g} {s}", "{S} {F}"]
SPECIAL = [
    "MR & MRS {I} {S}",
    "{t} {f} {s} & Ms {g} {r}",
    "EXORS OF {T} {F} {S}",
    "{f} {s} Lettings Ltd",
    "THE LATE {T} {S} {R}",
]


def make_names(count: int, seed: int) -> Iterator[str]:
    """Distinct names; the same for the same seed."""
    vocabulary = load_vocabulary()
    forenames, surnames = sorted(vocabulary.forenames), sorted(vocabulary.surnames)
    listed: list[str] = []
    for path in sorted((ROOT / "tests" / "data").glob("*names.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            listed += [row["full_name"] for row in csv.DictReader(lines)]
    chance = random.Random(seed)
    seen: set[int] = set()
    for name in itertools.islice(dict.fromkeys(listed), count):
        seen.add(hash(name))
        yield name
    while len(seen) < count:
        f, g = chance.choice(forenames).title(), chance.choice(forenames).title()
        s, r = chance.choice(surnames).title(), chance.choice(surnames).title()
        t = chance.choice(["Mr", "Mrs", "Miss", "Ms", "Dr"])
        shape = chance.choice(SPECIAL if chance.random() < 0.12 else PLAIN)
        name = shape.format(
            t=t,
            f=f,
            g=g,
            s=s,
            r=r,
            i=f[0],
            T=t.upper(),
            F=f.upper(),
            G=g.upper(),
            S=s.upper(),
            R=r.upper(),
            I=f[0],
        )
        if hash(name) not in seen:
            seen.add(hash(name))
            yield name


def main() -> None:
    """Print one line of facts. Where other work is running, the processor seconds say more than the clock."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--names", type=int, default=1_000_000, help="how many different names")
    arguments.add_argument(
        "--workers", type=int, default=None, help="processes; as many as processors if left out"
    )
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    names = list(make_names(options.names, options.seed))
    before = time.process_time()
    started = time.perf_counter()
    kinds = Counter(parsed.kind for parsed in parse_names(names, workers=options.workers))
    seconds = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in used) - before
    print(
        f"names={len(names)} workers={options.workers or 'auto'} seconds={seconds:.1f} cpu_seconds={cpu:.1f} "
        f"per_second={len(names) / seconds:.0f} kinds={dict(sorted(kinds.items()))}"
    )


if __name__ == "__main__":
    main()
