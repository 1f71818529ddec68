"""Items a minute of the letter gate, against a bare exact match of name, postcode and reference in the same run.

    SCV_HOME=<a home with a built night> python -m benchmarks.letters FILE --profile print_house [--times 3]

Both read the same items from memory: the gate looks up and judges, the baseline joins equal texts in the warehouse
and judges nothing. Process start and reading the file are in neither. The better of several rounds counts, and how
many addressees each of them found is printed, for speed alone says nothing.
"""

import argparse
import resource
import time
from datetime import date
from pathlib import Path

import psycopg

from scv.db.warehouse import connect
from scv.letters.files import read_rows
from scv.letters.items import Item, read_item
from scv.letters.knowledge import read_knowledge
from scv.letters.profiles import load_profile
from scv.letters.screening import judge_items, make_gate
from scv.purposes.register import load_register
from scv.settings import get_settings

EXACT = """
select count(distinct asked.no)
from unnest(%s::integer [], %s::text [], %s::text []) as asked (no, full_name, postcode)
inner join intermediate.int_person_records__link_input as input
    on asked.full_name = upper(concat_ws(' ', input.title, input.forename, input.surname))
    and asked.postcode = input.postcode
"""


def main() -> None:
    """Print a table of two lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--profile", default="print_house")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    settings = get_settings()
    profile = load_profile(settings.project_root, options.profile)
    items = [read_item(row, profile) for row in read_rows(options.file, profile)]
    on = date.today()
    register = load_register(settings.project_root)
    with connect("linkage") as linkage, connect("publisher") as publisher:
        rounds = []
        for _ in range(options.times):
            started = time.perf_counter()
            found = _match_exactly(linkage, items)
            middle = time.perf_counter()
            gate = make_gate(read_knowledge(linkage, publisher, on), profile, register, settings, on)
            verdicts = judge_items(linkage, publisher, gate, items)
            rounds.append((middle - started, time.perf_counter() - middle))
        row = linkage.execute("select count(*) from link.record").fetchone()
    matched = sum(verdict.match == "matched" for verdict in verdicts)
    exact, judged = (min(seconds) for seconds in zip(*rounds, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{len(items)} items against {row[0] if row else 0} records, best of {options.times}, peak {peak} MB"
    )
    print(f"{'':16}{'seconds':>10}{'items/min':>14}{'found':>10}")
    for name, seconds, count in (("exact match", exact, found), ("letter gate", judged, matched)):
        print(f"{name:16}{seconds:10.2f}{60 * len(items) / seconds:14,.0f}{count / len(items):10.1%}")


def _match_exactly(linkage: psycopg.Connection, items: list[Item]) -> int:
    """How many items name somebody in exactly the words of a record."""
    names = [item.addressee.upper() for item in items]
    row = linkage.execute(
        EXACT, [list(range(len(items))), names, [item.postcode for item in items]]
    ).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
