"""From weighed pairs to persons, by hand and at random."""

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scv.linkage.agglomeration import agglomerate
from scv.linkage.clusters import (
    MAX_COMPONENT,
    MAX_PERSON,
    Clusters,
    Conflict,
    Decisions,
    cluster,
    connect,
    find_components,
    pairs_inside,
)

NONE = Decisions()


def persons(size: int, weights: dict[tuple[int, int], float], decisions: Decisions = NONE) -> list[set[int]]:
    """Cluster from a table of pairs; pairs that it lacks weigh -3."""
    pairs = sorted(weights)
    left = np.array([low for low, _ in pairs], np.int64)
    right = np.array([high for _, high in pairs], np.int64)
    label = find_components(
        size, left, right, np.array([weights[pair] for pair in pairs], float), decisions
    ).label
    inside_l, inside_r = pairs_inside(label)
    inside = np.array([weights.get((int(i), int(j)), -3.0) for i, j in zip(inside_l, inside_r, strict=True)])
    person = cluster(label, inside_l, inside_r, inside, decisions).person
    return [set(np.flatnonzero(person == p).tolist()) for p in np.unique(person)]


def test_two_of_a_household_are_not_joined_by_a_third_record() -> None:
    assert persons(3, {(0, 1): 6.0, (1, 2): 4.0, (0, 2): -5.0}) == [{0}, {1, 2}] or persons(
        3, {(0, 1): 6.0, (1, 2): 4.0, (0, 2): -5.0}
    ) == [{0, 1}, {2}]
    assert persons(3, {(0, 1): 6.0, (1, 2): 4.0, (0, 2): -5.0})[0] == {0, 1}


def test_one_disagreement_among_many_agreements_does_not_split_a_person() -> None:
    weights = {(i, j): 5.0 for i in range(4) for j in range(i + 1, 4)} | {(0, 3): -4.0}
    assert persons(4, weights) == [{0, 1, 2, 3}]


def test_what_speaks_against_a_pair_beyond_doubt_outweighs_one_agreement() -> None:
    assert persons(3, {(0, 1): 9.0, (1, 2): 9.0, (0, 2): -14.0}) == [{0, 1}, {2}]


def test_records_that_nothing_links_stay_alone() -> None:
    assert persons(3, {(0, 1): -1.0}) == [{0}, {1}, {2}]


def test_a_decision_joins_what_nothing_links_and_parts_what_is_sure() -> None:
    same = Decisions(same=frozenset({(0, 2)}))
    assert persons(3, {(0, 1): -9.0}, same) == [{0, 2}, {1}]
    apart = Decisions(apart=frozenset({(0, 1)}))
    assert persons(2, {(0, 1): 30.0}, apart) == [{0}, {1}]


def test_not_same_outranks_same_where_both_were_decided() -> None:
    both = Decisions(same=frozenset({(0, 1), (1, 2)}), apart=frozenset({(0, 2)}))
    found = persons(3, {(0, 1): 5.0}, both)
    assert not any({0, 2} <= person for person in found)


def test_a_component_past_the_bound_is_cut_along_its_weakest_links() -> None:
    size = 2 * MAX_COMPONENT
    chain = [(i, i + 1) for i in range(size - 1)]
    weight = np.array([1.5 if i == MAX_COMPONENT - 1 else 8.0 for i, _ in chain])
    left, right = (np.array(side, np.int64) for side in zip(*chain, strict=True))
    label = find_components(size, left, right, weight, NONE).label
    assert sorted(np.unique(label, return_counts=True)[1].tolist()) == [MAX_COMPONENT, MAX_COMPONENT]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_the_numbers_of_records_do_not_matter_while_their_order_stays(seed: int) -> None:
    chance = random.Random(seed)
    size = chance.randrange(2, 9)
    weights = {
        (i, j): round(chance.uniform(-9, 9), 3)
        for i in range(size)
        for j in range(i + 1, size)
        if chance.random() < 0.7
    }
    places = sorted(chance.sample(range(40), size))
    moved = {(places[i], places[j]): w for (i, j), w in weights.items()}
    found = [person for person in persons(40, moved) if person & set(places)]
    assert [{places[i] for i in person} for person in persons(size, weights)] == found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20))
def test_components_are_those_of_a_plain_search(links: list[tuple[int, int]]) -> None:
    label = connect(12, *(np.array([link[side] for link in links], np.int64) for side in (0, 1)))
    for start in range(12):
        reached, todo = {start}, [start]
        while todo:
            here = todo.pop()
            for low, high in links:
                for near, far in ((low, high), (high, low)):
                    if near == here and far not in reached:
                        reached.add(far)
                        todo.append(far)
        assert label[start] == min(reached)


def test_all_pairs_of_a_component_are_listed_once() -> None:
    left, right = pairs_inside(np.array([0, 0, 2, 0, 2]))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (0, 3), (1, 3), (2, 4)]


