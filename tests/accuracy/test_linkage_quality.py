"""How well people are told apart, on a town that the tests make themselves: a gate, and named cases to read.

No threshold here was chosen by looking at the truth of a public test set.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.support.people import Home, Person, Town, as_records

from scv.linkage.duck import load, open_memory
from scv.linkage.evidence import probability
from scv.linkage.partition import Partition, find_persons, prepare
from scv.linkage.records import filled_columns, standardise
from scv.linkage.training import train


@dataclass
class Linked:
    """A linked town: the person that each record key was given, and the truth."""

    person: dict[str, int]
    town: Town
    partition: Partition
    keys: list[str]
    named: dict[str, list[str]]

    def same(self, *keys: str) -> bool:
        return len({self.person[key] for key in keys}) == 1


def add_named_cases(town: Town) -> dict[str, list[str]]:
    """The cases that a council knows by heart, each in a home of its own; gives record keys by case."""
    named: dict[str, list[str]] = {}

    def home(number: int, people: list[Person]) -> dict[str, Any]:
        place = Home(
            number, f"{number} Named Case Lane, Newtown", f"NT9 {number % 9}ZZ", f"2000{number:08d}", people
        )
        return {"address_line": place.address, "postcode": place.postcode, "uprn": place.uprn}

    def who(person: Person, **changed: Any) -> dict[str, Any]:
        return {
            "forename": person.forename,
            "surname": person.surname,
            "sex": person.sex,
            "birth_date": person.birth_date,
        } | changed

    anna, amy = (
        town.person(901, name, "Ellersby", "F", date(2015, 5, 4), middle=None) for name in ("Anna", "Amy")
    )
    at = home(901, [anna, amy])
    named["twins"] = [
        town.add(anna, "education", "pupils", **who(anna), **at, upn=anna.upn),
        town.add(amy, "education", "pupils", **who(amy), **at, upn=amy.upn),
        town.add(anna, "housing_benefit", "hbmember", **who(anna), **at),
        town.add(amy, "housing_benefit", "hbmember", **who(amy), **at),
    ]
    father = town.person(902, "Albert", "Fenwright", "M", date(1938, 2, 3), middle=None)
    son = town.person(902, "Albert", "Fenwright", "M", date(1966, 9, 21), middle=None, suffix="Jr")
    at = home(902, [father, son])
    named["father_and_son"] = [
        town.add(
            father, "adult_social_care", "dm_persons", **who(father), **at, nhs_number=father.nhs_number
        ),
        town.add(son, "hr_payroll", "posts", **who(son), **at, nino=son.nino),
        town.add(father, "deaths", "registrations", **who(father), **at),
        town.add(son, "housing_benefit", "hbmember", **who(son), **at, nino=son.nino),
    ]
    bride = town.person(903, "Harriet", "Quillmore", "F", date(1984, 7, 19))
    at = home(903, [bride])
    named["maiden_name"] = [
        town.add(bride, "hr_payroll", "posts", **who(bride, surname="Dunstable"), **at, nino=bride.nino),
        town.add(bride, "housing_benefit", "hbmember", **who(bride), **at, nino=bride.nino),
        town.add(bride, "permits", "holders", **who(bride), **at, email=bride.email),
    ]
    old, young = (
        town.person(904, name, "Harkaway", "M", born)
        for name, born in (("George", date(1950, 1, 2)), ("Oscar", date(1985, 3, 4)))
    )
    at, elsewhere = home(904, [old]), home(905, [young])
    named["default_birth_date"] = [
        town.add(old, "housing", "member", **who(old, birth_date=date(1900, 1, 1)), **at),
        town.add(young, "housing", "member", **who(young, birth_date=date(1900, 1, 1)), **elsewhere),
    ]
    one, two = (town.person(906, name, surname, "F", born) for name, surname, born in (
        ("Nora", "Pellingham", date(1971, 1, 6)), ("Edith", "Strangway", date(1962, 2, 5))))  # fmt: skip
    named["temporary_nino"] = [
        town.add(one, "housing_benefit", "hbmember", **who(one), **home(906, [one]), nino="TN060171F"),
        town.add(two, "hr_payroll", "posts", **who(two), **home(907, [two]), nino="TN060171F"),
    ]
    twice = town.person(908, "Wilfred", "Ottershaw", "M", date(1947, 11, 30))
    at = home(908, [twice])
    named["twice_in_one_system"] = [
        town.add(twice, "adult_social_care", "dm_persons", **who(twice), **at, nhs_number=twice.nhs_number),
        town.add(
            twice,
            "adult_social_care",
            "dm_persons",
            **who(twice, forename="Wilf"),
            **at,
            nhs_number=twice.nhs_number,
        ),
    ]
    mr = town.person(909, "John", "Tarrington", "M", date(1951, 4, 4))
    mrs = town.person(909, "Jean", "Tarrington", "F", date(1953, 6, 6))
    at = home(909, [mr, mrs])
    named["couple"] = [
        town.add(
            mr,
            "council_tax",
            "liable",
            title="MR",
            forename="J",
            surname="Tarrington",
            **at,
            account_key="a909",
        ),
        town.add(
            mrs,
            "council_tax",
            "liable",
            title="MRS",
            forename="J",
            surname="Tarrington",
            **at,
            account_key="a909",
        ),
        town.add(mr, "adult_social_care", "dm_persons", **who(mr), **at),
        town.add(mrs, "adult_social_care", "dm_persons", **who(mrs), **at),
        town.add(mr, "deaths", "registrations", **who(mr), **at),
    ]
    swapped = town.person(910, "Piotr", "Wisniewski", "M", date(1979, 8, 8))
    at = home(910, [swapped])
    named["names_swapped"] = [
        town.add(swapped, "hr_payroll", "posts", **who(swapped), **at, nino=swapped.nino),
        town.add(
            swapped, "grants", "applications", **who(swapped, forename="Wiśniewski", surname="Piotr"), **at
        ),
    ]
    return named


@pytest.fixture(scope="module")
def linked() -> Linked:
    town = Town(700, seed=11)
    named = add_named_cases(town)
    records = standardise(as_records(town.rows), "key", "source")
    with open_memory() as con:
        load(con, "records", records)
        model = train(con, filled_columns(records), "test")
        prepare(con, model)
        partition = find_persons(con, model, records.num_rows)
    keys = records.column("key").to_pylist()
    return Linked(dict(zip(keys, partition.person.tolist(), strict=True)), town, partition, keys, named)


def count_pairs(labels: list[Any]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def test_the_town_is_linked_with_few_errors(linked: Linked) -> None:
    found = [linked.person[key] for key in linked.keys]
    truth = [linked.town.truth[key] for key in linked.keys]
    both = count_pairs(list(zip(found, truth, strict=True)))
    precision, recall = both / count_pairs(found), both / count_pairs(truth)
    print(f"precision {precision:.4f}, recall {recall:.4f}")
    assert precision >= 0.97
    assert recall >= 0.97


def test_pairs_that_are_said_to_be_sure_are_true(linked: Linked) -> None:
    edges = linked.partition.edges
    sure = np.flatnonzero(probability(edges.weight) >= 0.999)
    true = [linked.town.truth[linked.keys[i]] == linked.town.truth[linked.keys[j]]
            for i, j in zip(edges.left[sure], edges.right[sure], strict=True)]  # fmt: skip
    assert len(true) > 300
    assert np.mean(true) >= 0.995


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
