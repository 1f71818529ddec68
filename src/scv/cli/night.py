"""`scv night`: one night from extract to report, without Airflow."""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import typer

from scv.cli.progress import NightProgress
from scv.clock import LONDON
from scv.errors import InputError


def parse_date(value: str | None) -> date:
    """A date as YYYY-MM-DD; without one, today in London. Raises InputError."""
    if value is None:
        return datetime.now(LONDON).date()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InputError(
            f"'{value}' is not a date. Write it as YYYY-MM-DD, for example 2026-03-02."
        ) from None


def night(
    date_text: Annotated[
        str | None, typer.Option("--date", help="The night's date, YYYY-MM-DD; today in London if left out.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Read watermarked tables whole, so that deletes are seen, and make every table anew.",
        ),
    ] = False,
    release: Annotated[
        bool,
        typer.Option("--release", help="Publish a change that was held because it is larger than usual."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run one night to its end; a night that was broken off goes on where it stopped."""
    from scv.night.runner import run_night

    when = parse_date(date_text)
    with NightProgress(f"Night {when}", quiet=as_json) as progress:
        result = run_night(when, full=full, release=release, progress=progress.show)
    if as_json:
        typer.echo(json.dumps(asdict(result), default=str))
        return
    typer.echo(f"night={when} seconds={sum(result.seconds.values()):.1f} peak_mb={result.peak_mb}")
    typer.echo(f"Read the report: scv report --date {when}")
