"""The partition of records into persons, and the weighed pairs that it rests on.

It is a pure function of the records, the decisions and the model. Pairs already weighed with the
same model and unchanged records may be handed in; they only save work.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from scv.linkage import blocking
from scv.linkage.ages import set_ages
from scv.linkage.arrays import Floats, Ints, Mask
from scv.linkage.clusters import Decisions, cluster, find_components, pairs_inside
from scv.linkage.duck import run
from scv.linkage.evidence import EFFECTS, weigh
from scv.linkage.model import Model
from scv.linkage.scoring import Scorer

# Pairs below this (a probability of 1 %) are forgotten, unless both records are in one component.
EDGE_FLOOR = -6.6
BY_BLOCKING, BY_COMPONENT = 0, 1


@dataclass(frozen=True)
class Edges:
    """Weighed pairs, ordered by (left, right): positions of records, log2 odds, how they were found, and
    the parts of the weight (`parts` by comparison; empty for edges that were handed in)."""

    left: Ints
    right: Ints
    weight: Floats
    origin: Ints
    parts: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.left)

    def take(self, keep: Mask) -> "Edges":
        """The edges at these positions or of this mask."""
        return Edges(
            self.left[keep], self.right[keep], self.weight[keep], self.origin[keep],
            {name: values[keep] for name, values in self.parts.items()},
        )  # fmt: skip


@dataclass(frozen=True)
class Partition:
    """`person`: for each record the smallest record of its person. `fresh`: edges weighed now. `kept`:
    edges handed in that still stand. `dropped`: edges handed in that no longer belong."""

    person: Ints
    fresh: Edges
    kept: Edges
    dropped: Edges
    compared: int


def no_edges() -> Edges:
    """No edges at all."""
    empty: Ints = np.empty(0, np.int64)
    return Edges(empty, empty, np.empty(0), np.empty(0, np.int8), {})


def prepare(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Blocking keys of the table `records` by the model's rules."""
    by_name = {rule.name: rule for rule in (*blocking.RULES, *blocking.LOOSE_RULES)}
    set_ages(con, model.ages)
    blocking.set_stop_keys(con, model.stop_keys)
    blocking.create_keys(con, [by_name[name] for name in model.rules])


def find_persons(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    size: int,
    decisions: Decisions | None = None,
    known: Edges | None = None,
    changed: Ints | None = None,
    shift: float = 0.0,
) -> Partition:
    """Partition the records 0..size-1 of the tables `records` and `block_key`.

    With `known` and `changed`, edges between unchanged records are taken from `known`, which must hold
    all of them that an earlier call found, and none of a changed record. `shift` is the log2 odds above
    which a pair speaks for one person.
    """
    decisions = decisions or Decisions()
    known = known or no_edges()
    scorer = Scorer(con, model.parameters, model.frequencies)
    if changed is None:
        compared = blocking.create_pairs(con, "pair")
    else:
        con.register("arrow_changed", pa.table({"rid": pa.array(changed, pa.int64())}))
        run(con, "create or replace table changed as select rid from arrow_changed")
        con.unregister("arrow_changed")
        compared = blocking.create_pairs(con, "pair", "changed")
    blocked = _score(scorer, "pair", BY_BLOCKING, EDGE_FLOOR) if compared else no_edges()
    standing = known.origin == BY_BLOCKING
    label = find_components(
        size,
        np.concatenate([known.left[standing], blocked.left]),
        np.concatenate([known.right[standing], blocked.right]),
        np.concatenate([known.weight[standing], blocked.weight]) - shift,
        decisions,
    ).label
    inside_l, inside_r = pairs_inside(label)
    inside = inside_l * size + inside_r
    known_id, blocked_id = known.left * size + known.right, blocked.left * size + blocked.right
    still = standing | np.isin(known_id, inside)
    missing = ~np.isin(inside, np.concatenate([known_id[still], blocked_id]))
    extra = _score_pairs(con, scorer, inside_l[missing], inside_r[missing])
    fresh = _merge(blocked, extra)
    kept = known.take(still)
    weights = np.concatenate([kept.weight, fresh.weight])
    ids = np.concatenate([known_id[still], fresh.left * size + fresh.right])
    order = np.argsort(ids)
    weight = weights[order][np.searchsorted(ids[order], inside)]
    person = cluster(label, inside_l, inside_r, weight - shift, decisions).person
    return Partition(person, fresh, kept, known.take(~still), compared + len(extra))


def _score_pairs(con: duckdb.DuckDBPyConnection, scorer: Scorer, left: Ints, right: Ints) -> Edges:
    if not len(left):
        return no_edges()
    keys = pa.table({"join_key_l": left, "join_key_r": right})
    con.register("arrow_inside", keys)
    run(con, "create or replace table pair_inside as select *, '0' as match_key from arrow_inside")
    con.unregister("arrow_inside")
    return _score(scorer, "pair_inside", BY_COMPONENT, None)


def _score(scorer: Scorer, pairs: str, origin: int, floor: float | None) -> Edges:
    found: list[Edges] = []
    for left, right, agreement in scorer.score(pairs):
        weights = weigh(scorer.parameters, agreement)
        # Three decimals: what is kept and read back tomorrow is exactly what is clustered today.
        total = np.round(weights.total, 3)
        parts = weights.columns | {name: getattr(weights, name) for name in EFFECTS}
        edges = Edges(left, right, total, np.full(len(left), origin, np.int8), parts)
        found.append(edges if floor is None else edges.take(total >= floor))
    return _concatenate(found) if found else no_edges()


def _concatenate(parts: list[Edges]) -> Edges:
    return Edges(
        np.concatenate([p.left for p in parts]),
        np.concatenate([p.right for p in parts]),
        np.concatenate([p.weight for p in parts]),
        np.concatenate([p.origin for p in parts]),
        {name: np.concatenate([p.parts[name] for p in parts]) for name in parts[0].parts},
    )


def _merge(first: Edges, second: Edges) -> Edges:
    if not len(first) or not len(second):
        return first if len(first) else second
    both = _concatenate([first, second])
    return both.take(np.lexsort((both.right, both.left)))
