"""A steward's evening: what a decision would move is told before it is saved, and the next night does just that."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
import yaml
from tests.support.people import Town
from typer.testing import CliRunner, Result

from scv.cli.link import app
from scv.db.warehouse import connect
from scv.errors import InputError
from scv.linkage.blast_radius import NEW, find_blast_radius
from scv.linkage.decisions import (
    Kind,
    list_conflicts,
    list_decisions,
    propose_pair,
    propose_unmerge,
    propose_withdrawal,
    save_decision,
)
from scv.linkage.night import link_night
from scv.linkage.review import list_review, set_aside
from scv.settings import Settings

pytestmark = pytest.mark.postgres

WHY, WHO = "case 4711, seen in person", "steward 12"
LINK_INPUT = "int_person_records__link_input"
Persons = dict[str, frozenset[str]]


class Evening:
    """A linked town, whose nights follow one another through all the tests of this module."""

    def __init__(self, settings: Settings, town: Town) -> None:
        self.settings = settings
        self.rows = {row["record_key"]: row for row in town.rows}
        self.night = date(2026, 3, 1)
        path = settings.dbt_dir / "models" / "intermediate" / "pre_link" / "_pre_link__models.yml"
        models = yaml.safe_load(path.read_text())["models"]
        (columns,) = (model["columns"] for model in models if model["name"] == LINK_INPUT)
        self.columns = {column["name"]: column["data_type"] for column in columns}
        types = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        with connect("transform", settings) as connection:
            connection.execute(f"create table intermediate.{LINK_INPUT} ({types})")

    def link(self) -> None:
        """The next night, on the rows as they are now."""
        self.night += timedelta(days=1)
        with connect("transform", self.settings) as connection, connection.cursor() as cursor:
            cursor.execute(f"delete from intermediate.{LINK_INPUT}")
            with cursor.copy(
                f"copy intermediate.{LINK_INPUT} ({', '.join(self.columns)}) from stdin"
            ) as copy:
                for row in self.rows.values():
                    copy.write_row([row.get(name) for name in self.columns])
        link_night(self.night)

    def persons(self) -> Persons:
        found: dict[str, set[str]] = defaultdict(set)
        for key, customer in self.query(
            "select record_key, customer_id from link.membership where valid_to is null"
        ):
            found[customer].add(key)
        return {customer: frozenset(keys) for customer, keys in found.items()}

    def query(self, statement: str, *values: Any) -> list[Any]:
        with connect("linkage", self.settings) as connection:
            return connection.execute(statement, values).fetchall()


@pytest.fixture(scope="module")
def evening(warehouse: Settings) -> Evening:
    house = Evening(warehouse, Town(90, seed=5))
    house.link()
    return house


def pick(evening: Evening, at_least: int = 3) -> tuple[str, list[str]]:
    """A customer with several records on whom nothing was decided yet, and its records."""
    decided = {key for row in list_decisions(1000) for key in (row.record_key_l, row.record_key_r)}
    free = [
        (c, keys) for c, keys in evening.persons().items() if len(keys) >= at_least and not decided & keys
    ]
    customer, keys = min(free, key=lambda item: (len(item[1]), item[0]))
    return customer, sorted(keys)


def scv(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--reason", WHY, "--by", WHO])


def moved(before: Persons, after: Persons) -> dict[str, tuple[str, str]]:
    was = {key: customer for customer, keys in before.items() for key in keys}
    return {
        key: (was[key], customer) for customer, keys in after.items() for key in keys if was[key] != customer
    }


def test_the_blast_radius_of_a_split_is_what_the_next_night_does(evening: Evening) -> None:
    customer, keys = pick(evening)
    before, proposal = evening.persons(), propose_unmerge(keys[:1], customer)
    assert proposal.pairs == tuple(sorted((min(keys[0], rest), max(keys[0], rest)) for rest in keys[1:]))
    radius = find_blast_radius(proposal)
    (number, *_) = save_decision(proposal, WHY, WHO)
    evening.link()
    happened = moved(before, evening.persons())
    assert {move.record_key for move in radius.moves} == set(happened) != set()
    assert all(move.customer_before == happened[move.record_key][0] for move in radius.moves)
    assert radius.made == 1
    assert all(move.customer_after.startswith(NEW) for move in radius.moves)
    events = evening.query(
        "select because, because_key from link.customer_event where night = %s and old_customer_id = %s",
        evening.night, customer,
    )  # fmt: skip
    assert {because for because, _ in events} == {"decision"}
    assert str(number) in {key for _, key in events}


def test_the_blast_radius_of_a_merge_is_what_the_next_night_does(evening: Evening) -> None:
    question = next(each for each in list_review(1000) if each.reason == "likely_but_apart")
    low, high = question.record_key_l, question.record_key_r
    before, proposal = evening.persons(), propose_pair("same", low, high)
    radius = find_blast_radius(proposal)
    save_decision(proposal, WHY, WHO)
    evening.link()
    after = {key: customer for customer, keys in evening.persons().items() for key in keys}
    told = {m.record_key: (m.customer_before, m.customer_after) for m in radius.moves}
    named = {
        key: (old, after[new.removeprefix(NEW)] if new.startswith(NEW) else new)
        for key, (old, new) in told.items()
    }
    assert named == moved(before, evening.persons())
    assert after[low] == after[high]
    assert (low, high) not in {(each.record_key_l, each.record_key_r) for each in list_review(1000)}


def test_a_withdrawal_gives_back_what_the_decision_moved(evening: Evening) -> None:
    customer, keys = pick(evening)
    before = evening.persons()[customer]
    numbers = save_decision(propose_unmerge(keys[-1:], customer), WHY, WHO)
    evening.link()
    assert evening.persons()[customer] != before
    proposal = propose_withdrawal(numbers[0])
    assert len(proposal.pairs) == len(numbers)
    assert [move.customer_after for move in find_blast_radius(proposal).moves] == [customer]
    save_decision(proposal, "the form was of a namesake", WHO)
    evening.link()
    assert evening.persons()[customer] == before
    with pytest.raises(InputError, match="not in force"):
        propose_withdrawal(numbers[0])


def test_decisions_saved_but_not_yet_linked_are_told_apart_from_the_new_one(evening: Evening) -> None:
    customer, keys = pick(evening)
    save_decision(propose_unmerge(keys[:1], customer), WHY, WHO)
    radius = find_blast_radius(propose_pair("not_same", keys[1], keys[2]))
    assert radius.pending == 1
    assert keys[0] not in {move.record_key for move in radius.moves}


def test_a_conflict_is_told_before_it_is_saved_and_written_down_by_the_night(evening: Evening) -> None:
    _, keys = pick(evening)
    (first,) = save_decision(propose_pair("same", keys[0], keys[1]), WHY, WHO)
    (second,) = save_decision(propose_pair("same", keys[1], keys[2]), WHY, WHO)
    proposal = propose_pair("not_same", keys[0], keys[2])
    assert find_blast_radius(proposal).contradicts == (first, second)
    (third,) = save_decision(proposal, WHY, WHO)
    evening.link()
    (conflict,) = list_conflicts()
    assert (conflict.record_key_l, conflict.record_key_r) == (keys[0], keys[2])
    assert (conflict.not_same_decision_id, sorted(conflict.same_decision_ids)) == (third, [first, second])
    assert not any({keys[0], keys[2]} <= person for person in evening.persons().values())


def test_decisions_can_only_be_added(evening: Evening) -> None:
    for statement in ("delete from link.decision", "update link.decision set reason = 'other'"):
        with (
            connect("linkage", evening.settings) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)
        with (
            connect("admin", evening.settings) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_nobody_is_asked_what_was_decided_or_set_aside(evening: Evening) -> None:
    evening.link()
    questions = list_review(1000)
    assert len(questions) >= 4, "the town should leave some doubts"
    assert [q.priority for q in questions] == sorted((q.priority for q in questions), reverse=True)
    decided, aside = questions[0], questions[1]
    kind: Kind = "not_same" if decided.customer_id_l == decided.customer_id_r else "same"
    save_decision(propose_pair(kind, decided.record_key_l, decided.record_key_r), WHY, WHO)
    set_aside(aside.record_key_r, aside.record_key_l)
    evening.link()
    asked = {(q.record_key_l, q.record_key_r): q.first_asked for q in list_review(1000)}
    assert (decided.record_key_l, decided.record_key_r) not in asked
    assert (aside.record_key_l, aside.record_key_r) not in asked
    rest = questions[2:]
    assert all(asked.get((q.record_key_l, q.record_key_r), q.first_asked) == q.first_asked for q in rest)
    evening.rows[aside.record_key_l] = evening.rows[aside.record_key_l] | {"phone": "07000000000"}
    evening.link()
    assert (aside.record_key_l, aside.record_key_r) in {
        (q.record_key_l, q.record_key_r) for q in list_review(1000)
    }


@pytest.mark.parametrize("full", [False, True])
def test_doubts_and_queue_of_a_night_are_the_same_when_it_is_run_again(evening: Evening, full: bool) -> None:
    every = "select * from link.doubt order by record_key_l, record_key_r"
    doubts, before = evening.query(every), list_review(1000)
    assert doubts
    link_night(evening.night, full=full)
    assert evening.query(every) == doubts
    assert list_review(1000) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["decide", "same", "nobody", "{a}"], "no record that is linked now"),
        (["decide", "same", "{a}", "{a}"], "about two records"),
        (["unmerge", "{a}", "--from", "C" * 21], "not of the customer"),
        (["withdraw", "999999"], "no decision 999999"),
        (["decide", "same", "{a}", "{b}"], "Say --yes to save"),
    ],
)
def test_what_cannot_be_decided_is_said_plainly(
    evening: Evening, arguments: Sequence[str], says: str
) -> None:
    _, keys = pick(evening)
    done = scv(*(each.format(a=keys[0], b=keys[1]) for each in arguments))
    assert isinstance(done.exception, InputError)
    assert says in str(done.exception)


def test_a_dry_run_shows_what_would_move_and_saves_nothing(evening: Evening) -> None:
    customer, keys = pick(evening)
    number = len(list_decisions(1000))
    done = scv("unmerge", keys[0], "--from", customer, "--dry-run", "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["decision_ids"] == []
    assert facts["moves"]
    assert facts["stakes"]["is_published"] is False
    assert WHY not in done.stdout
    said = scv("unmerge", keys[0], "--from", customer, "--dry-run").stdout
    assert "would move" in said
    assert "once a night has been published" in said
    assert len(list_decisions(1000)) == number


def test_a_decision_is_saved_and_listed_with_who_and_why(evening: Evening) -> None:
    _, keys = pick(evening)
    done = scv("decide", "not-same", keys[0], keys[1], "--yes")
    assert done.exit_code == 0, done.output
    newest = json.loads(CliRunner().invoke(app, ["decisions", "--limit", "1", "--json"]).stdout)[0]
    assert (newest["decision"], newest["reason"], newest["decided_by"]) == ("not_same", WHY, WHO)
    assert newest["is_in_force"]
    assert WHY in CliRunner().invoke(app, ["decisions"]).stdout
    assert "Are these one person?" in CliRunner().invoke(app, ["review"]).stdout
