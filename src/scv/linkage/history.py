"""Who a customer was and became: read from the memberships and the ledger of ids.

Opaque keys and names of systems only; nothing here reads a value of a person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError

ID_SHAPE = re.compile(r"C[A-Z0-9]{20}")


@dataclass(frozen=True)
class Change:
    """One row of the ledger of ids: what became of an id on a night, and what brought it about."""

    night: date
    cause: str
    old_customer_id: str | None
    new_customer_id: str | None
    record_key: str
    because: str
    because_key: str
    run: str


@dataclass(frozen=True)
class Member:
    """A record of a customer; `source` (system.table) is None once the system no longer holds the record.

    `since` is the first night of this stretch, `customer_id_now` None for a record that is gone.
    """

    record_key: str
    source: str | None
    since: date
    customer_id_now: str | None


@dataclass(frozen=True)
class Successor:
    """A live customer that a retired id leads to; `through` are the ids between, in order."""

    customer_id: str
    through: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """All that is known of an id: `ended` is the night it was given up, None while it is in use.

    `members` are its records now, or on its last day; `successors` is empty while it is in use, and for an
    id whose records are all gone. `changes` are in order of nights.
    """

    customer_id: str
    first_night: date
    ended: date | None
    members: tuple[Member, ...]
    successors: tuple[Successor, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Belief:
    """Which records were a customer as believed on a date, and which customer each of them is now."""

    customer_id: str
    on: date
    members: tuple[Member, ...]


@dataclass(frozen=True)
class _Stretch:
    record_key: str
    valid_from: date
    valid_to: date | None


def read_history(customer_id: str) -> History:
    """The history of an id. InputError where no customer ever had it, DatabaseError where refused."""
    with (
        translate_db_errors("reading the history of a customer", "link.membership"),
        connect("linkage") as connection,
    ):
        stretches = _read_stretches(connection, customer_id)
        ended = _find_end(stretches)
        then = [s for s in stretches if s.valid_to == ended]
        return History(
            customer_id,
            min(s.valid_from for s in stretches),
            ended,
            _describe(connection, then),
            () if ended is None else tuple(_follow(connection, customer_id)),
            _read_changes(connection, customer_id),
        )


def read_belief(customer_id: str, on: date) -> Belief:
    """The records of a customer as believed on a date. InputError where it had none then."""
    with (
        translate_db_errors("reading who a customer was", "link.membership"),
        connect("linkage") as connection,
    ):
        stretches = _read_stretches(connection, customer_id)
        then = [s for s in stretches if s.valid_from <= on and (s.valid_to is None or s.valid_to > on)]
        if not then:
            first, ended = min(s.valid_from for s in stretches), _find_end(stretches)
            until = f"given up on {ended}" if ended else "and is in use"
            raise InputError(
                f"{customer_id} had no records on {on}: it was first seen on {first}, {until}. "
                f"`scv customer history {customer_id}` lists its nights."
            )
        return Belief(customer_id, on, _describe(connection, then))


def _read_stretches(connection: psycopg.Connection, customer_id: str) -> list[_Stretch]:
    if not ID_SHAPE.fullmatch(customer_id):
        raise InputError(
            "That is not a customer id: expected C and 20 capital letters and digits, as in customer_id of the marts."
        )
    with connection.cursor(row_factory=class_row(_Stretch)) as cursor:
        found = cursor.execute(
            "select record_key, valid_from, valid_to from link.membership where customer_id = %s"
            " order by valid_from, record_key",
            [customer_id],
        ).fetchall()
    if not found:
        raise InputError(
            f"No customer ever had the id {customer_id}. Look for a slip, or find the customer of a record in "
            f"marts.bridge_customer_source_record."
        )
    return found


def _find_end(stretches: Sequence[_Stretch]) -> date | None:
    """The night on which an id was given up, None while a record has it."""
    ends = [s.valid_to for s in stretches]
    return None if None in ends else max(end for end in ends if end is not None)


def _describe(connection: psycopg.Connection, stretches: Iterable[_Stretch]) -> tuple[Member, ...]:
    since = {s.record_key: s.valid_from for s in stretches}
    now: dict[str, str] = dict(
        connection.execute(
            "select record_key, customer_id from link.membership where valid_to is null and record_key = any(%s)",
            [list(since)],
        ).fetchall()
    )
    sources: dict[str, str] = dict(
        connection.execute(
            "select record_key, source from link.record where record_key = any(%s)", [list(since)]
        ).fetchall()
    )
    return tuple(Member(key, sources.get(key), since[key], now.get(key)) for key in sorted(since))


def _read_changes(connection: psycopg.Connection, customer_id: str) -> tuple[Change, ...]:
    with connection.cursor(row_factory=class_row(Change)) as cursor:
        return tuple(
            cursor.execute(
                "select night, cause, old_customer_id, new_customer_id, record_key, because, because_key, run"
                " from link.customer_event where old_customer_id = %(id)s or new_customer_id = %(id)s"
                " order by night, event_id",
                {"id": customer_id},
            ).fetchall()
        )


def _follow(connection: psycopg.Connection, retired: str) -> list[Successor]:
    """The live customers that a retired id leads to, each by its shortest way, in order of their ids."""
    seen, level = {retired}, [Successor(retired, ())]
    found: list[Successor] = []
    while level:
        steps = _read_steps(connection, [each.customer_id for each in level])
        further: list[Successor] = []
        for each in level:
            for new, is_live in steps.get(each.customer_id, ()):
                if new in seen:
                    continue
                seen.add(new)
                through = each.through if each.customer_id == retired else (*each.through, each.customer_id)
                (found if is_live else further).append(Successor(new, through))
        level = further
    return sorted(found, key=lambda successor: successor.customer_id)


def _read_steps(connection: psycopg.Connection, retired: list[str]) -> dict[str, list[tuple[str, bool]]]:
    """Of each id, which others its records went to on the night it was given up, and whether those are in use.

    Earlier splits are left out: what an id lost while it lived on is no successor of it.
    """
    rows = connection.execute(
        """
        with ended as (
            select customer_id, max(valid_to) as night from link.membership
            where customer_id = any(%s) group by customer_id
        )
        select distinct ended.customer_id, event.new_customer_id, exists (
            select 1 from link.membership
            where membership.customer_id = event.new_customer_id and membership.valid_to is null
        )
        from ended
        inner join link.customer_event as event
            on ended.customer_id = event.old_customer_id and ended.night = event.night
        where event.new_customer_id is not null
        order by 1, 2
        """,
        [retired],
    ).fetchall()
    steps: dict[str, list[tuple[str, bool]]] = {}
    for old, new, is_live in rows:
        steps.setdefault(old, []).append((new, is_live))
    return steps
