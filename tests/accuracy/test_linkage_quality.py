"""How well people are told apart, on a town that the tests make themselves: a gate, and named cases to read.

No threshold here was chosen by looking at the truth of a public test set.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest
from tests.support.named_cases import add_named_cases
from tests.support.people import Town, as_records
from tests.support.plain_splink import link_plainly

from scv.linkage.clusters import Decisions
from scv.linkage.duck import load, open_memory
from scv.linkage.evaluation.calibration import Calibration, calibrate
from scv.linkage.evaluation.measures import PartitionScore, number_labels, score_partition
from scv.linkage.evidence import probability
from scv.linkage.model import Model
from scv.linkage.partition import Partition, find_persons, prepare
from scv.linkage.records import filled_columns, standardise
from scv.linkage.training import train

PLAIN_THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)


@dataclass
class Linked:
    """A linked town: the person that each record key was given, and the truth."""

    person: dict[str, int]
    town: Town
    partition: Partition
    keys: list[str]
    named: dict[str, list[str]]
    con: duckdb.DuckDBPyConnection
    model: Model

    def same(self, *keys: str) -> bool:
        return len({self.person[key] for key in keys}) == 1

    def score(self) -> PartitionScore:
        return score_partition(
            number_labels(self.town.truth[key] for key in self.keys), self.partition.person
        )

    def calibrate(self) -> Calibration:
        true, edges = number_labels(self.town.truth[key] for key in self.keys), self.partition.edges
        is_true = true[edges.left] == true[edges.right]
        return calibrate(probability(edges.weight), is_true, self.score().true_pairs)


@pytest.fixture(scope="module")
def linked() -> Iterator[Linked]:
    town = Town(700, seed=11)
    named = add_named_cases(town)
    records = standardise(as_records(town.rows), "key", "source")
    with open_memory() as con:
        load(con, "records", records)
        model = train(con, filled_columns(records), "test")
        prepare(con, model)
        partition = find_persons(con, model, records.num_rows)
        keys = records.column("key").to_pylist()
        person = dict(zip(keys, partition.person.tolist(), strict=True))
        yield Linked(person, town, partition, keys, named, con, model)


def test_the_town_is_linked_with_few_errors(linked: Linked) -> None:
    score = linked.score()
    assert score.pairwise.precision >= 0.985
    assert score.pairwise.recall >= 0.98
    assert score.b_cubed.f1 >= 0.99


def test_people_are_told_apart_better_than_by_plain_splink(linked: Linked) -> None:
    plain = link_plainly(as_records(linked.town.rows), PLAIN_THRESHOLDS)
    true = number_labels(linked.town.truth[key] for key in linked.keys)
    found = {
        threshold: score_partition(true, number_labels(clusters[key] for key in linked.keys)).b_cubed.f1
        for threshold, clusters in plain.items()
    }
    # Even where plain Splink's threshold is the one that the truth would choose.
    assert linked.score().b_cubed.f1 >= max(found.values()) + 0.005


def test_pairs_that_are_said_to_be_sure_are_true_and_many(linked: Linked) -> None:
    sure = linked.calibrate().sure
    assert sure.pairs > 300
    assert sure.rate.precision >= 0.998
    assert sure.rate.recall >= 0.25


def test_nearly_every_true_pair_is_weighed(linked: Linked) -> None:
    assert linked.calibrate().weighed_true >= 0.97


def test_no_cluster_is_larger_than_any_person_can_be(linked: Linked) -> None:
    assert max(Counter(linked.person.values()).values()) <= 2 * max(
        Counter(linked.town.truth.values()).values()
    )


def test_twins_stay_apart_and_each_comes_together(linked: Linked) -> None:
    anna_school, amy_school, anna_benefit, amy_benefit = linked.named["twins"]
    assert linked.same(anna_school, anna_benefit)
    assert linked.same(amy_school, amy_benefit)
    assert not linked.same(anna_school, amy_school)


def test_father_and_son_of_one_name_stay_apart_and_the_death_is_the_fathers(linked: Linked) -> None:
    father, son, death, son_again = linked.named["father_and_son"]
    assert linked.same(father, death)
    assert linked.same(son, son_again)
    assert not linked.same(father, son)


def test_a_changed_surname_keeps_the_person(linked: Linked) -> None:
    assert linked.same(*linked.named["maiden_name"])


def test_a_default_birth_date_joins_nobody(linked: Linked) -> None:
    assert not linked.same(*linked.named["default_birth_date"])


def test_a_temporary_nino_joins_nobody(linked: Linked) -> None:
    assert not linked.same(*linked.named["temporary_nino"])


def test_the_same_person_twice_in_one_system_is_one_person(linked: Linked) -> None:
    assert linked.same(*linked.named["twice_in_one_system"])


def test_a_couple_with_one_initial_stays_two_and_the_death_is_his(linked: Linked) -> None:
    mr_tax, mrs_tax, mr, mrs, death = linked.named["couple"]
    assert linked.same(mr_tax, mr, death)
    assert linked.same(mrs_tax, mrs)
    assert not linked.same(mr, mrs)


def test_swapped_names_and_accents_are_seen_through(linked: Linked) -> None:
    assert linked.same(*linked.named["names_swapped"])


def test_a_nickname_is_the_same_person(linked: Linked) -> None:
    assert linked.same(*linked.named["nickname"])


def test_an_initial_is_enough_where_home_and_surname_agree(linked: Linked) -> None:
    assert linked.same(*linked.named["initial_only"])


def test_a_name_in_another_spelling_of_its_script_is_the_same_person(linked: Linked) -> None:
    assert linked.same(*linked.named["transliteration"])


def test_a_hyphen_that_comes_or_goes_with_half_a_name_is_the_same_person(linked: Linked) -> None:
    assert linked.same(*linked.named["hyphen"])


def test_a_survivor_and_a_perpetrator_are_kept_apart_by_a_decision(linked: Linked) -> None:
    survivor, survivor_again, perpetrator = linked.named["survivor_and_perpetrator"]
    assert linked.same(survivor_again, perpetrator), "weights alone join them, which makes the case"
    place = {key: position for position, key in enumerate(linked.keys)}
    apart = frozenset(tuple(sorted((place[key], place[perpetrator]))) for key in (survivor, survivor_again))
    decided = find_persons(
        linked.con, linked.model, len(linked.keys), Decisions(apart=apart), known=linked.partition.edges
    ).person
    assert decided[place[survivor]] == decided[place[survivor_again]] != decided[place[perpetrator]]
    others = [
        position for key, position in place.items() if key not in linked.named["survivor_and_perpetrator"]
    ]
    assert (decided[others] == linked.partition.person[others]).all(), "nobody else moves"
