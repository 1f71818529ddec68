"""Logins of the warehouse: made once, passwords generated into 0600 files, never printed."""

import psycopg
from psycopg import sql

from scv.db.embedded import SUPERUSER, Server, read_superuser_password
from scv.db.warehouse import (
    SERVICE_ROLES,
    Login,
    connect,
    encrypt_password,
    find_login,
    is_reachable,
    translate_db_errors,
)
from scv.errors import SettingsError
from scv.settings import Settings, get_settings, read_or_make_secret

OLDEST_SERVER = 150000


def make_admin(settings: Settings, server: Server) -> None:
    """Make the role scv_admin and the warehouse's database on a new embedded server; idempotent.

    This is the only work ever done as superuser.
    """
    admin = find_login("admin", settings)
    if is_reachable(admin):
        return
    superuser = Login(server.host, server.port, "postgres", SUPERUSER, read_superuser_password(settings))
    with (
        translate_db_errors("making scv_admin and its database"),
        psycopg.connect(superuser.conninfo, autocommit=True) as connection,
    ):
        set_login(connection, admin.user, admin.password, "createrole createdb")
        _make_database(connection, settings.database, admin.user)


def set_login(connection: psycopg.Connection, name: str, password: str, attributes: str = "") -> None:
    """Make a login role, or set the password of the one that is there."""
    known = connection.execute("select 1 from pg_catalog.pg_roles where rolname = %s", [name]).fetchone()
    statement = sql.SQL("{verb} role {name} with login {attributes} password {verifier}").format(
        verb=sql.SQL("alter" if known else "create"),
        name=sql.Identifier(name),
        attributes=sql.SQL(attributes),
        verifier=sql.Literal(encrypt_password(connection, name, password)),
    )
    connection.execute(statement)


def set_role_passwords(settings: Settings) -> None:
    """Give each service role the password of its secret file where it cannot log in with it yet."""
    closed = [role for role in SERVICE_ROLES if not is_reachable(find_login(role, settings))]
    if not closed:
        return
    with (
        translate_db_errors("setting the passwords of the roles"),
        connect("admin", settings, autocommit=True) as connection,
    ):
        for role in closed:
            login = find_login(role, settings)
            set_login(connection, login.user, login.password)


def ensure_database(name: str, user: str, settings: Settings | None = None) -> Login:
    """Make a further database owned by a login of its own (Airflow's, a demo source); idempotent.

    The password is generated into home/secrets/<user>. Returns how to connect to it.
    """
    settings = settings or get_settings()
    admin = find_login("admin", settings)
    password = read_or_make_secret(settings.secrets_dir / user)
    login = Login(admin.host, admin.port, name, user, password)
    if is_reachable(login):
        return login
    with (
        translate_db_errors(f"making the database {name}"),
        connect("admin", settings, autocommit=True) as connection,
    ):
        set_login(connection, user, password)
        _make_database(connection, name, user)
    return login


def check_version(settings: Settings) -> None:
    """Refuse a server older than PostgreSQL 15, or a database that is not in UTF-8."""
    with connect("admin", settings, autocommit=True) as connection:
        version = connection.info.server_version
        encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise SettingsError(
            f"The warehouse's database is in {encoding}; UTF8 is needed. "
            "Make it anew with `create database ... encoding 'UTF8' template template0`."
        )
    if version < OLDEST_SERVER:
        raise SettingsError(
            f"The warehouse runs PostgreSQL {version // 10000}; 15 or later is needed. "
            "Point SCV_WAREHOUSE_URL or SCV_PG_BIN to a newer one."
        )


def _make_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    known = connection.execute("select 1 from pg_catalog.pg_database where datname = %s", [name]).fetchone()
    if known:
        return
    owner_name, database = sql.Identifier(owner), sql.Identifier(name)
    current = connection.info.user
    if owner not in (current, SUPERUSER) and current != SUPERUSER:
        # To give a database away, its maker must be a member of the new owner's role.
        connection.execute(
            sql.SQL("grant {owner} to {me}").format(owner=owner_name, me=sql.Identifier(current))
        )
    connection.execute(
        sql.SQL("create database {database} owner {owner} template template0").format(
            database=database, owner=owner_name
        )
    )
    connection.execute(
        sql.SQL("revoke connect, temporary on database {database} from public").format(database=database)
    )
