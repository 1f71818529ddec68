"""Airflow as a service over one warehouse: migrate, start, stop, run one night to its end."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scv.errors import ScvError, SettingsError
from scv.orchestrator.environment import airflow_environment, airflow_home, ensure_metadata_database
from scv.settings import Settings


class AirflowFailed(ScvError):
    """An Airflow program ended badly; its log has the reason."""

    exit_code = 4


@dataclass(frozen=True)
class RunningService:
    """Where the user interface answers, and where its password stands."""

    url: str
    user: str
    password_file: Path
    process_id: int


def migrate(settings: Settings, port: int | None = None) -> dict[str, str]:
    """Bring Airflow's metadata up to date; returns the environment to run Airflow in.

    `port` is that of the user interface, where there is to be one.
    """
    environment = airflow_environment(settings, ensure_metadata_database(settings), port)
    _run(["airflow", "db", "migrate"], environment, airflow_home(settings) / "migrate.log")
    return environment


def run_night(night: date, settings: Settings, environment: dict[str, str]) -> None:
    """Run the nightly DAG once in this process tree, without a scheduler, to its end."""
    log = airflow_home(settings) / f"scv_nightly_{night}.log"
    _run(["airflow", "dags", "test", "scv_nightly", night.isoformat()], environment, log)


def start(settings: Settings, port: int = 8080) -> RunningService:
    """Start Airflow with its user interface on loopback and wait until it answers.

    Raises SettingsError where the port is taken, AirflowFailed where it does not answer in 120 seconds.
    """
    running = _read_process_id(settings)
    if running is not None:
        raise SettingsError(f"Airflow is already running (process {running}). Stop it with `make down`.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SettingsError(
                f"Port {port} is taken. Choose another: make up ARGS='--port NUMBER'."
            ) from None
    environment = migrate(settings, port)
    home = airflow_home(settings)
    with (home / "standalone.log").open("ab") as log:
        process = subprocess.Popen(
            ["airflow", "standalone"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (home / "standalone.pid").write_text(str(process.pid))
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _healthy(url):
            return RunningService(url, "admin", home / "passwords.json", process.pid)
        time.sleep(1)
    stop(settings)
    raise AirflowFailed(f"Airflow did not answer at {url}. Read {home / 'standalone.log'}.")


def stop(settings: Settings) -> bool:
    """Stop Airflow and everything it started; False where it was not running."""
    group = _read_process_id(settings)
    path = airflow_home(settings) / "standalone.pid"
    if group is None:
        path.unlink(missing_ok=True)
        return False
    for sign, seconds in ((signal.SIGTERM, 30), (signal.SIGKILL, 5)):
        try:
            os.killpg(group, sign)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and _group_alive(group):
            time.sleep(0.2)
    path.unlink(missing_ok=True)
    return True


def read_password(service: RunningService) -> str:
    """The generated password of the user interface."""
    return str(json.loads(service.password_file.read_text())[service.user])


def _read_process_id(settings: Settings) -> int | None:
    path = airflow_home(settings) / "standalone.pid"
    if not path.is_file():
        return None
    process_id = int(path.read_text())
    return process_id if _group_alive(process_id) else None


def _group_alive(group: int) -> bool:
    # A child of this very process stays as a zombie until it is waited for.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(group, os.WNOHANG)
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=2) as answer:
            health = json.load(answer)
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError):
        return False
    return bool(health.get("scheduler", {}).get("status") == "healthy")


def _run(command: list[str], environment: dict[str, str], log: Path) -> None:
    with log.open("wb") as output:
        code = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        ).returncode
    if code:
        raise AirflowFailed(f"`{' '.join(command)}` ended with status {code}. Read {log}.")
