"""Linking one flat file on its own, without a warehouse."""

import resource
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scv.errors import InputError
from scv.linkage.clusters import Decisions
from scv.linkage.duck import load, open_memory
from scv.linkage.evidence import EFFECTS, probability
from scv.linkage.model import Model
from scv.linkage.partition import Partition, column_weights, find_persons
from scv.linkage.records import filled_columns, standardise
from scv.linkage.training import train

KEY = ("source_system", "source_record_id")
COLUMNS = (
    *KEY,
    "title",
    "forename",
    "middle_names",
    "surname",
    "full_name",
    "birth_date",
    "sex",
    "address",
    "postcode",
    "uprn",
    "nino",
    "person_number",
    "email",
    "phone",
)
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class DatasetResult:
    """What a run did: counts, seconds by step, peak memory in MB, the model's version."""

    records: int
    persons: int
    largest: int
    compared: int
    model: str
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: int = 0


def link_dataset(
    source: Path, target: Path, threshold: float = 0.5, explain: Path | None = None
) -> DatasetResult:
    """Link the records of a Parquet file and write source_system, source_record_id, person_id.

    `threshold` is the match probability above which a pair speaks for one person (default: more likely
    than not). With `explain`, every weighed pair goes into that Parquet file with the weight of each
    comparison in bits. person_id depends on the records alone, not on their order. InputError where
    the file cannot be used.
    """
    if not 0 < threshold < 1:
        raise InputError("--threshold is a probability between 0 and 1.")
    started, seconds = time.perf_counter(), {}
    table = read_dataset(source)
    records = standardise(table, "key", "source_system")
    seconds["standardise"] = _lap(started)
    if records.num_rows < 2:
        return _write_alone(records, target)
    with open_memory() as con:
        load(con, "records", records)
        started = time.perf_counter()
        model = train(con, filled_columns(records), f"trained on {records.num_rows} records of one file")
        seconds["train"] = _lap(started)
        started = time.perf_counter()
        shift = float(np.log2(threshold / (1 - threshold)))
        partition = find_persons(con, model, records.num_rows, Decisions(), shift=shift)
        seconds["link"] = _lap(started)
    _write(records, partition, target)
    if explain is not None:
        _write_edges(records, partition, model, explain)
    sizes = np.bincount(partition.person)
    return DatasetResult(
        records.num_rows,
        int((sizes > 0).sum()),
        int(sizes.max()),
        partition.compared,
        model.version,
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def read_dataset(source: Path) -> pa.Table:
    """The columns of a flat file as text, with `key`; InputError where keys are missing or not unique."""
    if not source.is_file():
        raise InputError(f"{source} is not a file.")
    try:
        table = pq.read_table(source)
    except (pa.ArrowInvalid, OSError):
        raise InputError(f"{source} is not a Parquet file that can be read.") from None
    missing = [name for name in KEY if name not in table.column_names]
    if missing:
        raise InputError(f"{source} lacks the column(s) {', '.join(missing)}; every record needs both.")
    table = table.select([name for name in COLUMNS if name in table.column_names])
    table = pa.table({name: table.column(name).cast(pa.string()) for name in table.column_names})
    if any(table.column(name).null_count for name in KEY):
        raise InputError(f"{source} has records without {' or '.join(KEY)}.")
    key = pc.binary_join_element_wise(table.column(KEY[0]), table.column(KEY[1]), SEPARATOR)
    if pc.count_distinct(key).as_py() != table.num_rows:
        raise InputError(f"{source} has several records with the same {' and '.join(KEY)}.")
    return table.append_column("key", key)


def _lap(started: float) -> float:
    return round(time.perf_counter() - started, 2)


def _split_keys(records: pa.Table) -> list[pa.Array]:
    parts = pc.split_pattern(records.column("key"), SEPARATOR, max_splits=1).combine_chunks()
    return [pc.list_element(parts, 0), pc.list_element(parts, 1)]


def _write(records: pa.Table, partition: Partition, target: Path) -> None:
    system, record = _split_keys(records)
    # The smallest record of a person names it: the same in any order of rows.
    person = pc.binary_join_element_wise(system, record, ":").take(pa.array(partition.person))
    pq.write_table(pa.table({KEY[0]: system, KEY[1]: record, "person_id": person}), target)


def _write_alone(records: pa.Table, target: Path) -> DatasetResult:
    system, record = _split_keys(records)
    person = pc.binary_join_element_wise(system, record, ":")
    pq.write_table(pa.table({KEY[0]: system, KEY[1]: record, "person_id": person}), target)
    return DatasetResult(records.num_rows, records.num_rows, records.num_rows, 0, "none")


def _write_edges(records: pa.Table, partition: Partition, model: Model, target: Path) -> None:
    system, record = _split_keys(records)
    edges = partition.edges
    left, right = pa.array(edges.left), pa.array(edges.right)
    columns = {
        "source_system_l": system.take(left),
        "source_record_id_l": record.take(left),
        "source_system_r": system.take(right),
        "source_record_id_r": record.take(right),
        "match_weight": pa.array(edges.weight),
        "match_probability": pa.array(probability(edges.weight)),
        "same_person": pa.array(partition.person[edges.left] == partition.person[edges.right]),
    }
    parts = column_weights(edges, model) | {name: edges.effects[:, i] for i, name in enumerate(EFFECTS)}
    columns |= {f"weight_{name}": pa.array(np.round(values, 3)) for name, values in parts.items()}
    pq.write_table(pa.table(columns), target)
