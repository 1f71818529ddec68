"""Customer ids over many nights, whatever the nights bring: the promises that hold for every history."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from scv.linkage.customers import Assignment, Before, assign

SECRET, FIRST = b"secret", date(2026, 3, 2)
RECORDS = "abcdefghij"

# A night: for each record the number of its person, or None while the record is away.
Night = dict[str, int | None]
nights = st.lists(
    st.fixed_dictionaries({key: st.one_of(st.none(), st.integers(0, 4)) for key in RECORDS}),
    min_size=1,
    max_size=6,
)


def persons_of(night: Night) -> list[list[str]]:
    groups: dict[int, list[str]] = defaultdict(list)
    for key in sorted(night):
        if (number := night[key]) is not None:
            groups[number].append(key)
    return sorted(groups.values())


@dataclass
class Ledger:
    """What the warehouse keeps: who every record was, night by night."""

    current: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)

    def before(self) -> Before:
        former = {key: old for key, old in self.last.items() if key not in self.current}
        return Before(self.current, self.since, former)

    def take(self, assignment: Assignment, night: date) -> None:
        self.current = dict(assignment.customer)
        self.last |= self.current
        for customer in self.current.values():
            self.since.setdefault(customer, night)


def replay(
    history: list[Night], chance: Random | None = None
) -> tuple[Ledger, list[tuple[Before, Assignment]]]:
    ledger, passed = Ledger(), []
    for number, night in enumerate(history):
        state, groups = ledger.before(), persons_of(night)
        if chance:
            chance.shuffle(groups)
        found = assign(groups, state, SECRET, FIRST + timedelta(days=number))
        passed.append((Before(dict(state.current), dict(state.since), dict(state.former)), found))
        ledger.take(found, FIRST + timedelta(days=number))
    return ledger, passed


@given(nights)
def test_each_person_has_one_id_and_no_two_persons_share_one(history: list[Night]) -> None:
    _, passed = replay(history)
    for night, (_, found) in zip(history, passed, strict=True):
        groups = persons_of(night)
        ids = [{found.customer[key] for key in group} for group in groups]
        assert all(len(each) == 1 for each in ids)
        assert len(set().union(*ids) if ids else set()) == len(groups)


@given(nights)
def test_an_id_only_goes_on_to_a_person_who_shares_a_record_with_it(history: list[Night]) -> None:
    ever: dict[str, set[str]] = defaultdict(set)
    for _, found in replay(history)[1]:
        now: dict[str, set[str]] = defaultdict(set)
        for key, customer in found.customer.items():
            now[customer].add(key)
        for customer, records in now.items():
            assert not ever[customer] or ever[customer] & records
            ever[customer] |= records


@given(nights)
def test_every_change_of_an_id_is_written_down_with_its_reason(history: list[Night]) -> None:
    for before, found in replay(history)[1]:
        told = {(e.old_customer_id, e.new_customer_id) for e in found.events}
        for key, old in before.current.items():
            new = found.customer.get(key)
            if new is not None and new != old:
                assert (old, new) in told
        for gone in set(before.current.values()) - set(found.customer.values()):
            assert any(old == gone for old, _ in told)
        for new in set(found.customer.values()) - set(before.current.values()):
            assert (None, new) in told
        assert all(event.because and event.record_key for event in found.events)


@given(nights, st.randoms(use_true_random=False))
def test_shuffling_a_night_changes_nothing(history: list[Night], chance: Random) -> None:
    before, expected = replay(history)[1][-1]
    groups = persons_of(history[-1])
    chance.shuffle(groups)
    current = list(before.current.items())
    chance.shuffle(current)
    state = Before(dict(current), before.since, before.former)
    again = assign(groups, state, SECRET, FIRST + timedelta(days=len(history) - 1))
    assert (again.customer, again.events) == (expected.customer, expected.events)


@given(nights, st.randoms(use_true_random=False))
def test_replaying_the_nights_in_any_order_of_persons_gives_the_same_ids(
    history: list[Night], chance: Random
) -> None:
    (ledger, passed), (again, passed_again) = replay(history), replay(history, chance)
    assert again.last == ledger.last
    assert [found.events for _, found in passed_again] == [found.events for _, found in passed]


@given(nights)
def test_a_record_that_was_away_alone_has_its_id_back(history: list[Night]) -> None:
    ledger, _ = replay(history)
    night = FIRST + timedelta(days=len(history))
    nobody: Night = dict.fromkeys(RECORDS)
    lonely: Night = nobody | {"a": 0}
    ledger.take(assign([["a"]], ledger.before(), SECRET, night), night)
    mine = ledger.current["a"]
    for number, away in enumerate((nobody, lonely), 1):
        ledger.take(
            assign(persons_of(away), ledger.before(), SECRET, night + timedelta(days=number)),
            night + timedelta(days=number),
        )
    assert ledger.current == {"a": mine}


@settings(max_examples=200)
@given(nights)
def test_ids_of_the_affected_alone_equal_those_of_everybody(history: list[Night]) -> None:
    before, full = replay(history)[1][-1]
    night = FIRST + timedelta(days=len(history) - 1)
    groups = persons_of(history[-1])
    yesterday: dict[str, set[str]] = defaultdict(set)
    for key, customer in before.current.items():
        yesterday[customer].add(key)
    # A person is unaffected whose records are exactly those of a customer of yesterday.
    same = {frozenset(keys) for keys in yesterday.values()} & {frozenset(group) for group in groups}
    affected = [group for group in groups if frozenset(group) not in same]
    fixed = {key for keys in same for key in keys}
    barred = {before.current[key] for key in fixed}
    part = assign(
        affected,
        Before({k: c for k, c in before.current.items() if k not in fixed}, before.since, before.former),
        SECRET,
        night,
        barred=barred,
    )
    assert part.customer | {key: before.current[key] for key in fixed} == full.customer
    assert part.events == full.events
