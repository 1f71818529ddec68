"""The report on a terminal; without one, the same as plain lines that a log or a pipe can hold."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scv.report import words
from scv.report.facts import NightReport

PLAIN_WIDTH = 130
STYLES = {
    "published": "bold green", "blocked": "bold red", "failed": "bold red", "held": "bold yellow",
    "running": "bold yellow", "critical": "red", "high": "yellow", "warning": "yellow",
}  # fmt: skip


def print_report(report: NightReport, console: Console) -> None:
    """Print the report: what to do next first, then findings, systems, people, tables, checks and times."""
    state = words.state(report)
    console.print()
    console.print(f"Night of {report.night:%A} {report.night.day} {report.night:%B %Y}", style="bold")
    console.print(Text.assemble((words.STATUS[state], STYLES[state]), f"  {words.headline(report)}"))
    for audience, title in (("stewards", "Data stewards"), ("engineers", "Engineers on duty")):
        console.print(f"\nWhat to do next: {title}", style="bold")
        for advice in report.advice:
            if advice.audience == audience:
                console.print(f"  - {advice.text}", soft_wrap=not console.is_terminal)
                for item in advice.items:
                    console.print(f"      {item}", soft_wrap=not console.is_terminal)
                if advice.command:
                    console.print(f"    {advice.command}", style="cyan")
    for title, columns, rows in _tables(report):
        print_table(console, title, columns, rows)
    console.print()


def make_console(*, is_plain: bool = False) -> Console:
    """A console for the report; where there is no terminal, wide enough that no line is cut."""
    console = Console(highlight=False)
    return console if console.is_terminal and not is_plain else Console(
        highlight=False, width=PLAIN_WIDTH, no_color=True, force_terminal=False)  # fmt: skip


Columns = list[tuple[str, bool]]
Rows = Sequence[Sequence[str | Text]]


def _tables(report: NightReport) -> Iterable[tuple[str, Columns, Rows]]:
    yield "What looks wrong", _columns("Rule", "Severity", numbers=(
        "Open", "Since last night", "New", "Back", "Gone", "Doubtful", "Overdue")), [
        [rule.title, Text(words.SEVERITIES[rule.severity], STYLES.get(rule.severity, "")), words.count(rule.open),
         words.change(rule.open, rule.open_before),
         *map(words.count, (rule.new, rule.reopened, rule.gone, rule.doubtful, rule.overdue))]
        for rule in report.findings]  # fmt: skip
    yield "What arrived", _columns("System", "Tonight", numbers=(
        "Read", "New", "Changed", "Deleted", "Back", "Quarantine", "Time")), [
        [system.system, Text(words.SYSTEM_STATUS[system.status], "green" if system.status == "whole" else "yellow"),
         *map(words.count, (system.read, system.new, system.changed, system.deleted, system.returned,
                            system.quarantined)),
         words.seconds(system.seconds)]
        for system in report.systems]  # fmt: skip
    people = report.people
    yield (
        "People and links",
        _columns("What", numbers=("Tonight", "Since last night")),
        [
            [
                "Person records",
                words.count(people.records),
                words.change(people.records, people.records_before),
            ],
            [
                "People",
                words.count(people.customers),
                words.change(people.customers, people.customers_before),
            ],
            *[
                [f"People: {words.EVENTS[cause]}", words.count(many), ""]
                for cause, many in people.events.items()
            ],
            ["Doubtful links", words.count(people.doubtful_links), ""],
            ["Doubtful links to decide first", words.count(people.pairs_to_review), ""],
            ["Decisions that contradict each other", words.count(people.decision_conflicts), ""],
        ],
    )
    yield "What readers see", _columns("Table", numbers=("Added", "Changed", "Taken away")), [
        [table.table, *map(words.count, (table.inserted, table.updated, table.deleted))]
        for table in report.publication]  # fmt: skip
    yield "Checks that were not met", _columns("What was judged", "Effect", "What it means"), [
        [check.subject, "blocks" if check.severity == "critical" else "warns", check.meaning]
        for check in report.checks.failed]  # fmt: skip
    yield "Time", _columns("Step", "State", numbers=("Tonight", "Last night", "Peak MB")), [
        [step.words, step.status, words.seconds(step.seconds), words.seconds(step.seconds_before),
         "" if step.peak_mb is None else words.count(step.peak_mb)]
        for step in report.steps]  # fmt: skip


def _columns(*texts: str, numbers: tuple[str, ...] = ()) -> Columns:
    return [(text, False) for text in texts] + [(number, True) for number in numbers]


def print_table(console: Console, title: str, columns: Columns, rows: Rows) -> None:
    """Print a titled table, nothing where it has no rows; a column is its name and whether it holds numbers."""
    if not rows:
        return
    console.print(f"\n{title}", style="bold")
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, padding=(0, 1))
    for name, is_number in columns:
        # A key that is cut short cannot be copied.
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
