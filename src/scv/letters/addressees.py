"""Whom items mean: their name lines read, each person looked up by name, home and account as printed."""

from collections.abc import Sequence

import psycopg
import pyarrow as pa

from scv.letters.items import Addressed, Addressee, Item
from scv.linkage.lookup import alternatives, find_people
from scv.names import ParsedName, Person, parse_names

_ACCOUNT_KEYS = """
select asked.system, asked.account_ref, min(parties.account_key)
from unnest(%s::text [], %s::text []) as asked (system, account_ref)
inner join intermediate.int_account_parties as parties
    on asked.system = parties.system and asked.account_ref = parties.account_ref
group by asked.system, asked.account_ref
"""
_PARTIES = """
select asked.system, asked.account_ref, array_agg(distinct people.customer_id order by people.customer_id)
from unnest(%s::text [], %s::text []) as asked (system, account_ref)
inner join intermediate.int_account_customers__ever as people
    on asked.system = people.system and asked.account_ref = people.account_ref
group by asked.system, asked.account_ref
"""
_PARTS = ("title", "forename", "middle_names", "surname", "suffix")
_PLACES = ("address", "postcode", "uprn", "email", "phone")
_COLUMNS = ("item_id", *_PARTS, *_PLACES, "account_key")
Account = tuple[str, str]


def find_addressees(linkage: psycopg.Connection, items: Sequence[Item]) -> list[Addressed]:
    """Each item with whom it means, in order."""
    parsed = {name.full_name: name for name in parse_names(dict.fromkeys(item.addressee for item in items))}
    accounts = sorted(
        {(item.department, item.account_ref) for item in items if item.department and item.account_ref}
    )
    systems, refs = [system for system, _ in accounts], [ref for _, ref in accounts]
    keys: dict[Account, str] = {
        (system, ref): key for system, ref, key in linkage.execute(_ACCOUNT_KEYS, [systems, refs]).fetchall()
    }
    parties: dict[Account, tuple[str, ...]] = {
        (system, ref): tuple(found)
        for system, ref, found in linkage.execute(_PARTIES, [systems, refs]).fetchall()
    }
    rows = [
        _describe(f"{number:07d}#{place}", item, person, keys.get(_account(item)))
        for number, item in enumerate(items)
        for place, person in enumerate(parsed[item.addressee].people)
    ]
    found = _look_up(linkage, rows)
    return [
        Addressed(
            item,
            name := parsed[item.addressee],
            tuple(found[f"{number:07d}#{place}"] for place in range(_count(name))),
            parties.get(_account(item), ()),
        )
        for number, item in enumerate(items)
    ]


def _count(name: ParsedName) -> int:
    return len(name.people)


def _account(item: Item) -> Account:
    return item.department or "", item.account_ref or ""


def _describe(number: str, item: Item, person: Person, account_key: str | None) -> tuple[str | None, ...]:
    parts = (getattr(person, name) or None for name in _PARTS)
    places = (getattr(item, name) for name in _PLACES)
    return number, *parts, *places, account_key


def _look_up(linkage: psycopg.Connection, rows: list[tuple[str | None, ...]]) -> dict[str, Addressee]:
    if not rows:
        return {}
    columns = zip(_COLUMNS, zip(*rows, strict=True), strict=True)
    matches = find_people(linkage, pa.table({name: pa.array(cells, pa.string()) for name, cells in columns}))
    others = alternatives(matches)
    items, verdicts = (matches.best.column(name).to_pylist() for name in ("item_id", "verdict"))
    # Of an unmatched one nobody is meant, however near somebody came.
    return {
        item: Addressee(verdict, () if verdict == "unmatched" else tuple(others.get(item, ())))
        for item, verdict in zip(items, verdicts, strict=True)
    }
