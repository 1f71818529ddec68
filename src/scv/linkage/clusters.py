"""From pair weights to persons: correlation clustering inside connected components.

Components are what positive links connect; within each, every pair has a weight, and clusters are
merged greedily while the mean weight between them is positive. So two members of a household who
are both like a third record are still held apart by what speaks against the two. A component's
result depends on its records, weights and decisions alone, and so does what is reported about it.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scv.linkage.agglomeration import agglomerate
from scv.linkage.arrays import Floats, Ints, Mask

# The bounds of what one pair can say, in bits. One disagreement may be one mistaken record, agreement adds
# up; but what speaks against a pair as surely as the surest agreement speaks for one all but decides.
LOWEST, HIGHEST, VETO = -6.0, 12.0, -20.0
# A component past this is cut along its weakest links before anything quadratic is done with it.
MAX_COMPONENT = 250
# Nobody has more records than this; what clusters to more is cut as well, and both are reported.
MAX_PERSON = 150

Pair = tuple[int, int]


@dataclass(frozen=True)
class Decisions:
    """Pairs (low, high) that a steward decided; they outrank every weight, and `apart` outranks `same`."""

    same: frozenset[Pair] = field(default_factory=frozenset)
    apart: frozenset[Pair] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Conflict:
    """A pair decided apart whose ends a chain of pairs decided same connects; `cut` are the links of the chain
    that were not followed: the weakest, going by the weights of the pairs."""

    apart: Pair
    chain: tuple[Pair, ...]
    cut: tuple[Pair, ...]


@dataclass(frozen=True)
class Giant:
    """Records that would be one component, or one person, past the bound, and were cut: their smallest record,
    how many they are, and which bound (`component` or `person`)."""

    label: int
    records: int
    bound: str


@dataclass(frozen=True)
class Components:
    """For each record the smallest record of its component, and what had to be cut."""

    label: Ints
    giants: tuple[Giant, ...]


@dataclass(frozen=True)
class Clusters:
    """For each record the smallest record of its person, what had to be cut, and which decisions contradict."""

    person: Ints
    giants: tuple[Giant, ...]
    conflicts: tuple[Conflict, ...]


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


def find_components(size: int, left: Ints, right: Ints, weight: Floats, decisions: Decisions) -> Components:
    """Components of the links above 0 bits and the decided ones, none larger than MAX_COMPONENT.

    A larger one is cut along its weakest links; links that were decided are the strongest.
    """
    decided = np.array(sorted(decisions.same), np.int64).reshape(-1, 2)
    left = np.concatenate([left, decided[:, 0]])
    right = np.concatenate([right, decided[:, 1]])
    weight = np.concatenate([weight, np.full(len(decided), np.inf)])
    keep = weight > 0
    left, right, weight = left[keep], right[keep], weight[keep]
    label = connect(size, left, right)
    return Components(*_cut_large(label, left, right, weight, MAX_COMPONENT, "component"))


def _cut_large(
    label: Ints, left: Ints, right: Ints, weight: Floats, bound: int, name: str
) -> tuple[Ints, tuple[Giant, ...]]:
    """Groups of `label` past the bound cut into what their links hold together at a higher weight.

    Links are followed from the strongest on; where one would join more records than the bound, neither side
    grows any further. So every part is held together by stronger links than those that were cut around it.
    """
    counts = np.bincount(label, minlength=len(label))
    large = np.flatnonzero(counts > bound)
    if not len(large):
        return label, ()
    chosen = np.flatnonzero(counts[label[left]] > bound)
    chosen = chosen[np.lexsort((right[chosen], left[chosen], -weight[chosen]))]
    root = {int(record): int(record) for record in np.flatnonzero(counts[label] > bound)}
    sizes = dict.fromkeys(root, 1)
    full: set[int] = set()
    for low, high in zip(left[chosen].tolist(), right[chosen].tolist(), strict=True):
        one, other = _find(root, low), _find(root, high)
        if one == other:
            continue
        if one in full or other in full or sizes[one] + sizes[other] > bound:
            full |= {one, other}
            continue
        one, other = min(one, other), max(one, other)
        root[other] = one
        sizes[one] += sizes[other]
    label = label.copy()
    for record in root:
        label[record] = _find(root, record)
    return label, tuple(Giant(int(group), int(counts[group]), name) for group in large)


def _find(root: dict[int, int], record: int) -> int:
    top = record
    while root[top] != top:
        top = root[top]
    while root[record] != top:
        root[record], record = top, root[record]
    return top


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


def cluster(label: Ints, left: Ints, right: Ints, weight: Floats, decisions: Decisions) -> Clusters:
    """Persons: what agglomeration makes of every component, none larger than MAX_PERSON.

    `left`, `right`, `weight` hold every pair inside a component of `label`, in any order; weights in bits.
    """
    component = label[left]
    doubtful: Mask = np.zeros(len(label), bool)
    doubtful[component[weight <= 0]] = True
    same, apart = _by_component(decisions.same, label), _by_component(decisions.apart, label)
    decided = sorted(same.keys() | apart.keys())
    doubtful[decided] = True
    order = np.flatnonzero(doubtful[label])
    order = order[np.argsort(label[order], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) != 0]) if len(order) else order
    counts = np.diff(np.r_[starts, len(order)])
    # Where each record stands in its component, and each component among those of its size.
    rank = np.zeros(len(label), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(starts, counts)
    chosen = np.flatnonzero(doubtful[component])
    group_of = np.zeros(len(label), np.int64)
    clipped = np.where(weight <= -HIGHEST, VETO, np.clip(weight, LOWEST, HIGHEST))[chosen]
    size_of = np.zeros(len(label), np.int64)
    size_of[label[order[starts]]] = counts
    sizes = size_of[component[chosen]]
    person, conflicts = label.copy(), list[Conflict]()
    weights = _weigh_decided(left, right, weight, decisions) if same else {}
    for size in np.unique(sizes):
        members = order[starts[counts == size][:, None] + np.arange(size)]
        group_of[label[members[:, 0]]] = np.arange(len(members))
        these = chosen[sizes == size]
        group, i, j = group_of[component[these]], rank[left[these]], rank[right[these]]
        tables = np.zeros((len(members), size, size))
        tables[group, i, j] = tables[group, j, i] = clipped[sizes == size]
        owner = np.tile(np.arange(size), (len(members), 1))
        barred: Mask = np.zeros((len(members), size, size), bool)
        for name in decided:
            if size_of[name] == size:
                row = group_of[name]
                together, found = settle(same.get(name, []), apart.get(name, []), weights)
                conflicts += found
                for record, first in together.items():
                    owner[row, rank[record]] = rank[first]
                for low, high in apart.get(name, []):
                    barred[row, rank[low], rank[high]] = barred[row, rank[high], rank[low]] = True
        merged = agglomerate(tables, owner, barred)
        person[members] = np.take_along_axis(members, merged, axis=1)
    inside = person[left] == person[right]
    person, giants = _cut_large(person, left[inside], right[inside], weight[inside], MAX_PERSON, "person")
    return Clusters(person, giants, tuple(sorted(conflicts, key=lambda found: found.apart)))


def _by_component(pairs: frozenset[Pair], label: Ints) -> dict[int, list[Pair]]:
    found: dict[int, list[Pair]] = defaultdict(list)
    for low, high in sorted(pairs):
        if label[low] == label[high]:
            found[int(label[low])].append((low, high))
    return found


def _weigh_decided(left: Ints, right: Ints, weight: Floats, decisions: Decisions) -> dict[Pair, float]:
    ends = np.unique(np.array(sorted(decisions.same)).ravel())
    near = np.flatnonzero(np.isin(left, ends) & np.isin(right, ends))
    pairs = zip(left[near].tolist(), right[near].tolist(), strict=True)
    return dict(zip(pairs, weight[near].tolist(), strict=True))


def settle(
    same: list[Pair], apart: list[Pair], weights: Mapping[Pair, float]
) -> tuple[dict[int, int], list[Conflict]]:
    """What decided pairs hold together: each record's smallest fellow, and which decisions contradict.

    Pairs decided same are followed from the heaviest on, except where one would bring together two records that
    were decided apart: so a chain between those is cut at its weakest link. Records that nobody decided on are
    left out.
    """
    root = {record: record for pair in same for record in pair}
    plain = dict(root)
    members = {record: {record} for record in root}
    forest: dict[int, dict[int, Pair]] = defaultdict(dict)
    refused: set[Pair] = set()
    for low, high in sorted(same, key=lambda pair: (-weights.get(pair, 0.0), pair)):
        if _find(plain, low) != _find(plain, high):
            plain[_find(plain, high)] = _find(plain, low)
            forest[low][high] = forest[high][low] = (low, high)
        one, other = sorted((_find(root, low), _find(root, high)))
        if one == other:
            continue
        if any(
            (a in members[one] and b in members[other]) or (b in members[one] and a in members[other])
            for a, b in apart
        ):
            refused.add((low, high))
            continue
        root[other] = one
        members[one] |= members.pop(other)
    conflicts = []
    for a, b in apart:
        if a in plain and b in plain and _find(plain, a) == _find(plain, b):
            chain = _path(forest, a, b)
            conflicts.append(Conflict((a, b), chain, tuple(link for link in chain if link in refused)))
    return {record: _find(root, record) for record in root}, conflicts


def _path(forest: Mapping[int, Mapping[int, Pair]], start: int, end: int) -> tuple[Pair, ...]:
    came: dict[int, int] = {start: start}
    todo = deque([start])
    while end not in came:
        here = todo.popleft()
        for there in forest[here]:
            if there not in came:
                came[there] = here
                todo.append(there)
    links = []
    while end != start:
        links.append(forest[end][came[end]])
        end = came[end]
    return tuple(reversed(links))
