"""Where cases come from: flat files, or a warehouse whose truth is known because the council was simulated."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scv.errors import InputError
from scv.linkage.arrays import Ints
from scv.linkage.dataset import KEY, SEPARATOR, read_dataset
from scv.linkage.evaluation.cases import Cases, load_cases

ROWS = 100_000
PERSON_RECORDS = """
select
    record_key as key, source_system as system, title, forename, middle_names, surname, suffix,
    birth_date::text as birth_date, sex, coalesce(address_line, address_std) as address,
    coalesce(postcode_std, postcode) as postcode, uprn::text as uprn, nino, nhs_number, upn, person_number, email, phone
from intermediate.int_person_records__link_input
"""


def read_files(
    con: duckdb.DuckDBPyConnection, result: Path, truth: Path, records: Path, edges: Path | None = None
) -> Cases:
    """Cases of flat files: the result and the pairs of `scv link dataset`, the truth (source_system, source_record_id,
    entity_id) and the records that were linked. InputError where a file is unfit or a true record is not in the result.
    """
    true_table, found_table = _read(truth, "entity_id"), _read(result, "person_id")
    keys, found_keys = _join_keys(true_table, *KEY), _join_keys(found_table, *KEY)
    for path, names in ((truth, keys), (result, found_keys)):
        if pc.count_distinct(names).as_py() != len(names):
            raise InputError(f"{path} names a record more than once; every record has one row.")
    place = pc.index_in(keys, found_keys)
    if place.null_count:
        raise InputError(
            f"{place.null_count:,} of {len(keys):,} records of {truth} are missing from {result}."
        )
    true = encode_labels(true_table.column("entity_id"))
    found = encode_labels(found_table.column("person_id").take(place))
    table = read_dataset(records)
    missing = len(keys) - pc.sum(pc.is_in(table.column("key"), keys)).as_py()
    if missing:
        raise InputError(f"{missing:,} of {len(keys):,} records of {truth} are missing from {records}.")
    table = table.append_column("system", table.column(KEY[0]))
    return load_cases(con, keys, true, found, [table], None if edges is None else _read_edges(edges))


def read_council(
    con: duckdb.DuckDBPyConnection, connection: psycopg.Connection, night: date, truth: pa.Table
) -> Cases:
    """Cases of a simulated council's warehouse as of a night: `truth` has record_key and person_id. The connection
    is that of the linkage. InputError where the night left no customers."""
    members = {
        str(key): str(customer)
        for key, customer in connection.execute(
            "select record_key, customer_id from link.membership"
            " where valid_from <= %(night)s and (valid_to is null or valid_to > %(night)s)",
            {"night": night},
        )
    }
    keys = truth.column("record_key").combine_chunks()
    known = pa.array([key in members for key in keys.to_pylist()], pa.bool_())
    truth, keys = truth.filter(known), keys.filter(known)
    if not len(keys):
        raise InputError(
            f"No record of the truth has a customer on the night of {night}. Was that night linked?"
        )
    true = encode_labels(truth.column("person_id"))
    found = encode_labels(pa.array([members[key] for key in keys.to_pylist()], pa.string()))
    pairs = _stream(
        connection,
        "select record_key_l as left, record_key_r as right, match_probability::float8 as probability from link.edge",
        {"left": pa.string(), "right": pa.string(), "probability": pa.float64()},
    )
    return load_cases(con, keys, true, found, _stream(connection, PERSON_RECORDS), pairs)


def find_last_night(connection: psycopg.Connection) -> date:
    """The last night that changed a customer, as the linkage sees it; InputError where nothing was linked."""
    row = connection.execute("select max(greatest(valid_from, valid_to)) from link.membership").fetchone()
    if row is None or row[0] is None:
        raise InputError("Nothing was linked in this warehouse yet. Run a night first.")
    night: date = row[0]
    return night


def encode_labels(labels: pa.Array | pa.ChunkedArray) -> Ints:
    """Labels of an Arrow column as numbers from 0."""
    column = labels.combine_chunks() if isinstance(labels, pa.ChunkedArray) else labels
    return column.dictionary_encode().indices.to_numpy().astype(np.int64)


def _read(path: Path, label: str) -> pa.Table:
    if not path.is_file():
        raise InputError(f"{path} is not a file.")
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        raise InputError(f"{path} is not a Parquet file that can be read.") from None
    missing = [name for name in (*KEY, label) if name not in table.column_names]
    if missing:
        raise InputError(f"{path} lacks the column(s) {', '.join(missing)}.")
    if any(table.column(name).null_count for name in (*KEY, label)):
        raise InputError(f"{path} has rows in which one of {', '.join((*KEY, label))} is empty.")
    return table


def _join_keys(table: pa.Table | pa.RecordBatch, system: str, record: str) -> pa.Array:
    keys = pc.binary_join_element_wise(
        table.column(system).cast(pa.string()), table.column(record).cast(pa.string()), SEPARATOR
    )
    return keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys


def _read_edges(path: Path) -> Iterator[pa.Table]:
    columns = [f"{name}_{side}" for side in "lr" for name in KEY] + ["match_probability"]
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        raise InputError(f"{path} is not a Parquet file that can be read.") from None
    missing = [name for name in columns if name not in file.schema_arrow.names]
    if missing:
        raise InputError(
            f"{path} lacks the column(s) {', '.join(missing)}; `scv link dataset --explain` writes it."
        )
    for batch in file.iter_batches(ROWS, columns=columns):
        left, right = (_join_keys(batch, f"{KEY[0]}_{side}", f"{KEY[1]}_{side}") for side in "lr")
        yield pa.table({"left": left, "right": right, "probability": batch.column("match_probability")})


def _stream(
    connection: psycopg.Connection, query: str, types: dict[str, pa.DataType] | None = None
) -> Iterator[pa.Table]:
    """A query's rows in tables of ROWS, as text where no types are given."""
    with connection.cursor(name="evaluation") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(ROWS):
            names = [column.name for column in cursor.description or ()]
            yield pa.table(
                {
                    name: pa.array(values, types[name] if types else pa.string())
                    for name, values in zip(names, zip(*rows, strict=True), strict=True)
                }
            )
