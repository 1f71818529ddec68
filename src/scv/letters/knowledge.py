"""What the council knows of people at this moment: the marts as published, and the facts that were told since."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import psycopg

from scv.letters.items import Place, read_place

Keys = tuple[str, ...]


class Death(NamedTuple):
    """A known death: what says so, since which day the council knows, and a record of the estate's
    representatives where one is known."""

    evidence: Keys
    known_on: date
    is_told: bool
    representative: str | None


class Move(NamedTuple):
    """A system knows that the person left one home for another."""

    system: str
    old: Place
    new: Place
    moved_on: date
    evidence: Keys


class Support(NamedTuple):
    """What was agreed to do, for whom to know, by which fact."""

    action: str
    scope: frozenset[str]
    evidence: str


@dataclass
class Knowledge:
    """By customer. `homes`, `safe_home` and `moves` are of the customers asked for in `look_at` only; `homes` lists
    every address on a record of a safe-flagged customer, forwarding addresses too."""

    deaths: dict[str, Death] = field(default_factory=dict)
    safe: frozenset[str] = frozenset()
    support: dict[str, list[Support]] = field(default_factory=dict)
    moratoria: dict[str, Keys] = field(default_factory=dict)
    homes: dict[str, list[Place]] = field(default_factory=dict)
    safe_home: dict[str, Place] = field(default_factory=dict)
    moves: dict[str, list[Move]] = field(default_factory=dict)


_IN_FORCE = """
select fact_id, kind, customer_id, known_at, level, action_code, share_scope
from facts.in_force(%s) where customer_id is not null order by fact_id
"""
_EVIDENCE = """
select customer_id, max(known_at), array_agg(evidence_key order by evidence_key)
from intermediate.int_death_evidence__graded
where not is_reversed and level >= %s and customer_id = any(%s)
group by customer_id
"""
_ESTATES = """
select membership.customer_id, min(input.record_key)
from intermediate.int_person_records__link_input as input
inner join link.membership as membership
    on input.record_key = membership.record_key and membership.valid_to is null
where input.name_kind = 'estate' and input.is_live_record and input.address_line is not null
group by membership.customer_id
"""
_HOMES = """
select membership.customer_id, home.address_line, home.postcode, home.uprn
from link.membership as membership
inner join intermediate.int_person_records__link_input as input on membership.record_key = input.record_key
cross join lateral (
    values
    (input.address_line, input.postcode, input.uprn::text),
    (input.former_address_line, input.former_postcode, null)
) as home (address_line, postcode, uprn)
where membership.valid_to is null and membership.customer_id = any(%s) and home.address_line is not null
order by 1, 2, 3, 4
"""
# Whoever was flagged since the marts were published still stands in the open one.
_GOLDEN_HOMES = """
select customer_id, address_line, postcode, uprn::text from restricted.customer_address
where address_line is not null and customer_id = any(%(asked)s)
union all
select customer_id, address_line, postcode, uprn::text from marts.dim_customer
where is_current and address_status = 'known' and customer_id = any(%(asked)s)
"""
_MOVES = """
select
    moves.customer_id, moves.source_system,
    old_home.address_line, old_home.postcode, coalesce(moves.old_uprn::text, old_home.uprn::text),
    new_home.address_line, new_home.postcode, new_home.uprn::text,
    moves.moved_date, moves.evidence_keys
from intermediate.int_moves__known as moves
left join intermediate.int_addresses as old_home on moves.old_address_id = old_home.address_id
left join intermediate.int_addresses as new_home on moves.new_address_id = new_home.address_id
where moves.customer_id = any(%s) and moves.moved_date <= %s
order by moves.customer_id, moves.moved_date, moves.source_system, moves.evidence_keys
"""


def read_knowledge(linkage: psycopg.Connection, publisher: psycopg.Connection, on: date) -> Knowledge:
    """Everything that is known of few: deaths, safe flags, support and moratoria that hold on a day.

    A word that somebody lives outweighs evidence of a death that was known before it.
    """
    known_level = _one(publisher, "select min(min_level) from seeds.death_status_rules where is_known_death")
    marts: dict[str, date] = dict(
        publisher.execute(
            "select customer_id, letters_from_date from marts.dim_death where letters_from_date is not null"
        ).fetchall()
    )
    evidence = {
        customer: (known_at, tuple(keys))
        for customer, known_at, keys in linkage.execute(_EVIDENCE, [known_level, sorted(marts)]).fetchall()
    }
    estates: dict[str, str] = dict(linkage.execute(_ESTATES).fetchall())
    facts = linkage.execute(_IN_FORCE, [on]).fetchall()
    alive = {customer: known_at for _, kind, customer, known_at, *_ in facts if kind == "death_reversed"}
    safe = set(_customers(linkage, "select customer_id from intermediate.int_customers__safe_flag"))
    found = Knowledge()
    for customer, known_on in marts.items():
        last_known, keys = evidence.get(customer, (None, ()))
        if customer not in alive or (last_known is not None and last_known > alive[customer]):
            found.deaths[customer] = Death(keys, known_on, False, estates.get(customer))
    for fact_id, kind, customer, known_at, level, action, scope in facts:
        key = f"fact:{fact_id}"
        if kind == "death" and level >= known_level:
            earlier = found.deaths.get(customer)
            since = min(known_at.date(), earlier.known_on) if earlier else known_at.date()
            keys = (*(earlier.evidence if earlier else ()), key)
            found.deaths[customer] = Death(keys, since, earlier is None, estates.get(customer))
        elif kind == "safe_contact":
            safe.add(customer)
        elif kind == "support" and action is not None:
            found.support.setdefault(customer, []).append(Support(action, frozenset(scope or ()), key))
        elif kind == "moratorium":
            found.moratoria[customer] = (*found.moratoria.get(customer, ()), key)
    found.safe = frozenset(safe)
    return found


def look_at(
    found: Knowledge,
    linkage: psycopg.Connection,
    publisher: psycopg.Connection,
    customers: Collection[str],
    on: date,
) -> None:
    """Fill in homes and moves of these customers, in place of those of others."""
    everyone = sorted(customers)
    protected = [customer for customer in everyone if customer in found.safe]
    found.homes, found.safe_home, found.moves = {}, {}, {}
    for customer, *home in linkage.execute(_HOMES, [protected]).fetchall():
        place = read_place(*home)
        if place not in found.homes.setdefault(customer, []):
            found.homes[customer].append(place)
    for customer, *home in publisher.execute(_GOLDEN_HOMES, {"asked": protected}).fetchall():
        found.safe_home[customer] = read_place(*home)
    for customer, system, a, b, c, d, e, f, moved_on, keys in linkage.execute(
        _MOVES, [everyone, on]
    ).fetchall():
        move = Move(system, read_place(a, b, c), read_place(d, e, f), moved_on, tuple(keys))
        found.moves.setdefault(customer, []).append(move)


def _one(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _customers(connection: psycopg.Connection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(query).fetchall()]
