"""Connections, keys computed in SQL, errors without values, further databases, and an existing server."""

import traceback
from typing import cast

import psycopg
import pytest
import sqlalchemy
from psycopg import sql

from scv.cli.main import NO_TELEMETRY
from scv.db.migrations import start_warehouse, upgrade
from scv.db.roles import ensure_database
from scv.db.warehouse import ROLES, Role, connect, engine, find_login, translate_db_errors
from scv.errors import DatabaseError, SettingsError
from scv.keys import record_key
from scv.settings import Settings

CANARY = "Ada Canary"


@pytest.mark.parametrize("role", ROLES)
def test_a_session_is_named_in_utc_and_finds_nothing_by_search_path(warehouse: Settings, role: Role) -> None:
    with connect(role, warehouse) as connection:
        row = connection.execute(
            "select current_user, current_setting('timezone'), current_setting('application_name'), "
            "current_schemas(false), current_setting('datestyle')"
        ).fetchone()
    assert row is not None
    assert row[:2] == (f"scv_{role}", "UTC")
    assert row[2].startswith(f"scv {role}")
    assert row[3:] == ([], "ISO, YMD")
    with engine(role, warehouse).connect() as bound:
        assert bound.exec_driver_sql("select current_user, current_schemas(false)").one() == (
            f"scv_{role}",
            [],
        )


@pytest.mark.parametrize(
    "parts",
    [
        ("housing", "tenancies", "T1"),
        ("housing", "tenancies", "T1", "2"),
        ("hr", "posts", "a", "b", "c"),
        ("hr", "posts", "a", "b", "c", "d"),
        ("hr", "posts", "a", "b", "c", "d", "e", "#2"),
        ("x", "y", ""),
        ("x", "y", "back\\slash \\x41 \\\\ \\000"),
        ("x", "y", "é ß 日本 \u200d 👩‍👦 '\"%s"),
        ("x", "y", "line\nbreak\ttab"),
    ],
)
def test_the_record_key_is_the_same_in_sql_and_in_python(warehouse: Settings, parts: tuple[str, ...]) -> None:
    secret = bytes(range(256))
    placeholders = ", ".join(["%s::text"] * len(parts))
    with connect("loader", warehouse) as connection:
        in_sql = connection.execute(
            f"select audit.record_key(%s, {placeholders})", [secret, *parts]
        ).fetchone()
        as_array = connection.execute(
            "select audit.record_key(%s, variadic %s::text[])", [secret, list(parts)]
        ).fetchone()
    assert in_sql == as_array == (record_key(secret, *parts[:2], *parts[2:]),)


def everything_said(error: BaseException) -> str:
    return (
        "".join(traceback.format_exception(error))
        + repr(error)
        + str(error.__cause__)
        + str(error.__context__)
    )


