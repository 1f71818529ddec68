"""Thirty nights of linkage: what was kept from last night saves work and decides nothing.

One warehouse links night after night, is run twice, is run on the wrong rows first, and is killed and run again. Another forgets everything but
its ids before each night, gets its rows in another order, and must come to the same customers under the same ids.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from tests.support.nights import LinkWarehouse, Night, disturb, link_warehouses, rearrange, simulate
from tests.support.people import Town

from scv.errors import ScvError
from scv.settings import Settings

pytestmark = pytest.mark.postgres

NIGHTS = 30
SEEDS = [3, *(pytest.param(seed, marks=pytest.mark.long) for seed in (4, 5, 6))]
TWICE, KILLED, RETRIED = (6, 17, 28), (9, 21), (4, 12, 25)


@dataclass
class Story:
    """What thirty nights left: by night the customer of each record, its events, and how much was linked anew."""

    nights: list[Night]
    customers: list[dict[str, str]] = field(default_factory=list)
    replayed: list[dict[str, str]] = field(default_factory=list)
    events: list[list[dict[str, Any]]] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    rerun: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    killed: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    written: tuple[Any, Any] = (None, None)
    rearranged: set[frozenset[str]] = field(default_factory=set)
    decisions: dict[int, tuple[str, str]] = field(default_factory=dict)
    model: str = ""

    def pairs(self) -> Iterator[tuple[int, Night, dict[str, str], dict[str, str]]]:
        """Each night but the first with the customers before and after it."""
        for number in range(1, len(self.nights)):
            yield number, self.nights[number], self.customers[number - 1], self.customers[number]


@pytest.fixture(scope="module", params=SEEDS)
def story(request: pytest.FixtureRequest, warehouse_template: Settings) -> Iterator[Story]:
    town = Town(36, seed=20 + request.param)
    told = Story(simulate(town, NIGHTS, seed=request.param))
    with link_warehouses(warehouse_template, ("nightly", "replayed", "other")) as (nightly, replayed, other):
        for number, night in enumerate(told.nights):
            if number in RETRIED:
                # Linked once on half of what belongs to the night, then again on all of it.
                nightly.put(disturb(night, told.nights[number - 1], town, seed=number))
                nightly.link(night.night)
            nightly.put(night, seed=number)
            nightly.decide(night)
            if number in KILLED:
                told.killed[number] = _kill(nightly, night)
            result = nightly.link(night.night)
            told.changed.append(result.changed)
            if number in TWICE:
                once = nightly.written()
                nightly.link(night.night)
                told.rerun[number] = once, nightly.written()
            told.customers.append(nightly.customers())
            told.events.append(nightly.events(night.night))
            if number == 0:
                for house in (replayed, other):
                    house.copy_model(nightly)
            replayed.put(night, seed=1000 - number)
            replayed.decide(night)
            replayed.link(night.night, full=True)
            told.replayed.append(replayed.customers())
        told.written = nightly.written(), replayed.written()
        told.decisions = {
            int(number): (low, high)
            for number, low, high in nightly.query(
                "select decision_id, record_key_l, record_key_r from link.decision"
            )
        }
        ((told.model,),) = nightly.query("select version from link.model where active")
        for night in told.nights:
            other.decide(night)
        for night in rearrange(told.nights[-1], 4, seed=8):
            other.put(night)
            other.link(night.night)
        told.rearranged = other.persons()
        yield told


def _kill(house: LinkWarehouse, night: Night) -> tuple[Any, Any]:
    before = house.written()
    with house.killed_at_commit(), pytest.raises((ScvError, psycopg.Error)):
        house.link(night.night)
    return before, house.written()


def test_each_night_links_what_changed_and_not_the_rest(story: Story) -> None:
    assert all(
        changed < len(customers)
        for changed, customers in zip(story.changed[1:], story.customers[1:], strict=True)
    )
    moved = sum(
        before.get(key, now) != now for _, _, before, after in story.pairs() for key, now in after.items()
    )
    assert moved >= 20, "the story is too quiet to prove anything"


def test_incremental_nights_equal_nights_from_scratch(story: Story) -> None:
    for number, (nightly, replayed) in enumerate(zip(story.customers, story.replayed, strict=True)):
        assert nightly == replayed, f"night {number}"
    nightly_wrote, replayed_wrote = story.written
    for table, rows in nightly_wrote.items():
        assert rows == replayed_wrote[table], table


def test_records_that_come_in_another_order_are_the_same_people(story: Story) -> None:
    groups: dict[str, set[str]] = defaultdict(set)
    for key, customer in story.customers[-1].items():
        groups[customer].add(key)
    assert story.rearranged == {frozenset(keys) for keys in groups.values()}


def test_every_live_record_has_one_customer_each_night(story: Story) -> None:
    for night, customers in zip(story.nights, story.customers, strict=True):
        assert customers.keys() == night.records.keys()


@pytest.mark.parametrize("number", TWICE)
def test_a_night_run_twice_changes_nothing(story: Story, number: int) -> None:
    once, twice = story.rerun[number]
    for table, rows in once.items():
        assert rows == twice[table], table


@pytest.mark.parametrize("number", KILLED)
def test_a_killed_night_leaves_nothing_behind(story: Story, number: int) -> None:
    # That the run after it gives what it would have given is held by the comparison with the replayed nights.
    before, after = story.killed[number]
    for table, rows in before.items():
        assert rows == after[table], table


def test_ids_of_unchanged_records_change_only_with_a_reason(story: Story) -> None:
    for number, night, before, after in story.pairs():
        said = {(event["old_customer_id"], event["new_customer_id"]): event for event in story.events[number]}
        for key in after.keys() & before.keys():
            if after[key] == before[key]:
                continue
            event = said.get((before[key], after[key]))
            assert event is not None, f"night {number}: a record went to another customer without a word"
            assert event["cause"] in ("merged", "split")
            _check_reason(story, number, night, event)


def _check_reason(story: Story, number: int, night: Night, event: dict[str, Any]) -> None:
    reasons = {
        "record_new": night.new | night.returned,
        "record_returned": night.returned,
        "record_changed": night.changed,
        "record_deleted": night.gone,
        "decision": {str(decision) for decision in story.decisions},
        "model": {story.model},
    }
    assert event["because_key"] in reasons[event["because"]], (number, event)


def test_every_event_names_what_brought_it_about(story: Story) -> None:
    for number, night in enumerate(story.nights[1:], 1):
        for event in story.events[number]:
            _check_reason(story, number, night, event)
    assert {event["because"] for event in story.events[0]} == {"founding"}


def test_an_id_is_never_given_to_somebody_else(story: Story) -> None:
    held: dict[str, set[str]] = defaultdict(set)
    for key, customer in story.customers[0].items():
        held[customer].add(key)
    for number, night, before, after in story.pairs():
        now: dict[str, set[str]] = defaultdict(set)
        for key, customer in after.items():
            now[customer].add(key)
        in_use = set(before.values())
        back = {event["new_customer_id"] for event in story.events[number] if event["cause"] == "returned"}
        for customer, keys in now.items():
            if customer in in_use:
                still = {key for key, former in before.items() if former == customer}
                assert keys & still, f"night {number}: {customer} has none of its records left, yet goes on"
            elif customer in held:
                assert customer in back
                assert keys & held[customer], f"night {number}: an id came back with other records"
                assert keys & night.returned
            held[customer] |= keys


def test_decisions_stand_every_night(story: Story) -> None:
    said: dict[tuple[str, str], str] = {}
    kept = 0
    for night, customers in zip(story.nights, story.customers, strict=True):
        for decision in night.decisions:
            said[decision.low, decision.high] = decision.decision
        for (low, high), decision in said.items():
            if decision == "not_same" and low in customers and high in customers:
                assert customers[low] != customers[high]
                kept += 1
    assert kept >= 10


def test_a_decision_of_one_person_joins_unless_another_forbids_it(story: Story) -> None:
    said = {(d.low, d.high): d.decision for night in story.nights for d in night.decisions}
    customers, conflicts = story.customers[-1], story.written[0]["conflict"]
    if not conflicts:
        for (low, high), decision in said.items():
            if decision == "same" and low in customers and high in customers:
                assert customers[low] == customers[high]
