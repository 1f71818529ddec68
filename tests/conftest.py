"""What every test may use: a home folder of its own, and a migrated warehouse copied per test module.

Nothing here touches var/: the whole run, and every program that a test starts, has its own SCV_HOME.
With SCV_FAIL_ON_SKIP=1 a run in which anything was skipped fails.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from scv.cli.main import NO_TELEMETRY
from scv.db.embedded import SUPERUSER, read_server, read_superuser_password, remove_server
from scv.db.migrations import start_warehouse
from scv.db.warehouse import Login, connect
from scv.settings import Settings, get_settings

_skipped: list[str] = []
_numbers = itertools.count(1)
_home_key = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a home of its own before any test module is imported."""
    home = Path(tempfile.mkdtemp(prefix="scv-test-"))
    # The server's account must be able to pass through; the secrets below it stay 0700.
    home.chmod(0o711)
    config.stash[_home_key] = home
    for name in [
        name for name in os.environ if name.startswith(("SCV_", "PG")) and name != "SCV_FAIL_ON_SKIP"
    ]:
        if name not in ("SCV_PG_BIN", "SCV_PROJECT_ROOT"):
            del os.environ[name]
    os.environ["SCV_HOME"] = str(home)
    os.environ.update(NO_TELEMETRY)
    get_settings.cache_clear()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, whatever happened, and leave nothing behind."""
    home = config.stash.get(_home_key, None)
    if home is not None:
        remove_server(Settings(home=home))
        shutil.rmtree(home, ignore_errors=True)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember whole modules that were skipped."""
    if report.skipped:
        _skipped.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skip is a failure where the run was told so: a test nobody runs protects nothing."""
    if _skipped and os.environ.get("SCV_FAIL_ON_SKIP") == "1" and session.exitstatus in (0, 5):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a run without a failed test failed."""
    if _skipped and os.environ.get("SCV_FAIL_ON_SKIP") == "1":
        terminalreporter.write_line(
            f"SCV_FAIL_ON_SKIP=1: {len(_skipped)} skipped, so this run fails", red=True
        )


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout."""
    return get_settings().project_root


@pytest.fixture(scope="session")
def warehouse_template(request: pytest.FixtureRequest) -> Settings:
    """A started and migrated warehouse, to be copied and not to be written to."""
    settings = Settings(home=request.config.stash[_home_key])
    start_warehouse(settings)
    with superuser(settings) as connection:
        # The run is thrown away, so it need not survive a loss of power.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(name)))
        connection.execute("select pg_reload_conf()")
    return settings


@pytest.fixture(scope="module")
def warehouse(warehouse_template: Settings) -> Iterator[Settings]:
    """A fresh copy of the migrated warehouse for one test module; SCV_DATABASE names it meanwhile.

    `scv.db.warehouse.connect(role)` and every program that a test starts then use it.
    """
    name = f"scv_test_{next(_numbers)}"
    with superuser(warehouse_template) as connection:
        connection.execute(
            sql.SQL("create database {} owner scv_admin template {}").format(
                sql.Identifier(name), sql.Identifier(warehouse_template.database)
            )
        )
        # A copy has everything of its template but who may enter it.
        for statement in (
            "revoke connect, temporary on database {} from public",
            "grant connect on database {} to scv_loader, scv_transform, scv_linkage, scv_publisher, scv_reader",
            "grant temporary on database {} to scv_loader, scv_transform, scv_linkage, scv_publisher",
        ):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    os.environ["SCV_DATABASE"] = name
    get_settings.cache_clear()
    yield get_settings()
    del os.environ["SCV_DATABASE"]
    get_settings.cache_clear()
    with superuser(warehouse_template) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def admin(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """A connection to the module's warehouse as its owner, in autocommit."""
    with connect("admin", warehouse, autocommit=True) as connection:
        yield connection


def superuser(settings: Settings) -> psycopg.Connection:
    """A connection as the superuser of the test server, which no code of ours ever uses for work."""
    server = read_server(settings)
    assert server is not None
    password = read_superuser_password(settings)
    login = Login(server.host, server.port, "postgres", SUPERUSER, password)
    return psycopg.connect(login.conninfo, autocommit=True)
