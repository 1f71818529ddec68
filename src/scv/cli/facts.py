"""`scv facts`: take what a department was told of persons, in force at once."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scv.cli.night import parse_date
from scv.errors import SourceDataError

if TYPE_CHECKING:
    from scv.facts import ApplyResult

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Take death notices, disclosures, safe flags and moratoria.",
)
By = Annotated[str, typer.Option("--by", help="Name or staff number of who applies them.")]
OnDate = Annotated[
    str | None, typer.Option("--date", help="The day of recording, YYYY-MM-DD; today in London if left out.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def _group() -> None:
    """Take death notices, disclosures, safe flags and moratoria."""


@app.command()
def apply(
    source: Annotated[Path, typer.Argument(help="CSV file, or JSON lines (.jsonl, .ndjson): a notice each.")],
    by: By,
    date_text: OnDate = None,
    as_json: AsJson = False,
) -> None:
    """Write facts down; a screening that starts afterwards sees them.

    A notice told twice is written once. A row that is refused is listed, exit code 12, and the others are in force.
    """
    from scv.facts import apply_file

    report_applied(apply_file(source, by, parse_date(date_text)), as_json)


@app.command()
def released(date_text: OnDate = None, as_json: AsJson = False) -> None:
    """List what was held because of a death that was taken back since: items to be screened again.

    Keys and codes only, with the notice that took the death back.
    """
    from scv.facts import list_released

    found = list_released(parse_date(date_text))
    if as_json:
        typer.echo(json.dumps([asdict(item) for item in found], default=str))
        return
    for item in found:
        also = ", and another rule holds it" if item.is_held_otherwise else ""
        typer.echo(
            f"{item.screened_on} {item.screening_id} {item.item_key}: {item.action} by {item.rule_code}{also}; "
            f"taken back by {item.department} {item.reference}"
        )
    typer.echo(f"released={len(found)}")


def report_applied(result: "ApplyResult", as_json: bool) -> None:
    """Print what became of notices; exit code 12 where one was refused."""
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    else:
        for row in result.refused:
            for refusal in row.refusals:
                typer.echo(f"row {row.row}: {refusal.field}: {refusal.message}")
        typer.echo(f"recorded={result.recorded} known={result.known} refused={len(result.refused)}")
    if result.refused:
        raise typer.Exit(SourceDataError.exit_code)
