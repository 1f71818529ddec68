"""One system's extract, by hand or when its file arrives: {"system": "housing"}.

Runbook: docs/runbooks/one_system.md
"""

from datetime import datetime, timedelta

from airflow.sdk import Param, dag, task
from scv_common import ALERTING, SYSTEMS, night_of


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=ALERTING,
    dagrun_timeout=timedelta(hours=2),
    params={
        "system": Param(SYSTEMS[0], enum=SYSTEMS, description="Which system to load"),
        "full_reconcile": Param(
            False, type="boolean", description="Read every row, also of watermarked tables"
        ),
    },
    doc_md=__doc__,
    tags=["scv"],
)
def scv_system():
    @task
    def load(dag_run=None, params=None) -> None:
        from scv.night import steps

        night = steps.begin(night_of(dag_run)).night
        steps.extract(night, params["system"], full_reconcile=params["full_reconcile"])

    load()


scv_system()
