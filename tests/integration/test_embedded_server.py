"""The embedded server starts for everybody, everywhere, and gets over crashes.

Each test has a home of its own, and so a server of its own. The tests for root and for an ordinary user
need to be started by root, as the build server does.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from scv.db import embedded
from scv.db.accounts import Account
from scv.db.embedded import get_status, read_server, remove_server, start_server, stop_server
from scv.db.installation import SOCKET_PATH_BYTES, _own
from scv.db.migrations import start_warehouse
from scv.db.warehouse import connect, find_login
from scv.errors import SettingsError
from scv.settings import Settings

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="drops from root to another account; run it as root (`sudo make test`)"
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder outside pytest's own, which other accounts cannot enter."""
    folder = Path(tempfile.mkdtemp(prefix="scv-server-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(place: Path) -> Iterator[Settings]:
    settings = Settings(home=place / "home")
    yield settings
    remove_server(settings)


def test_data_of_an_earlier_checkout_are_told_and_not_touched(home: Settings) -> None:
    start_server(home)
    stop_server(home)
    password = home.secrets_dir / embedded.SUPERUSER
    kept = password.rename(home.home / "kept")
    with pytest.raises(SettingsError, match="earlier checkout"):
        start_server(home)
    kept.rename(password)
    assert start_server(home)[1]


def select_one(settings: Settings) -> int:
    with connect("reader", settings) as connection:
        row = connection.execute("select 1").fetchone()
    assert row is not None
    return int(row[0])


def wait_until_gone(pid: int) -> None:
    for _ in range(300):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("the process does not end")


def test_start_is_idempotent_and_status_tells(home: Settings) -> None:
    assert not get_status(home).is_running
    assert start_warehouse(home).startswith("warehouse started on 127.0.0.1:")
    assert start_warehouse(home).startswith("warehouse already running on 127.0.0.1:")
    assert get_status(home).is_running
    assert select_one(home) == 1
    assert stop_server(home)
    assert not stop_server(home)
    assert not get_status(home).is_running


def test_only_loopback_and_scram_and_private_files(home: Settings) -> None:
    start_warehouse(home)
    server = read_server(home)
    assert server is not None
    with connect("admin", home) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show password_encryption").fetchone() == ("scram-sha-256",)
        assert connection.execute(
            "select rolsuper from pg_roles where rolname = current_user"
        ).fetchone() == (False,)
    login = find_login("admin", home)
    for host in ("127.0.0.1", server.socket_dir):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=host, port=login.port, user=login.user, password="wrong", dbname="scv")
    secrets = list(home.secrets_dir.iterdir())
    assert len(secrets) == 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert stat.S_IMODE(home.secrets_dir.stat().st_mode) == 0o700
    passwords = [path.read_text().strip() for path in secrets]
    log = (Path(server.base) / "server.log").read_text() + json.dumps(server.__dict__) + repr(login)
    assert not any(password in log for password in passwords)


def test_the_server_outlives_a_killed_parent(home: Settings) -> None:
    program = "from scv.db.migrations import start_warehouse; start_warehouse(); print('up', flush=True); import time; time.sleep(60)"
    environment = {**os.environ, "SCV_HOME": str(home.home)}
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        text=True,
    )
    assert parent.stdout is not None and parent.stdout.readline() == "up\n"
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert get_status(home).is_running
    assert select_one(home) == 1


def test_a_killed_server_starts_again_on_the_same_port(home: Settings) -> None:
    start_warehouse(home)
    before = get_status(home)
    assert before.pid is not None and before.server is not None
    os.kill(before.pid, signal.SIGKILL)
    wait_until_gone(before.pid)
    assert (Path(before.server.base) / "data" / "postmaster.pid").exists()
    assert not get_status(home).is_running
    start_warehouse(home)
    after = get_status(home)
    assert after.server is not None and after.server.port == before.server.port
    assert select_one(home) == 1


def test_a_pid_file_whose_number_another_program_has_now_does_not_count(home: Settings) -> None:
    start_warehouse(home)
    found = get_status(home)
    assert found.server is not None
    pid_file = Path(found.server.base) / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    stop_server(home)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    owner = pid_file.parent.stat()
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    assert not get_status(home).is_running
    start_warehouse(home)
    assert select_one(home) == 1


def test_a_kept_port_that_is_taken_gives_way_to_another(home: Settings) -> None:
    server, _ = start_server(home)
    stop_server(home)
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", server.port))
        squatter.listen()
        moved, _ = start_server(home)
        assert moved.port != server.port


