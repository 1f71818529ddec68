"""Scores by hand."""

from typing import Any

from scv.demo.score import compare


def test_items_that_are_in_doubt_or_not_to_be_known_count_neither_way() -> None:
    def item(derivable: bool = True, doubtful: bool = False) -> dict[str, Any]:
        return {"derivable": derivable, "doubtful": doubtful}

    truth = {"hit": item(), "miss": item(), "unsure": item(), "gone": item(False), "twin": item(True, True)}
    found = {"hit": False, "unsure": True, "gone": False, "nonsense": False}
    counts, missed = compare(truth, found)
    assert missed == ["miss"]
    assert counts == {"true": 3, "found": 1, "missed": 1, "wrong": 1, "doubtful": 1, "not_derivable": 1}
