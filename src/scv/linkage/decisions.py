"""Stewards' decisions: who is the same person and who is not, whatever the weights say.

Rows are only ever added. The newest row of a pair counts from the next night on, and outranks every model.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import psycopg
from psycopg.rows import class_row

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage.clusters import settle
from scv.linkage.review import answer, reopen

Kind = Literal["same", "not_same", "withdrawn"]
Pair = tuple[str, str]

# Long enough for where the evidence is, too short for the story of a life.
REASON_LENGTHS = (5, 200)
NAME_LENGTHS = (2, 80)
KEY_SHAPE = re.compile(r"[0-9a-z_-]{1,64}")


@dataclass(frozen=True)
class Proposal:
    """What is about to be decided about which pairs of records (smaller key first), as one act."""

    kind: Kind
    pairs: tuple[Pair, ...]

    @property
    def records(self) -> list[str]:
        """The records that it names, ordered."""
        return sorted({key for pair in self.pairs for key in pair})


@dataclass(frozen=True)
class Decision:
    """One row of decisions; `is_in_force` where no newer row is about the same pair and it was not withdrawn."""

    decision_id: int
    record_key_l: str
    record_key_r: str
    decision: Kind
    reason: str
    decided_by: str
    decided_at: datetime
    decision_group: str | None
    is_in_force: bool


@dataclass(frozen=True)
class ConflictRow:
    """A pair that stands decided as not the same although decisions in a chain join it: not the same wins."""

    record_key_l: str
    record_key_r: str
    not_same_decision_id: int
    same_decision_ids: list[int]


def propose_pair(kind: Kind, first: str, second: str) -> Proposal:
    """That two live records are, or are not, of one person. InputError where they cannot be decided on."""
    if first == second:
        raise InputError("Both keys are the same record. A decision is about two records.")
    low, high = sorted((first, second))
    with _reading() as connection:
        _check_live(connection, [first, second])
        rows = _read(connection)
    for decision in rows:
        if (decision.record_key_l, decision.record_key_r) != (low, high):
            continue
        if decision.is_in_force and decision.decision == kind:
            raise InputError(
                f"Decision {decision.decision_id} of {decision.decided_at:%Y-%m-%d} says so already; there is nothing "
                "to save."
            )
    return Proposal(kind, ((low, high),))


def propose_unmerge(records: Sequence[str], customer_id: str) -> Proposal:
    """That these records are none of a customer's others. InputError where they are not records of it."""
    chosen = sorted(set(records))
    with _reading() as connection:
        _check_live(connection, chosen)
        rows = connection.execute(
            "select record_key from link.membership where customer_id = %s and valid_to is null order by 1",
            [customer_id],
        ).fetchall()
    members = [row[0] for row in rows]
    strangers = [key for key in chosen if key not in members]
    if strangers:
        raise InputError(
            f"{len(strangers)} of the {len(chosen)} records are not of the customer named in --from. "
            f"`scv customer history` lists a customer's records."
        )
    rest = [key for key in members if key not in chosen]
    if not rest:
        raise InputError(
            "These are all the records of the customer: nothing would be left to part them from."
        )
    pairs = sorted((min(a, b), max(a, b)) for a in chosen for b in rest)
    return Proposal("not_same", tuple(pairs))


def propose_withdrawal(decision_id: int) -> Proposal:
    """That a decision, with all that was decided in the same act, counts no longer.

    InputError where there is no such decision or it is not in force.
    """
    with _reading() as connection:
        rows = _read(connection)
    decision = next((row for row in rows if row.decision_id == decision_id), None)
    if decision is None:
        raise InputError(f"There is no decision {decision_id}. `scv link decisions` lists them.")
    if not decision.is_in_force:
        raise InputError(
            f"Decision {decision_id} is not in force: it was withdrawn, or a newer one is about the same pair."
        )
    group = decision.decision_group
    act = [row for row in rows if row.is_in_force and row.decision_group == group] if group else [decision]
    return Proposal("withdrawn", tuple(sorted((row.record_key_l, row.record_key_r) for row in act)))


def save_decision(proposal: Proposal, reason: str, decided_by: str) -> list[int]:
    """Add the rows of a decision, and answer what the review queue asks about its pairs; gives their numbers.

    The reason is free text and stays in the warehouse: it is never logged. InputError where it or the name is
    too short or too long.
    """
    reason, decided_by = check_reason(reason), check_name(decided_by)
    group = secrets.token_hex(8) if len(proposal.pairs) > 1 else None
    with (
        translate_db_errors("saving a decision", "link.decision"),
        connect("linkage") as connection,
        connection.transaction(),
    ):
        numbers = []
        for low, high in proposal.pairs:
            row = connection.execute(
                "insert into link.decision (record_key_l, record_key_r, decision, reason, decided_by, decided_at,"
                " decision_group) values (%s, %s, %s, %s, %s, now(), %s) returning decision_id",
                [low, high, proposal.kind, reason, decided_by, group],
            ).fetchone()
            numbers.append(int(row[0]) if row else 0)
        if proposal.kind == "withdrawn":
            reopen(connection, proposal.pairs)
        else:
            answer(connection, proposal.pairs)
    return numbers


