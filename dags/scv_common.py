"""What the DAGs share: which systems there are, which night a run is of, who is told when it fails."""

from datetime import date, timedelta
from pathlib import Path

from scv.clock import london_date

# One folder per system is the only list there is.
_STAGING = Path(__file__).resolve().parents[1] / "dbt_project" / "models" / "staging"
SYSTEMS = sorted(path.parent.name for path in _STAGING.glob("*/_*__sources.yml"))


def night_of(dag_run) -> date:
    """The night of a run: `date` in its configuration, else the London day it was scheduled for."""
    named = (dag_run.conf or {}).get("date")
    return date.fromisoformat(named) if named else london_date(dag_run.logical_date or dag_run.run_after)


def tell_failure(context) -> None:
    """Put a failed task among the findings, and send it by e-mail where a mail server is set."""
    from scv.night.failures import report_failure

    task = context["task_instance"]
    report_failure(night_of(context["dag_run"]), task.task_id, context.get("exception"))


ALERTING = {
    "retries": 2,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=20),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": tell_failure,
}
