"""Scores of a partition of records against the true one: pairwise, B-cubed and exact, from counts per record."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from scv.linkage.arrays import Ints


@dataclass(frozen=True)
class Rate:
    """Precision and recall, and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where both are."""
        return harmonic(self.precision, self.recall)


@dataclass(frozen=True)
class Fellows:
    """For each record, itself included: how many records its customer has (`found`), its true person has
    (`true`), and how many of them are the same records (`both`)."""

    found: Ints
    true: Ints
    both: Ints


@dataclass(frozen=True)
class PartitionScore:
    """A partition against the truth. `pairwise` is over pairs of records, `b_cubed` over records, `exact` over
    whole customers and persons that have exactly the same records."""

    records: int
    persons: int
    customers: int
    largest: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    pairwise: Rate
    b_cubed: Rate
    exact: Rate


def harmonic(precision: float, recall: float) -> float:
    """F1, to six places."""
    return round(2 * precision * recall / (precision + recall), 6) if precision + recall else 0.0


def number_labels(labels: Iterable[Hashable]) -> Ints:
    """Labels as numbers from 0, in order of their first appearance."""
    numbers: dict[Hashable, int] = {}
    return np.fromiter((numbers.setdefault(label, len(numbers)) for label in labels), np.int64)


def count_fellows(true: Ints, found: Ints) -> Fellows:
    """Count each record's fellows; both partitions number the groups of the same records from 0."""
    if not len(true):
        return Fellows(true, true, true)
    cell = true * (int(found.max()) + 1) + found
    _, place, size = np.unique(cell, return_inverse=True, return_counts=True)
    return Fellows(np.bincount(found)[found], np.bincount(true)[true], size[place])


def score_partition(true: Ints, found: Ints) -> PartitionScore:
    """Score the numbered groups `found` against `true`. Where there is nothing to link or nothing was linked,
    nothing is wrong: the share is 1. B-cubed after Bagga and Baldwin, 1998."""
    fellows = count_fellows(true, found)
    persons, customers = len(np.unique(true)), len(np.unique(found))
    # Each pair stands once at each of its two records.
    true_pairs, found_pairs, right_pairs = (
        int((counts - 1).sum()) // 2 for counts in (fellows.true, fellows.found, fellows.both)
    )
    exact = float(
        ((fellows.both == fellows.found) & (fellows.both == fellows.true)) @ (1 / np.maximum(fellows.both, 1))
    )
    return PartitionScore(
        records=len(true),
        persons=persons,
        customers=customers,
        largest=int(fellows.found.max(initial=0)),
        true_pairs=true_pairs,
        found_pairs=found_pairs,
        right_pairs=right_pairs,
        pairwise=Rate(share(right_pairs, found_pairs), share(right_pairs, true_pairs)),
        b_cubed=Rate(_mean(fellows.both / fellows.found), _mean(fellows.both / fellows.true)),
        exact=Rate(share(round(exact), customers), share(round(exact), persons)),
    )


def share(part: float, whole: float) -> float:
    """Part of a whole; 1 of nothing."""
    return float(part / whole) if whole else 1.0


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 1.0
