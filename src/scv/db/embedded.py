"""The embedded PostgreSQL server: start, stop, look at it, remove it.

It listens on the loopback address and a socket only, asks everybody for a scram password, outlives
the process that started it, and keeps its port between starts as long as that is free.
"""

import fcntl
import json
import os
import random
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from scv.db.accounts import run_as
from scv.db.installation import Place, find_place, find_socket_dir
from scv.errors import DatabaseError, SettingsError
from scv.settings import Settings, read_or_make_secret

SUPERUSER = "postgres"
HOST = "127.0.0.1"
FREE_BYTES_NEEDED = 500_000_000
# Below the range that Linux gives to outgoing connections, so that a kept port stays free.
PORT_RANGE = (20_000, 32_000)

PASSING_TROUBLES = (
    "pre-existing shared memory block",
    "could not bind",
    "could not create any TCP/IP sockets",
)

CONFIGURATION = """\
# Written at every start; change src/scv/db/embedded.py instead.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 60
shared_buffers = '256MB'
effective_cache_size = '2GB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
max_wal_size = '2GB'
# No replica reads along, so a table that is made and filled in one transaction needs no log of its rows.
wal_level = minimal
max_wal_senders = 0
# A client that was killed must not go on holding locks for the length of its query.
client_connection_check_interval = '2s'
checkpoint_timeout = '15min'
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# Statements and parameters may hold personal values: neither is ever written to the log.
log_min_error_statement = panic
log_min_messages = log
log_checkpoints = off
log_statement = 'none'
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
"""


@dataclass(frozen=True)
class Server:
    """What is known of a started server: enough for another process to connect to it or to stop it."""

    host: str
    port: int
    base: str
    bin_dir: str
    socket_dir: str
    is_moved: bool
    account: str


@dataclass(frozen=True)
class Status:
    """Whether the server of a home folder runs, and where."""

    is_running: bool
    pid: int | None
    server: Server | None


def read_server(settings: Settings) -> Server | None:
    """The server that was last started for this home, running or not."""
    path = _state_file(settings)
    if not path.is_file():
        return None
    return Server(**json.loads(path.read_text()))


def get_status(settings: Settings) -> Status:
    """Look whether the server runs; starts and changes nothing."""
    server = read_server(settings)
    pid = _find_postmaster(Path(server.base) / "data") if server else None
    return Status(pid is not None, pid, server)


def start_server(settings: Settings) -> tuple[Server, bool]:
    """Start the server, after making its data folder where there is none; idempotent.

    Returns the server and whether it had to be started. SettingsError where the machine lacks
    something (disk, port, account), DatabaseError where PostgreSQL itself does not come up.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with _exclusive(settings):
        place = find_place(settings)
        if _find_postmaster(place.data) is not None:
            return _await_running(settings, place), False
        _check_disk(place)
        if not (place.data / "PG_VERSION").is_file():
            _initialise(settings, place)
        elif not (settings.secrets_dir / SUPERUSER).is_file():
            # A checkout that was deleted leaves its data where they had been moved out of it.
            raise SettingsError(
                f"{place.base} holds the warehouse of an earlier checkout at this place, whose password went with "
                f"it. Put back {settings.secrets_dir / SUPERUSER}, or delete that folder to start anew."
            )
        return _launch(settings, place), True


def stop_server(settings: Settings) -> bool:
    """Stop the server; False where it was not running."""
    if get_status(settings).pid is None:
        return False
    with _exclusive(settings):
        place = find_place(settings)
        done = run_as(
            place.account,
            [place.bin_dir / "pg_ctl", "stop", "-D", place.data, "-m", "fast", "-w", "-t", "90"],
        )
    if done.returncode != 0:
        raise DatabaseError(f"The embedded server did not stop. See {place.log}.")
    return True


def remove_server(settings: Settings) -> None:
    """Stop the server and delete its data and folders: everything in the warehouse is lost."""
    stop_server(settings)
    server = read_server(settings)
    if server is not None:
        for folder in (server.socket_dir, server.base):
            shutil.rmtree(folder, ignore_errors=True)
    _state_file(settings).unlink(missing_ok=True)


def read_superuser_password(settings: Settings) -> str:
    """Password of the embedded server's superuser, generated on first use; used by start only."""
    return read_or_make_secret(settings.secrets_dir / SUPERUSER)


def _initialise(settings: Settings, place: Place) -> None:
    password = read_superuser_password(settings)
    # The password comes in through the pipe and is in a file, 0600, for as long as initdb runs only.
    script = (
        'base=$1; shift; rm -rf "$base/data"; cat > "$base/pwfile"; '
        '"$@"; code=$?; rm -f "$base/pwfile"; '
        '[ $code = 0 ] && echo "include = \'scv.conf\'" >> "$base/data/postgresql.conf"; exit $code'
    )
    initdb: list[str | Path] = [place.bin_dir / "initdb", "-D", place.data, "-U", SUPERUSER]
    initdb += [f"--pwfile={place.base / 'pwfile'}", "--encoding=UTF8", "--auth=scram-sha-256"]
    initdb += _locale_options(place)
    done = run_as(place.account, ["/bin/sh", "-c", script, "sh", place.base, *initdb], stdin=password + "\n")
    if done.returncode != 0:
        raise DatabaseError(f"initdb failed in {place.base}: {' '.join(done.stderr.split())[-400:]}")


