"""`scv disclosure`: the codes of support needs, disclosures before they are recorded, and texts that tell too much."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from scv.cli.facts import By, OnDate, report_applied
from scv.cli.night import parse_date
from scv.disclosures import load_codes
from scv.disclosures.files import check_file
from scv.errors import SourceDataError
from scv.report.terminal import make_console
from scv.settings import get_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Show the codes of support needs, judge and record disclosures, scan texts.",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def codes(as_json: AsJson = False) -> None:
    """List the codes that a disclosure may hold: needs, actions, channels and conditions."""
    lists = asdict(load_codes(get_settings().project_root))
    rows = {name: [entry.model_dump() for entry in entries.values()] for name, entries in lists.items()}
    if as_json:
        typer.echo(json.dumps(rows))
        return
    console = make_console()
    for name, entries in rows.items():
        table = Table(
            title=name.capitalize(), title_justify="left", title_style="bold", box=None, pad_edge=False
        )
        for heading in entries[0]:
            table.add_column(heading.replace("_", " "))
        for entry in entries:
            table.add_row(*("" if value is None else str(value) for value in entry.values()))
        console.print(table)
        console.print()


@app.command()
def check(
    source: Annotated[Path, typer.Argument(help="CSV file, one disclosure a row.")],
    date_text: OnDate = None,
    as_json: AsJson = False,
) -> None:
    """Judge a file of disclosures row by row, and record nothing; exit code 12 where a row is refused."""
    found = check_file(source, get_settings().project_root, parse_date(date_text))
    if as_json:
        typer.echo(
            json.dumps(
                {"accepted": len(found.disclosures), "refused": [asdict(row) for row in found.refused]}
            )
        )
    else:
        for row in found.refused:
            for refusal in row.refusals:
                typer.echo(f"row {row.row}: {refusal.field}: {refusal.message}")
        typer.echo(f"accepted={len(found.disclosures)} refused={len(found.refused)}")
    if found.refused:
        raise typer.Exit(SourceDataError.exit_code)


@app.command()
def record(
    source: Annotated[Path, typer.Argument(help="CSV file, one disclosure a row, each with its reference.")],
    by: By,
    date_text: OnDate = None,
    as_json: AsJson = False,
) -> None:
    """Write disclosures down once, for every department in scope; exit code 12 where a row is refused.

    The same as `scv facts apply` with notices of support.
    """
    from scv.facts import record_disclosures

    report_applied(record_disclosures(source, by, parse_date(date_text)), as_json)


@app.command()
def scan(
    systems: Annotated[list[str] | None, typer.Argument(help="Systems to scan; all if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Count texts that tell of a diagnosis, abuse or an offence in what departments sent; shows no text.

    Exit code 12 where there is any.
    """
    from scv.disclosures.texts import scan_texts

    found = scan_texts(systems=tuple(systems or ()))
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        for count in found.found:
            typer.echo(
                f"{count.system}.{count.table}.{count.column}: {count.texts} texts tell of {count.category}. "
                f"Ask {count.owner} to move them, or take the column out of the manifest."
            )
        typer.echo(
            f"columns={found.columns} texts={found.texts} with_terms={sum(c.texts for c in found.found)}"
        )
    if found.found:
        raise typer.Exit(SourceDataError.exit_code)
