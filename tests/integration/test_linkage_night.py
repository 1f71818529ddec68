"""The night's linkage in a real warehouse: the partition forgets nothing and remembers nothing."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.support.people import Town

from scv.db.warehouse import connect
from scv.errors import InputError
from scv.linkage.explanation import explain_pair
from scv.linkage.night import link_night
from scv.settings import Settings, get_settings

pytestmark = pytest.mark.postgres

FIRST = date(2026, 3, 2)
COLUMNS = (
    "record_key", "source_system", "source_table", "source_row_key", "title", "forename", "middle_names", "surname", "suffix",
    "birth_date", "sex", "address_line", "address_std", "postcode", "postcode_std", "uprn", "nino", "nhs_number", "upn",
    "person_number", "email", "phone", "account_key", "other_account_key", "former_address_line", "former_postcode", "home_from_date", "home_to_date",
)  # fmt: skip

LINKED = (
    "record", "edge", "night", "affected", "membership", "customer_event", "doubt", "review", "review_asked", "giant",
    "decision_conflict", "model_level", "model",
)  # fmt: skip


class Warehouse:
    """The link input as dbt would leave it, and what the linkage made of it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        types = ", ".join(f"{name} {'date' if name == 'birth_date' else 'text'}" for name in COLUMNS)
        with connect("transform", settings) as connection:
            connection.execute(
                f"create table if not exists intermediate.int_person_records__link_input ({types})"
            )
            connection.execute("grant select on intermediate.int_person_records__link_input to scv_linkage")
        self.live: dict[str, dict[str, Any]] = {}
        self.clear()

    def clear(self) -> None:
        with connect("transform", self.settings) as connection:
            connection.execute("delete from intermediate.int_person_records__link_input")
        with connect("linkage", self.settings) as connection:
            for table in LINKED:
                connection.execute(f"delete from link.{table}")
        with connect("admin", self.settings) as connection:
            connection.execute("truncate link.decision")
        self.live = {}

    def put(self, rows: list[dict[str, Any]], night: date, gone: set[str] = frozenset()) -> None:
        """New or changed rows and deleted ones, as a night's work list would name them."""
        keys = [row["record_key"] for row in rows] + sorted(gone)
        with connect("transform", self.settings) as connection, connection.cursor() as cursor:
            cursor.execute(
                "delete from intermediate.int_person_records__link_input where record_key = any(%s)", [keys]
            )
            with cursor.copy(
                f"copy intermediate.int_person_records__link_input ({', '.join(COLUMNS)}) from stdin"
            ) as copy:
                for row in rows:
                    copy.write_row([row.get(name) for name in COLUMNS])
            cursor.execute("delete from work.record where night = %s", [night])
            cursor.executemany(
                "insert into work.record (night, record_key) values (%s, %s)",
                [(night, key) for key in set(keys)],
            )
        self.live = {key: row for key, row in self.live.items() if key not in gone} | {
            row["record_key"]: row for row in rows
        }

    def persons(self) -> dict[str, frozenset[str]]:
        """Customer id to its records, now."""
        found: dict[str, set[str]] = defaultdict(set)
        for key, customer in self.query(
            "select record_key, customer_id from link.membership where valid_to is null"
        ):
            found[customer].add(key)
        return {customer: frozenset(keys) for customer, keys in found.items()}

    def query(self, statement: str) -> list[Any]:
        with connect("linkage", self.settings) as connection:
            return connection.execute(statement).fetchall()

    def everything(self) -> dict[str, list[Any]]:
        """All that a night wrote, in order, without the numbers of rows."""
        tables = {
            "edge": "select * from link.edge order by 1, 2",
            "membership": "select * from link.membership order by 1, 3",
            "customer_event": "select night, cause, old_customer_id, new_customer_id, record_key, because, because_key from link.customer_event order by 1, 2, 3, 4, 5",
            "review": "select * from link.review order by 1, 2",
            "record": "select * from link.record order by 1",
        }
        return {name: self.query(statement) for name, statement in tables.items()}

    def trained_model(self) -> Any:
        return self.query("select version, settings, trained_on, description from link.model where active")[0]

    def restore_model(self, model: Any) -> None:
        with connect("linkage", self.settings) as connection:
            connection.execute(
                "insert into link.model (version, settings, trained_on, description, active) values (%s, %s, %s, %s, true)",
                [model[0], psycopg.types.json.Jsonb(model[1]), *model[2:]],
            )


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(160, seed=7)


