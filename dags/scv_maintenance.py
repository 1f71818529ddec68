"""Every Sunday: read watermarked tables in full, so that deletes are seen, and vacuum.

Runbook: docs/runbooks/maintenance.md
"""

from datetime import datetime, timedelta

from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable
from scv_common import ALERTING, SYSTEMS, night_of


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
    def begin(dag_run=None) -> str:
        from scv.night import steps

        return steps.begin(night_of(dag_run)).night.isoformat()

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
