"""The synthetic council's two Postgres systems: the same as in SQLite, and readable by one login only."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy

from scv.db.warehouse import connect
from scv.demo import council
from scv.demo.parameters import Parameters, read_package_yaml
from scv.demo.sinks.layout import POSTGRES, specs_of

pytestmark = pytest.mark.postgres
FIRST = date(2026, 3, 2)
LATER = FIRST + timedelta(days=2)


def _parameters() -> Parameters:
    tree = read_package_yaml("parameters.yml")
    tree["world"]["block_residents"] = 200
    return Parameters(tree)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, warehouse: Any) -> Iterator[tuple[Path, Path]]:
    """The same council of two blocks, two nights on: in Postgres, and in SQLite."""
    kept, plain = tmp_path_factory.mktemp("postgres"), tmp_path_factory.mktemp("sqlite")
    with connect("admin", autocommit=True) as server:
        council.create(kept, 400, 4, FIRST, server, _parameters())
        for night in (FIRST + timedelta(days=1), LATER, LATER):
            council.advance(kept, night, server)
    council.create(plain, 400, 4, FIRST, parameters=_parameters())
    council.advance(plain, LATER)
    yield kept, plain


def _plain(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.mark.parametrize("system", POSTGRES)
def test_a_system_in_postgres_holds_what_sqlite_would(homes: tuple[Path, Path], system: str) -> None:
    kept, plain = homes
    url = json.loads((kept / "connections.json").read_text())[f"src_{system}"]
    engine = sqlalchemy.create_engine(url, hide_parameters=True)
    rows = 0
    with engine.connect() as source, sqlite3.connect(plain / f"sources/{system}/{system}.sqlite") as expected:
        source.execute(sqlalchemy.text("set time zone 'UTC'"))
        for spec in specs_of(system):
            names = ", ".join(spec.columns)
            query = f"select {names} from {spec.name}"
            found = {tuple(map(_plain, row)) for row in source.execute(sqlalchemy.text(query))}
            assert found == set(expected.execute(query)), spec.id
            rows += len(found)
    engine.dispose()
    assert rows > 100


def test_the_login_of_the_sources_may_only_read(homes: tuple[Path, Path]) -> None:
    url = json.loads((homes[0] / "connections.json").read_text())["src_council_tax"]
    dsn = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(dsn) as source:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            source.execute("delete from ctaccount")
        source.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            source.execute("create table mine (a int)")


def test_another_council_on_the_same_server_leaves_this_one_alone(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    with connect("admin", autocommit=True) as server:
        server.execute("create database other_warehouse")
    with connect("admin", database="other_warehouse", autocommit=True) as server:
        council.create(tmp_path, 50, 5, FIRST, server, _parameters())
    counts = []
    for home in (homes[0], tmp_path):
        url = json.loads((home / "connections.json").read_text())["src_council_tax"]
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as source:
            row = source.execute("select count(*) from ctaccount").fetchone()
        assert row is not None
        counts.append(row[0])
    assert counts[0] > counts[1] > 0
