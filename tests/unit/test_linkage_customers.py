"""Customer ids: who keeps an id, who gets a new one, and what is written about it."""

from datetime import date

from scv.linkage.customers import Before, Event, assign, new_customer_id

SECRET, NIGHT = b"secret", date(2026, 3, 3)
YESTERDAY, LONG_AGO = date(2026, 3, 2), date(2025, 1, 1)


def before(
    current: dict[str, str], former: dict[str, str] | None = None, since: dict[str, date] | None = None
) -> Before:
    ids = set(current.values()) | set((former or {}).values())
    return Before(current, {old: (since or {}).get(old, YESTERDAY) for old in ids}, former or {})


def test_an_id_stays_with_most_of_its_records() -> None:
    found = assign([["a", "b"], ["c"]], before({"a": "C1", "b": "C1", "c": "C1"}), SECRET, NIGHT)
    new = new_customer_id(SECRET, "c", NIGHT)
    assert found.customer == {"a": "C1", "b": "C1", "c": new}
    assert found.events == [Event("created", None, new, "c"), Event("split", "C1", new, "c")]


def test_the_older_id_wins_a_tie() -> None:
    ages = before({"a": "C1", "b": "C2"}, since={"C2": LONG_AGO})
    found = assign([["a", "b"]], ages, SECRET, NIGHT)
    assert set(found.customer.values()) == {"C2"}
    assert found.events == [Event("merged", "C1", "C2", "a")]


def test_the_smallest_record_key_decides_between_equals() -> None:
    found = assign([["a", "b"]], before({"a": "C9", "b": "C1"}), SECRET, NIGHT)
    assert set(found.customer.values()) == {"C9"}


def test_an_id_is_never_given_to_somebody_else() -> None:
    found = assign([["x"]], before({"a": "C1"}), SECRET, NIGHT)
    assert found.customer["x"] != "C1"
    assert Event("retired", "C1", None, "a") in found.events


def test_a_record_that_returns_gets_its_id_back_unless_somebody_has_it() -> None:
    found = assign([["a"]], before({}, former={"a": "C1"}), SECRET, NIGHT)
    assert (found.customer, found.events) == ({"a": "C1"}, [Event("returned", None, "C1", "a")])
    taken = assign([["a"], ["b"]], before({"b": "C1"}, former={"a": "C1"}), SECRET, NIGHT)
    assert taken.customer["b"] == "C1"
    assert taken.customer["a"] == new_customer_id(SECRET, "a", NIGHT)


def test_the_order_of_persons_does_not_matter() -> None:
    state = before({"a": "C1", "b": "C1", "c": "C2", "d": "C2"})
    groups = [["a", "c"], ["b", "d"], ["e"]]
    one, two = assign(groups, state, SECRET, NIGHT), assign(groups[::-1], state, SECRET, NIGHT)
    assert (one.customer, one.events) == (two.customer, two.events)


def test_new_ids_are_opaque_and_depend_on_record_night_and_secret() -> None:
    first = new_customer_id(SECRET, "a", NIGHT)
    assert len(first) == 21
    assert first[0] == "C"
    assert first == new_customer_id(SECRET, "a", NIGHT)
    assert (
        len(
            {
                first,
                new_customer_id(SECRET, "b", NIGHT),
                new_customer_id(SECRET, "a", YESTERDAY),
                new_customer_id(b"x", "a", NIGHT),
            }
        )
        == 4
    )
