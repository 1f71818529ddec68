"""Doubtful links: one question per pair of groups, none that was decided."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scv.linkage.arrays import Ints
from scv.linkage.doubts import find_doubts


def ask(
    customers: list[int], edges: list[tuple[int, int, float]], decided: Sequence[tuple[int, int]] = ()
) -> list[tuple[int, int, bool]]:
    """The questions as (left, right, are they one customer now)."""
    edges = sorted(edges)
    columns = np.array(edges, float).reshape(-1, 3)
    left, right = columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64)
    pairs: Ints = np.array(decided, np.int64).reshape(-1, 2)
    found = find_doubts(np.array(customers), left, right, columns[:, 2], pairs[:, 0], pairs[:, 1])
    return [
        (edges[edge][0], edges[edge][1], together)
        for edge, together in zip(found.edge.tolist(), found.is_together.tolist(), strict=True)
    ]


def test_two_customers_bring_one_question_by_their_likeliest_pair() -> None:
    edges = [(0, 1, 0.999), (0, 2, 0.6), (1, 2, 0.8), (0, 3, 0.7), (1, 3, 0.55), (2, 3, 0.999)]
    assert ask([0, 0, 2, 2], edges) == [(1, 2, False)]


def test_unlikely_pairs_apart_and_sure_pairs_together_are_no_questions() -> None:
    assert ask([0, 0, 2], [(0, 1, 0.995), (0, 2, 0.49)]) == []


def test_a_group_that_hangs_on_by_a_weak_link_is_one_question() -> None:
    edges = [(0, 1, 0.999), (2, 3, 0.999), (0, 2, 0.9), (1, 2, 0.8), (1, 3, 0.95)]
    assert ask([0, 0, 0, 0], edges) == [(1, 3, True)]


def test_three_groups_of_a_customer_are_two_questions() -> None:
    assert ask([0, 0, 0], [(0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.7)]) == [(0, 1, True), (0, 2, True)]


def test_what_was_decided_about_two_groups_is_not_asked_by_another_pair() -> None:
    edges = [(0, 1, 0.999), (0, 2, 0.9), (1, 2, 0.8)]
    assert ask([0, 0, 0], edges, [(1, 2)]) == []
    assert ask([0, 0, 2], edges, [(1, 2)]) == []


chances = st.sampled_from([0.3, 0.5, 0.8, 0.98, 0.99, 0.999])


@given(
    st.lists(st.integers(0, 3), min_size=2, max_size=8),
    st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 7)), chances, max_size=20),
)
def test_each_pair_of_customers_is_asked_about_at_most_once(
    customers: list[int], drawn: dict[tuple[int, int], float]
) -> None:
    size = len(customers)
    edges = [(low, high, p) for (low, high), p in drawn.items() if low < high < size]
    asked = ask(customers, edges)
    apart = [frozenset((customers[low], customers[high])) for low, high, together in asked if not together]
    assert len(apart) == len(set(apart))
    assert all(len(pair) == 2 for pair in apart)
    assert asked == ask(customers, edges[::-1])
