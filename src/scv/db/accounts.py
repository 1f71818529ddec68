"""Which operating-system account runs the embedded server, and running programs as that account.

PostgreSQL refuses to run as root. Started as root, the server runs as an existing account without
rights of its own; started by anybody else, it runs as that person.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scv.errors import SettingsError

# The first of these that exists: what Debian's own PostgreSQL uses, then what every system has.
UNPRIVILEGED = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """An account of this machine; `is_self` means the one that this process already runs as."""

    name: str
    uid: int
    gid: int
    is_self: bool


def find_account() -> Account:
    """The account for the server: ourselves, or an existing unprivileged one when we are root."""
    uid = os.geteuid()
    if uid != 0:
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:  # a container may run as a number that has no name
            name = str(uid)
        return Account(name, uid, os.getegid(), is_self=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid, is_self=False)
    raise SettingsError(
        "PostgreSQL does not run as root, and this machine has none of the accounts "
        f"{', '.join(UNPRIVILEGED)}. Run as an ordinary user, or set SCV_WAREHOUSE_URL."
    )


def run_as(
    account: Account,
    command: Sequence[str | Path],
    *,
    stdin: str | bytes | None = None,
    extra_env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, with a bare environment and `/` as its folder; output is captured.

    Does not raise for a failing program: look at `returncode`.
    """
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **(extra_env or {})}
    given = stdin.encode() if isinstance(stdin, str) else stdin
    with subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env=env,
        umask=0o077,
        user=None if account.is_self else account.uid,
        group=None if account.is_self else account.gid,
        extra_groups=None if account.is_self else [],
    ) as process:
        try:
            out, err = process.communicate(given, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise SettingsError(f"{Path(str(command[0])).name} did not end within {timeout:.0f} s.") from None
    return subprocess.CompletedProcess(
        list(map(str, command)),
        process.returncode,
        out.decode(errors="replace"),
        err.decode(errors="replace"),
    )


def can_run(account: Account, program: Path) -> bool:
    """Whether the account reaches and may execute a program."""
    return _test(account, "-x", program)


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account reaches a folder and may pass through it."""
    return _test(account, "-x", folder) and _test(account, "-d", folder)


def _test(account: Account, flag: str, path: Path) -> bool:
    return run_as(account, ["/bin/sh", "-c", 'test "$1" "$2"', "sh", flag, path], timeout=20).returncode == 0