def test_a_port_that_was_asked_for_and_is_taken_is_one_clear_line(place: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        settings = Settings(home=place / "home", pg_port=squatter.getsockname()[1])
        with pytest.raises(SettingsError, match=r"Port \d+ \(SCV_PG_PORT\) is taken"):
            start_server(settings)
    remove_server(settings)


def test_a_full_disk_is_one_clear_line(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FREE_BYTES_NEEDED", 10**18)
    with pytest.raises(SettingsError, match="MB are free where the database is kept"):
        start_server(home)


def test_a_long_path_with_spaces_and_quotes_works_and_its_socket_stays_short(place: Path) -> None:
    home = place / "a folder with spaces, a comma, it's long" / ("x" * 60) / "home"
    settings = Settings(home=home)
    try:
        start_warehouse(settings)
        server = read_server(settings)
        assert server is not None
        path = f"{server.socket_dir}/.s.PGSQL.{server.port}"
        assert len(path.encode()) < SOCKET_PATH_BYTES
        assert stat.S_ISSOCK(Path(path).stat().st_mode)
        assert stat.S_IMODE(Path(server.socket_dir).stat().st_mode) == 0o700
        assert select_one(settings) == 1
    finally:
        remove_server(settings)


@needs_root
def test_root_in_a_private_folder_keeps_data_and_programs_where_the_account_reaches_them(place: Path) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    settings = Settings(home=private / "home")
    try:
        said = start_warehouse(settings)
        server = read_server(settings)
        assert server is not None and server.is_moved
        assert f"cannot reach {settings.home}" in said and server.base in said
        folder = Path(server.base)
        assert folder.parent == Path(tempfile.gettempdir())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == pwd.getpwnam(server.account).pw_uid != 0
        assert select_one(settings) == 1
        stop_server(settings)
        assert start_warehouse(settings).startswith("warehouse started")
    finally:
        remove_server(settings)
    assert not folder.exists()


@needs_root
def test_root_copies_the_programs_too_when_the_checkout_is_private(place: Path) -> None:
    private = place / "private checkout"
    private.mkdir(mode=0o700)
    bin_dir = embedded.find_place(Settings(home=place / "probe")).bin_dir
    shutil.copytree(bin_dir.parent, private / "pginstall", symlinks=True)
    settings = Settings(home=private / "home", pg_bin=private / "pginstall" / "bin")
    try:
        start_warehouse(settings)
        server = read_server(settings)
        assert server is not None and Path(server.bin_dir).is_relative_to(server.base)
        assert select_one(settings) == 1
    finally:
        remove_server(settings)


@needs_root
def test_a_folder_that_belongs_to_somebody_else_is_refused(place: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid, is_self=False)
    (place / "planted").mkdir()
    (place / "target").mkdir()
    os.chown(place / "target", nobody.pw_uid, nobody.pw_gid)
    (place / "link").symlink_to(place / "target")
    for name in ("planted", "link"):
        with pytest.raises(SettingsError, match="does not belong to the account 'nobody'"):
            _own(place / name, account)


@needs_root
def test_an_ordinary_user_starts_a_server_of_their_own(place: Path, project_root: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    own = place / "own"
    own.mkdir(mode=0o700)
    # The other account need not be able to enter this checkout, so what it needs is copied.
    programs = embedded.find_place(Settings(home=place / "probe")).bin_dir
    shutil.copytree(programs.parent, own / "pginstall", symlinks=True)
    shutil.copytree(project_root / "infra" / "migrations", own / "infra" / "migrations")
    for path in (own, *own.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    settings = Settings(home=own / "home", project_root=own, pg_bin=own / "pginstall" / "bin")

    def live_as_nobody() -> list[object]:
        said = start_warehouse(settings)
        server = read_server(settings)
        assert server is not None
        facts = [said.startswith("warehouse started"), server.account, server.is_moved, select_one(settings)]
        pid = get_status(settings).pid
        facts.append(pid is not None and Path(f"/proc/{pid}").stat().st_uid == nobody.pw_uid)
        remove_server(settings)
        return [*facts, get_status(settings).is_running]

    assert run_as_account(nobody, live_as_nobody) == [True, "nobody", False, 1, True, False]


def run_as_account(entry: pwd.struct_passwd, work: Callable[[], list[object]]) -> list[object]:
    """Run a function in a fork that has become another account.

    Not a new Python: the interpreter may be in a home folder that the account cannot enter.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer: object = "no answer"
        try:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            answer = work()
        except BaseException as error:  # the parent has to hear of everything
            answer = repr(error)
        finally:
            os.write(writing, json.dumps(answer).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    found = json.loads(text)
    assert isinstance(found, list), found
    return found
