"""Why two records are one person, or are not: the weights of a pair as they are stored and shown."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.evidence import EFFECTS, probability
from scv.linkage.model import Model
from scv.linkage.partition import BY_BLOCKING, Edges


@dataclass(frozen=True)
class Explanation:
    """The weights of one pair in bits (log2 odds): they add up to `weight`."""

    weight: float
    probability: float
    prior: float
    columns: dict[str, float]
    household: float
    one_per_source: float
    contradiction: float
    decision: str | None
    model: str


def edge_rows(keys: Sequence[str], edges: Edges, model: Model) -> Iterator[tuple[Any, ...]]:
    """Rows of link.edge for edges weighed tonight. Comparisons that say nothing (0 bits) are left out."""
    prior = round(float(np.log2(model.parameters.same)), 3)
    names = [name for name in edges.parts if name not in EFFECTS]
    columns = [np.round(edges.parts[name], 3).tolist() for name in names]
    effects = {name: np.round(edges.parts[name], 3).tolist() if len(edges) else [] for name in EFFECTS}
    chances = np.round(probability(edges.weight), 6).tolist()
    for i, (left, right, weight) in enumerate(
        zip(edges.left.tolist(), edges.right.tolist(), edges.weight.tolist(), strict=True)
    ):
        explanation = {
            "origin": "blocking" if edges.origin[i] == BY_BLOCKING else "component",
            "prior": prior,
            "columns": {name: values[i] for name, values in zip(names, columns, strict=True) if values[i]},
            **{name: values[i] for name, values in effects.items()},
        }
        yield keys[left], keys[right], weight, chances[i], json.dumps(explanation), model.version


def explain_pair(first: str, second: str) -> Explanation:
    """The stored weights of two records; InputError where the pair has none, DatabaseError where refused."""
    with translate_db_errors("reading an edge", "link.edge"), connect("linkage") as connection:
        row = store.read_edge(connection, first, second)
        decisions = {(low, high): decision for low, high, decision in store.read_decisions(connection)}
    if row is None:
        raise InputError(
            "These two records have no stored comparison: they share no blocking key, or were far below 1 %, "
            "or a key is mistyped."
        )
    weight, chance, parts, model = row
    low, high = sorted((first, second))
    return Explanation(
        weight=weight,
        probability=chance,
        prior=parts["prior"],
        columns=parts["columns"],
        decision=decisions.get((low, high)),
        model=model,
        **{name: parts[name] for name in EFFECTS},
    )
