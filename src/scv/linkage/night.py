"""The night's linkage: which records are which customer, and since when.

Reads the link input, weighs the pairs of new and changed records, finds the persons, keeps their ids and
writes everything in one transaction. Run again for the same night, it first takes back what it wrote.
"""

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.arrays import Ints, Mask
from scv.linkage.clusters import Decisions
from scv.linkage.customers import Assignment, Before, assign
from scv.linkage.duck import load, open_memory
from scv.linkage.explanation import edge_rows
from scv.linkage.model import Model
from scv.linkage.partition import BY_BLOCKING, BY_COMPONENT, Edges, Partition, find_persons, prepare
from scv.linkage.records import filled_columns, standardise
from scv.linkage.review import find_doubtful
from scv.linkage.training import train
from scv.settings import get_settings

# A false link shows one person's life to another, a missed one is put before a steward: in the warehouse a
# group has to be three times as likely one person as not, where a flat file is linked at even odds.
CAUTION = float(np.log2(3))

ORIGINS = {"blocking": BY_BLOCKING, "component": BY_COMPONENT}


@dataclass(frozen=True)
class LinkResult:
    """What a night's linkage did: counts only."""

    records: int
    changed: int
    compared: int
    edges: int
    customers: int
    created: int
    merged: int
    split: int
    retired: int
    returned: int
    doubtful: int
    trained: bool
    model: str
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Input:
    """Everything that was read: standard records, the work list, the model, edges, ids, decisions."""

    records: pa.Table
    changed: set[str]
    model: Model | None
    edges: pa.Table
    before: Before
    decisions: list[tuple[str, str, str]]


def link_night(night: date) -> LinkResult:
    """Link the records of `intermediate.int_person_records__link_input` and write `link.*` for the night.

    Trains a model where none is active. DatabaseError where the warehouse refuses; InputError where a
    later night was linked before.
    """
    clock = _Clock()
    with translate_db_errors("linking the night", "link.edge"):
        with connect("linkage") as connection:
            found = _read(connection, night)
        clock.lap("read")
        records = standardise(found.records, "key", "source")
        clock.lap("standardise")
        keys = records.column("key").to_pylist()
        model, partition, fresh = _link(records, keys, found, clock)
        persons = _group(keys, _true_persons(keys) if get_settings().true_links else partition.person)
        assignment = assign(persons, found.before, get_settings().record_key_bytes(), night)
        doubtful = find_doubtful(keys, partition, assignment.customer)
        clock.lap("customers")
        with connect("linkage") as connection, connection.transaction():
            if found.model is None:
                store.write_model(connection, model, night)
            _write_edges(connection, keys, found, partition, model, fresh)
            store.write_customers(connection, found.before, assignment, night)
            store.write_review(connection, doubtful)
        clock.lap("write")
    return _summarise(keys, found, partition, model, fresh, persons, assignment, len(doubtful), clock.seconds)


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 2)
        self._last = now


def _read(connection: psycopg.Connection, night: date) -> Input:
    return Input(
        store.read_records(connection),
        store.read_changed(connection, night),
        store.read_model(connection),
        store.read_edges(connection),
        store.read_before(connection, night),
        store.read_decisions(connection),
    )


def _link(
    records: pa.Table, keys: list[str], found: Input, clock: _Clock
) -> tuple[Model, Partition, Ints | None]:
    """The model in force, tonight's partition, and which records were weighed anew (None: all)."""
    position = {key: i for i, key in enumerate(keys)}
    decisions = _place_decisions(found.decisions, position)
    with open_memory() as con:
        load(con, "records", records)
        model = found.model or train(
            con, filled_columns(records), f"trained on {len(keys)} person records of one night"
        )
        clock.lap("train")
        prepare(con, model)
        changed = _find_changed(keys, found, model, position)
        known = None if changed is None else _place_edges(found.edges, keys, changed)
        partition = find_persons(con, model, len(keys), decisions, known, changed, CAUTION)
    clock.lap("compare")
    return model, partition, changed


