"""From records to persons: the one place in which candidates are compared, weighed and clustered.

Flat files and nights both come through here. A partition depends on the records, the model, the
decisions and nothing else; edges that are handed in only save work.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from scv.linkage import blocking
from scv.linkage.arrays import Floats, Gammas, Ints, Mask
from scv.linkage.clusters import Conflict, Decisions, Giant, cluster, find_components, pairs_inside
from scv.linkage.duck import run
from scv.linkage.evidence import EFFECTS, Parameters, weigh
from scv.linkage.model import Model, prepare_values
from scv.linkage.scoring import Scorer

# Pairs below this (a probability of 1 %) are forgotten, unless both records are in one component.
EDGE_FLOOR = -6.6


FIELDS = ("left", "right", "weight", "levels", "frequency", "effects")


@dataclass(frozen=True)
class Edges:
    """Weighed pairs, ordered by (left, right): positions of records, log2 odds, and what they are made of.

    One row per pair and one column per comparison in the model's order: `levels` (comparison vector) and
    `frequency` (term-frequency bits, 0 where none); `effects` has the columns of EFFECTS. Weights are whole
    numbers of single precision, so that what is kept and read back is exactly what was clustered.
    """

    left: Ints
    right: Ints
    weight: Floats
    levels: Gammas
    frequency: Floats
    effects: Floats

    def __len__(self) -> int:
        return len(self.left)

    def take(self, keep: Mask | Ints) -> "Edges":
        """The edges at these positions or of this mask."""
        return Edges(
            self.left[keep], self.right[keep], self.weight[keep], self.levels[keep], self.frequency[keep],
            self.effects[keep],
        )  # fmt: skip

    def sorted(self) -> "Edges":
        """The edges in order of (left, right)."""
        return self.take(np.lexsort((self.right, self.left)))


@dataclass(frozen=True)
class Partition:
    """`person`: for each record the smallest record of its person. `component`: what may affect it. `edges`:
    pairs that blocking found, at EDGE_FLOOR or above. `compared`: how many pairs were looked at."""

    person: Ints
    component: Ints
    edges: Edges
    compared: int
    giants: tuple[Giant, ...]
    conflicts: tuple[Conflict, ...]


def weights_only(left: Ints, right: Ints, weight: Floats) -> Edges:
    """Edges of which only the weights are known."""
    none = np.empty((len(left), 0), np.float32)
    return Edges(left, right, weight, none.astype(np.int8), none, none).sorted()


def no_edges(comparisons: int) -> Edges:
    """No edges at all."""
    empty: Ints = np.empty(0, np.int64)
    return Edges(
        empty, empty, np.empty(0), np.empty((0, comparisons), np.int8), np.empty((0, comparisons), np.float32),
        np.empty((0, len(EFFECTS)), np.float32),
    )  # fmt: skip


def prepare(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Blocking keys of the table `records` by the model's rules."""
    prepare_values(con, model)
    blocking.set_stop_keys(con, model.stop_keys)
    blocking.create_keys(con, blocking.rules_named(model.rules))


def find_persons(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    size: int,
    decisions: Decisions | None = None,
    shift: float = 0.0,
    known: Edges | None = None,
) -> Partition:
    """Partition the records 0..size-1 of the tables `records` and `block_key`.

    `shift` is the log2 odds above which a pair speaks for one person. With `known`, these are the edges
    that blocking finds among the records, and nothing is blocked again.
    """
    decisions = decisions or Decisions()
    scorer = Scorer(con, model.parameters, model.frequencies)
    compared, edges = 0, known
    if edges is None:
        compared = blocking.create_pairs(con, "pair")
        edges = compare(scorer, "pair", EDGE_FLOOR)
    components = find_components(size, edges.left, edges.right, edges.weight - shift, decisions)
    left, right = pairs_inside(components.label)
    weight, missing = _look_up(edges, size, left, right)
    if missing.any():
        con.register("arrow_inside", pa.table({"join_key_l": left[missing], "join_key_r": right[missing]}))
        run(con, "create or replace table pair_inside as select * from arrow_inside")
        con.unregister("arrow_inside")
        weight[missing] = compare(scorer, "pair_inside", None).weight
    found = cluster(components.label, left, right, weight - shift, decisions)
    giants = (*components.giants, *found.giants)
    return Partition(
        found.person, components.label, edges, compared + int(missing.sum()), giants, found.conflicts
    )


def compare(scorer: Scorer, pairs: str, floor: float | None) -> Edges:
    """Weigh the pairs of a table of join_key_l, join_key_r, which goes; those below `floor` are left out."""
    names = scorer.parameters.comparisons
    nothing = no_edges(len(names))
    found: dict[str, list[Any]] = {name: [getattr(nothing, name)] for name in FIELDS}
    for left, right, agreement in scorer.score(pairs):
        weights = weigh(scorer.parameters, agreement)
        # Three decimals: far more than weights mean, and no last bit of a sum decides.
        total = np.round(weights.total, 3).astype(np.float32).astype(np.float64)
        keep: Mask = np.ones(len(total), bool) if floor is None else total >= floor
        levels = np.stack([agreement.gamma[name][keep] for name in names], axis=1)
        frequency = np.zeros(levels.shape, np.float32)
        for name, bits in agreement.frequency.items():
            frequency[:, names.index(name)] = bits[keep]
        effects = np.stack([getattr(weights, name)[keep] for name in EFFECTS], axis=1).astype(np.float32)
        batch = (left[keep], right[keep], total[keep], levels, frequency, effects)
        for name, values in zip(FIELDS, batch, strict=True):
            found[name].append(values)
    # Batches come in order. One field at a time, so that nothing is held twice but that.
    return Edges(*(np.concatenate(found.pop(name)) for name in FIELDS))


def _look_up(edges: Edges, size: int, left: Ints, right: Ints) -> tuple[Floats, Mask]:
    """The weights of pairs, 0 where there is no edge, and which pairs that are."""
    known, wanted = edges.left * size + edges.right, left * size + right
    if not len(known):
        return np.zeros(len(wanted)), np.ones(len(wanted), bool)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    missing: Mask = known[place] != wanted
    return np.where(missing, 0.0, edges.weight[place]), missing


def column_weights(edges: Edges, model: Model) -> dict[str, Floats]:
    """The bits of each comparison, term frequencies included."""
    parameters = model.parameters
    return {
        name: bits_of_levels(parameters, name)[edges.levels[:, place]] + edges.frequency[:, place]
        for place, name in enumerate(parameters.comparisons)
    }


def bits_of_levels(parameters: Parameters, comparison: str) -> Floats:
    """Bits by comparison vector value; the last entry, for -1 (unknown), is 0."""
    return np.concatenate([np.log2(parameters.m[comparison] / parameters.u[comparison]), [0.0]])
