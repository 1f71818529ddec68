"""`scv link`: link a flat file of person records, or explain why two records are one customer."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from scv.cli.link_decisions import app as decisions_app
from scv.cli.link_evaluate import evaluate_links
from scv.cli.link_models import app as models_app

PARTS = {
    "prior": "before looking",
    "household": "people of one household",
    "one_per_source": "how often the two sources share a person",
    "contradiction": "birth dates that rule it out",
    "other_evidence": "other evidence",
}

app = typer.Typer(no_args_is_help=True, help="Link people: explain, decide, review, train, evaluate.")


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
    restricted: Annotated[
        bool, typer.Option("--restricted", help="Show identifiers one by one; needs the restricted reader.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what speaks for and against two records being one person, in bits: each bit doubles the odds."""
    from scv.linkage.explanation import explain_pair

    found = explain_pair(first, second, restricted=restricted)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("Evidence", "Together", no_wrap=True)
    table.add_column("How the two agree", f"probability {found.probability:.4f}")
    table.add_column("Bits", f"{found.weight:+.2f}", justify="right", no_wrap=True)
    table.add_column("of which rarity", justify="right", no_wrap=True)
    for part in found.parts:
        bits = part.match_weight + part.term_frequency
        table.add_row(
            PARTS.get(part.name, part.name.replace("_", " ")),
            part.level,
            f"{bits:+.2f}" if part.level != "unknown" else "",
            f"{part.term_frequency:+.2f}" if part.term_frequency else "",
            style="dim" if part.level == "unknown" or not bits else None,
        )
    console = Console(highlight=False)
    console.print(table)
    together = "They are one customer." if found.is_one_customer else "They are two customers."
    how = (
        ""
        if found.is_found
        else " They share no blocking key, or are far apart, so nights do not weigh them."
    )
    console.print(f"{together}{how} Model {found.model}.", soft_wrap=True)
    if found.decision:
        what = found.decision.replace("_", " ")
        console.print(
            f"Decided: {what} (decision {found.decision_id}, {found.decided}), which outranks the weights.",
            soft_wrap=True,
        )


app.command("evaluate")(evaluate_links)
app.add_typer(decisions_app)
app.add_typer(models_app)