def _find_changed(keys: list[str], found: Input, model: Model, position: dict[str, int]) -> Ints | None:
    """Positions of the records to weigh anew; None where all are: a first night, or another model."""
    versions = pc.unique(found.edges.column("model_version")).to_pylist()
    if versions != [model.version]:
        return None
    # A record that no customer has is new, whatever the work list says.
    changed = {position[key] for key in found.changed if key in position}
    changed.update(i for i, key in enumerate(keys) if key not in found.before.current)
    return np.array(sorted(changed), np.int64)


def _place_edges(edges: pa.Table, keys: list[str], changed: Ints) -> Edges:
    """Known edges between live and unchanged records, ordered."""
    live = pa.array(keys, pa.string())
    left = pc.index_in(edges.column("record_key_l"), live)
    right = pc.index_in(edges.column("record_key_r"), live)
    both = pc.and_(pc.is_valid(left), pc.is_valid(right))
    left, right = (
        left.filter(both).to_numpy().astype(np.int64),
        right.filter(both).to_numpy().astype(np.int64),
    )
    weight = edges.column("match_weight").filter(both).cast(pa.float64()).to_numpy()
    origin = pc.equal(edges.column("origin").filter(both), "component").to_numpy().astype(np.int8)
    fixed: Mask = np.ones(len(keys), bool)
    fixed[changed] = False
    known = Edges(left, right, weight, origin, {})
    known = known.take(fixed[left] & fixed[right])
    return known.take(np.lexsort((known.right, known.left)))


def _place_decisions(decisions: list[tuple[str, str, str]], position: dict[str, int]) -> Decisions:
    placed: dict[str, set[tuple[int, int]]] = {"same": set(), "not_same": set()}
    for first, second, decision in decisions:
        if first in position and second in position:
            low, high = sorted((position[first], position[second]))
            placed[decision].add((low, high))
    return Decisions(frozenset(placed["same"]), frozenset(placed["not_same"]))


def _group(keys: list[str], person: Ints) -> list[list[str]]:
    """The record keys of each person, sorted, persons in order of their smallest record."""
    groups: dict[int, list[str]] = {}
    for key, number in zip(keys, person.tolist(), strict=True):
        groups.setdefault(number, []).append(key)
    return list(groups.values())


def _true_persons(keys: list[str]) -> Ints:
    """The partition that a test hands in; a record that it does not name is a person of its own."""
    path = get_settings().true_links
    if path is None or not Path(path).is_file():
        raise InputError(f"SCV_TRUE_LINKS names {path}, which is not a file.")
    table = pq.read_table(path, columns=["record_key", "person_id"])
    person = dict(
        zip(
            table.column("record_key").to_pylist(),
            map(str, table.column("person_id").to_pylist()),
            strict=True,
        )
    )
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(person.get(key, f"record {key}"), i) for i, key in enumerate(keys)])


def _write_edges(
    connection: psycopg.Connection,
    keys: list[str],
    found: Input,
    partition: Partition,
    model: Model,
    changed: Ints | None,
) -> None:
    if changed is None:
        store.clear_edges(connection)
    else:
        live = set(keys)
        ends = set(found.edges.column("record_key_l").to_pylist()) | set(
            found.edges.column("record_key_r").to_pylist()
        )
        stale = [*(ends - live), *(keys[i] for i in changed)]
        pairs = zip(partition.dropped.left.tolist(), partition.dropped.right.tolist(), strict=True)
        dropped = ((keys[low], keys[high]) for low, high in pairs)
        store.delete_edges(connection, stale, dropped)
    store.write_edges(connection, edge_rows(keys, partition.fresh, model))


def _summarise(
    keys: list[str],
    found: Input,
    partition: Partition,
    model: Model,
    changed: Ints | None,
    persons: list[list[str]],
    assignment: Assignment,
    doubtful: int,
    seconds: dict[str, float],
) -> LinkResult:
    causes = [event.cause for event in assignment.events]
    return LinkResult(
        records=len(keys),
        changed=len(keys) if changed is None else len(changed),
        compared=partition.compared,
        edges=len(partition.kept) + len(partition.fresh),
        customers=len(persons),
        doubtful=doubtful,
        trained=found.model is None,
        model=model.version,
        seconds=seconds,
        **{cause: causes.count(cause) for cause in ("created", "merged", "split", "retired", "returned")},
    )
