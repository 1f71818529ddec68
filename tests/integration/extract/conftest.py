"""A small council of one's own: manifests, files and databases in a temporary folder, and the module's warehouse."""

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql
from pydantic import SecretStr

from scv.db.roles import ensure_database
from scv.db.warehouse import Login, connect
from scv.extract import SystemResult, extract_system
from scv.settings import Settings

FIRST = date(2026, 3, 2)
_numbers = itertools.count(1)


def night(number: int) -> date:
    """The n-th night, from 1."""
    return FIRST + timedelta(days=number - 1)


class Council:
    """What a test needs to declare, fill and load a system, and to look at what came of it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self.settings = settings.model_copy(update={"project_root": folder / "project", "connections": {}})

    def name(self) -> str:
        """A system's name that no other test has."""
        return f"system_{next(_numbers)}"

    def declare(self, system: str, form: str, tables: list[dict[str, Any]], **meta: Any) -> None:
        """Write a manifest. Each table: name, columns {name: type or (type, extras)}, and meta fields."""
        entries = []
        for table in tables:
            given = dict(table)
            columns = []
            for name, kind in given.pop("columns").items():
                data_type, extras = kind if isinstance(kind, tuple) else (kind, {})
                item = {"privacy": "service", **extras}
                columns.append({"name": name, "data_type": data_type, "config": {"meta": item}})
            name = given.pop("name")
            fields = {
                "location": name,
                "delivery": "snapshot",
                "primary_key": ["id"],
                "key_means_person": "none",
                "freshness_hours": 36,
                "retention_class": "two_years",
                **given,
            }
            entries.append({"name": name, "config": {"meta": fields}, "columns": columns})
        meta = {
            "owner": "owner@example.gov.uk",
            "connection": f"src_{system}",
            "format": form,
            "lawful_basis": "public_task",
            **meta,
        }
        source = {"name": system, "schema": f"raw_{system}", "config": {"meta": meta}, "tables": entries}
        path = self.settings.project_root / f"dbt_project/models/staging/{system}/_{system}__sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False))

    def connect_to(self, system: str, target: str) -> None:
        """Name where a system is."""
        self.settings.connections[f"src_{system}"] = SecretStr(target)

    def files(self, system: str) -> Path:
        """The folder of a system that delivers files."""
        folder = self.folder / "files" / system
        folder.mkdir(parents=True, exist_ok=True)
        self.connect_to(system, str(folder))
        return folder

    def sqlite(self, system: str) -> sqlite3.Connection:
        """An SQLite database of a system, in autocommit."""
        path = self.folder / f"{system}.sqlite"
        self.connect_to(system, f"sqlite:///{path}")
        return sqlite3.connect(path, isolation_level=None)

    def extract(self, system: str, number: int = 1, **options: Any) -> SystemResult:
        """Load the n-th night."""
        return extract_system(system, night(number), settings=self.settings, **options)

    def load_csv(
        self, system: str, text: str | bytes, number: int = 1, file: str = "people.csv"
    ) -> SystemResult:
        """Write a file and load it."""
        content = text.encode() if isinstance(text, str) else text
        (self.files(system) / file).write_bytes(content)
        return self.extract(system, number)

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the warehouse as the loader."""
        with connect("loader", self.settings) as connection:
            return connection.execute(statement, parameters).fetchall()

    def execute(self, statement: str, *parameters: Any) -> None:
        """Change the warehouse as its owner."""
        with connect("admin", self.settings, autocommit=True) as connection:
            connection.execute(statement, parameters)

    def current(self, system: str, table: str = "people", columns: str = "*") -> list[tuple[Any, ...]]:
        """The declared columns of the current rows, in order."""
        return self.query(f"select {columns} from raw_{system}.{table} where _valid_to is null order by 1")

    def as_of(self, system: str, number: int, columns: str, table: str = "people") -> list[tuple[Any, ...]]:
        """The rows as the n-th night showed them."""
        from scv.clock import cutoff

        at = cutoff(night(number))
        return self.query(
            f"select {columns} from raw_{system}.{table} where _valid_from <= %s "
            "and (_valid_to is null or _valid_to > %s) order by 1",
            at,
            at,
        )

    def versions(self, system: str, table: str = "people") -> list[tuple[Any, ...]]:
        """Everything but the loading time, in order: to see that nothing has changed."""
        return self.query(
            f"select to_jsonb(r) - '_loaded_at' from raw_{system}.{table} as r order by _record_key, _valid_from"
        )

    def ledger(self, system: str, number: int = 1, table: str = "people") -> dict[str, Any]:
        """One row of audit.load."""
        rows = self.query(
            "select to_jsonb(l) from audit.load as l where system = %s and night = %s and table_name = %s",
            system,
            night(number),
            table,
        )
        return rows[0][0]

    def quarantined(self, system: str) -> list[tuple[Any, ...]]:
        """Open rows in quarantine: reason, column."""
        return self.query(
            "select reason_code, column_name from quarantine.row where system = %s and replayed_at is null "
            "order by quarantine_id",
            system,
        )


@pytest.fixture
def council(warehouse: Settings, tmp_path: Path) -> Iterator[Council]:
    """A council with no systems yet."""
    yield Council(warehouse, tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture(scope="module")
def source_login(warehouse: Settings) -> Login:
    """A database of a department on the same server, with a login that owns it."""
    return ensure_database(f"source_{warehouse.database}", "scv_source_test", warehouse)


@pytest.fixture
def source(source_login: Login) -> Iterator[psycopg.Connection]:
    """An empty departmental Postgres database."""
    with psycopg.connect(source_login.conninfo, autocommit=True) as connection:
        yield connection
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (name,) in tables:
            connection.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
