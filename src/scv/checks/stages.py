"""Running the checks of one stage of the night: plan, judge, record, and stop what must not go on."""

from dataclasses import dataclass
from datetime import date

from psycopg.types.json import Jsonb

from scv.checks.definitions import Checkpoint, Repeat, Stage, load_checkpoint
from scv.checks.facts import (
    Subject,
    count_arrivals,
    count_findings,
    count_marts,
    count_sources,
    read_records_before,
)
from scv.checks.judge import Verdict, judge
from scv.checks.planning import plan_checkpoint
from scv.db import warehouse
from scv.errors import CheckFailed, SettingsError
from scv.findings.reviews import list_review_models
from scv.findings.rules import load_rules
from scv.findings.systems import find_degraded, record_system_alerts
from scv.manifests import load_manifests
from scv.publish.contracts import load_published_models
from scv.settings import Settings, get_settings

BLOCKING = "critical"
# How many failures an error message names; all are in the ledger and in the report.
NAMED = 5


@dataclass(frozen=True)
class CheckResult:
    """What the checks of a stage came to; `rows` are all verdicts, with counts only."""

    stage: Stage
    night: date
    success: bool
    blocking_failures: tuple[str, ...]
    warnings: tuple[str, ...]
    rows: tuple[Verdict, ...]


def run_checks(stage: Stage, night: date, *, settings: Settings | None = None) -> CheckResult:
    """Judge a stage (arrival, link_input, marts, review) of a night and record the verdicts.

    Verdicts go to audit.check_result, replacing those of an earlier run of the same stage and night. Raises
    CheckFailed, after recording, where an expectation of critical severity is not met.
    """
    settings = settings or get_settings()
    checkpoint = load_checkpoint(settings.project_root, stage)
    subjects = _count_subjects(checkpoint, night, settings)
    planned = plan_checkpoint(checkpoint, subjects, night)
    login = warehouse.find_login(_role(checkpoint), settings)
    verdicts = judge(planned, login.url)
    _record(stage, night, verdicts, settings)
    result = _sum_up(stage, night, verdicts)
    if result.blocking_failures:
        raise CheckFailed(_explain(result))
    return result


def _count_subjects(checkpoint: Checkpoint, night: date, settings: Settings) -> dict[Repeat, list[Subject]]:
    """The counts that the checkpoint's suites are repeated for; also keeps the alert of each stale system."""
    wanted = {validation.for_each for validation in checkpoint.validations if validation.for_each}
    root = settings.project_root
    manifests = load_manifests(root)
    subjects: dict[Repeat, list[Subject]] = {}
    with (
        warehouse.translate_db_errors("counting what is checked"),
        warehouse.connect("publisher", settings) as keeper,
    ):
        degraded = find_degraded(keeper, manifests, night)
        record_system_alerts(keeper, degraded, night)
        held_back = frozenset(degraded)
        with warehouse.connect(_role(checkpoint), settings) as reader:
            if "table" in wanted:
                subjects["table"] = count_arrivals(reader, manifests, held_back, night)
            if "person_source" in wanted:
                subjects["person_source"] = count_sources(
                    reader, held_back, read_records_before(keeper, night)
                )
            if "mart" in wanted:
                subjects["mart"] = count_marts(reader, load_published_models(root))
            if "rule" in wanted:
                rules = load_rules(root)
                subjects["rule"] = count_findings(reader, list_review_models(reader, rules), rules, night)
    return subjects


def _role(checkpoint: Checkpoint) -> warehouse.Role:
    for role in warehouse.SERVICE_ROLES:
        if role == checkpoint.role:
            return role
    raise SettingsError(
        f"expectations/checkpoints/{checkpoint.name}.yml reads as role '{checkpoint.role}'; "
        f"known: {', '.join(warehouse.SERVICE_ROLES)}."
    )


def _record(stage: Stage, night: date, verdicts: list[Verdict], settings: Settings) -> None:
    with (
        warehouse.translate_db_errors("recording the checks", "audit.check_result"),
        warehouse.connect("publisher", settings) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "delete from audit.check_result where night = %s and starts_with(suite, %s)",
            [night, f"{stage}__"],
        )
        cursor.executemany(
            """
            insert into audit.check_result (night, suite, expectation, subject, severity, success, observed)
            values (%s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    night,
                    item.suite,
                    item.expectation,
                    item.subject,
                    item.severity,
                    item.success,
                    Jsonb(item.observed),
                )
                for item in verdicts
            ],
        )


def _sum_up(stage: Stage, night: date, verdicts: list[Verdict]) -> CheckResult:
    failed = [item for item in verdicts if not item.success]
    blocking = tuple(_say(item) for item in failed if item.severity == BLOCKING)
    warnings = tuple(_say(item) for item in failed if item.severity != BLOCKING)
    return CheckResult(stage, night, not blocking, blocking, warnings, tuple(verdicts))


def _say(item: Verdict) -> str:
    counts = ", ".join(f"{name} {value}" for name, value in item.observed.items() if name != "judged")
    seen = f" ({counts})" if counts else " (could not be judged)" if "judged" in item.observed else ""
    return f"{item.suite}: {item.subject}{seen}: {item.meaning}"


def _explain(result: CheckResult) -> str:
    named = "\n".join(f"  - {text}" for text in result.blocking_failures[:NAMED])
    more = len(result.blocking_failures) - NAMED
    rest = f"\n  and {more} more" if more > 0 else ""
    return (
        f"{len(result.blocking_failures)} blocking checks of stage '{result.stage}' failed for night "
        f"{result.night}; nothing is published and the marts of the last published night stand:\n{named}{rest}\n"
        f"See `scv report --date {result.night}`, mend the cause, and run the night again. Limits are in "
        f"expectations/suites and in the manifests."
    )
