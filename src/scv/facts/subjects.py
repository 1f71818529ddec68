"""Whom notices name or describe, as the record that a fact will hang on: looked up for a whole file at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from scv.disclosures import Refusal
from scv.facts.notices import DESCRIPTION
from scv.keys import joint_person_key, record_key
from scv.manifests import System, Table

# Parts the cells of a primary key of several columns.
KEY_SEPARATOR = "|"
# More persons than this on one row are no joint name line.
MOST_PERSONS = 9


@dataclass(frozen=True)
class Subject:
    """A record that is linked now, and the customer it is of."""

    record_key: str
    customer_id: str


def find_subjects(
    connection: psycopg.Connection,
    notices: Sequence[Mapping[str, str]],
    systems: Mapping[str, System],
    secret: bytes,
) -> list[Subject | Refusal]:
    """Whom each notice names, in their order, or why nobody is found; nobody is ever guessed.

    A customer is stood for by the record that has been its longest. Who is described is looked up by the model
    that links records, and must be matched: InputError where there is none yet. As role linkage.
    """
    named = [_name(notice, systems, secret) for notice in notices]
    keys = [key for kind, key in named if kind == "record_key"]
    customers = [key for kind, key in named if kind == "customer_id"]
    by_key = {
        key: Subject(key, customer)
        for key, customer in connection.execute(
            "select record_key, customer_id from link.membership where valid_to is null and record_key = any(%s)",
            [keys],
        )
    }
    by_customer = {
        customer: Subject(key, customer)
        for key, customer in connection.execute(
            """
            select distinct on (customer_id) record_key, customer_id from link.membership
            where valid_to is null and customer_id = any(%s)
            order by customer_id, valid_from, record_key
            """,
            [customers],
        )
    }
    described = _look_up(
        connection, {n: notices[n] for n, (kind, _) in enumerate(named) if kind == "described"}
    )
    return [
        described[n]
        if n in described
        else _answer(kind, key, by_key if kind == "record_key" else by_customer)
        for n, (kind, key) in enumerate(named)
    ]


def _look_up(
    connection: psycopg.Connection, described: Mapping[int, Mapping[str, str]]
) -> dict[int, Subject | Refusal]:
    """Whom descriptions mean, by their places; only who is matched is taken."""
    if not described:
        return {}
    # heavy libraries, which notices by key do without
    import pyarrow as pa

    from scv.linkage.lookup import find_people

    names = [name for name in DESCRIPTION if any(given.get(name, "").strip() for given in described.values())]
    columns = {"item_id": [str(place) for place in described]} | {
        name: [given.get(name, "").strip() or None for given in described.values()] for name in names
    }
    matches = find_people(
        connection, pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    )
    return {int(row["item_id"]): _judge(row) for row in matches.best.to_pylist()}


def _judge(row: Mapping[str, Any]) -> Subject | Refusal:
    if row["verdict"] == "matched":
        return Subject(row["record_key"], row["customer_id"])
    if row["verdict"] == "doubtful":
        return Refusal(
            "person",
            "expected a description that fits one person only; name the customer or a record instead",
        )
    return Refusal("person", "expected a description of somebody on file; nobody fits it well enough")


def _answer(kind: str, key: str, found: Mapping[str, Subject]) -> Subject | Refusal:
    if kind == "refused":
        return Refusal("person", key)
    if key in found:
        return found[key]
    if kind == "customer_id":
        return Refusal(
            "customer_id",
            "expected the id of a customer of now; `scv customer history` names the successors of an id",
        )
    return Refusal(
        "person", "expected a record that is linked now; one that came today is linked by the next night"
    )


def _name(notice: Mapping[str, str], systems: Mapping[str, System], secret: bytes) -> tuple[str, str]:
    """How a notice names its person: described, record_key or customer_id with the key, or refused with why."""
    given = {name: value.strip() for name, value in notice.items() if value.strip()}
    if any(name in given for name in DESCRIPTION):
        return "described", ""
    if "system" not in given:
        kind = "record_key" if "record_key" in given else "customer_id"
        return kind, given.get(kind, "")
    system = systems.get(given["system"])
    if system is None:
        return "refused", f"expected as system one of {', '.join(systems)}"
    tables = {table.name: table for table in system.tables if table.key_means_person != "none"}
    table = tables.get(given.get("table", next(iter(tables)) if len(tables) == 1 else ""))
    if table is None:
        return "refused", f"expected as table one that holds persons: {', '.join(tables)}"
    return _name_row(given, system, table, secret)


def _name_row(given: Mapping[str, str], system: System, table: Table, secret: bytes) -> tuple[str, str]:
    cells = [cell.strip() for cell in given.get("key", "").split(KEY_SEPARATOR)]
    if len(cells) != len(table.primary_key) or not all(cells):
        return "refused", (
            f"expected as key the cells of {', '.join(table.primary_key)}, parted by {KEY_SEPARATOR}"
        )
    person = given.get("person_no", "1")
    if not (person.isascii() and person.isdigit() and 1 <= int(person) <= MOST_PERSONS):
        return "refused", f"expected as person_no a place on the name line, 1 to {MOST_PERSONS}"
    row_key = record_key(secret, system.name, table.name, *cells)
    return "record_key", joint_person_key(row_key, int(person))
