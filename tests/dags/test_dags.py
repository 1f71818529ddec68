"""The DAG files load, hold what they should, and stay thin."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "dags"

READ_DAGS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
print(json.dumps({
    "errors": sorted(bag.import_errors),
    "dags": {dag.dag_id: {
        "upstream": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
        "retries": {task.task_id: task.retries for task in dag.tasks},
        "timeouts": {task.task_id: bool(task.execution_timeout) for task in dag.tasks},
        "told": {task.task_id: bool(task.on_failure_callback) for task in dag.tasks},
        "max_active_runs": dag.max_active_runs, "catchup": dag.catchup,
    } for dag in bag.dags.values()},
}))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What Airflow reads out of dags/, in a process of its own so that its settings stay there."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
    }
    done = subprocess.run(
        [sys.executable, "-c", READ_DAGS, str(DAGS)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_dag_file_loads_and_there_are_dags(loaded: dict) -> None:
    assert loaded["errors"] == []
    assert set(loaded["dags"]) == {"scv_nightly", "scv_system", "scv_maintenance"}


def test_nothing_is_published_before_it_was_checked(loaded: dict) -> None:
    upstream = loaded["dags"]["scv_nightly"]["upstream"]
    assert upstream["list_changes"] == ["begin", "load"]
    assert upstream["check"] == ["begin", "link_people.build"]
    assert "check" in upstream["publish"]
    assert "publish" in upstream["report"]


def test_one_night_at_a_time_and_none_caught_up(loaded: dict) -> None:
    for dag in loaded["dags"].values():
        assert dag["max_active_runs"] == 1
        assert dag["catchup"] is False


def test_every_task_retries_times_out_and_tells(loaded: dict) -> None:
    for dag in loaded["dags"].values():
        assert min(dag["retries"].values()) >= 1
        assert all(dag["timeouts"].values())
        assert all(dag["told"].values())


def test_every_system_has_one_mapped_load() -> None:
    sys.path.insert(0, str(DAGS))
    try:
        import scv_common
    finally:
        sys.path.remove(str(DAGS))
    folders = sorted(path.name for path in (ROOT / "dbt_project/models/staging").iterdir() if path.is_dir())
    assert len(folders) >= 12
    assert folders == scv_common.SYSTEMS


def test_dag_files_stay_thin() -> None:
    files = sorted(DAGS.glob("*.py"))
    assert len(files) >= 4
    for file in files:
        text = file.read_text()
        assert len(text.splitlines()) <= 80, f"{file.name} is past 80 lines"
        assert "select " not in text.lower(), f"{file.name} holds a query"


def test_the_package_never_imports_airflow() -> None:
    files = list((ROOT / "src/scv").rglob("*.py"))
    assert len(files) > 20
    guilty = [f for f in files if any(line.strip().startswith(("import airflow", "from airflow")) for line in
                                      f.read_text().splitlines())]  # fmt: skip
    assert guilty == []
