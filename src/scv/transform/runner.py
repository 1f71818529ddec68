"""Runs dbt in this process.

In the process and not beside it, so that nothing of dbt lives on when a night is killed: its
connections end with the process, and the server rolls back what was open. The read project is kept
between runs of one process.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from scv.db import warehouse
from scv.errors import SettingsError
from scv.settings import Settings, get_settings
from scv.transform.results import DbtRun, TransformFailed, find_reason, summarise
from scv.transform.safety import hide_values

_QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DBT_VERSION_CHECK": "false",
}
# The planner cannot know which night is asked for and expects too few rows of everything, for which it then
# loops where it should hash. Compiling queries of a second costs more than it saves.
# A crash of the server may take the last commits with it, but then also the ledger's word that the step was done.
_SESSION_OPTIONS = (
    "-c enable_nestloop=off -c jit=off -c work_mem=64MB -c synchronous_commit=off "
    "-c search_path= -c timezone=UTC"
)
# Reading the project takes seconds; the second run of a night in one process need not do it again.
_read_projects: dict[tuple[str, str, str], Any] = {}


def run_dbt(
    command: str,
    selector: str | None,
    night: date,
    *,
    select: tuple[str, ...] = (),
    full_refresh: bool = False,
    unit_tests: bool = False,
    settings: Settings | None = None,
) -> DbtRun:
    """Run one dbt command (build, run, seed, test) over a selector, or over selected nodes, as scv_transform.

    The models take the night from control.night_context, so that must be `night`; SettingsError where it
    is not. Unit tests are left out unless asked for. TransformFailed names the models and tests that failed.
    """
    settings = settings or get_settings()
    _check_night(night, settings)
    started = time.monotonic()
    arguments = _arguments(command, selector, select, full_refresh, unit_tests, settings)
    with _environment(settings):
        from dbt.cli.main import dbtRunner

        hide_values()
        # The names of tables in a read project carry the database.
        project = (str(settings.dbt_dir), str(settings.home), settings.database)
        manifest = _read_projects.get(project) or _read_project(settings)
        _read_projects[project] = manifest
        _forget_compiled(manifest)
        runner = dbtRunner(manifest=manifest)
        outcome = runner.invoke(arguments)
    seconds = time.monotonic() - started
    name = selector or " ".join(select) or "all"
    if outcome.exception is not None and outcome.result is None:
        raise _refused(f"{command} {name}", outcome.exception)
    return summarise(command, name, outcome.result.results, seconds, outcome.result.elapsed_time)


def _read_project(settings: Settings) -> Any:
    """The project's manifest; what the last run kept of it is used where it still fits."""
    from dbt.cli.main import dbtRunner

    place = ["parse", *_place_arguments(settings)]
    outcome = dbtRunner().invoke([*_common_arguments(settings), *place])
    if not outcome.success:
        # A kept reading of an older version can stumble over files that are gone.
        outcome = dbtRunner().invoke([*_common_arguments(settings), "--no-partial-parse", *place])
    if not outcome.success:
        # Nothing of the database has been read yet: the message speaks of the project's files only.
        words = " ".join(str(outcome.exception or "an error").split())
        raise TransformFailed(f"dbt could not read the project in {settings.dbt_dir}: {words}")
    return outcome.result


def _forget_compiled(manifest: Any) -> None:
    """Let a kept reading be compiled again: dbt would take its ephemeral models for put in already."""
    for node in manifest.nodes.values():
        if getattr(node, "extra_ctes_injected", False):
            node.extra_ctes_injected = False
            node.extra_ctes = []


def _refused(doing: str, error: BaseException | None) -> TransformFailed:
    reason = find_reason(str(error or "")) if error else "an error"
    return TransformFailed(
        f"dbt {doing} could not start: {type(error).__name__}, {reason}. "
        "Look whether the warehouse runs (`scv db status`)."
    )


def _common_arguments(settings: Settings) -> list[str]:
    # Nothing is logged and no results are written: dbt would put rows' values into both.
    return [
        "--log-level", "none", "--log-level-file", "none", "--log-path", str(settings.home / "logs" / "dbt"),
        "--quiet", "--no-write-json", "--no-use-colors", "--no-version-check",
        "--no-send-anonymous-usage-stats", "--partial-parse",
    ]  # fmt: skip


def _place_arguments(settings: Settings) -> list[str]:
    return [
        "--project-dir", str(settings.dbt_dir),
        "--profiles-dir", str(settings.dbt_dir),
        "--target-path", str(settings.home / "dbt"),
    ]  # fmt: skip


def _arguments(
    command: str,
    selector: str | None,
    select: tuple[str, ...],
    full_refresh: bool,
    unit_tests: bool,
    settings: Settings,
) -> list[str]:
    arguments = [*_common_arguments(settings), command, *_place_arguments(settings), "--threads", "2"]
    if selector:
        arguments += ["--selector", selector]
    if select:
        arguments += ["--select", *select]
    if full_refresh:
        arguments.append("--full-refresh")
    if command == "build" and not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    return arguments


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """What the profile reads, for as long as dbt runs."""
    login = warehouse.find_login("transform", settings)
    values = {
        **_QUIET,
        "SCV_DBT_HOST": login.host,
        "SCV_DBT_PORT": str(login.port),
        "SCV_DBT_USER": login.user,
        "SCV_DBT_PASSWORD": login.password,
        "SCV_DBT_DBNAME": login.database,
        "PGOPTIONS": _SESSION_OPTIONS,
        "PGAPPNAME": f"scv dbt {os.getpid()}",
    }
    kept = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _check_night(night: date, settings: Settings) -> None:
    with warehouse.connect("transform", settings) as connection:
        row = connection.execute("select night from control.night_context").fetchone()
    if row is None or row[0] != night:
        raise SettingsError(
            f"The warehouse is at the night of {row[0] if row else 'no date'}, not {night}. "
            "Open the night first: `scv night --date ...` does that."
        )
