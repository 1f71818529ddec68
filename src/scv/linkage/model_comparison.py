"""What another model would change: today's records under two models, and which customers differ."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psycopg

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.arrays import Ints
from scv.linkage.clusters import Decisions
from scv.linkage.clusters import connect as connect_records
from scv.linkage.duck import open_memory, run
from scv.linkage.model import Model
from scv.linkage.models import read_named
from scv.linkage.night import CAUTION
from scv.linkage.partition import find_persons, prepare
from scv.linkage.record_store import load_input
from scv.linkage.stakes import Stakes, read_stakes


@dataclass(frozen=True)
class MovedRecord:
    """A record that stands with others under the two models: the customer that it has now, and its person
    under each model (the smallest record key of it)."""

    group: int
    record_key: str
    source: str
    customer_id: str | None
    person_a: str
    person_b: str


@dataclass(frozen=True)
class ModelComparison:
    """Counts of persons under models A and B; groups of persons that differ, by what happens to them (`merges`:
    several persons of A are one of B; `splits`: the other way round; `regroupings`: neither); the customers
    that would change, all their records, and what stands on these as last published."""

    model_a: str
    model_b: str
    records: int
    persons_a: int
    persons_b: int
    merges: int
    splits: int
    regroupings: int
    customers: int
    moved: tuple[MovedRecord, ...]
    stakes: Stakes


def compare_models(first: str, second: str) -> ModelComparison:
    """Partition today's records under two models (versions, files or "active") with today's decisions.

    InputError where a model is not known or nothing is linked, DatabaseError where the warehouse refuses.
    """
    with translate_db_errors("comparing models", "link.model"), connect("linkage") as connection:
        models = [read_named(connection, name) for name in (first, second)]
        decided = store.read_decisions(connection)
        rows = connection.execute(
            "select record_key, customer_id from link.membership where valid_to is null"
        ).fetchall()
        keys, sources, person_a = _partition(connection, models[0], decided)
        *_, person_b = _partition(connection, models[1], decided)
    moved, kinds = find_moved(keys, sources, dict(rows), person_a, person_b)
    return ModelComparison(
        models[0].version,
        models[1].version,
        len(keys),
        len(np.unique(person_a)),
        len(np.unique(person_b)),
        kinds["merge"],
        kinds["split"],
        kinds["regrouping"],
        len({record.customer_id for record in moved}),
        tuple(moved),
        read_stakes([record.record_key for record in moved]),
    )


def _partition(
    connection: psycopg.Connection, model: Model, decided: Sequence[tuple[str, str, str]]
) -> tuple[list[str], list[str], Ints]:
    """Keys and sources of today's records, and the persons that a model makes of them."""
    with open_memory() as con:
        load_input(connection, con)
        rows = run(con, "select key, source from records order by rid")
        keys, sources = [row[0] for row in rows], [row[1] for row in rows]
        if not keys:
            raise InputError("There are no person records to compare models on. Run a night first: scv night")
        place = {key: i for i, key in enumerate(keys)}
        pairs: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for low, high, kind in decided:
            if low in place and high in place:
                pairs[kind].add((min(place[low], place[high]), max(place[low], place[high])))
        decisions = Decisions(frozenset(pairs["same"]), frozenset(pairs["not_same"]))
        prepare(con, model)
        return keys, sources, find_persons(con, model, len(keys), decisions, shift=CAUTION).person


def find_moved(
    keys: list[str], sources: list[str], customers: dict[str, str], person_a: Ints, person_b: Ints
) -> tuple[list[MovedRecord], dict[str, int]]:
    """Records of persons that differ between two partitions, and how many groups of each kind there are.

    A group is what the two partitions connect: the smallest set of records that is whole persons in both.
    """
    everyone: Ints = np.arange(len(keys))
    group = connect_records(len(keys), np.r_[everyone, everyone], np.r_[person_a, person_b])
    cells: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for number, a, b in zip(group.tolist(), person_a.tolist(), person_b.tolist(), strict=True):
        cells[number].add((a, b))
    kinds = {"merge": 0, "split": 0, "regrouping": 0}
    changed: dict[int, int] = {}
    for number, found in cells.items():
        if len(found) > 1:
            a, b = len({x for x, _ in found}), len({y for _, y in found})
            kinds["merge" if b == 1 else "split" if a == 1 else "regrouping"] += 1
            changed[number] = len(changed) + 1
    moved = [
        MovedRecord(changed[number], key, source, customers.get(key), keys[a], keys[b])
        for number, key, source, a, b in zip(
            group.tolist(), keys, sources, person_a.tolist(), person_b.tolist(), strict=True
        )
        if number in changed
    ]
    return sorted(moved, key=lambda record: (record.group, record.record_key)), kinds