@pytest.fixture(scope="module")
def model(warehouse: Settings, town: Town) -> Any:
    """The model that a first night trains: the same for every test, so it is trained once."""
    house = Warehouse(warehouse)
    house.put(town.rows, FIRST)
    assert link_night(FIRST).trained
    return house.trained_model()


@pytest.fixture
def linked(warehouse: Settings, town: Town, model: Any) -> Iterator[Warehouse]:
    """A warehouse with a first night linked."""
    house = Warehouse(warehouse)
    house.put(town.rows, FIRST)
    house.restore_model(model)
    link_night(FIRST)
    yield house
    house.clear()


def test_every_live_record_has_one_customer(linked: Warehouse, town: Town) -> None:
    records = [key for keys in linked.persons().values() for key in keys]
    assert sorted(records) == sorted(town.truth)
    assert all(customer[0] == "C" and len(customer) == 21 for customer in linked.persons())


def test_running_a_night_again_changes_nothing(linked: Warehouse) -> None:
    before = linked.everything()
    result = link_night(FIRST)
    assert linked.everything() == before
    assert not result.trained


def change_town(
    rows: list[dict[str, Any]], night: date, chance: random.Random
) -> tuple[list[dict[str, Any]], set[str]]:
    """Some records change their address or surname, some vanish, some of those that vanished return."""
    changed = []
    for row in chance.sample(rows, 12):
        changed.append({**row, **chance.choice([{"address_line": "1 New Road, Newtown", "postcode": "NT9 9ZZ", "uprn": None},
                                                {"surname": "Zephyr"}, {"forename": row["forename"][0]}, {"birth_date": None}])})  # fmt: skip
    gone = {row["record_key"] for row in chance.sample(rows, 8)}
    return [row for row in changed if row["record_key"] not in gone], gone


def test_many_small_nights_equal_one_full_linkage(linked: Warehouse, town: Town, model: Any) -> None:
    chance = random.Random(3)
    away: list[dict[str, Any]] = []
    for number in range(1, 5):
        night = FIRST + timedelta(days=number)
        rows = sorted(linked.live.values(), key=lambda row: row["record_key"])
        changed, gone = change_town(rows, night, chance)
        returned, away = away[:4], [row for row in rows if row["record_key"] in gone]
        linked.put(changed + returned, night, gone)
        result = link_night(night)
        assert not result.full and result.changed < len(rows) and result.affected < len(rows)
    nightly_persons, nightly_edges = set(linked.persons().values()), linked.everything()["edge"]
    live = list(linked.live.values())
    linked.clear()
    linked.restore_model(model)
    linked.put(chance.sample(live, len(live)), FIRST)
    link_night(FIRST)
    assert set(linked.persons().values()) == nightly_persons
    assert linked.everything()["edge"] == nightly_edges


def test_a_later_night_run_twice_equals_run_once(linked: Warehouse) -> None:
    night = FIRST + timedelta(days=1)
    changed, gone = change_town(
        sorted(linked.live.values(), key=lambda row: row["record_key"]), night, random.Random(5)
    )
    linked.put(changed, night, gone)
    link_night(night)
    once = linked.everything()
    link_night(night)
    assert linked.everything() == once


def test_a_record_that_vanishes_and_returns_alone_gets_its_id_back(linked: Warehouse) -> None:
    customer, keys = next((c, k) for c, k in sorted(linked.persons().items()) if len(k) == 1)
    (key,) = keys
    row = linked.live[key]
    linked.put([], FIRST + timedelta(days=1), {key})
    assert link_night(FIRST + timedelta(days=1)).retired == 1
    assert customer not in linked.persons()
    linked.put([row], FIRST + timedelta(days=2))
    assert link_night(FIRST + timedelta(days=2)).returned == 1
    assert linked.persons()[customer] == keys


