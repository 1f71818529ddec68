"""Killed anywhere and run again, the result is the same: the published tables are compared by hash."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest
from tests.support.council import Council, night_number

from scv.db.embedded import get_status

STEPS = ["extract", "list_changes", "stage", "link", "build", "check", "publish", "report"]
LOCKED = 30


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    """A council at its second night, of which an undisturbed warehouse has seen both."""
    council = Council(tmp_path_factory.mktemp("faults"))
    council.home.chmod(0o711)
    council.make()
    for database in ("scv", "scv_killed", "scv_dag"):
        council.scv("db", "start", database=database)
        council.scv("night", "--date", str(night_number(1)), database=database)
    council.advance(night_number(2))
    council.scv("night", "--date", str(night_number(2)))
    yield council
    council.remove()


def test_the_same_night_gives_the_same_tables_in_another_warehouse(council: Council) -> None:
    """The hash can tell warehouses apart: one that has not seen the second night differs."""
    assert council.published("scv") != council.published("scv_killed")


def test_a_night_killed_in_every_step_ends_like_an_undisturbed_one(council: Council) -> None:
    chance = random.Random(20260303)
    for step in STEPS:
        _kill_during(council, step, chance.random(), "scv_killed")
        if step == "link":
            _crash_warehouse(council)
    _run_to_the_end(council, "scv_killed")
    assert council.published("scv_killed") == council.published("scv")


def test_running_the_night_again_changes_nothing(council: Council) -> None:
    before = council.published("scv")
    council.scv("night", "--date", str(night_number(2)))
    assert council.published("scv") == before


def test_of_two_nights_at_once_one_is_refused_and_the_result_is_the_same(council: Council) -> None:
    before = council.published("scv")
    both = [council.start("night", "--date", str(night_number(2))) for _ in range(2)]
    codes = sorted(process.wait(timeout=300) for process in both)
    assert codes == [0, LOCKED]
    assert council.published("scv") == before


def test_a_night_in_airflow_killed_and_run_again_ends_the_same(council: Council) -> None:
    process = council.start_in_airflow(night_number(2), database="scv_dag")
    _await_step(council, process, "link", "scv_dag")
    _kill(process)
    assert council.start_in_airflow(night_number(2), database="scv_dag").wait(timeout=300) == 0
    assert council.published("scv_dag") == council.published("scv")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_a_night_killed_at_many_points_ends_like_an_undisturbed_one(council: Council, seed: int) -> None:
    chance = random.Random(seed)
    database = f"scv_long_{seed}"
    council.scv("db", "start", database=database)
    for _ in range(12):
        process = council.start("night", "--date", str(night_number(2)), database=database)
        time.sleep(chance.uniform(0.5, 30))
        _kill(process)
    _run_to_the_end(council, database)
    # This warehouse has not seen the first night, so only what does not depend on history is compared.
    with council.connect(database=database) as one, council.connect() as other:
        query = "select count(*) from marts.bridge_customer_source_record"
        assert one.execute(query).fetchone() == other.execute(query).fetchone()


def _kill_during(council: Council, step: str, fraction: float, database: str) -> None:
    """Start the night and kill it at a fraction of the time that this step took undisturbed."""
    with council.connect() as connection:
        row = connection.execute(
            "select sum(seconds) from audit.step where step = %s and night = %s", (step, night_number(2))
        ).fetchone()
    process = council.start("night", "--date", str(night_number(2)), database=database)
    _await_step(council, process, step, database)
    time.sleep(fraction * float(row[0] if row else 0))
    _kill(process)


def _await_step(council: Council, process: subprocess.Popen[bytes], step: str, database: str) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        with council.connect(database=database) as connection:
            row = connection.execute(
                "select 1 from audit.step where step = %s and night = %s", (step, night_number(2))
            ).fetchone()
        if row:
            return
        assert process.poll() is None, f"the night ended before its step {step}"
        time.sleep(0.05)
    raise AssertionError(f"the night did not reach its step {step}")


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _crash_warehouse(council: Council) -> None:
    """Stop the server as a power cut would, and start it again."""
    settings = council.settings()
    process_id = get_status(settings).pid
    assert process_id is not None
    os.kill(process_id, signal.SIGQUIT)
    deadline = time.monotonic() + 30
    while get_status(settings).is_running and time.monotonic() < deadline:
        time.sleep(0.1)
    council.scv("db", "start")


def _run_to_the_end(council: Council, database: str) -> None:
    for _ in range(3):
        done = council.scv("night", "--date", str(night_number(2)), database=database, check=False)
        if done.returncode != LOCKED:
            break
    assert done.returncode == 0, done.stderr[-3000:]
