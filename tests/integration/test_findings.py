"""Findings over nights: first seen, seen again, gone only when an extract proves it, and why."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.support.small_project import SmallWarehouse, make_project

from scv.errors import CheckFailed
from scv.findings.lifecycle import RuleCount
from scv.keys import finding_key
from scv.publish.night import publish_night
from scv.settings import Settings

pytestmark = pytest.mark.postgres

FIRST, SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
RULE = "letter_after_known_death"
EVIDENCE_COLUMNS = {
    "evidence_key": "text",
    "record_key": "text",
    "source_system": "text",
    "is_reversed": "boolean",
}


@pytest.fixture
def small(warehouse: Settings, project_root: Path, tmp_path: Path) -> Iterator[SmallWarehouse]:
    """A small project on a warehouse without findings."""
    root = make_project(tmp_path / "project", project_root)
    small = SmallWarehouse(warehouse.model_copy(update={"project_root": root}))
    with small.connect("publisher") as publisher:
        for table in ("audit.publication", "audit.night", "alerts.finding", "alerts.run_alert"):
            publisher.execute(f"delete from {table}")
    with small.connect("transform") as transform:
        for (name,) in transform.execute(
            "select oid::regclass::text from pg_class where relkind = 'r' "
            "and relnamespace::regnamespace::text in ('review', 'intermediate')"
        ).fetchall():
            transform.execute(f"drop table {name}")
    small.build_customers([{"customer_id": "c1"}])
    yield small


def run(
    small: SmallWarehouse, night: date, findings: list[dict[str, Any]], statuses: dict[str, str] | None = None
) -> RuleCount:
    """One night in which the rule finds these; its counts."""
    small.begin_night(night, statuses)
    small.build_findings(RULE, findings)
    return publish_night(night, require_checks=False, settings=small.settings).findings[RULE]


def row(small: SmallWarehouse, columns: str) -> tuple[Any, ...]:
    return small.rows(f"select {columns} from alerts.finding")[0]


def test_a_new_finding_has_key_owner_and_deadline_of_its_rule(small: SmallWarehouse) -> None:
    counts = run(small, FIRST, [{"subject": "item1", "facts": {"days": 3}}])

    assert (counts.open, counts.new, counts.gone) == (1, 1, 0)
    assert row(small, "finding_key, severity, owner, first_seen, deadline, facts") == (
        finding_key(small.settings.record_key_bytes(), RULE, "item1"),
        "critical",
        "bereavement-lead@example.gov.uk",
        FIRST,
        SECOND,
        {"days": 3, "is_doubtful": False},
    )


def test_a_finding_seen_again_keeps_its_first_night_and_follows_its_customer(small: SmallWarehouse) -> None:
    run(small, FIRST, [{"subject": "item1", "customer_id": "c1"}])
    counts = run(small, SECOND, [{"subject": "item1", "customer_id": "c7"}])

    assert (counts.open, counts.new) == (1, 0)
    assert row(small, "first_seen, last_seen, customer_id") == (FIRST, SECOND, "c7")


def test_a_finding_no_longer_shown_is_gone_and_resolved(small: SmallWarehouse) -> None:
    run(small, FIRST, [{"subject": "item1"}])
    counts = run(small, SECOND, [])

    assert (counts.open, counts.gone, counts.reversed) == (0, 1, 0)
    assert row(small, "gone_on, gone_cause, last_seen") == (SECOND, "resolved", FIRST)


@pytest.mark.parametrize("status", ["stale", "half", "failed", "missing"])
def test_a_finding_is_not_gone_while_its_system_is_not_of_tonight(small: SmallWarehouse, status: str) -> None:
    run(small, FIRST, [{"subject": "item1", "system": "council_tax"}])
    counts = run(small, SECOND, [], {"council_tax": status})
    assert (counts.open, counts.kept, counts.gone) == (1, 1, 0)

    assert run(small, THIRD, []).gone == 1
    assert row(small, "gone_on") == (THIRD,)


def test_a_finding_is_gone_while_only_a_system_that_it_does_not_rest_on_is_stale(
    small: SmallWarehouse,
) -> None:
    run(small, FIRST, [{"subject": "item1", "system": "council_tax"}])

    assert run(small, SECOND, [], {"permits": "stale"}).gone == 1


def test_a_finding_rests_on_the_systems_of_its_evidence_too(small: SmallWarehouse) -> None:
    evidence = {"evidence_key": "e1", "record_key": "r1", "source_system": "permits", "is_reversed": False}
    small.build("intermediate.int_death_evidence__graded", EVIDENCE_COLUMNS, [evidence])
    run(small, FIRST, [{"subject": "item1", "evidence_keys": ["e1"]}])

    assert row(small, "evidence_systems") == (["correspondence", "council_tax", "permits"],)
    assert run(small, SECOND, [], {"permits": "stale"}).kept == 1


def test_a_finding_whose_evidence_was_taken_back_is_gone_as_reversed(small: SmallWarehouse) -> None:
    evidence = {"evidence_key": "e1", "record_key": "r1", "source_system": "permits", "is_reversed": False}
    small.build("intermediate.int_death_evidence__graded", EVIDENCE_COLUMNS, [evidence])
    run(small, FIRST, [{"subject": "item1", "evidence_keys": ["e1"]}])
    small.build(
        "intermediate.int_death_evidence__graded", EVIDENCE_COLUMNS, [{**evidence, "is_reversed": True}]
    )

    counts = run(small, SECOND, [])
    assert (counts.gone, counts.reversed) == (1, 1)
    assert row(small, "gone_cause") == ("reversed",)


def test_a_finding_of_a_customer_whose_death_was_reversed_is_gone_as_reversed(small: SmallWarehouse) -> None:
    run(small, FIRST, [{"subject": "item1", "customer_id": "c1"}])
    small.build_customers([{"customer_id": "c1", "death_status": "reversed"}])

    assert run(small, SECOND, []).reversed == 1


def test_a_finding_that_comes_back_keeps_its_first_night_and_is_counted(small: SmallWarehouse) -> None:
    run(small, FIRST, [{"subject": "item1"}])
    run(small, SECOND, [])
    counts = run(small, THIRD, [{"subject": "item1"}])

    assert (counts.open, counts.new, counts.reopened) == (1, 0, 1)
    assert row(small, "first_seen, gone_on, gone_cause, times_reopened, reopened_on") == (
        FIRST,
        None,
        None,
        1,
        THIRD,
    )


def test_running_a_night_again_changes_no_finding(small: SmallWarehouse) -> None:
    run(small, FIRST, [{"subject": "item1"}, {"subject": "item2"}])
    once = run(small, SECOND, [{"subject": "item2"}])
    before = small.rows("select * from alerts.finding order by finding_key")

    assert run(small, SECOND, [{"subject": "item2"}]) == once
    assert small.rows("select * from alerts.finding order by finding_key") == before


def test_a_finding_gone_and_back_within_one_night_did_not_come_back(small: SmallWarehouse) -> None:
    run(small, FIRST, [{"subject": "item1"}])
    run(small, SECOND, [])
    run(small, SECOND, [{"subject": "item1"}])

    assert row(small, "gone_on, times_reopened") == (None, 0)


def test_doubtful_findings_are_counted_apart(small: SmallWarehouse) -> None:
    counts = run(small, FIRST, [{"subject": "item1"}, {"subject": "item2", "is_doubtful": True}])

    assert (counts.open, counts.doubtful) == (1, 1)


def test_a_rule_that_shows_a_subject_twice_stops_the_publishing(small: SmallWarehouse) -> None:
    with pytest.raises(CheckFailed, match=r"letter_after_known_death \(1\)"):
        run(small, FIRST, [{"subject": "item1"}, {"subject": "item1"}])
    assert small.rows("select count(*) from alerts.finding") == [(0,)]


def test_a_review_model_without_an_entry_stops_the_publishing(small: SmallWarehouse) -> None:
    small.build_findings("new_rule", [])

    with pytest.raises(CheckFailed, match=r"expectations/rules/new_rule\.yml"):
        run(small, FIRST, [])


def test_a_system_that_is_not_of_tonight_gives_exactly_one_alert(small: SmallWarehouse) -> None:
    run(small, FIRST, [], {"council_tax": "stale"})
    run(small, FIRST, [], {"council_tax": "stale"})

    ((system, kind, message),) = small.rows("select system, kind, message from alerts.run_alert")
    assert (system, kind) == ("council_tax", "system_stale")
    assert "of 2 tables 2 not reached" in message

    run(small, FIRST, [])
    assert small.rows("select count(*) from alerts.run_alert") == [(0,)]
