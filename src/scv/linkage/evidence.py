"""From agreement to odds: three kinds of pairs, so that a household is not taken for one person.

A pair of records is the same person (M), two members of one household (H) or two people who have
nothing to do with each other (R). Splink's weight compares M with R. Members of one household agree
on home, surname, phone and account, which makes them look like one person; so the odds here are
M against R and H together. All weights are in bits (log2).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scv.linkage.arrays import Floats, Gammas, Ints
from scv.linkage.comparisons import BY_NAME, Comparison

# How many expected matches a pair of sources must have before its own rate outweighs the general one.
SOURCE_PRIOR_MATCHES = 20.0
# Share of members of one household who are found at another home, against chance.
APART = 0.05
# Bits against a pair at which a birth date rules it out, where the data show that birth dates are that good,
# and the weight of such a pair at most: low enough that clustering keeps the two apart.
RULED_OUT, CONTRADICTED = -8.0, -12.5


@dataclass
class Parameters:
    """The numbers of a model. `m`, `u` and `h` give, by comparison, the share of each level among M, R
    and H (index = comparison vector value, 0 = different); `same` and `household` are the shares of M
    and H among all pairs; `sources` lists the units, `same_by_source` and `household_by_source` how many
    times the general share a pair of units has (square, symmetric)."""

    comparisons: list[str]
    m: dict[str, Floats] = field(default_factory=dict)
    u: dict[str, Floats] = field(default_factory=dict)
    h: dict[str, Floats] = field(default_factory=dict)
    same: float = 1e-4
    household: float = 1e-4
    sources: list[str] = field(default_factory=list)
    source_sizes: list[int] = field(default_factory=list)
    same_by_source: Floats = field(default_factory=lambda: np.ones((1, 1)))
    household_by_source: Floats = field(default_factory=lambda: np.ones((1, 1)))

    def as_dict(self) -> dict[str, Any]:
        """For JSON; rounded, so that the last bits of a sum never change a weight."""

        def tidy(values: Floats) -> Any:
            return (
                [[float(f"{x:.6g}") for x in row] for row in values]
                if values.ndim == 2
                else [float(f"{x:.6g}") for x in values]
            )

        return {
            "comparisons": self.comparisons,
            **{k: {name: tidy(v) for name, v in getattr(self, k).items()} for k in ("m", "u", "h")},
            "same": float(f"{self.same:.6g}"),
            "household": float(f"{self.household:.6g}"),
            "sources": self.sources,
            "source_sizes": self.source_sizes,
            "same_by_source": tidy(self.same_by_source),
            "household_by_source": tidy(self.household_by_source),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Parameters":
        """What `as_dict` gave."""
        tables = {k: {name: np.asarray(v, float) for name, v in data[k].items()} for k in ("m", "u", "h")}
        return cls(
            data["comparisons"], **tables, same=data["same"], household=data["household"], sources=data["sources"],
            source_sizes=data["source_sizes"],
            same_by_source=np.asarray(data["same_by_source"], float),
            household_by_source=np.asarray(data["household_by_source"], float),
        )  # fmt: skip


@dataclass
class Agreement:
    """How a batch of pairs agrees: comparison vector values (-1 unknown) and term-frequency
    adjustments by comparison, and the positions of both records' sources in `Parameters.sources`
    (-1: a source that the model has not seen)."""

    gamma: dict[str, Gammas]
    frequency: dict[str, Floats]
    source_l: Ints
    source_r: Ints

    def __len__(self) -> int:
        return len(self.source_l)


# Parts of a weight that belong to the pair and not to one column.
EFFECTS = ("household", "one_per_source", "contradiction")


@dataclass
class Weights:
    """Log2 odds of a batch of pairs and their parts; `total` is the sum of the others."""

    prior: float
    columns: dict[str, Floats]
    household: Floats
    one_per_source: Floats
    contradiction: Floats
    total: Floats
    same: Floats  # log2 of share times likelihood ratio to R, of M
    home: Floats  # ... of H


def _lookup(table: Floats, gamma: Gammas) -> Floats:
    """table[gamma], 0 where unknown."""
    return np.concatenate([table, [0.0]])[gamma]


def _home_ratio(comparison: Comparison, parameters: Parameters, agreement: Agreement) -> Floats:
    """log2 of the share among H over the share among R, for one comparison."""
    name = comparison.name
    gamma, u, h = agreement.gamma[name], parameters.u[name], parameters.h[name]
    frequency = agreement.frequency.get(name)
    if comparison.role == "forename":
        # Chance, and on top of it those who are named after each other.
        extra = _lookup(h / u, gamma)
        return np.log2(1 + (extra if frequency is None else extra * np.exp2(frequency)))
    ratio = _lookup(np.log2(h / u), gamma)
    return ratio if frequency is None else ratio + frequency


def weigh(parameters: Parameters, agreement: Agreement) -> Weights:
    """The log2 odds that each pair is one person, and what they are made of."""
    columns: dict[str, Floats] = {}
    home, same = np.zeros(len(agreement)), np.zeros(len(agreement))
    for name in parameters.comparisons:
        weight = _lookup(np.log2(parameters.m[name] / parameters.u[name]), agreement.gamma[name])
        if name in agreement.frequency:
            weight = weight + agreement.frequency[name]
        columns[name] = weight
        same += weight
        home += _home_ratio(BY_NAME[name], parameters, agreement)
    # A last row and column of ones stands for sources that the model has not seen (position -1).
    one_more = ((0, 1), (0, 1))
    same_rate = np.pad(parameters.same_by_source, one_more, constant_values=1.0)
    home_rate = np.pad(parameters.household_by_source, one_more, constant_values=1.0)
    prior = float(np.log2(parameters.same))
    one_per_source = np.log2(same_rate)[agreement.source_l, agreement.source_r]
    home += np.log2(parameters.household) + np.log2(home_rate)[agreement.source_l, agreement.source_r]
    household = -np.logaddexp2(0.0, home)
    same += prior + one_per_source
    contradiction = _contradict(columns, same + household)
    return Weights(
        prior, columns, household, one_per_source, contradiction, same + household + contradiction, same, home
    )


def _contradict(columns: dict[str, Floats], weight: Floats) -> Floats:
    """Bits that lower a pair to CONTRADICTED where birth dates rule it out and no number says otherwise.

    Names and homes of namesakes agree however often they are recorded; what differs beyond doubt must not be
    outvoted by them, nor by records that lack it.
    """
    birth_date = columns.get("birth_date")
    if birth_date is None:
        return np.zeros(len(weight))
    told = np.sum([columns[name] for name in columns if BY_NAME[name].role == "self"], axis=0)
    ruled_out = (birth_date <= RULED_OUT) & (told <= RULED_OUT)
    return np.where(ruled_out, np.minimum(CONTRADICTED - weight, 0.0), 0.0)


def probability(weight: Floats) -> Floats:
    """Match probability of log2 odds."""
    return 1.0 / (1.0 + np.exp2(-np.clip(weight, -60, 60)))
