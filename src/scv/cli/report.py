"""`scv report`: what a night did, what looks wrong, and what to do next."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from scv.errors import InputError


def report(
    date_text: Annotated[
        str | None, typer.Option("--date", help="The night's date, YYYY-MM-DD; the last night if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write the report as one self-contained page to this file instead."),
    ] = None,
) -> None:
    """Show the report of a night: counts, changes, findings, checks, times, and what to do next."""
    from scv.report.collect import collect_report
    from scv.report.html import render_html
    from scv.report.night import write_page
    from scv.report.terminal import make_console, print_report

    night = _parse(date_text)
    found = collect_report(night)
    if html is not None:
        if not html.parent.is_dir():
            raise InputError(f"The folder {html.parent} does not exist. Make it, or name another file.")
        write_page(html, render_html(found))
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str))
    elif html is not None:
        typer.echo(f"Wrote {html}")
    else:
        print_report(found, make_console())


def _parse(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise InputError(
            f"'{value}' is not a date. Write it as YYYY-MM-DD, for example 2026-03-02."
        ) from None
