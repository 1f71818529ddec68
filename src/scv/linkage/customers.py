"""Which customer id each person has: a function of tonight's partition and of the ids before it.

An id stays with the person that has most of its records; ids are opaque and never given to
somebody else. No database here: `store` reads and writes.
"""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

ID_LENGTH = 20


@dataclass(frozen=True)
class Before:
    """The state before tonight: `current` the customer of each record, `since` the first night of each
    customer id, `former` the last customer of records that had gone (only of those that are back)."""

    current: Mapping[str, str]
    since: Mapping[str, date]
    former: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """A change of customer ids: cause created, merged, split, retired or returned."""

    cause: str
    old_customer_id: str | None
    new_customer_id: str | None
    record_key: str


@dataclass(frozen=True)
class Assignment:
    """The customer of each live record, and what happened to ids."""

    customer: dict[str, str]
    events: list[Event]


def new_customer_id(secret: bytes, founding_record_key: str, night: date) -> str:
    """'C' and 20 letters and digits: a keyed hash of the founding record and its night."""
    message = f"customer\x1f{founding_record_key}\x1f{night.isoformat()}".encode()
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return "C" + base64.b32encode(digest).decode()[:ID_LENGTH]


def assign(persons: Sequence[Sequence[str]], before: Before, secret: bytes, night: date) -> Assignment:
    """Give every person (its record keys, sorted) a customer id.

    Most records in common first, then the oldest id, then the smallest record key. A person without a
    record that had an id yesterday gets the id back that its records had when they went, if nobody has it.
    """
    given: dict[int, str] = {}
    taken: set[str] = set()
    _claim(persons, before.current, before.since, given, taken, set())
    returned = set(range(len(persons))) - set(given)
    _claim([persons[i] if i in returned else () for i in range(len(persons))], before.former, before.since, given,
           taken, set(before.current.values()))  # fmt: skip
    returned &= set(given)
    created = [i for i in range(len(persons)) if i not in given]
    for i in created:
        given[i] = new_customer_id(secret, persons[i][0], night)
    customer = {key: given[i] for i, keys in enumerate(persons) for key in keys}
    events = [Event("created", None, given[i], persons[i][0]) for i in created]
    events += [Event("returned", None, given[i], persons[i][0]) for i in sorted(returned)]
    return Assignment(customer, sorted(events + _find_moves(customer, before.current), key=_order))


def _claim(
    persons: Sequence[Sequence[str]],
    ids: Mapping[str, str],
    since: Mapping[str, date],
    given: dict[int, str],
    taken: set[str],
    barred: set[str],
) -> None:
    claims: list[tuple[int, date, str, str, int]] = []
    for i, keys in enumerate(persons):
        shared: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            if key in ids and ids[key] not in barred:
                shared[ids[key]].append(key)
        claims += [(-len(common), since[old], common[0], old, i) for old, common in shared.items()]
    for _, _, _, old, i in sorted(claims):
        if i not in given and old not in taken:
            given[i] = old
            taken.add(old)


def _find_moves(customer: Mapping[str, str], current: Mapping[str, str]) -> list[Event]:
    in_use = set(customer.values())
    targets: dict[str, dict[str, str]] = defaultdict(dict)
    gone: dict[str, str] = {}
    for key in sorted(current):
        old, new = current[key], customer.get(key)
        if new is None:
            gone.setdefault(old, key)
        elif new != old:
            targets[old].setdefault(new, key)
    events = []
    for old, reached in targets.items():
        cause = "merged" if old not in in_use and len(reached) == 1 else "split"
        events += [Event(cause, old, new, key) for new, key in reached.items()]
    events += [
        Event("retired", old, None, key)
        for old, key in gone.items()
        if old not in in_use and old not in targets
    ]
    return events


def _order(event: Event) -> tuple[str, str, str, str]:
    return (event.cause, event.old_customer_id or "", event.new_customer_id or "", event.record_key)
