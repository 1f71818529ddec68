"""`scv history`: the periods of customers, made again from what is kept."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from scv.cli.progress import NightProgress

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The kept history of customers.")


@app.callback()
def _group() -> None:
    """The kept history of customers."""


@app.command()
def rebuild(as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False) -> None:
    """Replay every built night into an empty history; broken off, run it again and it goes on."""
    from scv.night.history import rebuild_history

    with NightProgress("Rebuilding the history", quiet=as_json) as progress:
        found = rebuild_history(progress.show)
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str))
        return
    typer.echo(
        f"nights={found.first_night}..{found.last_night} replayed={found.replayed} "
        f"customers={found.customers} periods={found.periods} seconds={found.seconds}"
    )
    typer.echo(f"Published with the next night, or now: scv night --date {found.last_night}")
