"""Scores by hand: what an evaluation says about links whose truth is known."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from scv.cli.link import app
from scv.errors import InputError
from scv.linkage.evaluation.calibration import calibrate
from scv.linkage.evaluation.measures import (
    PartitionScore,
    Rate,
    count_fellows,
    harmonic,
    number_labels,
    score_partition,
)
from scv.linkage.evaluation.origins import NO_NAME, OTHER, find_origin

PERSONS = {"a1": 1, "a2": 1, "a3": 1, "b1": 2, "c1": 3}


def scored(customers: dict[str, str]) -> PartitionScore:
    return score_partition(number_labels(PERSONS.values()), number_labels(customers[key] for key in PERSONS))


def test_right_links_score_one() -> None:
    score = scored({"a1": "A", "a2": "A", "a3": "A", "b1": "B", "c1": "C"})
    assert (score.pairwise, score.b_cubed, score.exact) == (Rate(1, 1), Rate(1, 1), Rate(1, 1))
    assert (score.records, score.persons, score.customers, score.largest) == (5, 3, 3, 3)


def test_a_split_costs_recall_and_a_merge_precision() -> None:
    split = scored({"a1": "A", "a2": "A", "a3": "X", "b1": "B", "c1": "C"})
    assert split.pairwise == Rate(1.0, pytest.approx(1 / 3))
    assert split.b_cubed == Rate(1.0, pytest.approx((2 * 2 / 3 + 1 / 3 + 2) / 5))
    assert split.exact == Rate(2 / 4, 2 / 3)
    merged = scored({"a1": "A", "a2": "A", "a3": "A", "b1": "A", "c1": "C"})
    assert merged.pairwise == Rate(0.5, 1.0)
    assert merged.b_cubed == Rate(pytest.approx((3 * 3 / 4 + 1 / 4 + 1) / 5), 1.0)


def test_nothing_linked_is_precise_and_nothing_at_all_is_right() -> None:
    alone = scored({key: key for key in PERSONS})
    assert alone.pairwise == Rate(1.0, 0.0)
    none = score_partition(number_labels([]), number_labels([]))
    assert (none.pairwise, none.b_cubed, none.largest) == (Rate(1, 1), Rate(1, 1), 0)
    assert harmonic(0.0, 0.0) == 0.0
    assert harmonic(0.5, 1.0) == pytest.approx(0.666667)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_scores_equal_those_counted_pair_by_pair(labels: list[tuple[int, int]]) -> None:
    true, found = (number_labels(side) for side in zip(*labels, strict=True))
    score, fellows = score_partition(true, found), count_fellows(true, found)
    pairs = [(i, j) for i in range(len(labels)) for j in range(i)]
    assert score.true_pairs == sum(true[i] == true[j] for i, j in pairs)
    assert score.found_pairs == sum(found[i] == found[j] for i, j in pairs)
    assert score.right_pairs == sum(true[i] == true[j] and found[i] == found[j] for i, j in pairs)
    together = [
        sum((true[i] == true[j]) & (found[i] == found[j]) for j in range(len(labels)))
        for i in range(len(labels))
    ]
    assert fellows.both.tolist() == together
    alike = [np.array_equal(true == true[i], found == found[i]) for i in range(len(labels))]
    exact = len({int(true[i]) for i in range(len(labels)) if alike[i]})
    assert score.exact.recall == pytest.approx(exact / score.persons)


def test_calibration_counts_by_hand() -> None:
    said = np.array([0.9995, 0.999, 0.9985, 0.6, 0.6, 0.005])
    found = calibrate(said, np.array([True, True, False, True, False, False]), true_pairs=4)
    assert (found.sure.pairs, found.sure.true) == (2, 2)
    assert found.sure.rate == Rate(1.0, 0.5)
    assert found.weighed_true == 0.75
    by_low = {entry.low: entry for entry in found.bins}
    assert (by_low[0.5].pairs, by_low[0.5].true_share) == (2, 0.5)
    assert by_low[0.5].said == pytest.approx(0.6)
    assert by_low[0.1].true_share is None
    assert sum(entry.pairs for entry in found.bins) == len(said)
    half = next(entry for entry in found.thresholds if entry.probability == 0.5)
    assert (half.pairs, half.true) == (5, 3)


@pytest.mark.parametrize(
    ("surname", "origin"),
    [
        ("patel", "South Asian"),
        ("wisniewska", "Eastern European"),
        ("nguyen", "Chinese or Vietnamese"),
        ("adewumi", "African"),
        ("rodriguez", "Southern European or Latin American"),
        ("oconnor", "Irish or Scottish"),
        ("yilmaz", "Arabic, Turkish or Persian"),
        ("smith", OTHER),
        ("owen", OTHER),
        (None, NO_NAME),
    ],
)
def test_surnames_are_grouped_by_their_letters(surname: str | None, origin: str) -> None:
    assert find_origin(surname) == origin


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Two people and a namesake: one wrong pair, one missed."""
    keys = {"source_system": ["tax", "tax", "benefit", "benefit"], "source_record_id": ["1", "2", "1", "2"]}
    columns = {
        "forename": ["Zebedee", "Zebedee", "Zebedee", "Una"],
        "surname": ["Patel", "Patel", "Patel", "Ottershaw"],
        "sex": ["M", None, "M", "F"],
        "birth_date": ["1950-02-01", None, "1950-02-01", "2015-06-30"],
        "postcode": ["NT1 1AA", "NT1 1AA", "NT2 2BB", "NT2 2BB"],
    }
    edges = {
        f"source_system_{side}": values for side, values in (("l", ["tax", "tax"]), ("r", ["tax", "benefit"]))
    }
    edges |= {"source_record_id_l": ["1", "1"], "source_record_id_r": ["2", "1"]}
    tables = {
        "result": {**keys, "person_id": ["A", "A", "B", "C"]},
        "truth": {**keys, "entity_id": [1, 2, 1, 3]},
        "records": {**keys, **columns},
        "edges": {**edges, "match_probability": [0.9999, 0.4]},
    }
    paths = {}
    for name, table in tables.items():
        paths[name] = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table(table), paths[name])
    return paths


