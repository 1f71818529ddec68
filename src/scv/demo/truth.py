"""The truth: which record is whom, who knew of which death when, and which items were wrong and why.

It is worked out from the simulation alone; the pipeline never reads it.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scv.demo.book import Book, Evidence, KnownMove
from scv.demo.calendar import OPEN
from scv.demo.systems.correspondence import Items

KNOWN_LEVEL = 4
"""Evidence of a lower level (a returned letter, a caller's word) does not make a death known."""
AFTER_DEATH, JOINT, SUPERSEDED = (
    "letter_after_known_death",
    "joint_letter_after_one_death",
    "letter_to_superseded_address",
)
ITEM_TABLES = ("print_items", "notify_items")
ITEM_COLUMNS = {
    "table_name": pa.string(),
    "ref": pa.string(),
    "rule_code": pa.string(),
    "person_id": pa.int64(),
    "item_on": pa.int32(),
    "known_on": pa.int32(),
    "basis": pa.string(),
    "doubtful": pa.bool_(),
    "derivable": pa.bool_(),
    "cause": pa.string(),
    "department": pa.string(),
    "account_ref": pa.string(),
    "_from": pa.int32(),
    "_to": pa.int32(),
}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """From which day on (items dated later count), from which shown day, and until when something is known."""

    effective: int
    shown: int
    withdrawn: int
    basis: str


def effective_day(recorded_day: int | None, shown: int, first: int) -> tuple[int, str]:
    """The day after which items count, and on what the knowledge rests.

    The system's own recording day; else the night of the first extract that shows it; where that is
    the first night, "no later than the first night", so items of that very day count too.
    """
    if recorded_day is not None:
        return recorded_day, "recorded"
    return (first - 1, "initial") if shown + 1 <= first else (shown + 1, "extract")


class TruthTables:
    """Truth of one block as Arrow tables with `_from` and `_to` days, like the systems' tables."""

    def __init__(self, book: Book, items: Items) -> None:
        self.book, self.items, self.world = book, items, book.world
        self.first = book.world.span.first
        self.by_account: dict[tuple[str, str, int], list[tuple[int, int]]] = defaultdict(list)
        for record in book.records:
            if record.account:
                key = (record.system, record.account, record.pid)
                self.by_account[key].append((record.start, record.end))

    def build(self) -> dict[str, pa.Table]:
        """All truth tables by name."""
        return {
            "records": self._records(),
            "deaths": self._deaths(),
            "items": self._items(),
            "addresses": self._addresses(),
            "safe": self._safe(),
            "cases": self._cases(),
        }

    def _records(self) -> pa.Table:
        records = self.book.records
        return pa.table(
            {
                "system": pa.array([r.system for r in records], pa.string()),
                "table_name": pa.array([r.table for r in records], pa.string()),
                "pk": pa.array(["|".join(r.key) for r in records], pa.string()),
                "person_no": pa.array([r.person_no for r in records], pa.int32()),
                "person_id": pa.array([r.pid for r in records], pa.int64()),
                "account_ref": pa.array([r.account or None for r in records], pa.string()),
                "_from": pa.array([r.start for r in records], pa.int32()),
                "_to": pa.array([r.end for r in records], pa.int32()),
            }
        )

    def _deaths(self) -> pa.Table:
        died = {p.pid: p.died for p in self.world.persons}
        rows = self.book.evidence
        bases = [effective_day(e.recorded_day, e.shown, self.first) for e in rows]
        real = [died[e.pid] if died[e.pid] < self.world.span.end else None for e in rows]
        known = [e.recorded_day if e.recorded_day is not None else e.shown + 1 for e in rows]
        return pa.table(
            {
                "person_id": pa.array([e.pid for e in rows], pa.int64()),
                "dod": pa.array(real, pa.int32()).cast(pa.date32()),
                "system": pa.array([e.system for e in rows], pa.string()),
                "table_name": pa.array([e.table for e in rows], pa.string()),
                "pk": pa.array(["|".join(e.key) for e in rows], pa.string()),
                "level": pa.array([e.level for e in rows], pa.int32()),
                "known_on": pa.array(known, pa.int32()).cast(pa.date32()),
                "known_basis": pa.array([basis for _, basis in bases], pa.string()),
                "known_at": pa.array([e.recorded_at for e in rows], pa.int64()).cast(
                    pa.timestamp("s", "UTC")
                ),
                "reversed_on": pa.array(
                    [e.withdrawn if e.withdrawn < OPEN else None for e in rows], pa.int32()
                ).cast(pa.date32()),
                "_from": pa.array([e.shown for e in rows], pa.int32()),
                "_to": pa.array([OPEN for _ in rows], pa.int32()),
            }
        )

    # -- items -----------------------------------------------------------------------------------------

    def _items(self) -> pa.Table:
        found: list[tuple] = []
        deaths: dict[int, list[Knowledge]] = defaultdict(list)
        for e in self.book.evidence:
            if e.level >= KNOWN_LEVEL:
                deaths[e.pid].append(self._knowledge(e))
        moves: dict[int, list[KnownMove]] = defaultdict(list)
        for move in self.book.moves:
            moves[move.pid].append(move)
        order = np.argsort(self.items.lines, kind="stable")
        bounds = np.searchsorted(self.items.lines[order], np.arange(len(self.items.mail_lines) + 1))
        for number, line in enumerate(self.items.mail_lines):
            if not line.living or bounds[number] == bounds[number + 1]:
                continue
            pids = [p.pid for p in line.living]
            chosen = order[bounds[number] : bounds[number + 1]]
            if any(pid in deaths for pid in pids):
                found += self._after_death(chosen, number, pids, deaths)
            if any(pid in moves for pid in pids):
                found += self._superseded(chosen, number, pids, moves)
        columns = list(zip(*found, strict=True)) if found else [()] * len(ITEM_COLUMNS)
        kinds = zip(ITEM_COLUMNS.items(), columns, strict=True)
        table = {name: pa.array(values, kind) for (name, kind), values in kinds}
        for name in ("item_on", "known_on"):
            table[name] = table[name].cast(pa.date32())
        return pa.table(table)

    def _knowledge(self, evidence: Evidence) -> Knowledge:
        day, basis = effective_day(evidence.recorded_day, evidence.shown, self.first)
        return Knowledge(day, evidence.shown, evidence.withdrawn, basis)

    def _after_death(
        self, chosen: np.ndarray, number: int, pids: list[int], deaths: dict[int, list[Knowledge]]
    ) -> list[tuple]:
        rows, rule = [], AFTER_DEATH if len(pids) == 1 else JOINT
        for place in chosen:
            day = int(self.items.day[place])
            for pid in pids:
                known = [k for k in deaths.get(pid, ()) if k.effective < day]
                if known:
                    first = min(known, key=lambda k: (k.effective, k.shown))
                    start = min(k.shown for k in known)
                    stop = max(k.withdrawn for k in known)
                    rows.append(self._row(place, number, pid, rule, day, first, start, stop))
                    break
        return rows

    def _superseded(
        self, chosen: np.ndarray, number: int, pids: list[int], moves: dict[int, list[KnownMove]]
    ) -> list[tuple]:
        rows, here = [], self.items.mail_lines[number].address.dwelling
        for place in chosen:
            if not self.items.posted[place]:
                continue
            day = int(self.items.day[place])
            department = self.items.departments[int(self.items.department[place])]
            for pid in pids:
                heard = [(move, self._heard_move(move)) for move in moves.get(pid, ())]
                known = [(m, k) for m, k in heard if k.effective < day and m.moved_on <= day]
                away = [(m, k) for m, k in known if m.old_dwelling == here and m.system != department]
                back = [m.moved_on for m, _ in known if m.new_dwelling == here]
                away = [(m, k) for m, k in away if m.moved_on > max(back, default=-OPEN)]
                if away:
                    first = min((k for _, k in away), key=lambda k: (k.effective, k.shown))
                    start = min(k.shown for _, k in away)
                    rows.append(self._row(place, number, pid, SUPERSEDED, day, first, start, OPEN))
                    break
        return rows

    def _heard_move(self, move: KnownMove) -> Knowledge:
        day, basis = effective_day(move.recorded_day, move.shown, self.first)
        return Knowledge(day, move.shown, OPEN, basis)

    def _row(
        self, place: int, number: int, pid: int, rule: str, day: int, known: Knowledge, start: int, stop: int
    ) -> tuple:
        items, line = self.items, self.items.mail_lines[number]
        department = items.departments[int(items.department[place])]
        since = max(int(items.shown[place]), start)
        spans = self.by_account.get((department, items.account_refs[number], pid), [])
        # The department's own record of the person must show at some night up to that of the item.
        shown = [begin for begin, end in spans if end >= self.first and begin <= max(since, self.first - 1)]
        fault = int(items.reference_fault[place])
        cause = "department_not_told"
        if not shown:
            cause = "record_gone"
        elif line.doubtful:
            cause = "namesake_on_account"
        elif fault:
            cause = ("", "reference_empty", "reference_wrong")[fault]
        elif stop < OPEN:
            cause = "evidence_reversed"
        return (
            ITEM_TABLES[int(items.table[place])],
            items.ref[place].as_py(),
            rule,
            pid,
            day,
            known.effective,
            known.basis,
            line.doubtful,
            bool(shown),
            cause,
            department,
            items.account_refs[number],
            since,
            stop,
        )

    # -- people ----------------------------------------------------------------------------------------

    def _addresses(self) -> pa.Table:
        stays = [(p.pid, s) for p in self.world.persons for s in p.stays if s.start < s.end]
        uprn = [self.world.dwelling(s.occupancy.dwelling).uprn for _, s in stays]
        return pa.table(
            {
                "person_id": pa.array([pid for pid, _ in stays], pa.int64()),
                "uprn": pa.array(uprn, pa.string()),
                "household": pa.array([s.occupancy.number for _, s in stays], pa.int64()),
                "lived_from": pa.array([s.start for _, s in stays], pa.int32()).cast(pa.date32()),
                "_from": pa.array([s.start for _, s in stays], pa.int32()),
                "_to": pa.array([s.end for _, s in stays], pa.int32()),
            }
        )

    def _safe(self) -> pa.Table:
        persons = [p for p in self.world.persons if p.unsafe_from < self.world.span.end]
        return pa.table(
            {
                "person_id": pa.array([p.pid for p in persons], pa.int64()),
                "_from": pa.array([p.unsafe_from for p in persons], pa.int32()),
                "_to": pa.array([OPEN for _ in persons], pa.int32()),
            }
        )

    def _cases(self) -> pa.Table:
        pairs = [(name, p.pid, n) for name, people in self.world.cast.items() for n, p in enumerate(people)]
        return pa.table(
            {
                "case": pa.array([name for name, _, _ in pairs], pa.string()),
                "person_id": pa.array([pid for _, pid, _ in pairs], pa.int64()),
                "part": pa.array([n for _, _, n in pairs], pa.int32()),
                "_from": pa.array([0 for _ in pairs], pa.int32()),
                "_to": pa.array([OPEN for _ in pairs], pa.int32()),
            }
        )
