"""`scv link`: link a flat file of person records, or explain why two records are one customer."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from scv.cli.link_decisions import app as decisions_app
from scv.cli.link_evaluate import evaluate_links
from scv.cli.link_models import app as models_app

app = typer.Typer(no_args_is_help=True, help="Link a flat file, or explain a link.")


@app.command("dataset")
def link_file(
    source: Annotated[Path, typer.Argument(help="Parquet file, one row per person record.")],
    target: Annotated[
        Path, typer.Argument(help="Parquet file to write: source_system, source_record_id, person_id.")
    ],
    threshold: Annotated[
        float, typer.Option(help="Match probability above which a pair speaks for one person.")
    ] = 0.5,
    explain: Annotated[
        Path | None, typer.Option(help="Also write every weighed pair, with the weight of each column.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Find out which records of a file are the same person, without a warehouse and without labels."""
    from scv.linkage.dataset import link_dataset

    result = link_dataset(source, target, threshold, explain)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
        return
    typer.echo(f"{result.records} records are {result.persons} persons (largest: {result.largest} records).")
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.seconds.items())
    typer.echo(f"{result.compared} pairs compared; {steps}; peak {result.peak_mb} MB.")


@app.command("explain")
def explain_link(
    first: Annotated[str, typer.Argument(metavar="A", help="Record key.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Record key.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what speaks for and against two records being one person, in bits: each bit doubles the odds."""
    from scv.linkage.explanation import explain_pair

    found = explain_pair(first, second)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    lines = {
        "before looking": found.prior,
        **found.columns,
        "people of one household": found.household,
        "how often these two sources share a person": found.one_per_source,
        "birth dates that rule it out": found.contradiction,
    }
    for name, bits in lines.items():
        typer.echo(f"{bits:+8.2f}  {name}")
    typer.echo(f"{found.weight:+8.2f}  together: probability {found.probability:.4f} (model {found.model})")
    if found.decision:
        typer.echo(f"Decided by a steward: {found.decision}, which outranks the weights.")


app.command("evaluate")(evaluate_links)
app.add_typer(decisions_app)
app.add_typer(models_app)
