"""`scv sources`: list, check and add departmental systems, and replay what was quarantined."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from scv.errors import InputError, SettingsError
from scv.manifests import load_manifests
from scv.settings import get_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, check and add departmental systems."
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_systems(as_json: AsJson = False) -> None:
    """List the systems and their tables, as their manifests declare them."""
    systems = load_manifests(get_settings().project_root).values()
    if as_json:
        facts = [
            {
                "system": system.name,
                "owner": system.owner,
                "connection": system.connection,
                "format": system.format,
                "required": system.required,
                "tables": [table.name for table in system.tables],
            }
            for system in systems
        ]
        typer.echo(json.dumps(facts))
        return
    for system in systems:
        required = " required" if system.required else ""
        typer.echo(
            f"{system.name}: {system.format}, connection {system.connection}, owner {system.owner}{required}"
        )
        typer.echo(f"    {', '.join(table.name for table in system.tables)}")


@app.command()
def check(
    systems: Annotated[list[str] | None, typer.Argument(help="Systems to check; all if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Hold systems against their manifests: reachable, columns there, types as declared; tells counts only.

    Exit code 0 where all is well, else that of the first thing that is wrong.
    """
    from scv.extract.checking import check_system

    settings = get_settings()
    names = systems or list(load_manifests(settings.project_root))
    checks = [found for name in names for found in check_system(name, settings=settings)]
    if as_json:
        typer.echo(json.dumps([asdict(found) for found in checks]))
    else:
        for found in checks:
            rows = "" if found.rows is None else f" rows={found.rows}"
            files = "" if found.files is None else f" files={found.files}"
            typer.echo(f"{'ok  ' if found.is_ok else 'FAIL'} {found.system}.{found.table}{rows}{files}")
            if found.message:
                typer.echo(f"     {found.message}")
            for warning in found.warnings:
                typer.echo(f"     warning: {warning}")
    wrong = [found.exit_code for found in checks if not found.is_ok]
    if wrong:
        raise typer.Exit(wrong[0])


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the service area, such as libraries.")],
    connection: Annotated[
        str,
        typer.Option("--connection", help="Name of a connection, or a folder or database URL to look at."),
    ],
    tables: Annotated[
        list[str] | None, typer.Option("--table", help="Only this table or file; may be given again.")
    ] = None,
    owner: Annotated[
        str, typer.Option("--owner", help="E-mail address of the data owner.")
    ] = "owner@example.gov.uk",
    as_json: AsJson = False,
) -> None:
    """Write a new system's folder from its live tables or the headers of its files: manifest, views, README."""
    from scv.extract.connections import resolve_connection
    from scv.extract.scaffold import add_system

    settings = get_settings()
    known, target = connection, connection
    if "://" in connection or "/" in connection:
        # Never a credential in a manifest: the connection gets a name, to be made known in the settings.
        known = f"src_{name}"
    else:
        try:
            target = resolve_connection(connection, settings)
        except SettingsError as error:
            raise InputError(f"{error} Or give --connection a folder or a database URL.") from None
    written = add_system(settings.project_root, name, known, target, owner=owner, only=tables or ())
    if as_json:
        typer.echo(json.dumps([str(path) for path in written]))
        return
    for path in written:
        typer.echo(f"wrote {path}")
    if known != connection:
        typer.echo(
            f"Now make the connection '{known}' known: in SCV_CONNECTIONS, or as AIRFLOW_CONN_{known.upper()}."
        )
    typer.echo(f"Then go through the manifest, and run: scv sources check {name}")


@app.command()
def replay(
    system: Annotated[str, typer.Argument(help="The system whose quarantined rows are to be tried again.")],
    as_json: AsJson = False,
) -> None:
    """Load quarantined rows that can be typed now, after their manifest was mended, into the last loaded night."""
    from scv.extract.replay import replay_quarantine

    night, replayed = replay_quarantine(system)
    if as_json:
        typer.echo(json.dumps({"night": str(night), "replayed": replayed}))
        return
    for table, count in replayed.items():
        typer.echo(f"replayed source={system} table={table} rows={count}")
    if any(replayed.values()):
        typer.echo(f"They are in the night {night}. To carry them into the marts: scv night --date {night}")
