"""What the linkage reads from the warehouse and writes to it: only opaque keys, weights and settings leave."""

from collections.abc import Iterator, Sequence

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from scv.linkage.arrays import Floats, Gammas
from scv.linkage.comparisons import BY_NAME
from scv.linkage.evidence import EFFECTS, probability
from scv.linkage.model import Model
from scv.linkage.partition import Edges, bits_of_levels, weights_only
from scv.linkage.transfer import copy_in, copy_out, copy_tables
from scv.settings import get_settings

# Columns of the link input in the names of the flat file. The unit in which a person stands once is the
# source table; people named side by side in one entry (a row, or the parties of an account) are several.
LINK_INPUT = """
select
    record_key as key, source_system || '.' || source_table as source, title, forename, middle_names, surname, suffix,
    birth_date::text as birth_date, sex, coalesce(address_line, address_std) as address,
    coalesce(postcode_std, postcode) as postcode, uprn::text as uprn, nino, nhs_number, upn, person_number, email,
    phone, account_key, other_account_key, former_address_line as former_address, former_postcode,
    home_from_date::text as home_from, home_to_date::text as home_to,
    source_system || '.' || source_table || '.' || coalesce(account_key, source_row_key, record_key) as entry
from intermediate.int_person_records__link_input
"""
# Edges that are turned into text at once.
CHUNK = 200_000


def read_model(connection: psycopg.Connection) -> Model | None:
    """The active model, or None before the first training."""
    row = connection.execute("select settings from link.model where active").fetchone()
    return Model.from_dict(row[0], get_settings().record_key_bytes()) if row else None


def read_decisions(connection: psycopg.Connection) -> list[tuple[str, str, str]]:
    """The decisions in force: record_key_l, record_key_r, same or not_same."""
    return connection.execute(
        "select record_key_l, record_key_r, decision from link.decision_in_force where decision <> 'withdrawn'"
        " order by 1, 2"
    ).fetchall()


def write_levels(connection: psycopg.Connection, model: Model) -> None:
    """What the levels of the model's comparisons are called and weigh, for `link.edge_explanation`."""
    rows = []
    for place, name in enumerate(model.parameters.comparisons, 1):
        bits = bits_of_levels(model.parameters, name)
        rows += [
            (model.version, place, name, level, label, float(bits[level]))
            for level, label in BY_NAME[name].labels.items()
        ]
    connection.execute("delete from link.model_level where model_version = %s", [model.version])
    columns = ("model_version", "place", "comparison", "level", "label", "match_weight")
    copy_in(connection, "link.model_level", columns, rows)


def write_edges(connection: psycopg.Connection, keys: Sequence[str], edges: Edges, model: Model) -> int:
    """Add edges between records whose keys are given by position; gives their number."""
    return copy_tables(connection, "link.edge", edge_tables(keys, edges, model))


def edge_tables(keys: Sequence[str], edges: Edges, model: Model) -> Iterator[pa.Table]:
    """Edges as rows of `link.edge`, some at a time."""
    named = pa.array(keys, pa.string())
    for start in range(0, len(edges), CHUNK):
        part = edges.take(np.arange(start, min(start + CHUNK, len(edges))))
        effects = {name: pa.array(part.effects[:, place]) for place, name in enumerate(EFFECTS)}
        yield pa.table(
            {
                "record_key_l": named.take(pa.array(part.left)),
                "record_key_r": named.take(pa.array(part.right)),
                "match_weight": pa.array(part.weight.astype(np.float32)),
                "match_probability": pa.array(probability(part.weight).astype(np.float32)),
                "levels": _array_text(part.levels),
                "frequency": _array_text(part.frequency),
                **effects,
                "model_version": pa.array([model.version] * len(part), pa.string()),
            }
        )


def _array_text(rows: Gammas | Floats) -> pa.Array:
    """PostgreSQL array literals, one per row."""
    columns = [pa.array(np.ascontiguousarray(column)).cast(pa.string()) for column in rows.T]
    joined = pc.binary_join_element_wise(*columns, ",")
    return pc.binary_join_element_wise("{", joined, "}", "")


def read_edges(connection: psycopg.Connection, keys: Sequence[str], which: str) -> Edges:
    """The weights of the edges between records, whose keys are given in order and by a query."""
    found = copy_out(
        connection,
        "select record_key_l as l, record_key_r as r, match_weight as weight from link.edge"
        f" where record_key_l in ({which}) and record_key_r in ({which})",
    )
    named = pa.array(keys, pa.string())
    left, right = (pc.index_in(found.column(side), named).to_numpy().astype(np.int64) for side in "lr")
    # As in `compare`: single precision, whatever is counted with.
    weight = found.column("weight").cast(pa.float32()).to_numpy().astype(np.float64)
    return weights_only(left, right, weight)
