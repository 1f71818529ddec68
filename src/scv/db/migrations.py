"""Versioned migrations of the warehouse (Alembic), run as admin."""

import io
from pathlib import Path

from alembic import command
from alembic.config import Config

from scv.db.embedded import start_server
from scv.db.roles import check_version, make_admin, set_role_passwords
from scv.db.warehouse import engine, translate_db_errors
from scv.settings import Settings, get_settings


def upgrade(settings: Settings) -> None:
    """Bring the warehouse to the newest version; a no-op when it is there."""
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", _escape(settings.project_root / "infra" / "migrations"))
    warehouse = engine("admin", settings)
    try:
        with translate_db_errors("a migration"), warehouse.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        warehouse.dispose()


def start_warehouse(settings: Settings | None = None) -> str:
    """Start the embedded server unless SCV_WAREHOUSE_URL names one, then migrate; idempotent.

    Returns one line saying what was done.
    """
    settings = settings or get_settings()
    if settings.warehouse_url is not None:
        said = "using the server of SCV_WAREHOUSE_URL"
    else:
        server, was_started = start_server(settings)
        make_admin(settings, server)
        said = f"{'started' if was_started else 'already running'} on {server.host}:{server.port}"
        if server.is_moved:
            said += (
                f"; the account '{server.account}' cannot reach {settings.home}, "
                f"so the data is in {server.base}"
            )
    check_version(settings)
    upgrade(settings)
    set_role_passwords(settings)
    return f"warehouse {said}, migrated"


def _escape(path: Path) -> str:
    return str(path).replace("%", "%%")
