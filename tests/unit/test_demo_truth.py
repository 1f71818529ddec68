"""The truth of the synthetic council: enough of it, and right by a second reckoning."""

from collections import Counter
from datetime import date, timedelta

import pytest

from scv.demo.blocks import Block, build_block
from scv.demo.calendar import OPEN, instant, is_summer, next_weekday, to_date, to_day
from scv.demo.parameters import load_parameters
from scv.demo.tables import shown_at
from scv.demo.truth import AFTER_DEATH, JOINT, SUPERSEDED, effective_day
from scv.demo.world import Span

FIRST = to_day(date(2026, 3, 2))
THIRD = FIRST + 2


@pytest.fixture(scope="module")
def block() -> Block:
    """A council of the size that is scored, up to its third night."""
    return build_block(1, 0, 20_000, Span(FIRST - 730, FIRST, FIRST + 4), load_parameters())


def test_each_letter_rule_has_a_hundred_true_items(block: Block) -> None:
    items = shown_at(block.truth["items"], THIRD).to_pylist()
    fair = Counter(row["rule_code"] for row in items if row["derivable"] and not row["doubtful"])
    print(f"true items at 20,000 residents: {dict(fair)}")
    assert all(fair[rule] >= 100 for rule in (AFTER_DEATH, JOINT, SUPERSEDED)), fair


def test_every_true_item_can_be_reckoned_again_from_what_was_sent(block: Block) -> None:
    """A letter after a known death is dated later than some notice that was not taken back."""
    printed = {r["job_ref"]: r for r in block.tables["correspondence.print_items"].to_pylist()}
    notices = block.truth["deaths"].to_pylist()
    by_person: dict[int, list[dict]] = {}
    for row in notices:
        if row["level"] >= 4 and row["reversed_on"] is None:
            by_person.setdefault(row["person_id"], []).append(row)
    checked = 0
    for row in shown_at(block.truth["items"], THIRD).to_pylist():
        if row["table_name"] != "print_items" or row["rule_code"] == SUPERSEDED:
            continue
        if row["cause"] == "evidence_reversed":
            continue
        item = printed[row["ref"]]
        sent = date.fromisoformat(item["handover_date"] or item["created_on"])
        assert sent == row["item_on"]
        known = [
            d["known_on"] if d["known_basis"] == "recorded" else max(d["known_on"], to_date(FIRST - 1))
            for d in by_person[row["person_id"]]
        ]
        assert sent > min(known)
        name = item["addressee_block"].upper()
        assert not any(
            word in name for word in ("EXOR", "EXEC", "ESTATE OF", "REPRESENTATIVES", "DECD", "DECEASED")
        )
        checked += 1
    assert checked > 200


def test_letters_of_either_way_go_to_superseded_addresses_and_nothing_else_does(block: Block) -> None:
    kinds = {r["id"]: r["type"] for r in block.tables["correspondence.notify_items"].to_pylist()}
    sent = Counter(
        kinds.get(row["ref"], "print")
        for row in block.truth["items"].to_pylist()
        if row["rule_code"] == SUPERSEDED
    )
    assert set(sent) == {"print", "letter"}, sent


def test_no_item_before_a_death_was_known_is_true(block: Block) -> None:
    known: dict[int, date] = {}
    for row in block.truth["deaths"].to_pylist():
        if row["level"] >= 4:
            day = row["known_on"]
            known[row["person_id"]] = min(day, known.get(row["person_id"], day))
    for row in block.truth["items"].to_pylist():
        if row["rule_code"] != SUPERSEDED:
            assert row["item_on"] > known[row["person_id"]] - timedelta(days=1)


def test_no_dead_person_acts(block: Block) -> None:
    died = {
        row["person_id"]: row["dod"]
        for row in block.truth["deaths"].to_pylist()
        if row["dod"] is not None and row["system"] == "deaths"
    }
    spans = [
        (row["person_id"], row["_from"])
        for row in block.truth["records"].to_pylist()
        if row["system"] in ("contacts", "grants")
    ]
    assert spans
    assert all(pid not in died or start <= to_day(died[pid]) for pid, start in spans)


def test_each_department_knows_some_deaths_and_never_all(block: Block) -> None:
    rows = shown_at(block.truth["deaths"], FIRST).to_pylist()
    dead = {r["person_id"] for r in rows if r["dod"] is not None}
    feeds = {
        name: {r["person_id"] for r in rows if r["table_name"] == name}
        for name in ("registrar", "tell_us_once")
    }
    assert 0.9 < len(feeds["registrar"] & dead) / len(dead) < 1.0
    assert 0.7 < len(feeds["tell_us_once"] & dead) / len(dead) < 0.9
    assert feeds["tell_us_once"] - feeds["registrar"], "some stand in one feed only"
    for system in ("council_tax", "housing_benefit", "housing", "adult_social_care"):
        known = {r["person_id"] for r in rows if r["system"] == system}
        assert known and known < dead | {r["person_id"] for r in rows}


