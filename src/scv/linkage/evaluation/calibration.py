"""Whether a match probability means what it says: weighed pairs against the truth."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scv.linkage.arrays import Floats, Mask
from scv.linkage.evaluation.measures import Rate, share

BINS = (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 1.0)
THRESHOLDS = (0.01, 0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999)
SURE = 0.999
# Probabilities are stored to six places or in four bytes: one that was written as 0.999 still is.
ROUNDING = 1e-7


@dataclass(frozen=True)
class Bin:
    """Pairs that were said to match with a probability from `low` up to `high`: how many, the mean of what was
    said (`said`), and the share that is true (`true_share`; None where there is no pair)."""

    low: float
    high: float
    pairs: int
    true: int
    said: float | None
    true_share: float | None


@dataclass(frozen=True)
class Threshold:
    """What would be right if each pair at least this likely was a link and no other: `rate.recall` is of all
    true pairs, those that were never weighed included."""

    probability: float
    pairs: int
    true: int
    rate: Rate


@dataclass(frozen=True)
class Calibration:
    """`sure` are the pairs at SURE or more; `weighed_true` is the share of all true pairs that were weighed at all."""

    pairs: int
    true: int
    weighed_true: float
    sure: Threshold
    bins: tuple[Bin, ...]
    thresholds: tuple[Threshold, ...]


def calibrate(probability: Floats, is_true: Mask, true_pairs: int) -> Calibration:
    """Compare match probabilities with the truth of the same pairs; `true_pairs` counts all true pairs of records."""
    order = np.argsort(probability, kind="stable")
    ordered, right = probability[order], np.concatenate([[0], np.cumsum(is_true[order])])
    said = np.concatenate([[0.0], np.cumsum(ordered, dtype=np.float64)])

    def start(value: float) -> int:
        return int(np.searchsorted(ordered, value - ROUNDING)) if value > 0 else 0

    def above(value: float) -> Threshold:
        first = start(value)
        pairs, true = len(ordered) - first, int(right[-1] - right[first])
        return Threshold(value, pairs, true, Rate(share(true, pairs), share(true, true_pairs)))

    bins = []
    for low, high in pairwise(BINS):
        first, last = start(low), len(ordered) if high == 1.0 else start(high)
        pairs, true = last - first, int(right[last] - right[first])
        mean = float(said[last] - said[first]) / pairs if pairs else None
        bins.append(Bin(low, high, pairs, true, mean, true / pairs if pairs else None))
    return Calibration(
        pairs=len(ordered),
        true=int(right[-1]),
        weighed_true=share(int(right[-1]), true_pairs),
        sure=above(SURE),
        bins=tuple(bins),
        thresholds=tuple(above(value) for value in THRESHOLDS),
    )
