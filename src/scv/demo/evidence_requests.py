"""Requests for evidence, which several departments make in the same way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scv.demo.calendar import OPEN, YEAR
from scv.demo.recording import Clerk
from scv.demo.tables import Rows

KINDS = ("INCOME", "ID", "TENANCY", "BANK", "ADDRESS")
OVERDUE_AFTER = 35


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the day it was asked, and the day it came in (OPEN for never)."""

    kind: str
    asked: int
    received: int

    def write(self, rows: Rows, values: dict[str, Any]) -> None:
        """Its row, from asked to received or overdue; `values` holds the key and whom it is about."""
        overdue = self.asked + OVERDUE_AFTER
        changes: list[tuple[int, dict[str, Any]]] = []
        if self.received > overdue:
            changes.append((overdue, {"status": "OVERDUE"}))
        changes.append((self.received, {"status": "RECEIVED", "received_on": self.received}))
        start = values | {"evidence_type": self.kind, "requested_on": self.asked, "status": "ASKED"}
        rows.add_history(self.asked, OPEN, start, changes)


def ask_for_evidence(clerk: Clerk, rate: float, start: int, end: int) -> Iterator[Request]:
    """Requests at random days between two days, so many per year; some are never answered."""
    span = clerk.world.span
    day = float(max(start, span.start))
    while True:
        day += clerk.rnd.expovariate(rate / YEAR)
        if day >= min(end, span.end):
            return
        asked = int(day)
        received = asked + clerk.rnd.randrange(4, 55) if clerk.chance(0.78) else OPEN
        yield Request(clerk.rnd.choice(KINDS), asked, received)