@pytest.mark.parametrize(
    ("statement", "sqlstate", "table"),
    [
        (f"insert into raw_names.parsed_name values ('{CANARY}', 'person', false, '1'), ('{CANARY}', 'person', false, '1')", "23505", "raw_names.parsed_name"),
        (f"select '{CANARY}'::date", "22007", None),
        (f"insert into link.edge values ('{CANARY}', 'A', 0, 0, '{{}}', '{{}}', 0, 0, 0, 'v')", "23514", "link.edge"),
        (f"insert into link.edge (record_key_l) values ('{CANARY}')", "23502", "link.edge"),
        (f'select "{CANARY}"', "42703", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["psycopg", "sqlalchemy"])
def test_errors_tell_code_table_and_column_but_no_value(
    warehouse: Settings, way: str, statement: str, sqlstate: str, table: str | None
) -> None:
    with pytest.raises(DatabaseError) as caught:
        if way == "psycopg":
            with translate_db_errors("a test"), connect("admin", warehouse) as connection:
                connection.execute(statement)
        else:
            with translate_db_errors("a test"), engine("admin", warehouse).connect() as bound:
                bound.execute(sqlalchemy.text(statement))
    error = caught.value
    assert (error.sqlstate, error.table) == (sqlstate, table)
    assert sqlstate in str(error)
    assert "Canary" not in everything_said(error)
    assert error.__cause__ is None and error.__context__ is None


def test_a_column_is_named_and_the_callers_table_stands_in(warehouse: Settings) -> None:
    with (
        pytest.raises(DatabaseError) as caught,
        translate_db_errors("loading", "raw_housing.tenancies"),
        connect("admin", warehouse) as connection,
    ):
        connection.execute("insert into link.edge (record_key_l) values ('a')")
    assert caught.value.column == "record_key_r" and "column record_key_r" in str(caught.value)
    with (
        pytest.raises(DatabaseError, match=r"loading: SQLSTATE 22012 .*table raw_housing.tenancies"),
        translate_db_errors("loading", "raw_housing.tenancies"),
        connect("admin", warehouse) as connection,
    ):
        connection.execute("select 1 / 0")


def test_a_server_that_does_not_answer_is_one_clear_line(warehouse: Settings) -> None:
    url = f"postgresql://scv_admin:{CANARY.split()[1]}@127.0.0.1:1/scv"
    nowhere = Settings(home=warehouse.home, warehouse_url=url)
    with pytest.raises(DatabaseError, match="did not answer while connecting as scv_admin") as caught:
        connect("admin", nowhere)
    assert "Canary" not in everything_said(caught.value)


def test_a_role_that_does_not_exist_is_refused(warehouse: Settings) -> None:
    with pytest.raises(SettingsError, match="not a role"):
        connect(cast(Role, "superuser"), warehouse)


def test_migrating_again_changes_nothing(warehouse: Settings, admin: psycopg.Connection) -> None:
    before = admin.execute("select version_num from audit.alembic_version").fetchall()
    upgrade(warehouse)
    assert admin.execute("select version_num from audit.alembic_version").fetchall() == before


def test_a_further_database_has_its_own_owner_and_nobody_else_enters(warehouse: Settings) -> None:
    login = ensure_database("src_test", "scv_source_test", warehouse)
    assert ensure_database("src_test", "scv_source_test", warehouse) == login
    with psycopg.connect(login.conninfo) as connection:
        connection.execute("create schema s")
    with pytest.raises(DatabaseError):
        connect("reader", warehouse, database="src_test")


def test_an_existing_server_is_used_by_its_url(
    warehouse_template: Settings, admin: psycopg.Connection, tmp_path: object
) -> None:
    """A second home that knows the first server by its URL only, as a council's own server would be."""
    server = find_login("admin", warehouse_template)
    admin.execute("create database existing template template0")
    url = sqlalchemy.URL.create(
        "postgresql", server.user, server.password, server.host, server.port, "existing"
    )
    settings = Settings(home=tmp_path, warehouse_url=url.render_as_string(hide_password=False))
    secrets = warehouse_template.secrets_dir
    for path in secrets.iterdir():  # the roles are the server's, so are their passwords
        (settings.secrets_dir).mkdir(mode=0o700, exist_ok=True)
        (settings.secrets_dir / path.name).write_text(path.read_text())
    try:
        assert start_warehouse(settings) == "warehouse using the server of SCV_WAREHOUSE_URL, migrated"
        with connect("reader", settings) as connection:
            assert connection.info.dbname == "existing"
            assert connection.execute("select count(*) from alerts.finding").fetchone() == (0,)
        assert not (settings.home / "pg").exists()
    finally:
        admin.execute(sql.SQL("drop database existing with (force)"))


def test_an_old_server_is_refused(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scv.db.roles.OLDEST_SERVER", 990000)
    with pytest.raises(SettingsError, match="or later is needed"):
        start_warehouse(warehouse)


def test_nothing_calls_home() -> None:
    assert set(NO_TELEMETRY) == {
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED",
        "DBT_SEND_ANONYMOUS_USAGE_STATS",
        "GX_ANALYTICS_ENABLED",
        "DO_NOT_TRACK",
    }
