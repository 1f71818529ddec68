"""What a decision would move, worked out before it is saved.

The people whom it can affect are linked anew twice, as the next night will: with the decisions that stand,
and with the new one among them. What differs is what the decision moves.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import psycopg

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.clusters import Decisions
from scv.linkage.customers import Before, assign
from scv.linkage.decisions import Pair, Proposal, find_conflicts
from scv.linkage.duck import open_memory, run
from scv.linkage.night import CAUTION
from scv.linkage.partition import find_persons, prepare
from scv.linkage.record_store import fetch_records
from scv.linkage.stakes import Stakes, read_stakes
from scv.linkage.transfer import copy_in

# Ids that a night would make depend on that night; until then a new customer is named by its smallest record.
NEW = "new:"


@dataclass(frozen=True)
class Move:
    """A record that changes its customer; `customer_after` is 'new:' and a record key where one would be made."""

    record_key: str
    source: str
    customer_before: str
    customer_after: str


@dataclass(frozen=True)
class BlastRadius:
    """What a decision would move: records and, with them, services, debts and letters.

    `given_up` are customer ids that would lead to others from then on, `made` how many new customers there
    would be. `contradicts` are decisions in force that say otherwise in a chain: not the same wins.
    `pending` counts records that the next night moves anyway, by decisions taken since the last one;
    `looked_at` the records that were linked anew.
    """

    moves: tuple[Move, ...]
    given_up: tuple[str, ...]
    made: int
    contradicts: tuple[int, ...]
    pending: int
    looked_at: int
    stakes: Stakes


@dataclass(frozen=True)
class _Standing:
    """A decision in force."""

    decision_id: int
    pair: Pair
    kind: str


def find_blast_radius(proposal: Proposal) -> BlastRadius:
    """What saving this would move on the next night.

    InputError before the first night, DatabaseError where the warehouse refuses.
    """
    with (
        translate_db_errors("working out what a decision moves", "link.edge"),
        connect("linkage") as connection,
        open_memory(memory_limit="500MB") as con,
    ):
        model = store.read_model(connection)
        if model is None:
            raise InputError("Nobody has been linked yet. Run `scv night` first.")
        standing = _read_standing(connection)
        live, sources = _load(connection, con, _reach(connection, proposal.records, standing))
        current, since = _read_ids(connection, live)
        prepare(con, model)
        pairs = set(proposal.pairs)
        changed = [each for each in standing if each.pair not in pairs]
        if proposal.kind != "withdrawn":
            changed += [_Standing(0, pair, proposal.kind) for pair in proposal.pairs]
        before, after = (
            find_persons(con, model, len(live), _place(live, decisions), CAUTION).person.tolist()
            for decisions in (standing, changed)
        )
    was = _name(live, before, current, since)
    becomes = _name(live, after, was, since)
    moved = [key for key in live if was[key] != becomes[key]]
    return BlastRadius(
        moves=tuple(Move(key, sources[key], was[key], becomes[key]) for key in moved),
        given_up=tuple(sorted(set(was.values()) - set(becomes.values()))),
        made=len(set(becomes.values()) - set(was.values())),
        contradicts=tuple(_find_contradictions(live, changed)),
        pending=sum(was[key] != current.get(key) for key in live),
        looked_at=len(live),
        stakes=read_stakes(moved),
    )


def _load(
    connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, keys: list[str]
) -> tuple[list[str], dict[str, str]]:
    """Load those of the records that are live for comparing; gives their keys, in order, and their sources."""
    connection.execute("create temporary table reached (record_key text primary key) on commit drop")
    copy_in(connection, "pg_temp.reached", ("record_key",), ((key,) for key in keys))
    live = fetch_records(connection, con, "select record_key from pg_temp.reached")
    return live, dict(run(con, "select key, source from records"))


def _read_standing(connection: psycopg.Connection) -> list[_Standing]:
    rows = connection.execute(
        "select decision_id, record_key_l, record_key_r, decision from link.decision_in_force"
        " where decision <> 'withdrawn' order by decision_id"
    ).fetchall()
    return [_Standing(number, (low, high), kind) for number, low, high, kind in rows]


def _reach(connection: psycopg.Connection, seeds: Sequence[str], standing: list[_Standing]) -> list[str]:
    """Everybody whose linking a decision on these records can change: who hangs together with them by edges
    that speak for one person, by decisions, or as one customer."""
    decided: dict[str, set[str]] = defaultdict(set)
    for each in standing:
        low, high = each.pair
        if each.kind == "same":
            decided[low].add(high)
            decided[high].add(low)
    found: set[str] = set()
    todo = set(seeds)
    while todo:
        found |= todo
        rows = connection.execute(
            """
            select record_key_r from link.edge where record_key_l = any(%(keys)s) and match_weight > %(shift)s
            union
            select record_key_l from link.edge where record_key_r = any(%(keys)s) and match_weight > %(shift)s
            union
            select fellow.record_key
            from link.membership as mine
            inner join link.membership as fellow on mine.customer_id = fellow.customer_id
            where mine.record_key = any(%(keys)s) and mine.valid_to is null and fellow.valid_to is null
            """,
            {"keys": sorted(todo), "shift": CAUTION},
        ).fetchall()
        near = {row[0] for row in rows}.union(*(decided[key] for key in todo))
        todo = near - found
    return sorted(found)


def _read_ids(connection: psycopg.Connection, keys: list[str]) -> tuple[dict[str, str], dict[str, date]]:
    current: dict[str, str] = dict(
        connection.execute(
            "select record_key, customer_id from link.membership where valid_to is null and record_key = any(%s)",
            [keys],
        ).fetchall()
    )
    since: dict[str, date] = dict(
        connection.execute(
            "select customer_id, min(valid_from) from link.membership where customer_id = any(%s) group by 1",
            [sorted(set(current.values()))],
        ).fetchall()
    )
    return current, since


def _place(live: list[str], standing: list[_Standing]) -> Decisions:
    place = {key: position for position, key in enumerate(live)}
    pairs: dict[str, set[tuple[int, int]]] = {"same": set(), "not_same": set()}
    for each in standing:
        low, high = each.pair
        if low in place and high in place:
            pairs[each.kind].add((place[low], place[high]))
    return Decisions(frozenset(pairs["same"]), frozenset(pairs["not_same"]))


def _name(
    live: list[str], person: list[int], before: Mapping[str, str], since: Mapping[str, date]
) -> dict[str, str]:
    """The customer of each record by the rule of the night, from the customers before."""
    groups: dict[int, list[str]] = defaultdict(list)
    for key, number in zip(live, person, strict=True):
        groups[number].append(key)
    ages = {old: since.get(old, date.max) for old in before.values()}
    found = assign(list(groups.values()), Before(before, ages, {}), b"", date.max)
    made = {
        event.new_customer_id: f"{NEW}{event.record_key}"
        for event in found.events
        if event.cause == "created"
    }
    return {key: made.get(customer, customer) for key, customer in found.customer.items()}


def _find_contradictions(live: list[str], standing: list[_Standing]) -> list[int]:
    """Decisions in force that contradict what is proposed, which has no number yet."""
    known = set(live)
    decisions = [(each.decision_id, each.pair, each.kind) for each in standing if known.issuperset(each.pair)]
    acts = [{row.not_same_decision_id, *row.same_decision_ids} for row in find_conflicts(decisions)]
    return sorted({number for act in acts if 0 in act for number in act} - {0})