def _locale_options(place: Place) -> list[str]:
    """The same order and case rules on every machine; the builtin provider came with version 17."""
    version = run_as(place.account, [place.bin_dir / "postgres", "--version"]).stdout
    digits = "".join(sign if sign.isdigit() else " " for sign in version).split()
    if digits and int(digits[0]) >= 17:
        return ["--locale-provider=builtin", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _launch(settings: Settings, place: Place) -> Server:
    socket_dir = find_socket_dir(place)
    kept = read_server(settings)
    for attempt in range(8):
        _remove_stale_pid(place)
        port = _choose_port(settings, kept.port if kept and attempt < 4 else None)
        text = CONFIGURATION.format(host=HOST, port=port, socket_dir=socket_dir)
        script = 'cat > "$1/data/scv.conf" && : > "$1/server.log" && shift && exec "$@"'
        pg_ctl: list[str | Path] = [
            place.bin_dir / "pg_ctl",
            "start",
            "-D",
            place.data,
            "-l",
            place.log,
            "-w",
            "-t",
            "90",
        ]
        command: list[str | Path] = ["/bin/sh", "-c", script, "sh", place.base, *pg_ctl]
        done = run_as(place.account, command, stdin=text)
        if done.returncode == 0:
            return _remember(settings, place, port, socket_dir)
        log = place.log.read_text(errors="replace") if place.log.is_file() else done.stderr
        if not any(sign in log for sign in PASSING_TROUBLES):
            break
        # The children of a killed server need a moment to end; another program may take a port first.
        time.sleep(0.5)
    last = " ".join(log.split())[-400:]
    raise DatabaseError(f"The embedded server did not start. Last lines of {place.log}: {last}")


def _await_running(settings: Settings, place: Place) -> Server:
    """Wait for a server that is alive but perhaps still recovering; its pid file says where it listens."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and _find_postmaster(place.data) is not None:
        lines = (place.data / "postmaster.pid").read_text().splitlines()
        if len(lines) > 7 and lines[7].strip() == "ready" and _accepts(int(lines[3])):
            return _remember(settings, place, int(lines[3]), Path(lines[4]))
        time.sleep(0.1)
    raise DatabaseError(f"The embedded server runs but accepts no connections. See {place.log}.")


def _remember(settings: Settings, place: Place, port: int, socket_dir: Path) -> Server:
    server = Server(
        host=HOST,
        port=port,
        base=str(place.base),
        bin_dir=str(place.bin_dir),
        socket_dir=str(socket_dir),
        is_moved=place.is_moved,
        account=place.account.name,
    )
    path = _state_file(settings)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(asdict(server), indent=2) + "\n")
    temporary.replace(path)
    return server


def _choose_port(settings: Settings, kept: int | None) -> int:
    if settings.pg_port is not None:
        if not _is_free(settings.pg_port):
            raise SettingsError(
                f"Port {settings.pg_port} (SCV_PG_PORT) is taken by another program. "
                "Set another, or leave SCV_PG_PORT out to have a free one picked."
            )
        return settings.pg_port
    if kept is not None and _is_free(kept):
        return kept
    chance = random.SystemRandom()
    for _ in range(200):
        port = chance.randint(*PORT_RANGE)
        if _is_free(port):
            return port
    raise SettingsError(f"No free port between {PORT_RANGE[0]} and {PORT_RANGE[1]} on {HOST}.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server itself does: connections that are fading away do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=5):
            return True
    except OSError:
        return False


def _find_postmaster(data: Path) -> int | None:
    """Process id of the live server of a data folder; a left-over pid file of a dead one does not count."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
        started_in = Path(lines[1])
    except (OSError, ValueError, IndexError):
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    command = Path(f"/proc/{pid}/cmdline")
    if command.is_file():
        # The number may have been given to another program since, after a crash or a restart.
        words = command.read_bytes().split(b"\0")
        is_postgres = b"postgres" in Path(os.fsdecode(words[0])).name.encode()
        if not is_postgres or os.fsencode(started_in) not in words:
            return None
    return pid


def _remove_stale_pid(place: Place) -> None:
    pid_file = place.data / "postmaster.pid"
    if pid_file.exists() and _find_postmaster(place.data) is None:
        pid_file.unlink()


def _check_disk(place: Place) -> None:
    free = shutil.disk_usage(place.base).free
    if free < FREE_BYTES_NEEDED:
        raise SettingsError(
            f"Only {free // 1_000_000} MB are free where the database is kept ({place.base}); "
            f"{FREE_BYTES_NEEDED // 1_000_000} MB are needed. Make room, or set SCV_HOME to another disk."
        )


def _state_file(settings: Settings) -> Path:
    return settings.home / "pg.json"


@contextmanager
def _exclusive(settings: Settings) -> Iterator[None]:
    """One start or stop at a time for one home, across processes."""
    with (settings.home / ".pg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
