"""Customer ids: who keeps an id, who gets a new one, and what is written about it."""

from datetime import date

from scv.linkage.customers import Before, Event, assign, new_customer_id

SECRET, NIGHT = b"secret", date(2026, 3, 3)
YESTERDAY, LONG_AGO = date(2026, 3, 2), date(2025, 1, 1)
MODEL = ("model", "person_1")


def before(
    current: dict[str, str], former: dict[str, str] | None = None, since: dict[str, date] | None = None
) -> Before:
    ids = set(current.values()) | set((former or {}).values())
    return Before(current, {old: (since or {}).get(old, YESTERDAY) for old in ids}, former or {})


def test_an_id_stays_with_most_of_its_records() -> None:
    state = before({"a": "C1", "b": "C1", "c": "C1"})
    found = assign([["a", "b"], ["c"]], state, SECRET, NIGHT, {"b": ("record_changed", "b")})
    new = new_customer_id(SECRET, "c", NIGHT)
    assert found.customer == {"a": "C1", "b": "C1", "c": new}
    assert found.events == [
        Event("created", None, new, "c", "record_changed", "b"),
        Event("split", "C1", new, "c", "record_changed", "b"),
    ]


def test_the_older_id_wins_a_tie() -> None:
    ages = before({"a": "C1", "b": "C2"}, since={"C2": LONG_AGO})
    found = assign([["a", "b"]], ages, SECRET, NIGHT, otherwise=MODEL)
    assert set(found.customer.values()) == {"C2"}
    assert found.events == [Event("merged", "C1", "C2", "a", *MODEL)]


def test_the_smallest_record_key_decides_between_equals() -> None:
    found = assign([["a", "b"]], before({"a": "C9", "b": "C1"}), SECRET, NIGHT)
    assert set(found.customer.values()) == {"C9"}


def test_an_id_is_never_given_to_somebody_else() -> None:
    found = assign([["x"]], before({"a": "C1"}), SECRET, NIGHT)
    assert found.customer["x"] != "C1"
    assert Event("retired", "C1", None, "a", "record_deleted", "a") in found.events


def test_a_record_that_returns_gets_its_id_back_unless_somebody_has_it() -> None:
    found = assign([["a"]], before({}, former={"a": "C1"}), SECRET, NIGHT)
    assert found.customer == {"a": "C1"}
    assert found.events == [Event("returned", None, "C1", "a", "record_returned", "a")]
    taken = assign([["a"], ["b"]], before({"b": "C1"}, former={"a": "C1"}), SECRET, NIGHT)
    assert taken.customer["b"] == "C1"
    assert taken.customer["a"] == new_customer_id(SECRET, "a", NIGHT)


def test_a_record_that_returns_does_not_get_an_id_that_somebody_unaffected_has() -> None:
    found = assign([["a"]], before({}, former={"a": "C1"}), SECRET, NIGHT, barred={"C1"})
    assert found.customer["a"] == new_customer_id(SECRET, "a", NIGHT)


def test_the_order_of_persons_does_not_matter() -> None:
    state = before({"a": "C1", "b": "C1", "c": "C2", "d": "C2"})
    groups = [["a", "c"], ["b", "d"], ["e"]]
    one, two = assign(groups, state, SECRET, NIGHT), assign(groups[::-1], state, SECRET, NIGHT)
    assert (one.customer, one.events) == (two.customer, two.events)


def test_an_event_names_the_smallest_record_then_a_decision_then_the_model() -> None:
    state = before({"a": "C1", "b": "C2"})
    decision, record = ("decision", "7"), ("record_changed", "b")
    first = assign([["a", "b"]], state, SECRET, NIGHT, {"a": decision, "b": record}, MODEL).events
    assert first == [Event("merged", "C2", "C1", "b", *record)]
    second = assign([["a", "b"]], state, SECRET, NIGHT, {"a": decision, "b": ("decision", "10")}, MODEL)
    assert second.events == [Event("merged", "C2", "C1", "b", *decision)]
    assert assign([["a", "b"]], state, SECRET, NIGHT, {}, MODEL).events == [
        Event("merged", "C2", "C1", "b", *MODEL)
    ]


def test_a_new_record_that_joins_two_persons_is_named_by_their_merge() -> None:
    found = assign([["a", "b", "n"], ["o"]], before({"a": "C1", "b": "C2"}), SECRET, NIGHT, {}, MODEL)
    assert Event("merged", "C2", "C1", "b", "record_new", "n") in found.events


def test_a_deleted_record_is_named_by_the_split_that_it_leaves() -> None:
    found = assign([["a"], ["c"]], before({"a": "C1", "b": "C1", "c": "C1"}), SECRET, NIGHT, {}, MODEL)
    split = next(event for event in found.events if event.cause == "split")
    assert (split.because, split.because_key) == ("record_deleted", "b")


def test_the_first_night_of_all_founds_everybody() -> None:
    found = assign([["a", "b"]], before({}), SECRET, NIGHT)
    assert found.events == [Event("created", None, found.customer["a"], "a", "founding", "a")]


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
