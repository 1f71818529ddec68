"""`scv airflow`: Airflow with its user interface, over this warehouse or over a living demo council."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from scv.clock import LONDON
from scv.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Airflow with its user interface on this machine's loopback.")


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the user interface.")] = 8080,
    demo: Annotated[
        bool, typer.Option("--demo", help="Over a synthetic council that lives up to today.")
    ] = False,
    residents: Annotated[int, typer.Option(help="How many residents the demo council has.", min=500)] = 5000,
) -> None:
    """Start Airflow; the nightly DAG is scheduled, and its latest night runs at once."""
    from scv.db.migrations import start_warehouse
    from scv.orchestrator import service

    start_warehouse()
    if demo:
        from scv.demo.show import keep_up

        keep_up(datetime.now(LONDON).date(), residents)
    running = service.start(get_settings(), port)
    typer.echo(f"Airflow answers at {running.url} (user {running.user}).")
    if sys.stdout.isatty():
        typer.echo(f"Password: {service.read_password(running)}")
    else:
        typer.echo(f"Password: in {running.password_file}")
    typer.echo("The night scv_nightly runs now and then every night at 01:00. Stop with `make down`.")


@app.command()
def down() -> None:
    """Stop Airflow and the embedded warehouse."""
    from scv.db import embedded
    from scv.orchestrator import service

    stopped = service.stop(get_settings())
    embedded.stop_server(get_settings())
    typer.echo("Stopped." if stopped else "Airflow was not running; the warehouse is stopped.")
