"""A file screened: every item judged, the file split by what to do, and the verdicts kept."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from scv.db.warehouse import connect, translate_db_errors
from scv.disclosures import load_codes
from scv.errors import InputError
from scv.keys import record_key
from scv.letters.addressees import find_addressees
from scv.letters.files import Row, read_rows
from scv.letters.items import Item, read_item
from scv.letters.knowledge import Knowledge, look_at, read_knowledge
from scv.letters.output import Output, Reader
from scv.letters.profiles import Profile, load_profile
from scv.letters.rules import Gate, Verdict
from scv.letters.store import write_screening
from scv.night.rebuild_mark import refuse_while_rebuilding
from scv.purposes.register import Register, load_register
from scv.settings import Settings, get_settings

# Items that are judged at once: bounds memory.
BATCH = 20_000


@dataclass(frozen=True)
class Result:
    """What a screening advised: items by action, by rule as its reader may know it and by match; the folder."""

    screening_id: str
    items: int
    actions: dict[str, int]
    rules: dict[str, int]
    matches: dict[str, int]
    folder: str


def screen_file(path: Path, profile_name: str, out: Path, on: date, reader: str = "print_room") -> Result:
    """Judge every item of a file and write the new folder `out` (parts, verdicts.csv, manifest.json) for a reader.

    Nothing is written or kept where the file cannot be read whole, `out` is there, or the purpose register denies
    the reader (InputError), or while the history is being rebuilt (RebuildUnfinished). DatabaseError where the
    warehouse refuses.
    """
    settings = get_settings()
    profile = load_profile(settings.project_root, profile_name)
    register = load_register(settings.project_root)
    shown_to = Reader(register, profile, reader, on)
    if out.exists():
        raise InputError(f"{out} is there already. Name a new folder, so that no verdict is overwritten.")
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        draft = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=out.parent, prefix=".screening-")))
        stack.enter_context(translate_db_errors("screening letters", "letters.verdict"))
        linkage = stack.enter_context(connect("linkage", settings))
        publisher = stack.enter_context(connect("publisher", settings))
        folder = draft / "screening"
        folder.mkdir(mode=0o750)
        output = Output(folder, path, profile, shown_to)
        stack.callback(output.close)
        refuse_while_rebuilding(publisher)
        known = read_knowledge(linkage, publisher, on)
        gate = make_gate(known, profile, register, settings, on)
        for rows in _batches(read_rows(path, profile)):
            items = [read_item(row, profile) for row in rows]
            output.add(rows, items, judge_items(linkage, publisher, gate, items))
        output.close()
        screening = output.finish(on, settings.record_key_bytes())
        keyed = ((item_key(settings, profile, item_id), verdict) for item_id, verdict in output.verdicts())
        write_screening(linkage, screening, keyed)
        linkage.commit()
        folder.rename(out)
    return Result(
        screening.screening_id,
        screening.items,
        output.count(lambda verdict: verdict.advice.action),
        output.count(lambda verdict: shown_to.show(verdict)[0]),
        output.count(lambda verdict: verdict.match),
        str(out),
    )


def make_gate(known: Knowledge, profile: Profile, register: Register, settings: Settings, on: date) -> Gate:
    """The gate of a profile."""
    actions = load_codes(settings.project_root).actions.values()
    formats = frozenset(action.action_code for action in actions if action.action_kind == "format")
    return Gate(known, profile.rules, on, formats, register.department_of)


def judge_items(
    linkage: psycopg.Connection, publisher: psycopg.Connection, gate: Gate, items: list[Item]
) -> list[Verdict]:
    """The verdict of each item, in order."""
    addressed = find_addressees(linkage, items)
    customers = {c for one in addressed for person in one.addressees for c in person.customers}
    customers.update(party for one in addressed for party in one.parties)
    look_at(gate.knowledge, linkage, publisher, customers, gate.on)
    return [gate.judge(one) for one in addressed]


def item_key(settings: Settings, profile: Profile, item_id: str) -> str:
    """The opaque key of an item: that of its row in the deliverer's log."""
    return record_key(settings.record_key_bytes(), profile.system, profile.table, item_id)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