def test_nights_only_go_forward(linked: Warehouse) -> None:
    with pytest.raises(InputError, match="only go forward"):
        link_night(FIRST - timedelta(days=1))


def test_a_decision_outranks_the_model_and_names_its_pair(linked: Warehouse) -> None:
    customer, keys = max(linked.persons().items(), key=lambda item: (len(item[1]), item[0]))
    low, high = sorted(keys)[:2]
    with connect("linkage", linked.settings) as connection:
        connection.execute(
            "insert into link.decision (record_key_l, record_key_r, decision, reason, decided_by, decided_at)"
            " values (%s, %s, 'not_same', 'test', 'tester', '2026-03-02')",
            [low, high],
        )
    linked.put([], FIRST + timedelta(days=1))
    assert link_night(FIRST + timedelta(days=1)).split >= 1
    assert not any({low, high} <= members for members in linked.persons().values())
    assert customer in linked.persons()
    assert explain_pair(high, low).decision == "not_same"


def test_an_explanation_adds_up_to_the_weight_of_the_edge(linked: Warehouse) -> None:
    low, high, weight = linked.query(
        "select record_key_l, record_key_r, match_weight from link.edge order by 3 desc limit 1"
    )[0]
    found = explain_pair(high, low, restricted=True)
    assert found.weight == weight and found.is_found
    parts = {part.name: part.match_weight + part.term_frequency for part in found.parts}
    assert sum(parts.values()) == pytest.approx(weight, abs=0.02)
    in_view = dict(
        linked.query(
            "select comparison, match_weight + term_frequency from link.edge_explanation"
            f" where record_key_l = '{low}' and record_key_r = '{high}' and comparison <> 'decision'"
        )
    )
    assert in_view == pytest.approx(parts, abs=0.01)


def test_identifiers_are_other_evidence_to_those_who_may_not_read_them(linked: Warehouse) -> None:
    low, high = linked.query(
        "select record_key_l, record_key_r from link.edge_explanation where comparison = 'nino' and match_weight > 5"
        " order by 1, 2 limit 1"
    )[0]
    shown = {part.name: part for part in explain_pair(low, high).parts}
    assert "nino" not in shown and shown["other_evidence"].match_weight > 5
    in_full = {part.name: part for part in explain_pair(low, high, restricted=True).parts}
    assert in_full["nino"].level == "same" and "other_evidence" not in in_full


def test_any_two_live_records_can_be_explained(linked: Warehouse) -> None:
    low, high = sorted(linked.live)[0], sorted(linked.live)[-1]
    found = explain_pair(low, high)
    assert not found.is_found and not found.is_one_customer and found.decision is None
    with pytest.raises(InputError, match="live person records"):
        explain_pair(low, "0" * 32)


def test_a_full_night_gives_what_an_ordinary_one_gives(linked: Warehouse) -> None:
    night = FIRST + timedelta(days=1)
    rows = sorted(linked.live.values(), key=lambda row: row["record_key"])
    changed, gone = change_town(rows, night, random.Random(9))
    linked.put(changed, night, gone)
    assert not link_night(night).full
    ordinary = linked.everything()
    assert link_night(night, full=True).full
    assert linked.everything() == ordinary


def test_true_links_replace_the_partition(
    linked: Warehouse, town: Town, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "links.parquet"
    pq.write_table(
        pa.table({"record_key": list(town.truth), "person_id": list(map(str, town.truth.values()))}), path
    )
    monkeypatch.setenv("SCV_TRUE_LINKS", str(path))
    get_settings.cache_clear()
    linked.put([], FIRST + timedelta(days=1))
    link_night(FIRST + timedelta(days=1))
    monkeypatch.delenv("SCV_TRUE_LINKS")
    get_settings.cache_clear()
    expected: dict[int, set[str]] = defaultdict(set)
    for key, person in town.truth.items():
        expected[person].add(key)
    assert set(linked.persons().values()) == {frozenset(keys) for keys in expected.values()}
