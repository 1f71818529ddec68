"""Every night: load every system, link people, publish the marts. Runbook: docs/runbooks/failed_night.md"""

from datetime import date, datetime, timedelta

from airflow.sdk import dag, task, task_group
from airflow.timetables.trigger import CronTriggerTimetable
from scv_common import ALERTING, SYSTEMS, night_of


@dag(
    # A first start runs the latest night at once, so that a new installation shows something.
    schedule=CronTriggerTimetable("0 1 * * *", timezone="Europe/London", run_immediately=True),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=ALERTING,
    dagrun_timeout=timedelta(hours=6),
    doc_md=__doc__,
    tags=["scv"],
)
def scv_nightly():
    @task
    def begin(dag_run=None) -> str:
        from scv.night import steps

        return steps.begin(night_of(dag_run)).night.isoformat()

    @task(map_index_template="{{ task.op_kwargs['system'] }}", max_active_tis_per_dagrun=2)
    def load(system: str, night: str) -> None:
        from scv.night import steps

        steps.extract(date.fromisoformat(night), system)

    def step(name: str):
        @task(task_id=name)
        def run(night: str) -> None:
            from scv.night import steps

            steps.STEPS[name](date.fromisoformat(night))

        return run

    @task_group
    def link_people(night: str):
        step("stage")(night) >> step("link")(night) >> step("build")(night)

    night = begin()
    loaded = load.partial(night=night).expand(system=SYSTEMS)
    changes = step("list_changes")(night)
    linked = link_people(night)
    loaded >> changes >> linked >> step("check")(night) >> step("publish")(night) >> step("report")(night)


scv_nightly()
