"""The command line lists fast, ends with the right code, and shows no traceback to a person."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scv import errors
from scv.cli.main import COMMANDS, run
from scv.errors import ScvError


def scv(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scv.cli.main", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_and_imports_none() -> None:
    program = (
        "import sys; sys.argv = ['scv', '--help']\n"
        "from scv.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: pass\n"
        "print('IMPORTED', sorted(n for n in sys.modules if n.split('.')[0] in "
        "('sqlalchemy', 'psycopg', 'alembic', 'pandas', 'duckdb', 'dbt') or n.startswith('scv.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for name in COMMANDS:
        assert f" {name} " in done.stdout
    assert "IMPORTED ['scv.cli.main']" in done.stdout


def test_every_command_of_the_list_exists_and_has_help() -> None:
    assert {"demo", "night", "sources", "link", "names", "report", "db"} <= set(COMMANDS)
    for name in COMMANDS:
        done = scv(name, "--help")
        assert done.returncode == 0, f"{name}: {done.stderr[-500:]}"
        assert f"scv {name}" in done.stdout or f"main {name}" in done.stdout


def test_an_error_is_one_line_and_its_code(tmp_path: Path) -> None:
    done = scv("db", "psql", SCV_HOME=str(tmp_path / "empty"))
    assert done.returncode == errors.SettingsError.exit_code
    assert done.stderr == "SettingsError: The warehouse has not been started. Run `scv db start`.\n"
    assert done.stdout == ""


def test_each_kind_of_error_has_its_own_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ScvError)]
    codes = {kind.__name__: kind.exit_code for kind in kinds}
    assert codes == {
        "ScvError": 1,
        "SettingsError": 2,
        "DatabaseError": 3,
        "SourceDownError": 10,
        "SourceSchemaError": 11,
        "SourceDataError": 12,
        "CheckFailed": 20,
        "PublishRefused": 21,
        "NightLocked": 30,
        "RebuildUnfinished": 31,
        "InputError": 40,
    }


def test_the_entry_point_turns_an_error_into_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise errors.NightLocked("another night is running")

    monkeypatch.setattr("scv.cli.main.app", fail)
    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 30
    assert capsys.readouterr().err == "NightLocked: another night is running\n"


def test_status_of_a_warehouse_that_was_never_started(tmp_path: Path) -> None:
    done = scv("db", "status", "--json", SCV_HOME=str(tmp_path / "empty"))
    assert (done.returncode, done.stdout) == (3, '{"running": false}\n')
    assert not (tmp_path / "empty").exists()


def test_the_version_is_told() -> None:
    assert scv("--version").stdout == "scv 0.1.0\n"
