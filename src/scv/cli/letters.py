"""`scv letters`: every item judged before it is dispatched, and proof afterwards."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from scv.cli.night import parse_date
from scv.errors import SourceDataError
from scv.letters.profiles import list_profiles, load_profile
from scv.settings import get_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Judge outgoing letters before they are dispatched.",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def profiles(as_json: AsJson = False) -> None:
    """List the kinds of files that can be screened."""
    root = get_settings().project_root
    found = {name: load_profile(root, name).title for name in list_profiles(root)}
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, title in found.items():
        typer.echo(f"{name:<20} {title}")


@app.command()
def screen(
    source: Annotated[Path, typer.Argument(help="File to dispatch; with --since-dispatch, what went out.")],
    profile: Annotated[str, typer.Option(help="What the file looks like: a name of `scv letters profiles`.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the parts; <file>.screened beside the file if left out.")
    ] = None,
    reader: Annotated[
        str,
        typer.Option(help="Department that reads the verdicts: it sees what it may by the purpose register."),
    ] = "print_room",
    date_text: Annotated[
        str | None, typer.Option("--date", help="Day of dispatch, YYYY-MM-DD; today in London if left out.")
    ] = None,
    since_dispatch: Annotated[
        Path | None,
        typer.Option("--since-dispatch", help="Folder of a screening: prove what went out against it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge every item of a file: send, hold, redirect, re-address or change format; split it accordingly.

    With --since-dispatch: exit code 12 where an item went out that should not have, or was never screened.
    """
    if since_dispatch is not None:
        _compare(source, profile, since_dispatch, as_json)
        return
    from scv.letters.screening import screen_file

    folder = out or source.with_name(f"{source.name}.screened")
    result = screen_file(source, profile, folder, parse_date(date_text), reader)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
        return
    typer.echo(f"{result.items} items judged; parts, verdicts and manifest in {result.folder}")
    for title, counts in (("advice", result.actions), ("rule", result.rules), ("addressee", result.matches)):
        typer.echo(f"{title}: " + ", ".join(f"{name}={count}" for name, count in counts.items()))


def _compare(source: Path, profile: str, folder: Path, as_json: bool) -> None:
    from scv.letters.dispatch import compare_dispatch

    found = compare_dispatch(source, profile, folder)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        typer.echo(
            f"went_out={found.went_out} as_advised={found.as_advised}"
            f" against_advice={sum(found.against_advice.values())} never_screened={found.never_screened}"
            f" not_sent={found.not_sent}"
        )
        for item_id in found.items_against_advice:
            typer.echo(f"went out against advice or unscreened: {item_id}")
    if not found.is_proven:
        raise typer.Exit(SourceDataError.exit_code)
