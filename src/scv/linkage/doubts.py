"""Which links are doubtful: one question per pair of groups of records, however many pairs of records speak of it.

A group is what sure links hold together inside one customer. Nothing here depends on the order of records.
"""

from dataclasses import dataclass

import numpy as np

from scv.linkage.arrays import Floats, Ints, Mask
from scv.linkage.clusters import connect

# A pair at least this likely that ends up apart, or a group that nothing ties more surely, is doubtful.
LIKELY, SURE = 0.5, 0.99


@dataclass(frozen=True)
class Doubts:
    """Positions of the edges that stand for the questions, and whether the two ends are one customer now."""

    edge: Ints
    is_together: Mask


def find_doubts(
    customer: Ints, left: Ints, right: Ints, chance: Floats, decided_left: Ints, decided_right: Ints
) -> Doubts:
    """The doubtful links among records 0..n-1, each by its likeliest pair, the first among equals.

    `customer` is the customer of each record, as a number; `left`, `right`, `chance` the edges in order of
    (left, right), with their match probability; the decided pairs are those that a steward decided on.
    A customer of several groups brings as many questions as hold it together; two customers bring one. What
    is decided about two groups, or two customers, is no question.
    """
    size = len(customer)
    together = customer[left] == customer[right]
    sure = together & (chance >= SURE)
    group = connect(size, left[sure], right[sure])
    inside = np.flatnonzero(together & (group[left] != group[right]))
    apart = np.flatnonzero(~together & (chance >= LIKELY))
    apart = apart[~np.isin(
        _pair(customer[left[apart]], customer[right[apart]], size),
        _pair(customer[decided_left], customer[decided_right], size),
    )]  # fmt: skip
    apart = _likeliest(apart, _pair(customer[left[apart]], customer[right[apart]], size), chance)
    inside = _likeliest(inside, _pair(group[left[inside]], group[right[inside]], size), chance)
    settled = set(_pair(group[decided_left], group[decided_right], size).tolist())
    holding = _hold_together(inside, group[left], group[right], chance, settled, size)
    edges = np.concatenate([apart, holding])
    is_together: Mask = np.repeat([False, True], [len(apart), len(holding)])
    order = np.argsort(edges)
    return Doubts(edges[order], is_together[order])


def _pair(one: Ints, other: Ints, size: int) -> Ints:
    return np.minimum(one, other) * size + np.maximum(one, other)


def _likeliest(edges: Ints, pair: Ints, chance: Floats) -> Ints:
    """Of the edges of each pair the likeliest, the first among equals; ordered by edge."""
    order = np.lexsort((edges, -chance[edges], pair))
    first = np.r_[True, np.diff(pair[order]) != 0] if len(order) else np.empty(0, bool)
    return np.sort(edges[order[first]])


def _hold_together(
    edges: Ints, left: Ints, right: Ints, chance: Floats, settled: set[int], size: int
) -> Ints:
    """The links by which groups of one customer hang together, from the likeliest on, but for settled ones."""
    above: dict[int, int] = {}

    def top(group: int) -> int:
        while group in above:
            group = above[group]
        return group

    kept = []
    pair = _pair(left[edges], right[edges], size)
    # What is settled holds groups together first, so that no other way around is asked about.
    order = np.lexsort((edges, -chance[edges], ~np.isin(pair, list(settled))))
    for place in order.tolist():
        edge = int(edges[place])
        one, other = sorted((top(int(left[edge])), top(int(right[edge]))))
        if one == other:
            continue
        above[other] = one
        if int(pair[place]) not in settled:
            kept.append(edge)
    return np.array(sorted(kept), np.int64)
