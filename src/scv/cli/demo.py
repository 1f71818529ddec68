"""`scv demo`: a synthetic council and several nights over it, start to end."""

import json
import os
import shlex
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from scv.cli.night import parse_date
from scv.cli.progress import NightProgress
from scv.settings import find_project_root, get_settings

FIRST_NIGHT = "2026-03-02"


def demo(
    residents: Annotated[
        int, typer.Option(min=500, max=1_000_000, help="How many people live there.")
    ] = 20_000,
    nights: Annotated[int, typer.Option(min=1, max=366, help="How many nights to run.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed makes the same council.")] = 1,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder for everything it makes; SCV_HOME, else var/demo. Emptied if a demo's."),
    ] = None,
    date_text: Annotated[str, typer.Option("--date", help="The first night, YYYY-MM-DD.")] = FIRST_NIGHT,
    airflow: Annotated[
        bool, typer.Option("--airflow/--no-airflow", help="Run the nights in Airflow.")
    ] = True,
    score: Annotated[
        bool, typer.Option("--score", help="Print how the findings compare with the truth.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json and nothing else.")] = False,
) -> None:
    """Make a synthetic council and run its nights, from extract to published marts and a report."""
    os.environ["SCV_HOME"] = str(home or os.environ.get("SCV_HOME") or find_project_root() / "var" / "demo")
    get_settings.cache_clear()
    from scv.demo.show import Plan, run_demo

    console = Console(quiet=as_json, highlight=False)
    plan = Plan(residents, nights, seed, parse_date(date_text), airflow)
    with NightProgress("Demonstration", quiet=as_json) as progress:
        path = run_demo(plan, lambda words: console.print(f"• {words}"), progress.show)
    summary = json.loads(path.read_text())
    if as_json:
        typer.echo(json.dumps(summary))
        return
    _print_nights(console, summary["nights"])
    if score:
        _print_score(console, summary["nights"][-1])
    _print_what_next(console, date.fromisoformat(summary["nights"][-1]["date"]))


def _print_nights(console: Console, nights: list[dict[str, Any]]) -> None:
    table = Table(
        title="What the nights did",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in ("Night", "Read", "Changed", "Quarantine", "Records", "People", "Seconds", "MB"):
        table.add_column(heading, justify="left" if heading == "Night" else "right", no_wrap=True)
    for night in nights:
        sources, people = night["sources"].values(), night["people"]
        table.add_row(
            night["date"],
            *(f"{sum(counts[name] for counts in sources):,}" for name in ("read", "changed", "quarantined")),
            f"{people['records']:,}",
            f"{people['customers']:,}",
            f"{sum(night['seconds'].values()):.0f}",
            f"{night['peak_mb']:,.0f}",
        )
    console.print(table)
    letters = nights[-1]["letters_to_deceased"]
    console.print(
        f"Letters sent to people whom the council knew to be dead: {letters['found']:,} found"
        + (f", {letters['doubtful']:,} more may mean two persons" if letters["doubtful"] else "")
        + ". Each is a finding with its evidence, an owner and a deadline."
    )


def _print_score(console: Console, night: dict[str, Any]) -> None:
    table = Table(
        title="Against the truth, which the pipeline never sees",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in ("Rule", "True", "Found", "Missed", "Wrong", "Doubtful"):
        table.add_column(heading, justify="left" if heading == "Rule" else "right")
    for rule, counts in night.get(
        "rules", {"letter_after_known_death": night["letters_to_deceased"]}
    ).items():
        table.add_row(
            rule, *(f"{counts[name]:,}" for name in ("true", "found", "missed", "wrong", "doubtful"))
        )
    console.print(table)
    people = night["people"]
    console.print(f"Links: pairwise F1 {people['pairwise_f1']:.4f}, B-cubed F1 {people['bcubed_f1']:.4f}.")
    for rule, causes in night.get("missed_causes", {}).items():
        for cause, count in causes.items():
            console.print(f"  missed under {rule}: {count:,} because {cause}", soft_wrap=True)


def _print_what_next(console: Console, last: date) -> None:
    home = get_settings().home
    # As one would type it: short where the home is below this folder, quoted where it holds a space.
    shown = home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home
    with_home = f"SCV_HOME={shlex.quote(str(shown))} .venv/bin/scv"
    console.print("\n[bold]What next[/bold]")
    for words, how in (
        ("See the night's report in a browser", str(shown / "reports" / f"{last}.html")),
        ("See it here", f"{with_home} report"),
        ("Ask the marts yourself", f"{with_home} db psql"),
        ("Watch nights run in Airflow", "make up"),
        ("Connect your own system", "docs/connecting_a_system.md"),
    ):
        console.print(f"  {words:<37}{how}", soft_wrap=True)
