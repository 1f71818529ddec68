"""The night's linkage: which records are which customer, and since when.

Reads the link input, weighs pairs, finds the persons, keeps their ids and
writes everything in one transaction. Run again for the same night, it first takes back what it wrote.
"""

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.arrays import Ints
from scv.linkage.clusters import Decisions
from scv.linkage.customers import Assignment, Before, assign
from scv.linkage.decisions import update_conflicts
from scv.linkage.duck import load, open_memory
from scv.linkage.model import Model
from scv.linkage.partition import Partition, find_persons, prepare
from scv.linkage.records import filled_columns, standardise
from scv.linkage.review import update_queue
from scv.linkage.training import train
from scv.settings import get_settings

# A false link shows one person's life to another, a missed one is put before a steward: in the warehouse a
# group has to be three times as likely one person as not, where a flat file is linked at even odds.
CAUTION = float(np.log2(3))


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
    model: Model | None
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
        model, partition = _link(records, keys, found, clock)
        persons = _group(keys, _true_persons(keys) if get_settings().true_links else partition.person)
        assignment = assign(persons, found.before, get_settings().record_key_bytes(), night)
        clock.lap("customers")
        with connect("linkage") as connection, connection.transaction():
            if found.model is None:
                store.write_model(connection, model, night)
            store.write_levels(connection, model)
            store.clear_edges(connection)
            store.write_edges(connection, keys, partition.edges, model)
            store.write_customers(connection, found.before, assignment, night)
            update_conflicts(connection)
            queue = update_queue(connection, night, None, (), get_settings().review_limit)
        clock.lap("write")
    return _summarise(keys, found, partition, model, persons, assignment, queue.doubts, clock.seconds)


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
        store.read_model(connection),
        store.read_before(connection, night),
        store.read_decisions(connection),
    )


def _link(records: pa.Table, keys: list[str], found: Input, clock: _Clock) -> tuple[Model, Partition]:
    """The model in force and tonight's partition."""
    position = {key: i for i, key in enumerate(keys)}
    decisions = _place_decisions(found.decisions, position)
    with open_memory() as con:
        load(con, "records", records)
        model = found.model or train(
            con, filled_columns(records), f"trained on {len(keys)} person records of one night"
        )
        clock.lap("train")
        prepare(con, model)
        partition = find_persons(con, model, len(keys), decisions, CAUTION)
    clock.lap("compare")
    return model, partition


def _place_decisions(decisions: list[tuple[str, str, str]], position: dict[str, int]) -> Decisions:
    placed: dict[str, set[tuple[int, int]]] = {"same": set(), "not_same": set(), "withdrawn": set()}
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


def _summarise(
    keys: list[str],
    found: Input,
    partition: Partition,
    model: Model,
    persons: list[list[str]],
    assignment: Assignment,
    doubtful: int,
    seconds: dict[str, float],
) -> LinkResult:
    causes = [event.cause for event in assignment.events]
    return LinkResult(
        records=len(keys),
        changed=len(keys),
        compared=partition.compared,
        edges=len(partition.edges),
        customers=len(persons),
        doubtful=doubtful,
        trained=found.model is None,
        model=model.version,
        seconds=seconds,
        **{cause: causes.count(cause) for cause in ("created", "merged", "split", "retired", "returned")},
    )
