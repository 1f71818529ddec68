"""A report of an invented night in which nearly everything happens: for the page, the terminal and the advice."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from scv.findings.rules import load_rules
from scv.report.advice import advise
from scv.report.facts import (
    Checks,
    FailedCheck,
    NightLine,
    NightReport,
    People,
    Publication,
    RuleFindings,
    RunAlert,
    Step,
    SystemLoad,
    TableLoad,
)

NIGHT, BEFORE = date(2026, 3, 4), date(2026, 3, 3)
SYSTEMS = {
    "adult_social_care": 4210, "children_social_care": 3120, "contacts": 18240, "correspondence": 96310,
    "council_tax": 214380, "deaths": 412, "education": 6120, "grants": 2480, "housing": 81250,
    "housing_benefit": 40210, "hr_payroll": 1890, "permits": 7420,
}  # fmt: skip


def make_report(project_root: Path) -> NightReport:
    """A published night with a stale system, rows in quarantine, a warning and overdue findings."""
    report = NightReport(
        night=NIGHT,
        previous_night=BEFORE,
        status="published",
        problem=None,
        held=(),
        started_at=datetime(2026, 3, 4, 1, 0, 3, tzinfo=UTC),
        finished_at=datetime(2026, 3, 4, 1, 1, 21, tzinfo=UTC),
        systems=tuple(_system(place, name, rows) for place, (name, rows) in enumerate(SYSTEMS.items())),
        people=People(
            records=48213,
            records_before=48190,
            customers=20984,
            customers_before=20979,
            events={"created": 9, "merged": 3, "retired": 1},
            pairs_to_review=42,
            doubtful_links=140,
            decision_conflicts=1,
            customers_by_system_count={1: 7120, 2: 6240, 3: 4310, 4: 2104, 5: 910, 6: 240, 7: 54, 8: 6},
        ),
        findings=tuple(_findings(project_root)),
        publication=(
            Publication("marts.bridge_customer_source_record", 26, 5, 3),
            Publication("marts.dim_address", 4, 6, 2),
            Publication("marts.dim_customer", 31, 22, 0),
            Publication("marts.dim_death", 2, 1, 0),
            Publication("marts.fct_correspondence", 184, 12, 0),
            Publication("marts.fct_payment", 612, 0, 0),
            Publication("restricted.customer_contact", 0, 1, 0),
        ),
        checks=Checks(
            judged={"arrival": 268, "link_input": 44, "marts": 57, "review": 40},
            failed=(
                FailedCheck("arrival__table", "deaths.registrar.hours_since_data", "warning",
                            {"count": 240, "max_value": 216},
                            "The system answered, but has sent nothing new for longer than its freshness allows."),
            ),
        ),
        steps=tuple(
            Step(step, words, "done", seconds, before, peak, None)
            for step, words, seconds, before, peak in (
                ("extract", "Load the systems", 14.2, 13.1, 212),
                ("list_changes", "List what changed", 0.6, 0.5, 190),
                ("stage", "Standardise the records", 9.8, 31.0, 310),
                ("link", "Link records to people", 16.4, 41.2, 720),
                ("build", "Build marts and findings", 21.9, 58.3, 330),
                ("check", "Check", 8.1, 7.9, 540),
                ("publish", "Publish", 2.3, 9.6, 140),
                ("report", "Write the report", None, 0.7, None),
            )
        ),
        alerts=(
            RunAlert("housing", "system_stale", "housing is not of tonight: of 6 tables 6 not reached. Its last whole "
                     "load was of night 2026-03-03; its last good data is used and marked stale, its checks are held "
                     "back, and none of its findings closes."),
        ),
        last_nights=(
            NightLine(date(2026, 3, 2), "published", 471200, 471200, 288, 288, 212.0),
            NightLine(BEFORE, "published", 394871, 1430, 301, 21, 162.3),
            NightLine(NIGHT, "published", 394792, 1216, 305, 17, 73.3),
        ),
    )  # fmt: skip
    return replace(report, advice=advise(report))


def _system(place: int, name: str, rows: int) -> SystemLoad:
    is_stale = name == "housing"
    quarantined = 3 if name == "hr_payroll" else 0
    new, changed, deleted = (0, 0, 0) if is_stale else (rows // 800, rows // 500 + place, place % 4)
    table = TableLoad(
        "main_table", "stale" if is_stale else "loaded", 0 if is_stale else rows,
        0 if is_stale else rows - quarantined, quarantined, 0, new, changed, deleted, 0,
        "The database did not answer within 10 s." if is_stale else None,
    )  # fmt: skip
    return SystemLoad(
        system=name,
        owner=f"{name.replace('_', '-')}@example.gov.uk",
        status="stale" if is_stale else "whole",
        read=table.read,
        read_before=rows - 12,
        loaded=table.loaded,
        quarantined=quarantined,
        tombstoned=0,
        new=new,
        changed=changed,
        deleted=deleted,
        returned=1 if name == "education" else 0,
        seconds=round(0.3 + rows / 50000, 2),
        last_whole_night=BEFORE if is_stale else None,
        tables=(table,),
    )


def _findings(project_root: Path) -> list[RuleFindings]:
    # open, open before, doubtful, new, reopened, resolved, reversed, overdue, due today
    counts = {
        "letter_after_known_death": (41, 38, 2, 6, 0, 2, 1, 12, 4),
        "activity_after_death": (3, 2, 0, 1, 0, 0, 0, 1, 1),
        "death_not_shared": (88, 92, 0, 3, 1, 8, 0, 0, 7),
        "joint_letter_after_one_death": (17, 17, 0, 1, 0, 1, 0, 0, 0),
        "entitlement_live_after_death": (24, 24, 0, 0, 0, 0, 0, 0, 0),
        "system_stale": (1, 0, 0, 1, 0, 0, 0, 0, 0),
        "letter_to_superseded_address": (63, 61, 1, 4, 0, 2, 0, 0, 0),
        "executor_without_death_date": (12, 12, 0, 0, 0, 0, 0, 0, 0),
        "record_unlinkable": (35, 35, 0, 0, 0, 0, 0, 0, 0),
        "duplicate_in_system": (21, 20, 0, 1, 0, 0, 0, 0, 0),
    }
    rules = load_rules(project_root)
    return [
        RuleFindings(code, rules[code].title, rules[code].severity, rules[code].owner, rules[code].meaning,
                     rules[code].first_steps, *counts[code])
        for code in counts
    ]  # fmt: skip
