"""Who a customer was and became, out of the memberships and the ledger of ids."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from scv.cli.customer import app
from scv.db.warehouse import connect
from scv.errors import InputError
from scv.linkage.history import Successor, read_belief, read_history
from scv.settings import Settings

pytestmark = pytest.mark.postgres

FIRST = date(2026, 3, 2)
ANN, BOB, CAT, DAN = (f"C{letter * 20}" for letter in "ABCD")


def nth(number: int) -> date:
    return FIRST + timedelta(days=number)


@pytest.fixture(scope="module", autouse=True)
def ledger(warehouse: Settings) -> None:
    """Night 1: Ann has a1 and a2, Bob b1. Night 2: Bob is merged into Ann. Night 3: Ann is split into Cat and Dan
    and given up; a2 is deleted. Night 4: Dan's record is deleted."""
    stretches = [
        ("a1", ANN, nth(0), nth(2)), ("a2", ANN, nth(0), nth(2)), ("b1", BOB, nth(0), nth(1)),
        ("b1", ANN, nth(1), nth(2)), ("a1", CAT, nth(2), None), ("b1", DAN, nth(2), nth(3)),
    ]  # fmt: skip
    events = [
        (nth(0), "created", None, ANN, "a1", "founding", "a1"),
        (nth(0), "created", None, BOB, "b1", "founding", "b1"),
        (nth(1), "merged", BOB, ANN, "b1", "record_changed", "b1"),
        (nth(2), "created", None, CAT, "a1", "decision", "1"),
        (nth(2), "created", None, DAN, "b1", "decision", "1"),
        (nth(2), "split", ANN, CAT, "a1", "decision", "1"),
        (nth(2), "split", ANN, DAN, "b1", "decision", "1"),
        (nth(3), "retired", DAN, None, "b1", "record_deleted", "b1"),
    ]
    with connect("linkage", warehouse) as connection, connection.cursor() as cursor:
        cursor.executemany("insert into link.membership values (%s, %s, %s, %s)", stretches)
        cursor.executemany(
            "insert into link.customer_event (night, cause, old_customer_id, new_customer_id, record_key, because,"
            " because_key, run) values (%s, %s, %s, %s, %s, %s, %s, 'run')",
            events,
        )
        cursor.execute(
            "insert into link.record (record_key, source, input_hash, standard, block_keys, model_version)"
            " values ('a1', 'housing.member', 1, '{}', '{}', 'm')"
        )


def test_an_id_in_use_names_its_records_and_changes() -> None:
    found = read_history(CAT)
    assert (found.first_night, found.ended, found.successors) == (nth(2), None, ())
    assert [(m.record_key, m.source, m.customer_id_now) for m in found.members] == [
        ("a1", "housing.member", CAT)
    ]
    assert [(c.cause, c.because, c.because_key) for c in found.changes] == [
        ("created", "decision", "1"),
        ("split", "decision", "1"),
    ]


def test_a_retired_id_resolves_through_others_to_who_is_live() -> None:
    assert read_history(BOB).successors == (Successor(CAT, (ANN,)),)
    assert read_history(ANN).successors == (Successor(CAT, ()),)
    assert read_history(ANN).ended == nth(2)


def test_an_id_whose_records_are_gone_has_no_successor() -> None:
    assert read_history(DAN).successors == ()


def test_who_this_was_is_answered_as_believed_then() -> None:
    before, after = read_belief(ANN, nth(0)), read_belief(ANN, nth(1))
    assert [member.record_key for member in before.members] == ["a1", "a2"]
    assert [(m.record_key, m.customer_id_now) for m in after.members] == [
        ("a1", CAT),
        ("a2", None),
        ("b1", None),
    ]


@pytest.mark.parametrize("customer_id", ["C" + "Z" * 20, "Ada Lovelace"])
def test_an_unknown_id_is_told_without_repeating_what_is_no_id(customer_id: str) -> None:
    with pytest.raises(InputError) as caught:
        read_history(customer_id)
    assert "Ada" not in str(caught.value)


def test_a_date_without_records_says_when_there_were_some() -> None:
    with pytest.raises(InputError, match="first seen on 2026-03-02, given up on 2026-03-04"):
        read_belief(ANN, nth(2))


def run(arguments: Sequence[str]) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_commands_print_tables_and_json() -> None:
    said = run(["history", BOB])
    assert f"Its successor is {CAT} by way of {ANN}." in said
    assert "merged into" in said
    assert "changed record b1" in said
    assert "housing.member" in run(["at", ANN, "--date", "2026-03-03"])
    assert json.loads(run(["history", CAT, "--json"]))["members"][0]["source"] == "housing.member"
    assert json.loads(run(["at", ANN, "--date", "2026-03-02", "--json"]))["on"] == "2026-03-02"