def check_reason(reason: str) -> str:
    """The reason without spaces around it. InputError where it is too short or too long."""
    reason = " ".join(reason.split())
    if not REASON_LENGTHS[0] <= len(reason) <= REASON_LENGTHS[1]:
        raise InputError(
            f"--reason has {len(reason)} characters; {REASON_LENGTHS[0]} to {REASON_LENGTHS[1]} are taken. Say where "
            "the evidence is (a case number, a form), not what it says of a person."
        )
    return reason


def check_name(name: str) -> str:
    """Who decides, without spaces around it. InputError where it is too short or too long."""
    name = " ".join(name.split())
    if not NAME_LENGTHS[0] <= len(name) <= NAME_LENGTHS[1]:
        raise InputError(
            f"--by takes the name or staff number of who decides: {NAME_LENGTHS[0]} to {NAME_LENGTHS[1]} characters."
        )
    return name


def list_decisions(limit: int = 50) -> list[Decision]:
    """The newest decisions first."""
    with _reading() as connection:
        return _read(connection)[:limit]


def list_conflicts() -> list[ConflictRow]:
    """The conflicts among decisions that the last night found, in order of their pairs."""
    with _reading() as connection, connection.cursor(row_factory=class_row(ConflictRow)) as cursor:
        return cursor.execute(
            "select record_key_l, record_key_r, not_same_decision_id, same_decision_ids from link.decision_conflict"
            " order by record_key_l, record_key_r"
        ).fetchall()


def update_conflicts(connection: psycopg.Connection) -> int:
    """Write down which decisions in force contradict each other about live records, and count them.

    Runs in the night's transaction, once its memberships are written.
    """
    rows = connection.execute(
        """
        select decision_id, record_key_l, record_key_r, decision
        from link.decision_in_force
        where
            decision <> 'withdrawn'
            and exists (select 1 from link.membership where record_key = record_key_l and valid_to is null)
            and exists (select 1 from link.membership where record_key = record_key_r and valid_to is null)
        """
    ).fetchall()
    found = find_conflicts([(number, (low, high), kind) for number, low, high, kind in rows])
    connection.execute("delete from link.decision_conflict")
    for conflict in found:
        connection.execute(
            "insert into link.decision_conflict values (%s, %s, %s, %s)",
            [
                conflict.record_key_l,
                conflict.record_key_r,
                conflict.not_same_decision_id,
                conflict.same_decision_ids,
            ],
        )
    return len(found)


def find_conflicts(decisions: Sequence[tuple[int, Pair, str]]) -> list[ConflictRow]:
    """Pairs decided not the same whose ends a chain of pairs decided the same joins, in order of the pairs.

    `decisions` are number, pair and what was decided, one of each pair.
    """
    keys = sorted({key for _, pair, _ in decisions for key in pair})
    place = {key: position for position, key in enumerate(keys)}
    number = {(place[low], place[high]): each for each, (low, high), _ in decisions}
    placed = {
        kind: [(place[low], place[high]) for _, (low, high), said in decisions if said == kind]
        for kind in ("same", "not_same")
    }
    _, conflicts = settle(sorted(placed["same"]), sorted(placed["not_same"]), {})
    return [
        ConflictRow(
            keys[found.apart[0]],
            keys[found.apart[1]],
            number[found.apart],
            [number[link] for link in found.chain],
        )
        for found in sorted(conflicts, key=lambda conflict: conflict.apart)
    ]


@contextmanager
def _reading() -> Iterator[psycopg.Connection]:
    with translate_db_errors("reading decisions", "link.decision"), connect("linkage") as connection:
        yield connection


def _read(connection: psycopg.Connection) -> list[Decision]:
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        return cursor.execute(
            """
            select decided.*, decided.decision <> 'withdrawn' and newest.decision_id is not null as is_in_force
            from link.decision as decided
            left join link.decision_in_force as newest on decided.decision_id = newest.decision_id
            order by decided.decided_at desc, decided.decision_id desc
            """
        ).fetchall()


def _check_live(connection: psycopg.Connection, keys: Sequence[str]) -> None:
    rows = connection.execute(
        "select record_key from link.membership where valid_to is null and record_key = any(%s)", [list(keys)]
    ).fetchall()
    live = {row[0] for row in rows}
    for key in keys:
        if key not in live:
            named = f"The key {key}" if KEY_SHAPE.fullmatch(key) else "What was given"
            raise InputError(
                f"{named} is no record that is linked now. Keys of records are in marts.bridge_customer_source_record; "
                "`scv link review` prints those that it asks about."
            )
