"""Properties of clustering that no weight and no decision may break, at random."""

import random
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scv.linkage.clusters import (
    MAX_COMPONENT,
    MAX_PERSON,
    Clusters,
    Decisions,
    cluster,
    find_components,
    pairs_inside,
)

Pair = tuple[int, int]
Weights = dict[Pair, float]
FAR = -7.0
seeds = st.integers(0, 10**9)


def make_case(seed: int, size: int, decided: bool = True) -> tuple[Weights, Decisions]:
    """Weights of some pairs of 0..size-1 (what blocking found) and decisions, some of which contradict."""
    chance = random.Random(seed)
    pairs = list(combinations(range(size), 2))
    weights = {pair: round(chance.gauss(0, 6), 1) for pair in pairs if chance.random() < 0.5}
    if not decided:
        return weights, Decisions()
    said = chance.sample(pairs, min(len(pairs), chance.randrange(5)))
    cut = chance.randrange(len(said) + 1)
    return weights, Decisions(frozenset(said[:cut]), frozenset(said[cut:]))


def partition(size: int, weights: Weights, decisions: Decisions) -> Clusters:
    """Cluster as a night does: components of what blocking found, then every pair inside them."""
    pairs = sorted(weights)
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    label = find_components(size, left, right, np.array([weights[pair] for pair in pairs]), decisions).label
    inside = [(int(low), int(high)) for low, high in zip(*pairs_inside(label), strict=True)]
    every = np.array(inside, np.int64).reshape(-1, 2).T
    return cluster(
        label, every[0], every[1], np.array([weights.get(pair, FAR) for pair in inside]), decisions
    )


def groups(found: Clusters) -> set[frozenset[int]]:
    return {
        frozenset(np.flatnonzero(found.person == person).tolist())
        for person in np.unique(found.person).tolist()
    }


def are_chained(pairs: frozenset[Pair], start: int, end: int) -> bool:
    reached, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for low, high in pairs:
            if here in (low, high):
                there = high if here == low else low
                if there not in reached:
                    reached.add(there)
                    todo.append(there)
    return end in reached


@settings(max_examples=150, deadline=None)
@given(seeds, st.integers(2, 9))
def test_decisions_outrank_every_weight_and_contradictions_are_reported(seed: int, size: int) -> None:
    weights, decisions = make_case(seed, size)
    found = partition(size, weights, decisions)
    for low, high in decisions.apart:
        assert found.person[low] != found.person[high]
    cut = {pair for conflict in found.conflicts for pair in conflict.cut}
    for low, high in decisions.same - cut:
        assert found.person[low] == found.person[high]
    contradicted = {pair for pair in decisions.apart if are_chained(decisions.same, *pair)}
    assert {conflict.apart for conflict in found.conflicts} == contradicted
    for conflict in found.conflicts:
        assert set(conflict.chain) <= decisions.same
        assert are_chained(frozenset(conflict.chain), *conflict.apart)
        assert conflict.cut, "a chain that contradicts is cut somewhere"


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(2, 7), st.integers(2, 7))
def test_people_elsewhere_change_nothing(seed: int, size: int, others: int) -> None:
    weights, decisions = make_case(seed, size)
    more, more_decisions = make_case(seed + 1, others)
    # The two towns are interleaved, so that neither's records stand in a row.
    order = list(range(size + others))
    random.Random(seed).shuffle(order)
    here, there = sorted(order[:size]), sorted(order[size:])

    def placed(pairs: frozenset[Pair], places: list[int]) -> frozenset[Pair]:
        return frozenset((places[low], places[high]) for low, high in pairs)

    both = {(here[i], here[j]): w for (i, j), w in weights.items()}
    both |= {(there[i], there[j]): w for (i, j), w in more.items()}
    decided = Decisions(
        placed(decisions.same, here) | placed(more_decisions.same, there),
        placed(decisions.apart, here) | placed(more_decisions.apart, there),
    )
    alone = {frozenset(here[i] for i in group) for group in groups(partition(size, weights, decisions))}
    assert {group for group in groups(partition(size + others, both, decided)) if group & set(here)} == alone


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(3, 8))
def test_each_person_is_held_together_by_positive_links(seed: int, size: int) -> None:
    weights, _ = make_case(seed, size, decided=False)
    for group in groups(partition(size, weights, Decisions())):
        positive = frozenset(pair for pair in combinations(sorted(group), 2) if weights.get(pair, FAR) > 0)
        first = min(group)
        assert all(are_chained(positive, first, other) for other in group)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_no_person_is_past_the_bound_and_what_was_cut_is_said(seed: int) -> None:
    chance = random.Random(seed)
    size = MAX_COMPONENT + 30
    weights = {
        (min(i, j), max(i, j)): round(chance.uniform(1, 12), 1)
        for i in range(size)
        for j in chance.sample(range(size), 6)
        if i != j
    }
    pairs = sorted(weights)
    left, right = np.array(pairs, np.int64).T
    weight = np.array([weights[pair] for pair in pairs])
    components = find_components(size, left, right, weight, Decisions())
    assert np.bincount(components.label).max() <= MAX_COMPONENT
    assert components.giants
    # A group of records that all look alike is no person either.
    label = np.zeros(MAX_PERSON + 5, np.int64)
    low, high = pairs_inside(label)
    found = cluster(label, low, high, np.full(len(low), 9.0), Decisions())
    assert np.bincount(found.person).max() <= MAX_PERSON
    assert [giant.records for giant in found.giants] == [MAX_PERSON + 5]
