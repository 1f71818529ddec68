"""Publishing: readers see a night whole or not at all; a table is never narrowed; a wild change is held."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from tests.support.small_project import CUSTOMER_COLUMNS, SmallWarehouse, make_project, write_contracts

from scv.clock import cutoff
from scv.db.warehouse import connect
from scv.errors import CheckFailed, InputError, PublishRefused
from scv.publish import published_hash
from scv.publish.night import publish_night
from scv.settings import Settings

pytestmark = pytest.mark.postgres

NIGHT, NEXT = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def small(warehouse: Settings, project_root: Path, tmp_path: Path) -> Iterator[SmallWarehouse]:
    """A small project on an emptied warehouse."""
    root = make_project(tmp_path / "project", project_root)
    small = SmallWarehouse(warehouse.model_copy(update={"project_root": root}))
    with small.connect("publisher") as publisher:
        for (name,) in publisher.execute(
            "select oid::regclass::text from pg_class where relkind = 'r' "
            "and relnamespace::regnamespace::text in ('marts', 'restricted')"
        ).fetchall():
            publisher.execute(f"drop table {name}")
        for table in (
            "audit.publication",
            "audit.night",
            "audit.check_result",
            "alerts.finding",
            "alerts.run_alert",
        ):
            publisher.execute(f"delete from {table}")
    small.begin_night(NIGHT)
    small.build_customers([{"customer_id": "c1"}, {"customer_id": "c2"}])
    yield small


def publish(
    small: SmallWarehouse, night: date = NIGHT, release: bool = False
) -> dict[str, tuple[int, int, int]]:
    result = publish_night(night, release=release, require_checks=False, settings=small.settings)
    return {name: (table.inserted, table.updated, table.deleted) for name, table in result.tables.items()}


def test_the_first_night_creates_the_tables_with_key_comments_and_change_time(small: SmallWarehouse) -> None:
    assert publish(small)["marts.dim_customer"] == (2, 0, 0)

    assert small.rows("select customer_id, _changed_at from marts.dim_customer order by 1") == [
        ("c1", cutoff(NIGHT)),
        ("c2", cutoff(NIGHT)),
    ]
    assert small.rows("select obj_description('marts.dim_customer'::regclass)") == [
        ("One row per customer_id.",)
    ]
    assert small.rows("select status from audit.night where night = %s", [NIGHT]) == [("published",)]


def test_a_night_applies_only_what_differs(small: SmallWarehouse) -> None:
    publish(small)
    small.begin_night(NEXT)
    small.build_customers([{"customer_id": "c2", "surname": "Okafor"}, {"customer_id": "c3", "phone": None}])

    assert publish(small, NEXT)["marts.dim_customer"] == (1, 1, 1)
    assert small.rows("select customer_id, surname, _changed_at from marts.dim_customer order by 1") == [
        ("c2", "Okafor", cutoff(NEXT)),
        ("c3", "Byrne", cutoff(NEXT)),
    ]


def test_an_unchanged_row_keeps_its_change_time(small: SmallWarehouse) -> None:
    publish(small)
    small.begin_night(NEXT)

    assert publish(small, NEXT)["marts.dim_customer"] == (0, 0, 0)
    assert small.rows("select distinct _changed_at from marts.dim_customer") == [(cutoff(NIGHT),)]


def test_publishing_a_night_twice_gives_the_same_tables_and_counts(small: SmallWarehouse) -> None:
    first = publish(small)
    with small.connect("publisher") as publisher:
        before = published_hash(publisher)
        assert publish(small) == first
        assert published_hash(publisher) == before


def test_a_failure_in_the_middle_leaves_yesterdays_tables(
    small: SmallWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(small)
    with small.connect("publisher") as publisher:
        before = published_hash(publisher)
        small.begin_night(NEXT)
        small.build_customers([{"customer_id": "c9"}])

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("killed here")

        monkeypatch.setattr("scv.publish.night.update_findings", fail)
        with pytest.raises(RuntimeError):
            publish(small, NEXT)

        assert published_hash(publisher) == before
        assert small.rows("select status from audit.night where night = %s", [NEXT]) == [("running",)]


def test_the_hash_tells_rows_apart_and_ignores_order_and_change_time(small: SmallWarehouse) -> None:
    publish(small)
    with small.connect("publisher") as publisher:
        first = published_hash(publisher)["marts.dim_customer"]
        publisher.execute("update marts.dim_customer set _changed_at = now() where customer_id = 'c1'")
        assert published_hash(publisher)["marts.dim_customer"] == first
        publisher.execute("update marts.dim_customer set phone = '' where customer_id = 'c1'")
        assert published_hash(publisher)["marts.dim_customer"] != first


def test_a_new_column_is_added_and_does_not_hold_the_night(small: SmallWarehouse) -> None:
    many = [{"customer_id": f"c{number}"} for number in range(300)]
    small.build_customers(many)
    publish(small)
    columns = {**CUSTOMER_COLUMNS, "is_staff": "boolean"}
    small.begin_night(NEXT)
    small.build("build.dim_customer", columns, [{**row, "is_staff": True} for row in many])
    _change_contract(small, columns)

    assert publish(small, NEXT)["marts.dim_customer"] == (0, 300, 0)
    assert small.rows("select bool_and(is_staff) from marts.dim_customer") == [(True,)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"email": None}, "_dim_customer_drop_email.py"),
        ({"record_count": "bigint"}, "_dim_customer_retype_record_count.py"),
    ],
)
def test_taking_something_away_is_refused_with_the_migration_to_write(
    small: SmallWarehouse, change: dict[str, str | None], named: str
) -> None:
    publish(small)
    columns = {name: kind for name, kind in {**CUSTOMER_COLUMNS, **change}.items() if kind}
    small.build("build.dim_customer", columns, [{"customer_id": "c1"}])
    _change_contract(small, columns)

    with pytest.raises(PublishRefused, match=named):
        publish(small)
    assert small.rows("select count(*) from marts.dim_customer") == [(2,)]


def test_a_table_that_was_not_built_as_its_contract_says_is_refused(small: SmallWarehouse) -> None:
    small.build("build.dim_customer", {"customer_id": "text"}, [])

    with pytest.raises(PublishRefused, match="missing columns address_line"):
        publish(small)


def test_a_wild_change_is_held_until_a_person_releases_it(small: SmallWarehouse) -> None:
    small.build_customers([{"customer_id": f"c{number}"} for number in range(300)])
    publish(small)
    small.begin_night(NEXT)
    small.build_customers([{"customer_id": f"c{number}"} for number in range(200)])

    with pytest.raises(PublishRefused, match=r"100 of 300 rows deleted.*\n.*--release"):
        publish(small, NEXT)
    assert small.rows("select count(*) from marts.dim_customer") == [(300,)]
    assert small.rows("select status, detail ? 'hold' from audit.night where night = %s", [NEXT]) == [
        ("blocked", True)
    ]
    assert small.rows("select count(*) from audit.publication where night = %s", [NEXT]) == [(0,)]

    assert publish(small, NEXT, release=True)["marts.dim_customer"] == (0, 0, 100)
    assert small.rows("select status from audit.night where night = %s", [NEXT]) == [("published",)]


def test_a_night_other_than_the_built_one_is_refused(small: SmallWarehouse) -> None:
    with pytest.raises(InputError, match="built tables are of night 2026-03-02"):
        publish(small, NEXT)


def test_a_night_with_a_failed_blocking_check_is_refused(small: SmallWarehouse) -> None:
    with small.connect("publisher") as publisher:
        publisher.execute(
            """
            insert into audit.check_result (night, suite, expectation, subject, severity, success)
            values (%s, 'marts__table', 'e', 's', 'critical', false)
            """,
            [NIGHT],
        )
    with pytest.raises(CheckFailed, match="blocked by 1 checks"):
        publish_night(NIGHT, settings=small.settings)


def test_a_night_that_was_never_checked_is_refused(small: SmallWarehouse) -> None:
    with pytest.raises(CheckFailed, match="not checked yet"):
        publish_night(NIGHT, settings=small.settings)


def test_readers_see_marts_and_only_the_restricted_reader_sees_restricted(small: SmallWarehouse) -> None:
    publish(small)
    with connect("reader", small.settings, autocommit=True) as reader:
        assert reader.execute("select count(*) from marts.dim_customer").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select count(*) from restricted.customer_contact")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("delete from marts.dim_customer")
    with connect("restricted_reader", small.settings, autocommit=True) as reader:
        assert reader.execute("select count(*) from restricted.customer_contact").fetchone() == (0,)


def _change_contract(small: SmallWarehouse, columns: dict[str, str]) -> None:
    write_contracts(small.settings.project_root, {"dim_customer": ("marts", ["customer_id"], columns)})
