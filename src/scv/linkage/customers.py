"""Which customer id each person has: a function of tonight's partition and of the ids before it.

An id stays with the person that has most of its records; ids are opaque and never given to
somebody else. No database here: `store` reads and writes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from scv.linkage.arrays import Ints

# Two hexadecimal digits each: 80 bits, so that a nation's worth of ids meets no chance collision.
ID_BYTES = 10

# Why an id changed, and the record, decision or model that did it.
Because: TypeAlias = tuple[str, str]
# A record outranks a decision, and a decision the model, as what an event is put down to.
BECAUSE_RANK = {
    "record_new": 0,
    "record_changed": 0,
    "record_deleted": 0,
    "record_returned": 0,
    "decision": 1,
    "model": 2,
    "founding": 3,
}


@dataclass(frozen=True)
class Before:
    """The state before tonight: `current` the customer of each record, `since` the first night of each
    customer id, `former` the last customer of records that had gone (only of those that are back)."""

    current: Mapping[str, str]
    since: Mapping[str, date]
    former: Mapping[str, str]


class Event(NamedTuple):
    """A change of customer ids (cause created, merged, split, retired or returned), put down to the record,
    decision or model that brought it about (`because`, `because_key`)."""

    cause: str
    old_customer_id: str | None
    new_customer_id: str | None
    record_key: str
    because: str
    because_key: str


@dataclass(frozen=True)
class Assignment:
    """The customer of each live record, and what happened to ids."""

    customer: dict[str, str]
    events: list[Event]


def new_customer_id(secret: bytes, founding_record_key: str, night: date) -> str:
    """'C' and 20 letters and digits: a keyed hash of the founding record and its night."""
    keyed = _keyed_hash(secret).copy()
    keyed.update(f"{founding_record_key}\x1f{night}".encode())
    return "C" + keyed.hexdigest().upper()


@lru_cache(maxsize=1)
def _keyed_hash(secret: bytes) -> hashlib.blake2b:
    # A key of BLAKE2 is at most 64 bytes long, a secret as long as somebody made it.
    return hashlib.blake2b(
        key=hashlib.sha256(secret).digest(), digest_size=ID_BYTES, person=b"scv customer id"
    )


def assign(
    persons: Sequence[Sequence[str]],
    before: Before,
    secret: bytes,
    night: date,
    causes: Mapping[str, Because] | None = None,
    otherwise: Because = ("model", ""),
    barred: Collection[str] = frozenset(),
) -> Assignment:
    """Give every person (its record keys, sorted) a customer id.

    Most records in common first, then the oldest id, then the smallest record key. A person without a
    record that had an id yesterday gets the id back that its records had when they went, if nobody has it.

    `persons` may be the affected ones only: `before.current` then holds exactly their records and the
    deleted ones, and `barred` the ids in use by everybody else. `causes` says of records what befell
    them, as far as it is known better than that they are new, back or gone; an event is put down to the
    smallest record among those whose ids met in it, else to a decision, else to what is `otherwise` so.
    """
    keys = list(chain.from_iterable(persons))
    person = np.repeat(np.arange(len(persons)), [len(each) for each in persons])
    given: list[str | None] = [None] * len(persons)
    held = _find_claims(keys, person, before.current, barred)
    _settle(held, keys, before.since, given)
    homeless = [i for i, held_id in enumerate(given) if held_id is None]
    returned = _give_back(homeless, persons, before, given, barred)
    for i in homeless:
        if given[i] is None:
            given[i] = new_customer_id(secret, persons[i][0], night)
    ids = [str(each) for each in given]
    customer: dict[str, str] = dict(zip(keys, np.array(ids, object)[person].tolist(), strict=True))
    moves = _find_moves(customer, before.current)
    reasons = _Reasons(persons, held, before, moves.gone, causes or {}, otherwise, bool(barred))
    events = [
        Event("returned" if i in returned else "created", None, ids[i], persons[i][0], *reasons.of_person(i))
        for i in homeless
    ]  # fmt: skip
    events += [
        Event(cause, old, new, key, *reasons.of_customer(old)) for cause, old, new, key in moves.changes
    ]
    # No two events of one cause name the same record.
    events.sort(key=attrgetter("cause", "record_key"))
    return Assignment(customer, events)


@dataclass(frozen=True)
class _Claims:
    """One row per person and id that one of its records had: how many of them, and the place of the first.

    `alone` marks those that nothing contests: the person has no other id, and the id no other person.
    """

    ids: list[str]
    person: Ints
    id_number: Ints
    common: Ints
    first: Ints

    @property
    def alone(self) -> Any:
        return (np.bincount(self.person)[self.person] == 1) & (
            np.bincount(self.id_number)[self.id_number] == 1
        )


def _find_claims(
    keys: Sequence[str], person: Ints, ids: Mapping[str, str], barred: Collection[str]
) -> _Claims:
    old = [ids.get(key) for key in keys] if ids else []
    claimed = [i for i, each in enumerate(old) if each is not None and each not in barred]
    number: dict[str, int] = {}
    numbers = np.array([number.setdefault(str(old[i]), len(number)) for i in claimed], np.int64)
    places = np.array(claimed, np.int64)
    # Records of a person stand in order of their keys, so the first place is that of the smallest key.
    pair, first, common = np.unique(
        person[places] * max(len(number), 1) + numbers, return_index=True, return_counts=True
    )
    owner, id_number = np.divmod(pair, max(len(number), 1))
    return _Claims(list(number), owner, id_number, common, places[first])


def _settle(claims: _Claims, keys: Sequence[str], since: Mapping[str, date], given: list[str | None]) -> None:
    """Grant claims in their order; each person gets one id, each id goes to one person."""
    alone = claims.alone
    for i, number in zip(claims.person[alone].tolist(), claims.id_number[alone].tolist(), strict=True):
        given[i] = claims.ids[number]
    rest = ~alone
    contested = sorted(
        (-common, since[claims.ids[number]], keys[first], claims.ids[number], i)
        for i, number, common, first in zip(
            *(a[rest].tolist() for a in (claims.person, claims.id_number, claims.common, claims.first)), strict=True
        )
    )  # fmt: skip
    taken: set[str] = set()
    for _, _, _, old, i in contested:
        if given[i] is None and old not in taken:
            given[i] = old
            taken.add(old)


def _give_back(
    homeless: list[int],
    persons: Sequence[Sequence[str]],
    before: Before,
    given: list[str | None],
    barred: Collection[str],
) -> set[int]:
    """Let persons without an id have the one back that their records had, unless it was in use since."""
    if not before.former:
        return set()
    keys = list(chain.from_iterable(persons[i] for i in homeless))
    person = np.repeat(np.array(homeless, np.int64), [len(persons[i]) for i in homeless])
    in_use = set(before.current.values())
    free = {
        key: old
        for key in keys
        if (old := before.former.get(key)) is not None and old not in in_use and old not in barred
    }
    _settle(_find_claims(keys, person, free, ()), keys, before.since, given)
    return {i for i in homeless if given[i] is not None}


@dataclass(frozen=True)
class _Moves:
    """`changes`: cause, old id, new id (None where retired), smallest record; `gone`: deleted records by id."""

    changes: list[tuple[str, str, str | None, str]]
    gone: dict[str, list[str]]


def _find_moves(customer: Mapping[str, str], current: Mapping[str, str]) -> _Moves:
    in_use = set(customer.values())
    targets: dict[str, dict[str, str]] = defaultdict(dict)
    gone: dict[str, list[str]] = defaultdict(list)
    for key in sorted(key for key, old in current.items() if customer.get(key) != old):
        old, new = current[key], customer.get(key)
        if new is None:
            gone[old].append(key)
        else:
            targets[old].setdefault(new, key)
    changes: list[tuple[str, str, str | None, str]] = []
    for old, reached in targets.items():
        cause = "merged" if old not in in_use and len(reached) == 1 else "split"
        changes += [(cause, old, new, key) for new, key in reached.items()]
    changes += [
        ("retired", old, None, lost[0])
        for old, lost in gone.items()
        if old not in in_use and old not in targets
    ]
    return _Moves(changes, gone)


class _Reasons:
    """What events are put down to, by the group of ids and persons that met in them."""

    def __init__(
        self,
        persons: Sequence[Sequence[str]],
        held: _Claims,
        before: Before,
        gone: Mapping[str, Sequence[str]],
        causes: Mapping[str, Because],
        otherwise: Because,
        has_others: bool,
    ) -> None:
        self._persons, self._before, self._gone = persons, before, gone
        self._causes, self._otherwise = causes, otherwise
        self._is_founding = not (before.current or before.former or has_others)
        self._is_plain = self._is_founding and not causes
        self._parent: dict[int | str, int | str] = {}
        self._found: dict[int | str, Because] = {}
        met = ~held.alone
        for i, number in zip(held.person[met].tolist(), held.id_number[met].tolist(), strict=True):
            self._parent[self._root(i)] = self._root(held.ids[number])
        self._members: dict[int | str, list[int | str]] = defaultdict(list)
        for node in self._parent:
            self._members[self._root(node)].append(node)

    def of_person(self, person: int) -> Because:
        if self._is_plain:
            return "founding", self._persons[person][0]
        return self._explain(person)

    def of_customer(self, customer_id: str) -> Because:
        return self._explain(customer_id)

    def _root(self, node: int | str) -> int | str:
        path = []
        while (above := self._parent.setdefault(node, node)) != node:
            path.append(node)
            node = above
        for below in path:
            self._parent[below] = node
        return node

    def _explain(self, node: int | str) -> Because:
        root = self._root(node) if node in self._parent else node
        if root not in self._found:
            found = chain.from_iterable(map(self._name, self._members.get(root, [node])))
            # Decisions are numbered: the shorter number is the smaller one.
            self._found[root] = min(
                found, key=lambda b: (BECAUSE_RANK[b[0]], len(b[1]), b[1]), default=self._otherwise
            )
        return self._found[root]

    def _name(self, node: int | str) -> Iterable[Because]:
        keys = self._gone.get(node, ()) if isinstance(node, str) else self._persons[node]
        for key in keys:
            if key in self._causes:
                yield self._causes[key]
            elif isinstance(node, str):
                yield "record_deleted", key
            elif key not in self._before.current:
                yield self._arrival(key), key

    def _arrival(self, key: str) -> str:
        if self._is_founding:
            return "founding"
        return "record_returned" if key in self._before.former else "record_new"
