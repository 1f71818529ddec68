"""The night's linkage: which records are which customer, and since when.

What differs from the night before is found in SQL, and only the people whom it can affect are worked out
anew: the partition is a function of the live records, the decisions and the model, and `link.record` and
`link.edge` only save work. Everything is written in one transaction. Run again for the same night, it first
takes back what it wrote.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import psycopg
import pyarrow.parquet as pq

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import blocking, code, differences, id_store, models, store
from scv.linkage.arrays import Ints
from scv.linkage.clusters import Decisions
from scv.linkage.customers import Because, assign
from scv.linkage.decisions import update_conflicts
from scv.linkage.duck import open_memory, run
from scv.linkage.model import Model, prepare_values
from scv.linkage.partition import EDGE_FLOOR, Partition, compare, find_persons, prepare
from scv.linkage.record_store import fetch_records, load_input, write_records
from scv.linkage.review import update_queue
from scv.linkage.scoring import Scorer
from scv.settings import get_settings

# A false link shows one person's life to another, a missed one is put before a steward: in the warehouse a
# group has to be three times as likely one person as not, where a flat file is linked at even odds.
CAUTION = float(np.log2(3))
AFFECTED = "select record_key from pg_temp.affected"
# What the code of a night counts as whose partition was handed in: the next one starts afresh.
HANDED_IN = "true links"


@dataclass(frozen=True)
class LinkResult:
    """What a night's linkage did: counts only. `full` says whether everything was worked out anew; `affected`
    how many live records were; `crowded` by blocking rule how many keys more records share than training would let
    pass (on an ordinary night, keys of changed records): a reason to train anew."""

    records: int
    changed: int
    deleted: int
    affected: int
    compared: int
    edges: int
    customers: int
    created: int
    merged: int
    split: int
    retired: int
    returned: int
    doubtful: int
    giants: int
    conflicts: int
    crowded: dict[str, int]
    full: bool
    trained: bool
    model: str
    seconds: dict[str, float] = field(default_factory=dict)


def link_night(night: date, *, full: bool = False) -> LinkResult:
    """Link the records of `intermediate.int_person_records__link_input` and write `link.*` for the night.

    Trains a model where none is active. `full` works everything out anew, to the same result. DatabaseError
    where the warehouse refuses; InputError where a later night was linked before.
    """
    with (
        translate_db_errors("linking the night", "link.edge"),
        connect("linkage") as connection,
        connection.transaction(),
    ):
        return _Night(connection, night, full).link()


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._last, 2)
        self._last = now


class _Night:
    """One night in its transaction."""

    def __init__(self, connection: psycopg.Connection, night: date, full: bool) -> None:
        self._connection = connection
        self._night = night
        self._clock = _Clock()
        self._compared = 0
        self._crowded: dict[str, int] = {}
        self._handed_in = get_settings().true_links
        self._code = HANDED_IN if self._handed_in else code.hash_code()
        differences.take_back(connection, night)
        self._model = store.read_model(connection)
        self._trained = self._model is None
        self._anew = self._is_anew()
        self._full = full or self._anew

    def _is_anew(self) -> bool:
        """Whether another model or other code weighed what is kept, or nothing is."""
        last = self._connection.execute(
            "select model_version, code from link.night order by night desc limit 1"
        ).fetchone()
        kept = self._connection.execute("select exists (select from link.record)").fetchone()
        return self._model is None or last != (self._model.version, self._code) or kept == (False,)

    def link(self) -> LinkResult:
        connection, clock = self._connection, self._clock
        changes = differences.find_changes(connection, self._night)
        differences.add_seeds(connection, self._night, CAUTION)
        clock.lap("differences")
        with ExitStack() as stack:
            if self._full:
                model, keys, partition = self._link_all(stack)
            else:
                model, keys, partition = self._link_affected(stack)
        causes = {} if self._anew else self._find_causes(keys, partition)
        person = self._true_persons(keys) if self._handed_in else partition.person
        before, taken = id_store.read_before(connection)
        assignment = assign(
            group_persons(keys, person),
            before,
            get_settings().record_key_bytes(),
            self._night,
            causes,
            ("model", model.version),
            taken,
        )
        clock.lap("customers")
        id_store.write_customers(connection, before, assignment, self._night)
        giants = [(keys[giant.label], giant.records, giant.bound) for giant in partition.giants]
        id_store.write_giants(connection, self._night, giants)
        self._remember(model)
        conflicts = update_conflicts(connection)
        changed = [row[0] for row in connection.execute("select record_key from pg_temp.change").fetchall()]
        touched = None if self._full else {*keys, *before.current}
        queue = update_queue(connection, self._night, touched, changed, get_settings().review_limit)
        clock.lap("write")
        happened = [event.cause for event in assignment.events]
        return LinkResult(
            records=self._count("link.record"),
            changed=changes.new + changes.changed,
            deleted=changes.deleted,
            affected=len(keys),
            compared=self._compared,
            edges=self._count("link.edge"),
            customers=self._count("link.membership where valid_to is null", "distinct customer_id"),
            doubtful=queue.doubts,
            giants=len(giants),
            conflicts=conflicts,
            crowded=self._crowded,
            full=self._full,
            trained=self._trained,
            model=model.version,
            seconds=clock.seconds,
            **{
                cause: happened.count(cause)
                for cause in ("created", "merged", "split", "retired", "returned")
            },
        )

    def _count(self, what: str, which: str = "*") -> int:
        row = self._connection.execute(f"select count({which}) from {what}").fetchone()
        return int(row[0]) if row else 0

    def _link_all(self, stack: ExitStack) -> tuple[Model, list[str], Partition]:
        """Everything from the link input: standard records, edges and persons."""
        connection, clock = self._connection, self._clock
        con = stack.enter_context(open_memory())
        records, filled = load_input(connection, con)
        clock.lap("standardise")
        if self._model is None:
            self._model = models.train_on_records(con, records, filled, self._night)
            models.write_model(connection, self._model, self._night, active=True)
            clock.lap("train")
        prepare(con, self._model)
        crowds = [key - (1 << 63) for key in blocking.find_stop_keys(con)]
        self._note_crowds(con, self._model, crowds)
        connection.execute("truncate link.record, link.edge")
        # One index over all records at once takes a fraction of the time.
        connection.execute("select link.drop_record_index()")
        write_records(connection, con, self._model)
        connection.execute("select link.create_record_index()")
        clock.lap("write records")
        keys = [row[0] for row in run(con, "select key from records order by rid")]
        partition = find_persons(con, self._model, records, self._decisions(keys), CAUTION)
        clock.lap("compare")
        self._compared = partition.compared
        store.write_edges(connection, keys, partition.edges, self._model)
        differences.close_over(connection, CAUTION, everybody=True)
        clock.lap("write edges")
        return self._model, keys, partition

    def _link_affected(self, stack: ExitStack) -> tuple[Model, list[str], Partition]:
        """The changed records and all that they can affect; everything else stays as it is."""
        connection, clock, model = self._connection, self._clock, self._model
        assert model is not None  # else everything is worked out anew
        con = stack.enter_context(open_memory())
        load_input(connection, con, only_changed=True)
        clock.lap("standardise")
        prepare(con, model)
        for table, key in (("record", "record_key"), ("edge", "record_key_l"), ("edge", "record_key_r")):
            connection.execute(
                f"delete from link.{table} using pg_temp.change where {table}.{key} = change.record_key"
            )
        write_records(connection, con, model)
        clock.lap("write records")
        differences.find_candidates(connection)
        clock.lap("candidates")
        self._compare_candidates(con, model)
        clock.lap("compare")
        differences.close_over(connection, CAUTION, everybody=bool(self._handed_in))
        keys = fetch_records(connection, con, AFFECTED)
        prepare_values(con, model)
        known = store.read_edges(connection, keys, AFFECTED)
        clock.lap("affected")
        partition = find_persons(con, model, len(keys), self._decisions(keys), CAUTION, known)
        self._compared += partition.compared
        clock.lap("compare")
        return model, keys, partition

    def _compare_candidates(self, con: duckdb.DuckDBPyConnection, model: Model) -> None:
        connection = self._connection
        ends = (f"select record_key_{side} from pg_temp.candidate" for side in "lr")
        keys = fetch_records(connection, con, " union ".join(ends))
        if not keys:
            return
        prepare_values(con, model)
        self._note_crowds(con, model, differences.find_crowds(connection))
        self._compared += differences.load_candidates(connection, con)
        edges = compare(Scorer(con, model.parameters, model.frequencies), "pair", EDGE_FLOOR)
        store.write_edges(connection, keys, edges, model)

    def _note_crowds(self, con: duckdb.DuckDBPyConnection, model: Model, keys: list[int]) -> None:
        if keys:
            self._crowded = blocking.name_crowds(con, blocking.rules_named(model.rules), keys)

    def _decisions(self, keys: Sequence[str]) -> Decisions:
        position = {key: i for i, key in enumerate(keys)}
        placed: dict[str, set[tuple[int, int]]] = {"same": set(), "not_same": set()}
        for first, second, decision in store.read_decisions(self._connection):
            if first in position and second in position:
                low, high = sorted((position[first], position[second]))
                placed[decision].add((low, high))
        return Decisions(frozenset(placed["same"]), frozenset(placed["not_same"]))

    def _find_causes(self, keys: Sequence[str], partition: Partition) -> Mapping[str, Because]:
        """For each record the first reason there is to look at its component."""
        reasons = differences.read_reasons(self._connection)
        found: dict[int, list[Because]] = {}
        for key, component in zip(keys, partition.component.tolist(), strict=True):
            if key in reasons:
                found.setdefault(component, []).append(reasons[key])
        first = {component: differences.first_reason(given) for component, given in found.items()}
        return {
            key: first[component]
            for key, component in zip(keys, partition.component.tolist(), strict=True)
            if component in first
        }

    def _true_persons(self, keys: Sequence[str]) -> Ints:
        """The partition that a test hands in; a record that it does not name is a person of its own."""
        path = self._handed_in
        if path is None or not Path(path).is_file():
            raise InputError(f"SCV_TRUE_LINKS names {path}, which is not a file.")
        table = pq.read_table(path, columns=["record_key", "person_id"])
        names = map(str, table.column("person_id").to_pylist())
        person = dict(zip(table.column("record_key").to_pylist(), names, strict=True))
        numbers: dict[str, int] = {}
        return np.array(
            [numbers.setdefault(person.get(key, f"record {key}"), i) for i, key in enumerate(keys)], np.int64
        )

    def _remember(self, model: Model) -> None:
        """Write down by what the night was linked, and which decisions it is the first to heed."""
        store.write_levels(self._connection, model)
        self._connection.execute(
            "insert into link.night (night, model_version, code, decision_ids) select %s, %s, %s, coalesce("
            "array_agg(decision_id order by decision_id), '{}') from link.decision"
            " where decision_id not in (select unnest(decision_ids) from link.night)",
            [self._night, model.version, self._code],
        )


def group_persons(keys: Sequence[str], person: Ints) -> list[list[str]]:
    """The record keys of each person, sorted, persons in order of their smallest record."""
    groups: dict[int, list[str]] = {}
    for key, number in zip(keys, person.tolist(), strict=True):
        groups.setdefault(number, []).append(key)
    return list(groups.values())
