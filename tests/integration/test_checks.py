"""The checks of a night on a small warehouse: what blocks, what warns, what is held back, what is kept."""

import json
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.support.small_project import SmallWarehouse, make_project

from scv.checks import run_checks
from scv.errors import CheckFailed
from scv.publish.night import publish_night
from scv.settings import Settings

pytestmark = pytest.mark.postgres

NIGHT, NEXT = date(2026, 3, 2), date(2026, 3, 3)
CANARY = "Quetzalwick"
LINK_INPUT_COLUMNS = {
    "record_key": "text",
    "source_system": "text",
    "surname": "text",
    "sex": "text",
    "birth_date": "date",
    "postcode_std": "text",
    "nino": "text",
}


@pytest.fixture
def small(warehouse: Settings, project_root: Path, tmp_path: Path) -> Iterator[SmallWarehouse]:
    """A small project on a warehouse whose night has loaded everything."""
    root = make_project(tmp_path / "project", project_root)
    small = SmallWarehouse(warehouse.model_copy(update={"project_root": root}))
    with small.connect("publisher") as publisher:
        for table in ("audit.publication", "audit.night", "audit.check_result", "audit.load", "alerts.run_alert",
                      "alerts.finding"):  # fmt: skip
            publisher.execute(f"delete from {table}")
    small.begin_night(NIGHT)
    small.load_raw(surname=CANARY)
    build_link_input(small)
    small.build_customers([{"customer_id": "c1", "surname": CANARY}])
    small.build_findings("record_unlinkable", [{"subject": "r1"}])
    yield small


def build_link_input(small: SmallWarehouse, records: int = 20, **changes: object) -> None:
    usual = {"source_system": "council_tax", "surname": CANARY, "sex": "F", "birth_date": date(1960, 5, 4),
             "postcode_std": "AB1 2CD", "nino": "QQ123456C"}  # fmt: skip
    small.build(
        "intermediate.int_person_records__link_input",
        LINK_INPUT_COLUMNS,
        [{"record_key": f"k{number}", **usual, **changes} for number in range(records)],
    )


def verdicts(small: SmallWarehouse, night: date = NIGHT) -> dict[str, bool]:
    return dict(
        small.rows(
            "select suite || ' ' || subject, success from audit.check_result where night = %s", [night]
        )
    )


def test_a_sound_night_passes_every_stage_and_keeps_counts_only(small: SmallWarehouse) -> None:
    for stage in ("arrival", "link_input", "marts", "review"):
        result = run_checks(stage, NIGHT, settings=small.settings)
        assert result.success, result.blocking_failures
        assert len(result.rows) >= 3

    assert all(verdicts(small).values())
    ((observed,),) = small.rows(
        "select observed from audit.check_result where subject = 'council_tax.ctaccount.current_rows.min'"
    )
    assert observed == {"count": 10, "min_value": 2}
    everything = json.dumps(
        small.rows("select suite, expectation, subject, observed from audit.check_result")
    )
    assert CANARY not in everything


def test_too_few_rows_block_and_the_message_says_which_table_and_what_to_do(small: SmallWarehouse) -> None:
    small.load_raw(rows=1)

    with pytest.raises(CheckFailed) as caught:
        run_checks("arrival", NIGHT, settings=small.settings)

    assert "permits.permit.current_rows.min (count 1, min_value 2)" in str(caught.value)
    assert "scv report --date 2026-03-02" in str(caught.value)
    assert verdicts(small)["arrival__table permits.permit.current_rows.min"] is False
    with pytest.raises(CheckFailed):
        publish_night(NIGHT, settings=small.settings)


def test_a_stale_system_is_not_judged_and_gives_one_alert_instead(small: SmallWarehouse) -> None:
    small.load_raw(rows=1)
    small.begin_night(NIGHT, {"council_tax": "stale", "permits": "half"})

    result = run_checks("arrival", NIGHT, settings=small.settings)

    assert result.success
    assert result.rows == ()
    assert small.rows("select system, kind from alerts.run_alert order by 1") == [
        ("council_tax", "system_stale"),
        ("permits", "system_stale"),
    ]


def test_a_warning_is_kept_and_does_not_block(small: SmallWarehouse) -> None:
    small.load_raw(rows=1001)

    result = run_checks("arrival", NIGHT, settings=small.settings)

    assert result.success
    assert len(result.warnings) == 3
    assert "More rows than the owner" in result.warnings[0]


def test_checking_again_replaces_the_verdicts_of_the_stage_only(small: SmallWarehouse) -> None:
    run_checks("arrival", NIGHT, settings=small.settings)
    run_checks("link_input", NIGHT, settings=small.settings)
    before = verdicts(small)
    run_checks("arrival", NIGHT, settings=small.settings)

    assert verdicts(small) == before


def test_two_records_of_one_key_block_before_linkage(small: SmallWarehouse) -> None:
    build_link_input(small, record_key="same")

    with pytest.raises(CheckFailed, match=r"record_key .*unexpected_count 20"):
        run_checks("link_input", NIGHT, settings=small.settings)


def test_a_system_that_loses_a_third_of_its_records_overnight_blocks(small: SmallWarehouse) -> None:
    build_link_input(small, records=150)
    run_checks("link_input", NIGHT, settings=small.settings)
    small.begin_night(NEXT)
    build_link_input(small, records=100)

    with pytest.raises(CheckFailed, match=r"council_tax\.kept_ratio\.min"):
        run_checks("link_input", NEXT, settings=small.settings)

    small.begin_night(NEXT, {"council_tax": "stale"})
    assert run_checks("link_input", NEXT, settings=small.settings).success


def test_an_address_of_a_safe_flagged_person_in_a_mart_blocks(small: SmallWarehouse) -> None:
    small.build_customers(
        [{"customer_id": "c1"}, {"customer_id": "c2", "address_line": "address_withheld"}],
        contacts=[{"customer_id": "c2", "address_line": "9 Hidden Close"}],
    )
    assert run_checks("marts", NIGHT, settings=small.settings).success

    small.build_customers(
        [{"customer_id": "c1"}], contacts=[{"customer_id": "c1", "address_line": "1 Mill Lane"}]
    )
    with pytest.raises(CheckFailed, match=r"marts\.dim_customer\.safe_contact_rows \(count 1"):
        run_checks("marts", NIGHT, settings=small.settings)


def test_a_check_that_cannot_be_judged_counts_as_failed_without_quoting_the_error(
    small: SmallWarehouse, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    small.build("build.dim_death", {"customer_id": "text", "death_status": "text", "death_date": "text"},
                [{"customer_id": "c1", "death_status": "none", "death_date": CANARY}])  # fmt: skip

    with caplog.at_level(logging.DEBUG):
        result = run_checks("marts", NIGHT, settings=small.settings)

    assert any("could not be judged" in warning for warning in result.warnings)
    assert CANARY not in str(result) + caplog.text + "".join(capfd.readouterr())


def test_a_rule_that_finds_many_times_more_than_last_night_warns(small: SmallWarehouse) -> None:
    run_checks("marts", NIGHT, settings=small.settings)
    publish_night(NIGHT, settings=small.settings)
    small.begin_night(NEXT)
    small.build_findings("record_unlinkable", [{"subject": f"r{number}"} for number in range(501)])

    result = run_checks("review", NEXT, settings=small.settings)

    assert [warning.split(":")[1].strip() for warning in result.warnings] == [
        "record_unlinkable.found_rows (count 501, max_value 500)"
    ]
