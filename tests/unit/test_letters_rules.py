"""Each rule of the letter gate, one item at a time."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scv.letters.items import Addressed, Addressee, Item, read_place
from scv.letters.knowledge import Death, Knowledge, Move, Support
from scv.letters.profiles import Rules
from scv.letters.rules import Gate, Verdict
from scv.names import parse_name

HOME = read_place("12 High Street, Newtown", "NT1 2AB", None)
AWAY = read_place("7 Mill Lane, Newtown", "NT3 4CD", None)
RULES = Rules(
    recovery_classes=("reminder", "recovery"), redirect_classes=("bill",), address_change_templates=("MOVED",)
)
ITEM = Item(
    item_id="1", addressee="Mrs Ann Smith", letter_class="bill", department="council_tax", account_ref="100",
    template="CT-BILL", channel="letter", letter_format="standard", place=HOME, postcode="NT1 2AB",
    address="12 High Street, Newtown", uprn=None, email=None, phone=None, carries_other_address=False,
    body="Your bill.",
)  # fmt: skip
ON = date(2026, 3, 2)
DEAD = Death(("e1", "e2"), date(2026, 2, 20), False, None)


def judge(
    knowledge: Knowledge,
    people: tuple[tuple[str, ...], ...] = (("ann",),),
    parties: tuple[str, ...] = (),
    rules: Rules = RULES,
    **changed: Any,
) -> Verdict:
    """The verdict on the item, changed, of which each person may mean these customers (none: unmatched)."""
    item = replace(ITEM, **changed)
    share = {0: "unmatched", 1: "matched"}
    addressees = tuple(
        Addressee(share.get(len(who), "doubtful"), tuple((c, f"record {c}", 1 / len(who)) for c in who))
        for who in people
    )
    gate = Gate(knowledge, rules, ON, frozenset(["large_print"]), {"council_tax": "revenues"}.get)
    return gate.judge(Addressed(item, parse_name(item.addressee), addressees, parties))


def said(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.advice.action, verdict.advice.rule, verdict.advice.reason


def test_an_item_with_nothing_against_it_is_sent() -> None:
    verdict = judge(Knowledge())
    assert said(verdict) == ("send", "none", "nothing_known")
    assert (verdict.match, verdict.others) == ("matched", ())


def test_an_item_to_the_dead_is_held() -> None:
    verdict = judge(Knowledge(deaths={"ann": DEAD}))
    assert said(verdict) == ("hold", "letter_after_known_death", "known_dead")
    assert verdict.advice.evidence == ("e1", "e2")
    assert verdict.advice.data_class == "death"
    told = judge(Knowledge(deaths={"ann": DEAD._replace(is_told=True)}))
    assert said(told)[2] == "told_since_last_night"


@pytest.mark.parametrize(
    ("changed", "action"),
    [
        ({}, "redirect"),
        ({"letter_class": "appointment"}, "hold"),
        ({"letter_class": "recovery"}, "hold"),
        ({"channel": "email"}, "hold"),
    ],
)
def test_it_is_redirected_where_representatives_and_a_template_are_known(
    changed: dict[str, str], action: str
) -> None:
    known = Knowledge(deaths={"ann": DEAD._replace(representative="r9")})
    verdict = judge(known, **changed)
    assert said(verdict)[:2] == (action, "letter_after_known_death")
    assert ("r9" in verdict.advice.evidence) == (action == "redirect")


@pytest.mark.parametrize("name", ["The Personal Representatives of Mrs Ann Smith", "Exors of Ann Smith"])
def test_representatives_may_be_written_to_but_not_for_debts_at_once(name: str) -> None:
    known = Knowledge(deaths={"ann": DEAD})
    assert judge(known, addressee=name).advice.action == "send"
    early = judge(known, addressee=name, letter_class="recovery")
    assert said(early) == ("hold", "recovery_after_death", "time_to_settle")
    late = Knowledge(deaths={"ann": DEAD._replace(known_on=date(2026, 1, 5))})
    assert judge(late, addressee=name, letter_class="recovery").advice.action == "send"


def test_a_joint_item_after_one_death_is_held_for_the_survivor() -> None:
    known = Knowledge(deaths={"bob": DEAD})
    verdict = judge(known, (("ann",), ("bob",)), addressee="Mr Bob & Mrs Ann Smith")
    assert said(verdict)[:2] == ("hold", "joint_letter_after_one_death")
    assert "survivor" in verdict.advice.to_do


MOVED = Move("housing", HOME, AWAY, date(2026, 1, 10), ("h1", "h2"))


def test_an_item_to_a_former_home_is_readdressed_where_another_system_knows_the_new_one() -> None:
    known = Knowledge(moves={"ann": [MOVED]})
    verdict = judge(known)
    assert said(verdict) == ("re-address", "letter_to_superseded_address", "moved")
    assert verdict.advice.evidence == ("h1", "h2")
    assert judge(known, department="housing").advice.action == "send"
    assert judge(known, place=AWAY).advice.action == "send"
    assert judge(known, channel="email").advice.action == "send"
    dead = judge(replace(known, deaths={"ann": DEAD}))
    assert dead.others == ()


def test_it_is_held_where_nobody_knows_the_new_home_and_sent_where_the_person_came_back() -> None:
    unknown = MOVED._replace(new=read_place(None, None, None))
    assert judge(Knowledge(moves={"ann": [unknown]})).advice.action == "hold"
    back = Move("benefits", AWAY, HOME, date(2026, 2, 1), ("h3",))
    assert judge(Knowledge(moves={"ann": [MOVED, back]})).advice.action == "send"


SAFE = Knowledge(safe=frozenset(["ann"]), homes={"ann": [HOME, AWAY]}, safe_home={"ann": HOME})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"carries_other_address": None, "body": None}, "not_checkable"),
        ({"carries_other_address": True, "body": "Now at XX1 1XX."}, "other_address"),
        ({"carries_other_address": True, "body": None}, "other_address"),
        ({"body": "Your new home at 7 Mill Lane is noted."}, "other_address"),
        ({"body": "It is noted: nt3 4cd"}, "other_address"),
        ({"place": read_place("3 Oak Road, Newtown", "NT9 9ZZ", None)}, "former_address"),
    ],
)
def test_an_item_that_may_give_away_a_person_in_danger_is_held(
    changed: dict[str, object], reason: str
) -> None:
    verdict = judge(SAFE, **changed)
    assert said(verdict) == ("hold", "safe_contact", reason)
    assert verdict.advice.data_class == "safe_contact_details"
    assert judge(Knowledge(), **changed).advice.action == "send"


def test_a_safe_item_to_a_person_in_danger_is_sent_and_their_former_home_never_tells_the_new_one() -> None:
    assert judge(SAFE).advice.action == "send"
    left = replace_moves(SAFE, MOVED)
    verdict = judge(left, place=HOME)
    assert said(verdict) == ("hold", "safe_contact", "former_address")


def test_a_body_may_name_the_home_that_it_goes_to() -> None:
    assert judge(SAFE, body="About 12 High Street, NT1 2AB.").advice.action == "send"


def replace_moves(known: Knowledge, move: Move) -> Knowledge:
    """The same knowledge, and that Ann moved."""
    return replace(known, moves={"ann": [move]})


def test_no_joint_letter_goes_to_the_home_that_a_person_in_danger_left() -> None:
    left = replace(SAFE, safe_home={"ann": AWAY})
    verdict = judge(left, (("ann",), ("bob",)), addressee="Mr Bob & Mrs Ann Smith")
    assert said(verdict) == ("hold", "safe_contact", "joint_letter")


def test_an_item_about_their_account_carries_no_address_of_theirs_to_whomever_it_goes() -> None:
    left = replace(SAFE, safe_home={"ann": AWAY})
    to_bob: dict[str, Any] = {"addressee": "Mr Bob Smith", "people": (("bob",),), "parties": ("ann", "bob")}
    assert judge(left, **to_bob).advice.action == "send"
    assert said(judge(left, **to_bob, body="Forwarded to 7 Mill Lane."))[1] == "safe_contact"
    unread = judge(left, **to_bob, body=None, carries_other_address=None)
    assert said(unread) == ("hold", "safe_contact", "not_checkable")


def test_a_changed_address_is_confirmed_to_the_new_one_only() -> None:
    known = Knowledge(moves={"ann": [MOVED]})
    verdict = judge(known, template="MOVED", department="housing")
    assert said(verdict) == ("hold", "address_change", "former_address")
    assert judge(known, template="MOVED", department="housing", place=AWAY).advice.action == "send"
    of_party = judge(known, (("bob",),), ("ann", "bob"), template="MOVED", addressee="Mr Bob Smith")
    assert said(of_party)[1] == "address_change"
    both = judge(
        Knowledge(), (("ann",), ("bob",)), template="MOVED", addressee="Mr Bob & Mrs Ann Smith",
        carries_other_address=True, body="XX1 1XX",
    )  # fmt: skip
    assert said(both) == ("hold", "address_change", "joint_letter")


def test_recovery_pauses_in_a_moratorium_and_nothing_else_does() -> None:
    known = Knowledge(moratoria={"ann": ("fact:1",)})
    verdict = judge(known, letter_class="reminder")
    assert said(verdict) == ("hold", "moratorium", "in_window")
    assert verdict.advice.data_class == "debt"
    assert judge(known).advice.action == "send"


def test_a_standard_letter_to_somebody_who_needs_large_print_is_made_anew() -> None:
    agreed = Support("large_print", frozenset(["revenues"]), "fact:2")
    known = Knowledge(support={"ann": [agreed, Support("interpreter", frozenset(["revenues"]), "fact:3")]})
    verdict = judge(known)
    assert said(verdict) == ("change_format", "support_format", "not_met")
    assert "large_print" in verdict.advice.to_do
    assert judge(known, letter_format="large_print").advice.action == "send"
    assert judge(known, channel="sms").advice.action == "send"
    elsewhere = Knowledge(support={"ann": [agreed._replace(scope=frozenset(["housing"]))]})
    assert judge(elsewhere).advice.action == "send"


def test_the_safest_advice_is_given_and_the_other_rules_are_named() -> None:
    known = Knowledge(
        deaths={"ann": DEAD}, support={"ann": [Support("large_print", frozenset(["revenues"]), "fact:2")]}
    )
    verdict = judge(known)
    assert verdict.advice.rule == "letter_after_known_death"
    assert verdict.others == ("support_format",)


def test_unmatched_and_doubtful_items_follow_the_declared_policy() -> None:
    nobody: tuple[tuple[str, ...], ...] = ((),)
    assert said(judge(Knowledge(), nobody))[0] == "send"
    assert said(judge(Knowledge(), nobody, letter_class="recovery")) == (
        "hold",
        "unmatched_addressee",
        "policy",
    )
    strict = RULES.model_copy(update={"unmatched": "hold", "doubtful": "hold"})
    assert said(judge(Knowledge(), nobody, rules=strict))[:2] == ("hold", "unmatched_addressee")
    assert said(judge(Knowledge(), (("ann", "amy"),), rules=strict))[:2] == ("hold", "doubtful_addressee")
    assert judge(Knowledge(), (("ann", "amy"),)).match == "doubtful"
    assert judge(Knowledge(), (("ann", "amy"),)).advice.action == "send"


def test_a_doubtful_item_is_held_where_one_who_may_be_meant_is_dead() -> None:
    verdict = judge(Knowledge(deaths={"amy": DEAD}), (("ann", "amy"),))
    assert said(verdict) == ("hold", "doubtful_addressee", "letter_after_known_death")


def test_an_unmatched_item_on_the_account_of_somebody_dead_is_held() -> None:
    verdict = judge(Knowledge(deaths={"bob": DEAD}), ((),), ("bob",))
    assert said(verdict) == ("hold", "unmatched_addressee", "account_of_the_dead")


@pytest.mark.parametrize("name", ["The Occupier", "Westmere Windows Ltd"])
def test_occupiers_and_organisations_are_no_persons(name: str) -> None:
    verdict = judge(Knowledge(), (), addressee=name, letter_class="recovery")
    assert (verdict.advice.action, verdict.match) == ("send", "not_a_person")
