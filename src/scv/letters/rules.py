"""What is to be done with one item, by what is known of the people it names: every rule, and which one decides."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from scv.letters.items import Addressed, Place
from scv.letters.knowledge import Keys, Knowledge, Move
from scv.letters.profiles import Rules

Action = Literal["hold", "redirect", "re-address", "change_format", "send"]
# The first that is called for is done.
ACTIONS: tuple[Action, ...] = ("hold", "redirect", "re-address", "change_format", "send")


@dataclass(frozen=True)
class Advice:
    """What one rule says of an item. `data_class`: of the purpose register, what the rule gives away; None where it
    gives away nothing. `evidence`: keys of what it rests on."""

    action: Action
    rule: str
    reason: str
    to_do: str
    data_class: str | None = None
    evidence: Keys = ()


SEND = Advice("send", "none", "nothing_known", "Send it.")


@dataclass(frozen=True)
class Verdict:
    """What to do with an item and why; `others` are the rules that also spoke; `match` says whether its addressees
    were found: matched, doubtful, unmatched or not_a_person."""

    advice: Advice
    others: tuple[str, ...]
    match: str


@dataclass(frozen=True)
class Gate:
    """Everything that judging needs besides the item: what is known, the profile's rules, the day, which support
    actions are formats, and which department owns a system."""

    knowledge: Knowledge
    rules: Rules
    on: date
    formats: frozenset[str]
    department_of: Callable[[str], str | None] = field(default=lambda system: None)

    def judge(self, addressed: Addressed) -> Verdict:
        """The verdict on one item."""
        match = _sum_match(addressed)
        said = [advice for rule in _RULES for advice in rule(self, addressed)]
        if match == "doubtful":
            said = [_doubt(advice) for advice in said]
        if not any(advice.action == "hold" for advice in said):
            said += self._follow_policy(addressed, match)
        said.sort(key=lambda advice: ACTIONS.index(advice.action))
        first = said[0] if said else SEND
        others = dict.fromkeys(advice.rule for advice in said if advice.rule != first.rule)
        return Verdict(first, tuple(others), match)

    def is_recovery(self, addressed: Addressed) -> bool:
        """Whether the item recovers a debt."""
        return addressed.item.letter_class in self.rules.recovery_classes

    def _follow_policy(self, addressed: Addressed, match: str) -> Iterator[Advice]:
        """What the profile declares for items of which nobody can be sure whom they mean."""
        if match not in ("doubtful", "unmatched"):
            return
        kind = f"{match}_recovery" if self.is_recovery(addressed) else match
        to_do = "Ask the sending department who is meant."
        dead = [party for party in addressed.parties if party in self.knowledge.deaths]
        if match == "unmatched" and dead and addressed.name.kind != "estate" and not addressed.name.deceased:
            keys = self.knowledge.deaths[dead[0]].evidence
            yield Advice("hold", "unmatched_addressee", "account_of_the_dead", to_do, "death", keys)
        elif getattr(self.rules, kind) == "hold":
            yield Advice("hold", f"{match}_addressee", "policy", to_do)

    # -- rules: each gives what it has to say of an item, or nothing

    def _after_death(self, addressed: Addressed) -> Iterator[Advice]:
        if addressed.name.kind == "estate" or addressed.name.deceased:
            yield from self._to_an_estate(addressed)
            return
        dead = [(customer, self.knowledge.deaths.get(customer)) for customer in _customers(addressed)]
        known = [death for _, death in dead if death is not None]
        if not known:
            return
        first = known[0]
        reason = "told_since_last_night" if first.is_told else "known_dead"
        if addressed.name.kind == "joint":
            rule = "joint_letter_after_one_death"
            to_do = "Stop it. The sending department writes anew in the survivor's name alone."
            yield Advice("hold", rule, reason, to_do, "death", first.evidence)
            return
        rule = "letter_after_known_death"
        can_redirect = addressed.item.letter_class in self.rules.redirect_classes and not self.is_recovery(
            addressed
        )
        if first.representative is not None and can_redirect and addressed.item.is_posted:
            to_do = "Use the template to the personal representatives, at the address that the estate's account has."
            yield Advice("redirect", rule, reason, to_do, "death", (*first.evidence, first.representative))
        else:
            to_do = "Stop it. Write to the personal representatives only."
            yield Advice("hold", rule, reason, to_do, "death", first.evidence)

    def _to_an_estate(self, addressed: Addressed) -> Iterator[Advice]:
        """Representatives may be written to, but an estate is not asked for debts in its first weeks."""
        if not self.is_recovery(addressed):
            return
        rest = timedelta(days=self.rules.recovery_rest_days)
        for customer in _customers(addressed):
            death = self.knowledge.deaths.get(customer)
            if death is not None and self.on < death.known_on + rest:
                to_do = f"Hold recovery until {death.known_on + rest}."
                yield Advice("hold", "recovery_after_death", "time_to_settle", to_do, "death", death.evidence)

    def _safe_contact(self, addressed: Addressed) -> Iterator[Advice]:
        """No item may carry another address of a person in danger, or reach where that person no longer is."""
        item = addressed.item
        named = [customer for customer in _customers(addressed) if customer in self.knowledge.safe]
        parties = [customer for customer in addressed.parties if customer in self.knowledge.safe]
        for customer in dict.fromkeys((*named, *parties)):
            has_left = item.is_posted and self._has_left(customer, item.place)
            if item.carries_other_address is None and (customer in named or has_left):
                yield _protect("not_checkable")
            if item.carries_other_address and (customer in named or item.body is None):
                yield _protect("other_address")
            if item.carries(self.knowledge.homes.get(customer, [])):
                yield _protect("other_address")
            if has_left and customer in named:
                yield _protect("joint_letter" if addressed.name.kind == "joint" else "former_address")

    def _has_left(self, customer: str, place: Place) -> bool:
        home = self.knowledge.safe_home.get(customer)
        if home is not None and home.is_known and place.is_known and not home.is_same(place):
            return True
        return self._left(customer, place, None) is not None

    def _left(self, customer: str, place: Place, sender: str | None) -> Move | None:
        """The newest move from a home as another system than the sender's knows it, unless the person came back."""
        moves = self.knowledge.moves.get(customer, [])
        away = [move for move in moves if move.old.is_same(place) and move.system != sender]
        if not place.is_known or not away:
            return None
        back = [move.moved_on for move in moves if move.new.is_same(place)]
        last = away[-1]
        return None if back and max(back) >= last.moved_on else last

    def _changed_address(self, addressed: Addressed) -> Iterator[Advice]:
        """The confirmation of a changed address goes to the new one only: whoever it names, whatever is flagged."""
        item = addressed.item
        if item.template not in self.rules.address_change_templates or not item.is_posted:
            return
        to_do = "Stop it. Confirm the change to the new address only."
        for customer in dict.fromkeys((*_customers(addressed), *addressed.parties)):
            move = self._left(customer, item.place, None)
            if move is not None:
                yield Advice("hold", "address_change", "former_address", to_do, "address", move.evidence)
        if item.carries_other_address is not False and addressed.name.kind == "joint":
            yield Advice("hold", "address_change", "joint_letter", to_do, "address")

    def _superseded(self, addressed: Addressed) -> Iterator[Advice]:
        item = addressed.item
        if not item.is_posted or addressed.name.kind == "estate" or addressed.name.deceased:
            return
        for customer in _customers(addressed):
            move = self._left(customer, item.place, item.department)
            if move is None or customer in self.knowledge.safe or customer in self.knowledge.deaths:
                continue
            if move.new.is_known:
                to_do = "Ask the sending department to confirm the present address, then send it there."
                action: Action = "re-address"
            else:
                to_do, action = "Stop it. The addressee has left, and nobody knows where to.", "hold"
            yield Advice(action, "letter_to_superseded_address", "moved", to_do, "address", move.evidence)

    def _moratorium(self, addressed: Addressed) -> Iterator[Advice]:
        if not self.is_recovery(addressed):
            return
        for customer in _customers(addressed):
            keys = self.knowledge.moratoria.get(customer)
            if keys:
                to_do = "Stop it: recovery pauses. Who shares the debt may be written to alone."
                yield Advice("hold", "moratorium", "in_window", to_do, "debt", keys)

    def _support(self, addressed: Addressed) -> Iterator[Advice]:
        item = addressed.item
        if not item.is_posted:
            return
        department = self.department_of(item.department) if item.department else None
        for customer in _customers(addressed):
            for agreed in self.knowledge.support.get(customer, ()):
                is_shared = department is None or department in agreed.scope
                if agreed.action in self.formats and is_shared and item.letter_format != agreed.action:
                    to_do = f"Make it anew as agreed: {agreed.action}."
                    yield Advice(
                        "change_format",
                        "support_format",
                        "not_met",
                        to_do,
                        "support_action",
                        (agreed.evidence,),
                    )


_RULES = (
    Gate._safe_contact,
    Gate._changed_address,
    Gate._after_death,
    Gate._moratorium,
    Gate._superseded,
    Gate._support,
)


def _protect(reason: str) -> Advice:
    to_do = "Stop it. The trained queue decides."
    return Advice("hold", "safe_contact", reason, to_do, "safe_contact_details")


def _doubt(advice: Advice) -> Advice:
    """Of somebody who may be meant: nothing is sent elsewhere or in another form, but it does not go out either."""
    to_do = "Ask the sending department who is meant."
    return Advice("hold", "doubtful_addressee", advice.rule, to_do, advice.data_class, advice.evidence)


def _customers(addressed: Addressed) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for addressee in addressed.addressees for c in addressee.customers))


def _sum_match(addressed: Addressed) -> str:
    if addressed.name.kind in ("organisation", "placeholder") or not addressed.addressees:
        return "not_a_person" if addressed.name.kind in ("organisation", "placeholder") else "unmatched"
    found = {addressee.verdict for addressee in addressed.addressees}
    return next(verdict for verdict in ("doubtful", "unmatched", "matched") if verdict in found)
