"""Every Sunday: read watermarked tables in full, so that deletes are seen, and vacuum.

Runbook: docs/runbooks/maintenance.md
"""

from datetime import datetime, timedelta

from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable
from scv_common import ALERTING, SYSTEMS


@dag(
    schedule=CronTriggerTimetable("0 9 * * 0", timezone="Europe/London", run_immediately=False),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=ALERTING,
    dagrun_timeout=timedelta(hours=12),
    doc_md=__doc__,
    tags=["scv"],
)
def scv_maintenance():
    @task
    def begin() -> str:
        from airflow.sdk.exceptions import AirflowSkipException

        from scv.night import steps

        # The last night and not the scheduled day: a first start is told of a Sunday that has gone by, and to
        # open that one would take the night that runs beside it out of the warehouse's hands.
        last = steps.reopen_last()
        if last is None:
            raise AirflowSkipException("No night has ended yet, so there is nothing to read in full.")
        return last.night.isoformat()

    @task(map_index_template="{{ task.op_kwargs['system'] }}", max_active_tis_per_dagrun=1)
    def reconcile(system: str, night: str) -> None:
        from datetime import date

        from scv.night import steps

        steps.extract(date.fromisoformat(night), system, full_reconcile=True)

    @task
    def vacuum() -> None:
        from scv.night import steps

        steps.vacuum()

    reconcile.partial(night=begin()).expand(system=SYSTEMS) >> vacuum()


scv_maintenance()
