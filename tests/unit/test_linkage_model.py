"""What a model freezes: how common values are, what is a default, where identifiers may be matched."""

import json
from collections.abc import Sequence
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from tests.support.people import Town, as_records

from scv.errors import InputError
from scv.linkage.duck import load, open_memory, run
from scv.linkage.evidence import Parameters
from scv.linkage.frequencies import learn_frequencies
from scv.linkage.maximisation import bound_duplicates, expect_duplicates
from scv.linkage.model import Model
from scv.linkage.model_comparison import find_moved
from scv.linkage.placeholders import blank_values, find_placeholders
from scv.linkage.records import filled_columns, standardise
from scv.linkage.training import train

SECRET = b"a secret of the tests"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def model() -> Model:
    town = Town(150, seed=3)
    records = standardise(as_records(town.rows), "key", "source")
    with open_memory() as con:
        load(con, "records", records)
        return train(
            con,
            filled_columns(records),
            "a town of the tests",
            trained_on=date(2026, 3, 2),
            identifier_systems={"nhs_number": ["adult_social_care"]},
            secret=SECRET,
        )


def load_people(con: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, str]]) -> None:
    """Records of different people (by their surnames), all of one source unless they say otherwise."""
    defaults = {"source": "a.b", "forename": "Ann"}
    full = [
        defaults | {"key": f"r{i:04d}", "surname": LETTERS[i % 26] + LETTERS[i // 26 % 26] * 2 + "ton"} | row
        for i, row in enumerate(rows)
    ]
    names = sorted({name for row in full for name in row})
    table = pa.table({name: pa.array([row.get(name) for row in full], pa.string()) for name in names})
    load(con, "records", standardise(table, "key", "source"))


def test_a_model_is_the_same_after_a_round_trip_and_its_version_follows_from_what_decides(
    model: Model,
) -> None:
    body = json.loads(json.dumps(model.as_dict()))
    assert Model.from_dict(body, SECRET).version == model.version
    assert (
        Model.from_dict(body | {"description": "elsewhere", "figures": {}}, SECRET).version == model.version
    )
    assert Model.from_dict(body | {"stop_keys": [1]}, SECRET).version != model.version


def test_a_model_keyed_with_another_secret_is_refused(model: Model) -> None:
    with pytest.raises(InputError, match="another secret"):
        Model.from_dict(model.as_dict(), b"another")


def test_only_values_that_ten_records_share_stand_in_clear(model: Model) -> None:
    town = Town(150, seed=3)
    records = standardise(as_records(town.rows), "key", "source")
    for column, shares in model.frequencies.shares.items():
        values = records.column(column).to_pylist()
        in_clear = [value for value in shares if value and not value.startswith("#")]
        assert all(values.count(value) >= 10 for value in in_clear), column
    assert model.frequencies.shares["nino"].keys() == {""}
    text = json.dumps(model.as_dict())
    assert not any(
        person.nino.lower()[:8] in text or person.email in text
        for home in town.homes
        for person in home.people
    )


def test_a_number_is_common_by_the_people_on_it_not_by_their_records() -> None:
    shared = [{"phone": "07700900001"}] * 3
    alone = [{"phone": f"0770090{i:04d}", "surname": "Smith"} for i in range(100, 140)]
    often = [{"phone": "07700900002", "surname": "Jones"}] * 9
    with open_memory() as con:
        load_people(con, [*shared, *alone, *often])
        found = learn_frequencies(con, ["phone"], SECRET)
        bits = found.read_rarity(con, "phone")
    assert len(found.shares["phone"]) == 2  # the one that three people share, and all others
    assert bits[0] == pytest.approx(np.log2(3 / 44), abs=0.01)
    assert bits[3] == bits[-1] == pytest.approx(np.log2(1 / 44), abs=0.01)


def test_a_value_that_the_model_lacks_is_as_rare_as_the_rare_ones() -> None:
    with open_memory() as con:
        load_people(con, [{"forename": "Mary"}] * 20 + [{"forename": name} for name in ("Zoe", "Una", "Ivy")])
        found = learn_frequencies(con, ["forename"], SECRET)
        load_people(con, [{"forename": "Mary"}, {"forename": "Wilhelmina"}])
        bits = found.read_rarity(con, "forename")
    assert bits.tolist() == pytest.approx([np.log2(20 / 23), np.log2(1 / 23)], abs=0.01)


def test_defaults_are_found_by_how_many_share_them() -> None:
    switchboard = [{"phone": "01632960000", "birth_date": "1970-06-15"}] * 60
    others = [
        {"phone": f"0770091{i:04d}", "birth_date": f"{1940 + i % 50}-{1 + i % 12:02d}-{1 + i % 28:02d}"}
        for i in range(300)
    ]
    with open_memory() as con:
        load_people(con, [*switchboard, *others])
        found = find_placeholders(con, ["phone", "birth_date"])
        assert found == {"phone": ["01632960000"], "birth_date": ["1970-06-15"]}
        blank_values(con, found, {})
        assert run(con, "select count(phone), count(birth_date), count(birth_days) from records") == [
            (300, 300, 300)
        ]


def test_the_first_of_january_of_every_year_is_no_default() -> None:
    with open_memory() as con:
        load_people(con, [{"birth_date": f"{1950 + i % 8}-01-01"} for i in range(400)]
                    + [{"birth_date": f"{1950 + i % 8}-{2 + i % 11:02d}-{1 + i % 28:02d}"} for i in range(400)])  # fmt: skip
        assert find_placeholders(con, ["birth_date"]) == {}


def test_an_identifier_is_blank_outside_the_systems_between_which_it_may_be_matched() -> None:
    with open_memory() as con:
        load_people(
            con, [{"nhs_number": "4010232137", "source": name} for name in ("social.persons", "tax.liable")]
        )
        blank_values(con, {}, {"nhs_number": ["social"]})
        assert run(con, "select source, nhs_number from records order by rid") == [
            ("social.persons", "4010232137"),
            ("tax.liable", None),
        ]


def test_the_manifest_bounds_how_often_a_person_may_stand_twice_in_a_source() -> None:
    parameters = Parameters([], sources=["a.unique", "b.rows"], source_sizes=[1000, 1000], same=1e-3,
                            same_by_source=np.ones((2, 2)))  # fmt: skip
    assert expect_duplicates(parameters) == {"a.unique": 0.4995, "b.rows": 0.4995}
    bound_duplicates(parameters, {"a.unique"})
    assert expect_duplicates(parameters) == {"a.unique": 0.05, "b.rows": 0.4995}


def test_a_comparison_of_models_tells_merges_splits_and_regroupings_apart() -> None:
    keys = [f"k{i}" for i in range(8)]
    before = np.array([0, 0, 2, 3, 4, 4, 6, 6])
    after = np.array([0, 0, 2, 2, 4, 5, 6, 6])
    moved, kinds = find_moved(keys, ["s"] * 8, {"k2": "C2"}, before, after)
    assert kinds == {"merge": 1, "split": 1, "regrouping": 0}
    assert [(record.group, record.record_key, record.person_a, record.person_b) for record in moved] == [
        (1, "k2", "k2", "k2"),
        (1, "k3", "k3", "k2"),
        (2, "k4", "k4", "k4"),
        (2, "k5", "k4", "k5"),
    ]
    assert moved[0].customer_id == "C2"
    assert find_moved(keys, ["s"] * 8, {}, before, np.array([0, 1, 1, 3, 4, 4, 6, 6]))[1]["regrouping"] == 1
