"""Why two records are one person, or are not: the weights of a pair as they are stored and shown."""

from dataclasses import dataclass

import numpy as np

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.evidence import EFFECTS
from scv.linkage.partition import bits_of_levels


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


def explain_pair(first: str, second: str) -> Explanation:
    """The stored weights of two records; InputError where the pair has none, DatabaseError where refused."""
    with translate_db_errors("reading an edge", "link.edge"), connect("linkage") as connection:
        row = store.read_edge(connection, first, second)
        decisions = {(low, high): decision for low, high, decision in store.read_decisions(connection)}
        model = store.read_model(connection)
    if row is None or model is None:
        raise InputError(
            "These two records have no stored comparison: they share no blocking key, or were far below 1 %, "
            "or a key is mistyped."
        )
    weight, chance, levels, frequency, *effects, version = row
    low, high = sorted((first, second))
    columns = {
        name: round(float(bits_of_levels(model.parameters, name)[level]) + bits, 3)
        for name, level, bits in zip(model.parameters.comparisons, levels, frequency, strict=True)
    }
    return Explanation(
        weight=weight,
        probability=chance,
        prior=round(float(np.log2(model.parameters.same)), 3),
        columns={name: bits for name, bits in columns.items() if bits},
        decision=decisions.get((low, high)),
        model=version,
        **dict(zip(EFFECTS, effects, strict=True)),
    )
