"""What the checks of a night said, with the meaning that their suites give."""

from datetime import date
from pathlib import Path

import psycopg

from scv.checks.definitions import STAGES, load_checkpoint
from scv.report.facts import Checks, FailedCheck


def collect_checks(connection: psycopg.Connection, project_root: Path, night: date) -> Checks:
    """How many expectations were judged, and those that failed, the blocking ones first; as role publisher."""
    judged = connection.execute(
        """
        select split_part(suite, '__', 1), count(*) from audit.check_result where night = %s group by 1
        """,
        [night],
    )
    counts: dict[str, int] = dict(judged.fetchall())
    rows = connection.execute(
        """
        select suite, expectation, subject, severity, observed from audit.check_result
        where night = %s and not success
        order by severity <> 'critical', severity <> 'warning', suite, subject, expectation
        """,
        [night],
    ).fetchall()
    meanings = _read_meanings(project_root) if rows else {}
    return Checks(
        judged={stage: counts[stage] for stage in STAGES if stage in counts},
        failed=tuple(
            FailedCheck(
                suite=suite,
                subject=subject,
                severity=severity,
                observed=observed,
                meaning=_find_meaning(meanings, suite, expectation, subject),
            )
            for suite, expectation, subject, severity, observed in rows
        ),
    )


Meanings = dict[tuple[str, str], list[tuple[str, str]]]


def _read_meanings(project_root: Path) -> Meanings:
    """(suite, expectation) to the labels of its entries and the meaning that goes with each."""
    meanings: Meanings = {}
    for stage in STAGES:
        for validation in load_checkpoint(project_root, stage).validations:
            for item in validation.suite.expectations:
                meanings.setdefault((validation.suite.name, item.type), []).append((item.label, item.meaning))
    return meanings


def _find_meaning(meanings: Meanings, suite: str, expectation: str, subject: str) -> str:
    for label, meaning in meanings.get((suite, expectation), []):
        if not label or subject.endswith(f".{label}"):
            return meaning
    return "An expectation of an earlier version of the suite was not met."