def test_nothing_to_cluster_is_no_error() -> None:
    left, right = pairs_inside(np.arange(3))
    assert len(left) == len(right) == 0
    assert cluster(np.arange(3), left, right, np.empty(0), NONE).person.tolist() == [0, 1, 2]
    assert pytest.approx(connect(2, left, right)) == [0, 1]


def test_groups_worked_on_together_come_out_as_each_on_its_own() -> None:
    random_numbers = np.random.default_rng(5)
    tables = np.round(random_numbers.normal(0, 6, (40, 7, 7)), 3)
    tables = np.triu(tables, 1) + np.triu(tables, 1).transpose(0, 2, 1)
    owner = np.tile(np.arange(7), (40, 1))
    barred = np.zeros(tables.shape, bool)
    together = agglomerate(tables, owner, barred)
    for table, found in zip(tables, together, strict=True):
        groups = [{i} for i in range(7)]
        while True:
            means = {
                (a, b): float(np.mean([[table[i, j] for j in groups[b]] for i in groups[a]]))
                for a in range(len(groups))
                for b in range(a + 1, len(groups))
            }
            best = max(means, key=lambda pair: means[pair], default=None)
            if best is None or means[best] <= 0:
                break
            groups[best[0]] |= groups.pop(best[1])
        assert {frozenset(group) for group in groups} == {
            frozenset(np.flatnonzero(found == one).tolist()) for one in np.unique(found)
        }


def test_thousands_of_records_that_all_look_alike_are_cut_and_reported_in_bounded_time() -> None:
    size, near = 6_000, 40
    pairs = [(i, j) for i in range(size) for j in range(i + 1, min(i + near, size))]
    left, right = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    started = time.perf_counter()
    found = find_components(size, left, right, np.full(len(pairs), 60.0), NONE)
    inside_l, inside_r = pairs_inside(found.label)
    clusters = cluster(found.label, inside_l, inside_r, np.full(len(inside_l), 60.0), NONE)
    assert time.perf_counter() - started < 10
    assert [(giant.records, giant.bound) for giant in found.giants] == [(size, "component")]
    assert np.unique(clusters.person, return_counts=True)[1].max() <= MAX_PERSON
    assert {giant.bound for giant in clusters.giants} == {"person"}


def test_a_person_past_the_bound_is_cut_where_the_links_are_weakest() -> None:
    size = MAX_PERSON + 20
    label = np.zeros(size, np.int64)
    left, right = pairs_inside(label)
    half = size // 2
    found = cluster(label, left, right, np.where((left < half) & (right >= half), 3.0, 9.0), NONE)
    assert np.unique(found.person).tolist() == [0, half]
    assert [(giant.label, giant.records) for giant in found.giants] == [(0, size)]


def decided(
    same: set[tuple[int, int]], apart: set[tuple[int, int]], weights: dict[tuple[int, int], float]
) -> Clusters:
    decisions = Decisions(frozenset(same), frozenset(apart))
    ends = {record for pair in same | apart for record in pair}
    label = np.array([0 if i in ends else i for i in range(max(ends) + 1)])
    left, right = pairs_inside(label)
    weight = np.array([weights.get((int(i), int(j)), -2.0) for i, j in zip(left, right, strict=True)])
    return cluster(label, left, right, weight, decisions)


def test_a_chain_of_decisions_that_contradict_is_cut_at_its_weakest_link_and_reported() -> None:
    same, apart = {(0, 1), (1, 2), (2, 3)}, {(0, 3)}
    found = decided(same, apart, {(0, 1): 8.0, (1, 2): -4.0, (2, 3): 5.0})
    assert found.person.tolist() == [0, 0, 2, 2]
    assert found.conflicts == (Conflict((0, 3), ((0, 1), (1, 2), (2, 3)), ((1, 2),)),)


def test_decisions_that_do_not_contradict_report_nothing() -> None:
    found = decided({(0, 1), (2, 3)}, {(1, 2)}, {(1, 2): 20.0})
    assert found.person.tolist() == [0, 0, 2, 2]
    assert found.conflicts == ()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_whatever_is_decided_apart_stays_apart_and_each_broken_promise_is_reported(seed: int) -> None:
    chance = random.Random(seed)
    pairs = [(i, j) for i in range(7) for j in range(i + 1, 7)]
    apart = set(chance.sample(pairs, chance.randrange(1, 4)))
    same = set(chance.sample([pair for pair in pairs if pair not in apart], chance.randrange(0, 7)))
    weights = {pair: round(chance.uniform(-9, 9), 3) for pair in pairs}
    found = decided(same, apart, weights)
    assert all(found.person[low] != found.person[high] for low, high in apart)
    broken = {pair for pair in same if found.person[pair[0]] != found.person[pair[1]]}
    assert bool(broken) == bool(found.conflicts)
    assert {link for conflict in found.conflicts for link in conflict.cut} <= broken