def test_the_command_counts_errors_by_group_and_shows_no_value(
    files: dict[str, Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    arguments = ["evaluate", str(files["result"]), str(files["truth"]), "--records", str(files["records"])]
    arguments += ["--edges", str(files["edges"]), "--date", "2026-03-02", "--html", str(page)]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["score"]["pairwise"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert found["calibration"]["sure"]["rate"]["precision"] == 0.0
    groups = {kind: {group["label"]: group for group in entries} for kind, entries in found["groups"].items()}
    # The record without a sex counts as its person's sex is recorded elsewhere, and here it is nowhere.
    assert {label: group["records"] for label, group in groups["sex"].items()} == {
        "female": 1, "male": 2, "not recorded": 1
    }  # fmt: skip
    assert groups["age"]["75 and over"]["missed"] == 1
    assert groups["age"]["0 to 15"]["wrong"] == 0
    assert (
        groups["origin of surname"]["South Asian"] | {"records": 3, "wrong": 1, "missed": 1}
        == (groups["origin of surname"]["South Asian"])
    )
    systems = {(pair["first"], pair["second"]): pair for pair in found["systems"]}
    assert (systems["tax", "tax"]["wrong"], systems["benefit", "tax"]["missed"]) == (1, 1)
    assert (
        found["wrong"][0] | {"forename": "same", "birth_date": "missing", "home": "same postcode"}
        == found["wrong"][0]
    )
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    for text in (page.read_text(), done.output, shown.output):
        lower = text.lower()
        assert not any(value in lower for value in ("zebedee", "patel", "ottershaw", "nt1 1aa", "1950-02-01"))


def test_files_that_do_not_fit_together_are_refused_in_one_line(
    files: dict[str, Path], tmp_path: Path
) -> None:
    from scv.linkage.duck import open_memory
    from scv.linkage.evaluation.reading import read_files

    short = tmp_path / "short.parquet"
    pq.write_table(pq.read_table(files["result"]).slice(0, 3), short)
    twice = tmp_path / "twice.parquet"
    pq.write_table(pa.concat_tables([pq.read_table(files["truth"])] * 2), twice)
    with open_memory() as con:
        with pytest.raises(InputError, match="1 of 4 records"):
            read_files(con, short, files["truth"], files["records"])
        with pytest.raises(InputError, match="more than once"):
            read_files(con, files["result"], twice, files["records"])
        with pytest.raises(InputError, match="entity_id"):
            read_files(con, files["result"], files["result"], files["records"])
        with pytest.raises(InputError, match="match_probability"):
            read_files(con, files["result"], files["truth"], files["records"], files["truth"])
    for arguments in (
        [],
        [str(files["result"]), str(files["truth"])],
        ["--demo", str(tmp_path), str(files["result"])],
    ):
        refused = CliRunner().invoke(app, ["evaluate", *arguments])
        assert isinstance(refused.exception, InputError)
