"""Outgoing mail of a department: its accounts' name lines and addresses over time, and what it sends."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scv.demo.calendar import OPEN
from scv.demo.people import Person
from scv.demo.places import WrittenAddress
from scv.demo.recording import Clerk

CLASSES = (
    "bill",
    "reminder",
    "recovery",
    "award",
    "evidence_request",
    "appointment",
    "renewal",
    "general",
    "estate",
)
CHANNELS = ("print", "email", "sms", "letter")


@dataclass(frozen=True, slots=True)
class MailLine:
    """What a department prints on an account's letters from a day to a day, and whom it means by it."""

    account: int
    start: int
    end: int
    name: str
    address: WrittenAddress
    living: tuple[Person, ...]
    estate: bool = False
    mute: bool = False
    doubtful: bool = False
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Sent:
    """Some items: account, day and channel of each, all of one class and template."""

    accounts: NDArray[np.int64]
    days: NDArray[np.int64]
    channels: NDArray[np.int64]
    mail_class: int
    template: str


@dataclass
class Mailbag:
    """Collects a department's lines and items; `clerk` gives the random numbers and the span."""

    department: str
    clerk: Clerk
    refs: list[str] = field(default_factory=list)
    lines: list[MailLine] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        world = self.clerk.world
        name = sum(ord(c) * n for n, c in enumerate(self.department, start=1))
        self.random = np.random.default_rng([world.seed, world.block, name])

    def open_account(self, ref: str) -> int:
        """A new account with the reference that its letters carry."""
        self.refs.append(ref)
        return len(self.refs) - 1

    def add_lines(self, account: int, end: int, pictures: list[tuple[int, dict[str, Any]]]) -> None:
        """The account's lines: each picture (day, fields of MailLine) holds until the next, the last to `end`."""
        for place, (start, fields) in enumerate(pictures):
            stop = min(end, pictures[place + 1][0] if place + 1 < len(pictures) else end)
            if start < stop:
                self.lines.append(MailLine(account=account, start=start, end=stop, **fields))

    def send(
        self,
        accounts: NDArray[np.int64] | list[int],
        days: NDArray[np.int64] | list[int],
        mail_class: str,
        template: str,
        channel: str = "print",
    ) -> None:
        """Send one item for each account and day; items on days without a line are not sent."""
        numbers = np.asarray(accounts, dtype=np.int64)
        if len(numbers):
            channels = np.full(len(numbers), CHANNELS.index(channel), dtype=np.int64)
            self.sent.append(
                Sent(numbers, np.asarray(days, dtype=np.int64), channels, CLASSES.index(mail_class), template)
            )

    def schedule(
        self,
        rate: float,
        mail_class: str,
        template: str,
        channel: str = "print",
        only: list[int] | None = None,
    ) -> None:
        """Send items at random days, so many per account and year, while the account has a line."""
        if not self.lines or rate <= 0:
            return
        span, count = self.clerk.world.span, len(self.refs)
        first = np.full(count, OPEN, dtype=np.int64)
        last = np.zeros(count, dtype=np.int64)
        accounts = np.array([line.account for line in self.lines])
        np.minimum.at(first, accounts, [max(line.start, span.start) for line in self.lines])
        np.maximum.at(last, accounts, [min(line.end, span.end) for line in self.lines])
        length = np.maximum(0, last - first)
        if only is not None:
            chosen = np.zeros(count, dtype=bool)
            chosen[np.asarray(only, dtype=np.int64)] = True
            length = np.where(chosen, length, 0)
        number = self.random.poisson(rate * length / 365.25)
        which = np.repeat(np.arange(count), number)
        days = first[which] + (self.random.random(len(which)) * length[which]).astype(np.int64)
        self.send(which, days, mail_class, template, channel)
