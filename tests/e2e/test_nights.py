"""Whole nights over a small council, run as programs, and looked at as their readers would."""

import json
import shutil
from collections.abc import Iterator

import pytest
from tests.support.council import Council, night_number


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    """A council of 2,000 after two nights."""
    council = Council(tmp_path_factory.mktemp("council"))
    council.home.chmod(0o711)
    council.make()
    council.scv("night", "--date", str(night_number(1)))
    council.advance(night_number(2))
    council.scv("night", "--date", str(night_number(2)))
    yield council
    council.remove()


def test_every_mart_has_rows(council: Council) -> None:
    with council.connect("reader") as connection:
        tables = [row[0] for row in connection.execute(
            "select tablename from pg_tables where schemaname = 'marts' order by 1").fetchall()]  # fmt: skip
        assert len(tables) >= 13
        empty = [
            table
            for table in tables
            if not connection.execute(f"select 1 from marts.{table} limit 1").fetchone()
        ]
    # Support actions come from what people tell, which no system of this council keeps (test_facts_nights).
    assert empty == ["dim_support_action"]


def test_every_row_read_is_accounted_for(council: Council) -> None:
    with council.connect() as connection:
        rows = connection.execute(
            "select rows_read, rows_loaded, rows_quarantined, rows_tombstoned from audit.load"
        ).fetchall()
    assert len(rows) >= 2 * 40
    assert all(read == loaded + quarantined + tombstoned for read, loaded, quarantined, tombstoned in rows)


def test_every_rule_that_the_council_breaks_has_findings(council: Council) -> None:
    with council.connect("reader") as connection:
        found = dict(
            connection.execute("select rule_code, count(*) from alerts.finding group by 1").fetchall()
        )
    for rule in ("letter_after_known_death", "joint_letter_after_one_death", "letter_to_superseded_address",
                 "death_not_shared", "entitlement_live_after_death"):  # fmt: skip
        assert found.get(rule, 0) > 0, f"no finding under {rule}: {found}"


def test_an_address_of_a_person_in_danger_is_in_no_published_table_but_the_restricted_ones(
    council: Council,
) -> None:
    cases = json.loads((council.home / "truth" / "named_cases.json").read_text())
    assert "survivor_new_address" in cases
    with council.connect("restricted_reader") as connection:
        protected = connection.execute("select customer_id from restricted.customer_contact").fetchall()
        assert protected
        shown = connection.execute(
            """
            select count(*) from marts.dim_customer as customer
            inner join restricted.customer_contact as safe on customer.customer_id = safe.customer_id
            where customer.is_current and (
                customer.address_line is distinct from 'address_withheld'
                or customer.postcode is not null or customer.phone is not null or customer.email is not null)
            """
        ).fetchone()
    assert shown == (0,)


def test_readers_see_neither_raw_data_nor_restricted_addresses(council: Council) -> None:
    with council.connect("reader") as connection:
        row = connection.execute(
            """
            select count(*) from pg_tables
            where (schemaname like 'raw%' or schemaname in ('restricted', 'staging', 'build', 'quarantine', 'link'))
              and has_table_privilege(format('%I.%I', schemaname, tablename), 'select')
              and has_schema_privilege(schemaname, 'usage')
            """
        ).fetchone()
    assert row == (0,)


def test_a_system_that_is_down_is_stale_and_the_night_goes_on(council: Council) -> None:
    council.advance(night_number(3))
    permits = next((council.home / "sources").rglob("permits*"))
    hidden = council.home / "permits.hidden"
    with council.connect("reader") as connection:
        before = connection.execute("select count(*) from alerts.finding where gone_on is null").fetchone()
    shutil.move(permits, hidden)
    try:
        council.scv("night", "--date", str(night_number(3)))
    finally:
        shutil.move(hidden, permits)
    with council.connect() as connection:
        statuses = connection.execute(
            "select distinct status from audit.load where night = %s and system = 'permits'",
            (night_number(3),),
        ).fetchall()
        night = connection.execute(
            "select status from audit.night where night = %s", (night_number(3),)
        ).fetchone()
        gone = connection.execute(
            "select count(*) from alerts.finding where gone_on = %s and rule_code = 'entitlement_live_after_death' "
            "and system = 'permits'", (night_number(3),)).fetchone()  # fmt: skip
        alerts = connection.execute(
            "select count(*) from alerts.run_alert where night = %s and system = 'permits'",
            (night_number(3),),
        ).fetchone()
    assert statuses == [("stale",)]
    assert night == ("published",)
    assert gone == (0,)
    assert alerts == (1,)
    assert before is not None and before[0] > 0


def test_a_night_before_the_last_one_is_refused(council: Council) -> None:
    done = council.scv("night", "--date", str(night_number(1)), check=False)
    assert done.returncode == 40
    assert "nights only go forward" in done.stderr
