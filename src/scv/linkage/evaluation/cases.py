"""What is evaluated: records with the person that each truly is, the customer it was linked to, and weighed pairs.

Records are read in slices into DuckDB with only what groups and patterns need, in the form in which they are compared.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scv.linkage.arrays import Floats, Ints
from scv.linkage.duck import run
from scv.linkage.evaluation.origins import find_origin
from scv.linkage.records import standardise

SLICE = 50_000
# Of the standard form, what a record may have filled in; parts and folded twins of a column count once.
FILLED = (
    "forename", "middle", "surname", "birth_date", "sex", "address", "postcode", "uprn", "nino", "person_number",
    "nhs_number", "upn", "email", "phone",
)  # fmt: skip
# Forms of names and homes by which a wrong or missed pair is described.
COMPARED = ("forename", "initial", "surname", "birth_date", "postcode", "address")


@dataclass(frozen=True)
class WeighedPairs:
    """Pairs of positions of records with the probability that they match; `is_true` follows from the truth."""

    left: Ints
    right: Ints
    probability: Floats


@dataclass(frozen=True)
class Cases:
    """Records 0..n-1 with their true persons and customers (numbers from 0), and the pairs that were weighed, if known.

    `con` holds the table `record`: n, person (the true one), customer, system, and columns
    of the standard form.
    """

    con: duckdb.DuckDBPyConnection
    true: Ints
    found: Ints
    pairs: WeighedPairs | None


def load_cases(
    con: duckdb.DuckDBPyConnection,
    keys: pa.Array,
    true: Ints,
    found: Ints,
    records: Iterable[pa.Table],
    pairs: Iterable[pa.Table] | None = None,
) -> Cases:
    """Put records (tables with `key`, `system` and the columns of a flat file) and pairs together.

    `keys` names the records 0..n-1 of both partitions; records and pairs with other keys are left out. `pairs` are
    tables of `left`, `right` (keys) and `probability`.
    """
    _create_record_table(con)
    for table in records:
        for start in range(0, table.num_rows, SLICE):
            _add_slice(con, keys, true, found, table.slice(start, SLICE))
    return Cases(con, true, found, None if pairs is None else _place_pairs(keys, pairs))


def _create_record_table(con: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{name} varchar" for name in (*COMPARED, "sex", "origin", "system"))
    run(con, f"create or replace table record (n int, person int, customer int, filled int, {columns})")


def _add_slice(
    con: duckdb.DuckDBPyConnection, keys: pa.Array, true: Ints, found: Ints, table: pa.Table
) -> None:
    standard = standardise(table, "key", "system")
    place = pc.index_in(standard.column("key"), keys)
    standard = standard.filter(pc.is_valid(place))
    number = place.drop_null().to_numpy()
    filled = np.sum([standard.column(name).is_valid().to_numpy() for name in FILLED], axis=0)
    rows = {
        "n": pa.array(number, pa.int32()),
        "person": pa.array(true[number], pa.int32()),
        "customer": pa.array(found[number], pa.int32()),
        "filled": pa.array(filled, pa.int32()),
        **{name: standard.column(name) for name in (*COMPARED, "sex")},
        "origin": map_values(standard.column("surname"), find_origin),
        "system": standard.column("source"),
    }
    con.register("arrow_slice", pa.table(rows))
    run(con, "insert into record by name select * from arrow_slice")
    con.unregister("arrow_slice")


def map_values(column: pa.ChunkedArray, function: Callable[[str | None], str | None]) -> pa.Array:
    """Apply a function to a text column, once per distinct value."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    values = pa.array([function(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return values.take(encoded.indices)


def _place_pairs(keys: pa.Array, pairs: Iterable[pa.Table]) -> WeighedPairs:
    def placed() -> Iterator[tuple[Ints, Ints, Floats]]:
        for table in pairs:
            left, right = (pc.index_in(table.column(side), keys) for side in ("left", "right"))
            known = pc.and_(pc.is_valid(left), pc.is_valid(right))
            yield tuple(
                column.filter(known).to_numpy() for column in (left, right, table.column("probability"))
            )

    found = list(placed())
    if not found:
        return WeighedPairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return WeighedPairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
