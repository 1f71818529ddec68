"""Letters after a known death against the truth: with the true links nothing is missed or wrong."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.council import Council, night_number

from scv.demo.score import score, write_true_links
from scv.settings import get_settings

LETTER_RULES = ("letter_after_known_death", "joint_letter_after_one_death", "letter_to_superseded_address")
SEEDS = [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)]


@pytest.fixture(scope="module", params=SEEDS)
def scores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, Any]]]:
    """The scores of one council's first night, with the true links and with ours."""
    council = Council(tmp_path_factory.mktemp("letters"), residents=4000, seed=request.param)
    council.home.chmod(0o711)
    council.make()
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SCV_HOME", "SCV_RECORD_KEY_SECRET"):
            patch.setenv(name, council.environment[name])
        get_settings.cache_clear()
        links = council.home / "true_links.parquet"
        write_true_links(council.home, links)
        for database, switch in (("scv", {}), ("scv_true", {"SCV_TRUE_LINKS": str(links)})):
            council.environment |= switch
            council.scv("db", "start", database=database)
            council.scv("night", "--date", str(night_number(1)), database=database)
            with council.connect(database=database) as connection:
                found[database] = score(council.home, night_number(1), connection)
        page = council.home / "links.html"
        said = council.scv("link", "evaluate", "--demo", str(council.home), "--html", str(page), "--json")
    get_settings.cache_clear()
    yield {
        "ours": found["scv"],
        "true": found["scv_true"],
        "evaluated": json.loads(said.stdout) | {"page": page.read_text()},
    }
    council.remove()


@pytest.mark.parametrize("rule", LETTER_RULES)
def test_with_the_true_links_no_letter_is_missed_or_wrong(
    scores: dict[str, dict[str, Any]], rule: str
) -> None:
    counts = scores["true"]["rules"][rule]
    assert counts["true"] >= 20
    assert (counts["missed"], counts["wrong"]) == (0, 0), (
        scores["true"]["missed_causes"], scores["true"]["wrong_causes"]
    )  # fmt: skip


def test_with_our_links_nearly_every_letter_is_found_and_nearly_none_is_wrong(
    scores: dict[str, dict[str, Any]],
) -> None:
    letters = scores["ours"]["letters_to_deceased"]
    assert letters["true"] >= 50
    assert letters["found"] >= 0.98 * letters["true"], scores["ours"]["missed_causes"]
    # Half a per cent of a small council's letters is less than one.
    assert letters["wrong"] <= max(1, 0.005 * letters["found"]), scores["ours"]["wrong_causes"]
    assert letters["doubtful"] <= 0.03 * letters["true"]


def test_people_are_linked(scores: dict[str, dict[str, Any]]) -> None:
    assert scores["ours"]["people"]["bcubed_f1"] >= 0.985
    assert scores["true"]["people"]["bcubed_f1"] >= 0.999


def test_the_evaluation_says_the_same_and_says_for_whom(scores: dict[str, dict[str, Any]]) -> None:
    evaluated, people = scores["evaluated"], scores["ours"]["people"]
    assert evaluated["score"]["b_cubed"]["f1"] == people["bcubed_f1"]
    assert evaluated["score"]["pairwise"]["precision"] == people["pairwise_precision"]
    assert evaluated["calibration"]["sure"]["rate"]["precision"] >= 0.998
    for groups in evaluated["groups"].values():
        assert sum(group["records"] for group in groups) == evaluated["score"]["records"]
    assert "Errors by pair of systems" in evaluated["page"]
