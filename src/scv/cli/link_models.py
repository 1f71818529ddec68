"""`scv link train|models|activate|compare`: models are trained, compared and put in force on purpose."""

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from scv.cli.night import parse_date

app = typer.Typer()
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


@app.command("train")
def train(
    date_text: Annotated[
        str | None,
        typer.Option("--date", help="Date that the model bears; the last linked night if left out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the model file; linkage_models in the project if left out."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model on the warehouse's records, without labels; it is stored, and in force only once activated."""
    from scv.linkage.models import train_model

    model, path = train_model(parse_date(date_text) if date_text else None, out)
    if as_json:
        typer.echo(json.dumps({"version": model.version, "file": str(path), "figures": dict(model.figures)}))
        return
    typer.echo(f"{model.version}: trained on {model.description}.")
    typer.echo(f"Written to {path}; put it under version control.")
    typer.echo(f"See what it would change:  scv link compare active {model.version}")
    typer.echo(f"Put it in force:           scv link activate {model.version}")


@app.command("models")
def models(as_json: AsJson = False) -> None:
    """List the stored models; the one in force is marked."""
    from scv.linkage.models import list_models

    found = list_models()
    if as_json:
        rows = [asdict(model) | {"trained_on": model.trained_on.isoformat()} for model in found]
        typer.echo(json.dumps(rows))
        return
    table = Table("", "Version", "Trained for", "On", box=box.SIMPLE)
    for model in found:
        table.add_row(
            "●" if model.active else "", model.version, model.trained_on.isoformat(), model.description
        )
    Console(highlight=False).print(table)


@app.command("activate")
def activate(
    name: Annotated[str, typer.Argument(metavar="VERSION|FILE", help="A stored version, or a model file.")],
    as_json: AsJson = False,
) -> None:
    """Put a model in force: the next night weighs everything anew with it."""
    from scv.linkage.models import activate_model

    model, was_active, records = activate_model(name)
    if as_json:
        typer.echo(
            json.dumps({"version": model.version, "was_active": was_active, "records_to_weigh": records})
        )
        return
    if was_active:
        typer.echo(f"{model.version} is in force already; nothing changes.")
        return
    typer.echo(
        f"{model.version} is in force. The next night weighs all {records} records anew and logs every merge and"
        " split with this model as its cause; customers keep their ids where most of their records stay together."
    )


@app.command("compare")
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A version, a model file, or: active.")],
    second: Annotated[str, typer.Argument(metavar="B", help="A version, a model file, or: active.")],
    out: Annotated[
        Path | None, typer.Option(help="Also write a CSV file of the records of customers that would change.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which customers another model would move: today's records, linked under both models."""
    from scv.linkage.model_comparison import compare_models

    found = compare_models(first, second)
    if out is not None:
        fields = ("group", "record_key", "source", "customer_id", "person_a", "person_b")
        with out.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fields)
            writer.writeheader()
            writer.writerows(asdict(record) for record in found.moved)
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str))
        return
    table = Table(f"{found.records} records", found.model_a, found.model_b, box=box.SIMPLE)
    table.add_row("persons", str(found.persons_a), str(found.persons_b))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{found.merges} merges, {found.splits} splits, {found.regroupings} regroupings;"
        f" {found.customers} customers with {len(found.moved)} records would change."
    )
    if not found.stakes.is_published:
        return
    services = sum(service.open_episodes for service in found.stakes.services)
    debts = sum(debt.balance_gbp for debt in found.stakes.debts)
    console.print(
        f"On these records stand {services} open services, {len(found.stakes.debts)} accounts with a balance of"
        f" £{debts:,.2f} in all, and {len(found.stakes.letters)} letters."
    )
