"""Scores by hand."""

from typing import Any

import pytest

from scv.demo.score import b_cubed, compare, harmonic, pairwise

PERSONS = {"a1": 1, "a2": 1, "a3": 1, "b1": 2, "c1": 3}


def test_right_links_score_one() -> None:
    customers = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "c1": "C"}
    assert pairwise(PERSONS, customers) == (1.0, 1.0)
    assert b_cubed(PERSONS, customers) == (1.0, 1.0)


def test_a_split_costs_recall_and_a_merge_precision() -> None:
    split = {"a1": "A", "a2": "A", "a3": "X", "b1": "B", "c1": "C"}
    assert pairwise(PERSONS, split) == (1.0, pytest.approx(1 / 3))
    assert b_cubed(PERSONS, split) == (1.0, pytest.approx((2 * 2 / 3 + 1 / 3 + 2) / 5))
    merged = {"a1": "A", "a2": "A", "a3": "A", "b1": "A", "c1": "C"}
    assert pairwise(PERSONS, merged) == (0.5, 1.0)
    assert b_cubed(PERSONS, merged) == (pytest.approx((3 * 3 / 4 + 1 / 4 + 1) / 5), 1.0)


def test_nothing_linked_is_precise() -> None:
    alone = {key: key for key in PERSONS}
    assert pairwise(PERSONS, alone) == (1.0, 0.0)
    assert harmonic(0.0, 0.0) == 0.0
    assert harmonic(0.5, 1.0) == pytest.approx(0.666667)


def test_items_that_are_in_doubt_or_not_to_be_known_count_neither_way() -> None:
    def item(derivable: bool = True, doubtful: bool = False) -> dict[str, Any]:
        return {"derivable": derivable, "doubtful": doubtful}

    truth = {"hit": item(), "miss": item(), "unsure": item(), "gone": item(False), "twin": item(True, True)}
    found = {"hit": False, "unsure": True, "gone": False, "nonsense": False}
    counts, missed = compare(truth, found)
    assert missed == ["miss"]
    assert counts == {"true": 3, "found": 1, "missed": 1, "wrong": 1, "doubtful": 1, "not_derivable": 1}
