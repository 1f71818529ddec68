"""Where a system is: connection names resolved to URLs or folders. The results may hold passwords."""

import json
import os
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from scv.errors import SettingsError
from scv.settings import Settings

AIRFLOW_PREFIX = "AIRFLOW_CONN_"
DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
    "sqlite": "sqlite",
}


def resolve_connection(name: str, settings: Settings) -> str:
    """SQLAlchemy URL or folder of a connection: the settings first, then Airflow's environment variable.

    SettingsError where neither knows the name.
    """
    try:
        return settings.connection_target(name)
    except SettingsError:
        given = os.environ.get(AIRFLOW_PREFIX + name.upper())
        if given is None:
            raise
        return _read_airflow(name, given)


def source_url(name: str, target: str) -> URL:
    """The URL of a database connection with its driver filled in; SettingsError where it is none."""
    try:
        url = make_url(target)
    except ArgumentError:
        raise SettingsError(f"Connection '{name}' is not a database URL.") from None
    if "+" not in url.drivername and url.drivername in DRIVERS:
        url = url.set(drivername=DRIVERS[url.drivername])
    return url


def _read_airflow(name: str, given: str) -> str:
    """An Airflow connection, as JSON or as URI, as what our settings would say."""
    if not given.lstrip().startswith("{"):
        parts = urlsplit(given)
        if parts.scheme in ("fs", "file"):
            return unquote(parts.path)
        return given
    try:
        fields = json.loads(given)
        kind, extra = fields["conn_type"], fields.get("extra") or {}
        extra = json.loads(extra) if isinstance(extra, str) else extra
    except (ValueError, KeyError):
        raise SettingsError(
            f"{AIRFLOW_PREFIX}{name.upper()} is not a connection in Airflow's JSON."
        ) from None
    if kind in ("fs", "file"):
        return str(extra.get("path") or fields.get("host") or "")
    if kind not in DRIVERS:
        raise SettingsError(
            f"Connection '{name}' has the type '{kind}'; known are {', '.join(DRIVERS)} and fs."
        )
    url = URL.create(
        DRIVERS[kind],
        fields.get("login"),
        fields.get("password"),
        fields.get("host"),
        int(fields["port"]) if fields.get("port") else None,
        fields.get("schema"),
    )
    return url.render_as_string(hide_password=False)
