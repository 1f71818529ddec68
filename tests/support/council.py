"""A small synthetic council in a home of its own, whose nights tests run as programs, as people do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import psycopg

from scv.db.embedded import remove_server
from scv.db.warehouse import Role, connect
from scv.demo import council
from scv.publish import published_hash
from scv.settings import Settings

FIRST_NIGHT = date(2026, 3, 2)


@dataclass
class Council:
    """Residents, their departments' systems, and one server that holds any number of warehouses over them."""

    home: Path
    residents: int = 2000
    seed: int = 7
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        # One secret for all warehouses, or their keys could not be compared.
        self.environment = {
            **os.environ,
            "SCV_HOME": str(self.home),
            "SCV_RECORD_KEY_SECRET": "a secret for tests",
        }

    def settings(self, database: str = "scv") -> Settings:
        """Settings of one of the warehouses."""
        return Settings(home=self.home, database=database, record_key_secret="a secret for tests")

    def scv(
        self, *arguments: str, database: str = "scv", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        done = subprocess.run(
            self._command(arguments),
            env=self._environment(database),
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, (
            f"scv {' '.join(arguments)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
        return done

    def start(self, *arguments: str, database: str = "scv") -> subprocess.Popen[bytes]:
        """Start a command as the leader of a process group, so that all of it can be killed."""
        return subprocess.Popen(
            self._command(arguments), env=self._environment(database), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def make(self, first_night: date = FIRST_NIGHT) -> None:
        """Start the server and make the council up to its first night."""
        self.scv("db", "start")
        with connect("admin", self.settings(), autocommit=True) as server:
            council.create(self.home, self.residents, self.seed, first_night, server)

    def advance(self, night: date) -> None:
        """Let the council live up to a later night."""
        with connect("admin", self.settings(), autocommit=True) as server:
            council.advance(self.home, night, server)

    def start_in_airflow(self, night: date, *, database: str = "scv") -> subprocess.Popen[bytes]:
        """Start a night of the DAG, without a scheduler, as the leader of a process group."""
        code = (
            "from datetime import date; from scv.orchestrator import service; from scv.settings import get_settings;"
            f"s = get_settings(); service.run_night(date.fromisoformat('{night}'), s, service.migrate(s))"
        )
        return subprocess.Popen(
            [sys.executable, "-c", code], env=self._environment(database), start_new_session=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    @contextmanager
    def connect(self, role: Role = "publisher", database: str = "scv") -> Iterator[psycopg.Connection]:
        """Look into a warehouse."""
        with connect(role, self.settings(database)) as connection:
            yield connection

    def published(self, database: str = "scv") -> dict[str, str]:
        """Hash of every published table."""
        with self.connect(database=database) as connection:
            return published_hash(connection)

    def remove(self) -> None:
        """Stop the server."""
        remove_server(self.settings())

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "scv.cli.main", *arguments]

    def _environment(self, database: str) -> dict[str, str]:
        return self.environment | {"SCV_DATABASE": database}


def night_number(number: int) -> date:
    """The date of the first, second, ... night."""
    return FIRST_NIGHT + timedelta(days=number - 1)
