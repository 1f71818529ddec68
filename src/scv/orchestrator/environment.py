"""The environment that Airflow runs in: loopback only, quiet, with its metadata in the same server."""

import os
import sys
from pathlib import Path

from psycopg import sql
from sqlalchemy import URL

from scv.db import warehouse
from scv.settings import Settings, read_or_make_secret


def airflow_home(settings: Settings) -> Path:
    """Folder of Airflow's own files: logs, passwords, process ids."""
    return settings.home / "airflow"


def ensure_metadata_database(settings: Settings) -> URL:
    """The URL of Airflow's own database on the warehouse's server, made with its role where missing.

    The role owns that database and nothing else: Airflow itself cannot read the warehouse.
    """
    server = warehouse.find_login("admin", settings)
    # Named after the warehouse, so that several can live on one server.
    owner = f"{server.database}_airflow"
    password = read_or_make_secret(settings.secrets_dir / owner)
    name = sql.Identifier(owner)
    with warehouse.connect("admin", settings, autocommit=True) as connection:
        role = connection.execute("select 1 from pg_roles where rolname = %s", (owner,)).fetchone()
        action = sql.SQL("alter role" if role else "create role")
        connection.execute(sql.SQL("{} {} login password {}").format(action, name, sql.Literal(password)))
        if not connection.execute("select 1 from pg_database where datname = %s", (owner,)).fetchone():
            connection.execute(sql.SQL("grant {} to current_user").format(name))
            connection.execute(sql.SQL("create database {} owner {}").format(name, name))
        connection.execute(sql.SQL("revoke connect, temporary on database {} from public").format(name))
    return URL.create("postgresql+psycopg", owner, password, server.host, server.port, owner)


def airflow_environment(settings: Settings, metadata: URL, port: int | None = None) -> dict[str, str]:
    """This process's environment with Airflow's settings added; holds secrets, so never print it.

    `port` is that of the user interface; every setting that names it is set, or tasks report to another.
    """
    home = airflow_home(settings)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = metadata.render_as_string(hide_password=False)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "SCV_HOME": str(settings.home),
        "SCV_PROJECT_ROOT": str(settings.project_root),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.project_root / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        # Two cores: two systems load side by side and the rest of Airflow still answers.
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
        # Without this, Airflow would want a second driver for its asynchronous queries.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": read_or_make_secret(settings.secrets_dir / "airflow_api"),
        "AIRFLOW__API_AUTH__JWT_SECRET": read_or_make_secret(settings.secrets_dir / "airflow_jwt"),
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    }
    if port is not None:
        environment["AIRFLOW__API__PORT"] = str(port)
        environment["AIRFLOW__API__BASE_URL"] = f"http://127.0.0.1:{port}"
        environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] = f"http://127.0.0.1:{port}/execution/"
    return environment
