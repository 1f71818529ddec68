"""The steps of a night, each a function of its date: idempotent, resumable, recorded in the ledger.

Heavy libraries are imported by the step that needs them, so that a failed load is told in a second.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, get_args

from scv.errors import CheckFailed
from scv.night import ledger
from scv.night.lock import night_lock
from scv.purposes import load_register
from scv.purposes.warehouse_copy import copy_register
from scv.settings import get_settings


def begin(night: date) -> ledger.NightContext:
    """Open the night in the ledger, under the purpose register as it is now."""
    register = load_register(get_settings().project_root)
    with night_lock():
        context = ledger.open_night(night)
        copy_register(register, night)
    return context


def reopen_last() -> ledger.NightContext | None:
    """Open the last night again, so that more is loaded into it; None where no night has ended yet."""
    night = ledger.last_ended_night()
    return begin(night) if night else None


def extract(night: date, system: str, *, full_reconcile: bool = False) -> Any:
    """Load one system; a system that is down or sends nonsense is recorded and does not stop the night."""
    from scv.extract import extract_system

    with night_lock(shared=True), ledger.record_step(night, "extract", system) as facts:
        result = extract_system(system, night, full_reconcile=full_reconcile)
        facts.update(ledger.as_facts(result))
        return result


def list_changes(night: date) -> Any:
    """Persist which records changed since the last built night, for every later step to read."""
    from scv.night.worklist import list_changed_records

    return _run(night, "list_changes", list_changed_records, ledger.read_night(night))


def stage(night: date, *, full: bool = False) -> Any:
    """Build everything before linkage: staging views and one standardised row per person record."""
    from scv.transform import build_staging

    return _run(night, "stage", partial(build_staging, night, full=full))


def link(night: date, *, full: bool = False) -> Any:
    """Link the changed records to persons; all of them in a full night, to the same result."""
    from scv.linkage.night import link_night

    return _run(night, "link", partial(link_night, night, full=full))


def build(night: date, *, full: bool = False) -> Any:
    """Build golden records, marts and review models for what the night touches, or anew in a full night."""
    from scv.transform import run_dbt

    result = _run(night, "build", partial(run_dbt, "build", "post_link", night, full_refresh=full))
    ledger.mark_built(night)
    return result


def check(night: date) -> Any:
    """Let the expectation suites judge; a blocking one closes the night and raises CheckFailed."""
    from scv.checks import run_checks
    from scv.checks.definitions import Stage

    def judge() -> Any:
        return [run_checks(part, night) for part in get_args(Stage)]

    try:
        return _run(night, "check", judge)
    except CheckFailed as error:
        ledger.close_night(night, "blocked", str(error))
        raise


def publish(night: date, *, release: bool = False) -> Any:
    """Apply the night's difference to the published tables and the findings, whole or not at all."""
    from scv.night.failures import withdraw_failures
    from scv.publish import publish_night

    result = _run(night, "publish", lambda: publish_night(night, release=release))
    withdraw_failures(night)
    return result


def report(night: date) -> Any:
    """Write the night's report."""
    from scv.report import write_report

    result = _run(night, "report", write_report, night)
    ledger.close_night(night, "published")
    return result


def vacuum() -> None:
    """Let Postgres reclaim space and refresh its statistics."""
    from scv.night.maintenance import vacuum_warehouse

    with night_lock():
        vacuum_warehouse()


STEPS: dict[str, Callable[..., Any]] = {
    "list_changes": list_changes,
    "stage": stage,
    "link": link,
    "build": build,
    "check": check,
    "publish": publish,
    "report": report,
}


def _run(night: date, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    with night_lock(), ledger.record_step(night, name) as facts:
        result = function(*arguments)
        facts.update(ledger.as_facts(result))
        return result