def test_some_of_the_living_were_taken_for_dead_and_it_was_taken_back(block: Block) -> None:
    rows = block.truth["deaths"].to_pylist()
    wrong = [row for row in rows if row["dod"] is None]
    assert len(wrong) >= 3
    assert all(row["reversed_on"] is not None for row in wrong)


def test_about_one_in_a_hundred_dies_in_a_year(block: Block) -> None:
    dead = {r["person_id"] for r in block.truth["deaths"].to_pylist() if r["dod"] is not None}
    assert 0.008 < len(dead) / 20_000 / 2 < 0.014


def test_four_items_a_year_go_to_a_resident(block: Block) -> None:
    tables = ("correspondence.print_items", "correspondence.notify_items")
    refs = sum(shown_at(block.tables[name], FIRST).num_rows for name in tables)
    assert 2.5 < refs / 20_000 / 2 < 5


def test_records_show_each_key_once_a_night(block: Block) -> None:
    for night in (FIRST, THIRD):
        rows = shown_at(block.truth["records"], night).to_pylist()
        keys = [(r["system"], r["table_name"], r["pk"], r["person_no"]) for r in rows]
        assert len(keys) == len(set(keys))


def test_every_key_of_every_table_shows_once_a_night(block: Block) -> None:
    from scv.demo.sinks.layout import SPECS

    for name, table in block.tables.items():
        shown = shown_at(table, FIRST)
        if SPECS[name].system not in ("deaths", "correspondence"):
            keys = shown.select(list(SPECS[name].key)).group_by(list(SPECS[name].key)).aggregate([]).num_rows
            assert keys == shown.num_rows, name


def test_blocks_share_no_keys() -> None:
    from scv.demo.sinks.layout import SPECS

    blocks = [build_block(1, n, 300, Span(FIRST - 730, FIRST, FIRST + 4), load_parameters()) for n in (0, 1)]
    for name, spec in SPECS.items():
        one, two = (
            {tuple(row.values()) for row in block.tables[name].select(list(spec.key)).to_pylist()}
            for block in blocks
        )
        assert not one & two, name


def test_every_named_case_is_played(block: Block) -> None:
    cases = Counter(row["case"] for row in block.truth["cases"].to_pylist())
    assert cases == {
        "twins": 2,
        "father_and_son": 2,
        "survivor_new_address": 2,
        "widow": 2,
        "wrongly_dead": 1,
        "eight_systems_resident": 1,
        "maiden_name": 1,
        "temporary_nino": 1,
        "default_birth_date": 1,
        "same_person_twice": 1,
    }
    records = shown_at(block.truth["records"], FIRST).to_pylist()
    systems: dict[int, set[str]] = {}
    for row in records:
        systems.setdefault(row["person_id"], set()).add(row["system"])
    by_case: dict[str, list[int]] = {}
    for row in block.truth["cases"].to_pylist():
        by_case.setdefault(row["case"], []).append(row["person_id"])
    assert len(systems[by_case["eight_systems_resident"][0]]) >= 8
    assert all(pid in systems for pids in by_case.values() for pid in pids)
    twice = by_case["same_person_twice"][0]
    assert sum(r["person_id"] == twice and r["table_name"] == "dm_persons" for r in records) == 2
    widow, husband = by_case["widow"]
    lines = {(r["pk"], r["person_no"]): r["person_id"] for r in records if r["table_name"] == "ctaccount"}
    assert {widow, husband} <= set(lines.values())


@pytest.mark.parametrize(
    ("recorded", "shown", "expected"),
    [
        (FIRST - 90, FIRST - 89, (FIRST - 90, "recorded")),
        (FIRST + 1, FIRST + 3, (FIRST + 1, "recorded")),
        (None, FIRST - 300, (FIRST - 1, "initial")),
        (None, FIRST - 1, (FIRST - 1, "initial")),
        (None, FIRST, (FIRST + 1, "extract")),
    ],
)
def test_what_counts_as_known(recorded: int | None, shown: int, expected: tuple[int, str]) -> None:
    assert effective_day(recorded, shown, FIRST) == expected


def test_days_and_instants() -> None:
    summer, winter = to_day(date(2026, 7, 1)), to_day(date(2026, 1, 5))
    assert is_summer(summer) and not is_summer(winter)
    assert instant(summer, 36_000) == summer * 86_400 + 32_400
    assert instant(winter, 36_000) == winter * 86_400 + 36_000
    assert next_weekday(winter, 0) == winter, "5 January 2026 is a Monday"
    assert to_date(next_weekday(winter, 1)) == date(2026, 1, 6)
    assert OPEN > FIRST
