"""From pair weights to persons: correlation clustering inside connected components.

Components are what positive links connect; within each, every pair has a weight, and clusters are
merged greedily while the mean weight between them is positive. So two members of a household who
are both like a third record are still held apart by what speaks against the two. A component's
result depends on its records and weights alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scv.linkage.arrays import Floats, Ints, Mask

# The bounds of what one pair can say, in bits. One disagreement may be one mistaken record, agreement adds
# up; but what speaks against a pair as surely as the surest agreement speaks for one all but decides.
LOWEST, HIGHEST, VETO = -6.0, 12.0, -20.0
# A component past this is cut along its weakest links before anything quadratic is done with it.
MAX_COMPONENT = 250
CUT_STEP = 1.0
CUT_LIMIT = 40.0


@dataclass(frozen=True)
class Decisions:
    """Pairs (low, high) that a steward decided; they outrank every weight, and `apart` outranks `same`."""

    same: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    apart: frozenset[tuple[int, int]] = field(default_factory=frozenset)


def connect(size: int, left: Ints, right: Ints) -> Ints:
    """Connected components of records 0..size-1: for each record the smallest record it is connected to."""
    label = np.arange(size)
    while True:
        low = np.minimum(label[left], label[right])
        nearer = label.copy()
        np.minimum.at(nearer, left, low)
        np.minimum.at(nearer, right, low)
        nearer = nearer[nearer]
        if np.array_equal(nearer, label):
            return label
        label = nearer


def find_components(size: int, left: Ints, right: Ints, weight: Floats, decisions: Decisions) -> Ints:
    """Components of the links above 0 bits and the decided ones, none larger than MAX_COMPONENT.

    A larger one keeps only its links above 1, 2, 3 ... bits until its parts are small enough.
    """
    decided = np.array(sorted(decisions.same), np.int64).reshape(-1, 2)
    left = np.concatenate([left, decided[:, 0]])
    right = np.concatenate([right, decided[:, 1]])
    weight = np.concatenate([weight, np.full(len(decided), np.inf)])
    keep = weight > 0
    left, right, weight = left[keep], right[keep], weight[keep]
    threshold = 0.0
    while True:
        label = connect(size, left, right)
        counts = np.bincount(label, minlength=size)
        large = counts[label[left]] > MAX_COMPONENT
        if not large.any() or threshold > CUT_LIMIT:
            return label
        threshold += CUT_STEP
        keep = ~large | (weight > threshold)
        left, right, weight = left[keep], right[keep], weight[keep]


def pairs_inside(label: Ints) -> tuple[Ints, Ints]:
    """All pairs (low, high) of records that share a component, ordered."""
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) != 0])
    counts = np.diff(np.r_[starts, len(order)])
    lefts, rights = [], []
    for count in np.unique(counts[counts > 1]):
        block = order[starts[counts == count][:, None] + np.arange(count)]
        i, j = np.triu_indices(count, 1)
        lefts.append(block[:, i].ravel())
        rights.append(block[:, j].ravel())
    if not lefts:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    left, right = np.concatenate(lefts), np.concatenate(rights)
    low, high = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((high, low))
    return low[order], high[order]


def cluster(label: Ints, left: Ints, right: Ints, weight: Floats, decisions: Decisions) -> Ints:
    """Persons: for each record the smallest record of its person.

    `left`, `right`, `weight` hold every pair inside a component of `label`, ordered; weights in bits.
    """
    person = label.copy()
    weight = np.where(weight <= -HIGHEST, VETO, np.clip(weight, LOWEST, HIGHEST))
    component = label[left]
    doubtful: Mask = np.zeros(len(label), bool)
    doubtful[component[weight <= 0]] = True
    for low, high in decisions.same | decisions.apart:
        doubtful[label[low]] = doubtful[label[high]] = True
    chosen = np.flatnonzero(doubtful[component])
    chosen = chosen[np.argsort(component[chosen], kind="stable")]
    if not len(chosen):
        return person
    for part in np.split(chosen, np.flatnonzero(np.diff(component[chosen])) + 1):
        members = np.unique(np.concatenate([left[part], right[part]]))
        i, j = np.searchsorted(members, left[part]), np.searchsorted(members, right[part])
        table = np.zeros((len(members), len(members)))
        table[i, j] = table[j, i] = weight[part]
        person[members] = members[_agglomerate(table, *_decided(members, decisions))]
    return person


def _decided(members: Ints, decisions: Decisions) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    if not decisions.same and not decisions.apart:
        return [], []
    place = {int(record): position for position, record in enumerate(members)}

    def inside(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        return sorted((place[low], place[high]) for low, high in pairs if low in place and high in place)

    return inside(decisions.same), inside(decisions.apart)


def _agglomerate(table: Floats, same: list[tuple[int, int]], apart: list[tuple[int, int]]) -> Ints:
    """Merge the two clusters with the highest mean weight between them, the first among equals, while it is positive.

    `table` is symmetric with zeros on the diagonal. Gives each row's smallest fellow.
    """
    size = len(table)
    owner = np.arange(size)
    counts = np.ones(size)
    sums = table.copy()
    barred: Mask = np.zeros((size, size), bool)
    for i, j in apart:
        barred[i, j] = barred[j, i] = True

    def merge(i: int, j: int) -> None:
        sums[i] += sums[j]
        sums[:, i] += sums[:, j]
        barred[i] |= barred[j]
        barred[:, i] |= barred[:, j]
        counts[i] += counts[j]
        counts[j] = 0
        owner[owner == j] = i

    for i, j in same:
        low, high = sorted((int(owner[i]), int(owner[j])))
        if low != high and not barred[low, high]:
            merge(low, high)
    while True:
        mean = np.full((size, size), -np.inf)
        alive = np.flatnonzero(counts)
        grid: Any = np.ix_(alive, alive)
        mean[grid] = sums[grid] / np.outer(counts[alive], counts[alive])
        mean[barred] = -np.inf
        np.fill_diagonal(mean, -np.inf)
        i, j = divmod(int(np.argmax(mean)), size)
        if not mean[i, j] > 0:
            return owner
        merge(min(i, j), max(i, j))
