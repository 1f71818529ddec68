"""`scv db`: start, stop and look into the warehouse."""

import json
import os

import typer

from scv.db.embedded import Status, get_status, remove_server, stop_server
from scv.db.installation import find_programs
from scv.db.migrations import start_warehouse
from scv.db.warehouse import ROLES, Role, find_login, is_reachable
from scv.errors import DatabaseError, SettingsError
from scv.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Start, stop and look into the warehouse.")


@app.command()
def start() -> None:
    """Start the embedded server (unless SCV_WAREHOUSE_URL names one) and bring it to the newest version."""
    typer.echo(start_warehouse())


@app.command()
def stop() -> None:
    """Stop the embedded server."""
    settings = get_settings()
    if settings.warehouse_url is not None:
        typer.echo("warehouse is the server of SCV_WAREHOUSE_URL: left running")
    elif stop_server(settings):
        typer.echo("warehouse stopped")
    else:
        typer.echo("warehouse was not running")


@app.command()
def status(as_json: bool = typer.Option(False, "--json", help="Print one JSON object.")) -> None:
    """Say whether the warehouse runs, and where; exit code 3 where it does not."""
    settings = get_settings()
    facts = _describe(settings)
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        typer.echo(" ".join(f"{name}={value}" for name, value in facts.items()))
    if not facts["running"]:
        raise typer.Exit(DatabaseError.exit_code)


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
    }
)
def psql(
    context: typer.Context,
    role: str = typer.Option("reader", help=f"As whom: {', '.join(ROLES)}."),
    database: str = typer.Option("", help="Another database of the same server."),
) -> None:
    """Open psql as a role; everything after the options goes to psql (`scv db psql -- -c 'select 1'`)."""
    settings = get_settings()
    login = find_login(_as_role(role), settings, database=database or None)
    program = find_programs(settings) / "psql"
    os.execve(program, [str(program), *context.args], {**os.environ, **login.environment})


@app.command()
def remove(yes: bool = typer.Option(False, "--yes", help="Do not ask.")) -> None:
    """Stop the embedded server and delete everything in it."""
    settings = get_settings()
    if not yes:
        typer.confirm(f"Delete the warehouse of {settings.home} with everything in it?", abort=True)
    remove_server(settings)
    typer.echo("warehouse removed")


def _as_role(name: str) -> Role:
    for role in ROLES:
        if name in (role, f"scv_{role}"):
            return role
    raise SettingsError(f"'{name}' is not a role of the warehouse; roles are {', '.join(ROLES)}.")


def _describe(settings: Settings) -> dict[str, object]:
    if settings.warehouse_url is not None:
        login = find_login("admin", settings)
        return {"running": is_reachable(login), "host": login.host, "port": login.port, "embedded": False}
    found: Status = get_status(settings)
    facts: dict[str, object] = {"running": found.is_running}
    if found.server is not None:
        facts |= {"host": found.server.host, "port": found.server.port, "embedded": True}
        facts |= {"data": f"{found.server.base}/data", "account": found.server.account}
    if found.pid is not None:
        facts["pid"] = found.pid
    return facts
