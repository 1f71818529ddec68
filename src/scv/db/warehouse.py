"""Connections to the warehouse, each as the least privileged role that can do the work.

Roles: admin (migrations only), loader, transform, linkage, publisher, reader, restricted_reader.
"""

import os
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, get_args

import psycopg
import sqlalchemy
from psycopg import pq
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, make_url
from sqlalchemy import exc as sqlalchemy_errors

from scv.db.embedded import read_server
from scv.errors import DatabaseError, SettingsError
from scv.settings import Settings, get_settings, read_or_make_secret

Role = Literal["admin", "loader", "transform", "linkage", "publisher", "reader", "restricted_reader"]
ROLES: tuple[Role, ...] = get_args(Role)
SERVICE_ROLES: tuple[Role, ...] = tuple(role for role in ROLES if role != "admin")

# Nothing is found by search path: every name in our SQL says its schema.
SESSION_OPTIONS = "-c search_path= -c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=postgres"


@dataclass(frozen=True)
class Login:
    """Everything needed to connect; the password is left out of its printed form."""

    host: str
    port: int
    database: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user}@{self.host}:{self.port}/{self.database})"

    @property
    def url(self) -> str:
        """SQLAlchemy URL with the psycopg driver; holds the password."""
        parts = sqlalchemy.URL.create(
            "postgresql+psycopg", self.user, self.password, self.host, self.port, self.database
        )
        return parts.render_as_string(hide_password=False)

    @property
    def conninfo(self) -> str:
        """libpq connection string; holds the password."""
        return make_conninfo(
            host=self.host, port=self.port, dbname=self.database, user=self.user, password=self.password
        )

    @property
    def environment(self) -> dict[str, str]:
        """PGHOST and its like, for psql, dbt and other programs."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.database,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
        }


def login_name(role: Role) -> str:
    """The name under which a role logs in: scv_<role>."""
    return f"scv_{role}"


def find_login(role: Role, settings: Settings | None = None, *, database: str | None = None) -> Login:
    """Where and as whom to connect for a role; SettingsError where no server was ever started."""
    settings = settings or get_settings()
    if role not in ROLES:
        raise SettingsError(f"'{role}' is not a role of the warehouse; roles are {', '.join(ROLES)}.")
    if settings.warehouse_url is not None:
        given = make_url(settings.warehouse_url.get_secret_value())
        host, port = given.host or "127.0.0.1", given.port or 5432
        name = database or given.database or settings.database
        if role == "admin":
            return Login(host, port, name, given.username or "scv_admin", str(given.password or ""))
    else:
        server = read_server(settings)
        if server is None:
            raise SettingsError("The warehouse has not been started. Run `scv db start`.")
        host, port, name = server.host, server.port, database or settings.database
    password = read_or_make_secret(settings.secrets_dir / login_name(role))
    return Login(host, port, name, login_name(role), password)


def connect(
    role: Role, settings: Settings | None = None, *, database: str | None = None, **options: Any
) -> psycopg.Connection:
    """Open a connection as a role: UTC, empty search path, named after the role in pg_stat_activity.

    Further options go to psycopg (autocommit, row_factory, ...). DatabaseError where it is refused.
    """
    login = find_login(role, settings, database=database)
    options.setdefault("application_name", f"scv {role} {os.getpid()}")
    options.setdefault("connect_timeout", 10)
    with translate_db_errors(f"connecting as {login.user}"):
        return psycopg.connect(login.conninfo, options=SESSION_OPTIONS, **options)


def engine(role: Role, settings: Settings | None = None, *, database: str | None = None) -> Engine:
    """A SQLAlchemy engine as a role, whose errors and logs never show parameters."""
    login = find_login(role, settings, database=database)
    return sqlalchemy.create_engine(
        login.url,
        hide_parameters=True,
        connect_args={
            "options": SESSION_OPTIONS,
            "application_name": f"scv {role} {os.getpid()}",
            "connect_timeout": 10,
        },
        pool_size=2,
        pool_pre_ping=True,
    )


class translate_db_errors:  # noqa: N801 - reads as what it does in a with statement
    """Re-raise database errors as DatabaseError with SQLSTATE, table and column, and nothing of the row.

    PostgreSQL puts values into messages, details and contexts, so none of them is passed on, and the
    original is kept neither as cause nor as context. `table` is used where the server names none.
    """

    def __init__(self, doing: str = "a statement", table: str | None = None) -> None:
        self._doing = doing
        self._table = table

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        original = error.orig if isinstance(error, sqlalchemy_errors.DBAPIError) else error
        if isinstance(original, psycopg.Error):
            failure = _describe(original, self._doing, self._table)
        elif isinstance(error, sqlalchemy_errors.DBAPIError):
            name = type(original).__name__
            failure = DatabaseError(f"The database refused {self._doing}: {name}.", table=self._table)
        else:
            return
        try:
            raise failure from None
        except DatabaseError as raised:
            # `from None` only hides the original from tracebacks: it would still hang on the error.
            raised.__context__ = None
            raise


def _describe(error: psycopg.Error, doing: str, table: str | None) -> DatabaseError:
    diagnostic = error.diag
    named = table
    if diagnostic.table_name:
        named = ".".join(part for part in (diagnostic.schema_name, diagnostic.table_name) if part)
    column, code = diagnostic.column_name, error.sqlstate
    if code is None and isinstance(error, psycopg.OperationalError):
        return DatabaseError(
            f"The warehouse did not answer while {doing} (is it running? `scv db status`).", table=named
        )
    words = [f"The database refused {doing}: SQLSTATE {code or 'unknown'} ({type(error).__name__})"]
    if named:
        words.append(f"table {named}")
    if column:
        words.append(f"column {column}")
    if diagnostic.constraint_name:
        words.append(f"constraint {diagnostic.constraint_name}")
    return DatabaseError(", ".join(words) + ".", sqlstate=code, table=named, column=column)


def encrypt_password(connection: psycopg.Connection, user: str, password: str) -> str:
    """The scram verifier of a password, so that the password itself never travels in a statement."""
    verifier = connection.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256")
    return verifier.decode()


def is_reachable(login: Login) -> bool:
    """Whether this login is accepted now."""
    return pq.PGconn.ping(login.conninfo.encode()) == pq.Ping.OK and _logs_in(login)


def _logs_in(login: Login) -> bool:
    try:
        psycopg.connect(login.conninfo, connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True
