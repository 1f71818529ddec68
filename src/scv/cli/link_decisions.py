"""`scv link decide`, `unmerge`, `withdraw`, `decisions`, `review` and `skip`: a data steward's say in who is who."""

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scv.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from scv.linkage.blast_radius import BlastRadius
    from scv.linkage.decisions import Kind, Proposal
    from scv.linkage.stakes import Stakes

app = typer.Typer(no_args_is_help=True)

# More rows than this are counted on a terminal; --json has them all.
SHOWN = 40

Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        help="Where the evidence is, such as a case number; 5 to 200 characters. No facts about a person: it is "
        "kept for ever.",
    ),
]
By = Annotated[str, typer.Option("--by", help="Name or staff number of who decides.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would move and save nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Save without asking.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
RecordA = Annotated[str, typer.Argument(metavar="A", help="Record key.")]
RecordB = Annotated[str, typer.Argument(metavar="B", help="Record key.")]


class Verdict(StrEnum):
    """What can be said of two records."""

    same = "same"
    not_same = "not-same"


@app.command("decide")
def decide(
    verdict: Annotated[Verdict, typer.Argument(help="One person, or not.")],
    first: RecordA,
    second: RecordB,
    reason: Reason,
    by: By,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Decide that two records are the same person, or are not; shows first what would move."""
    from scv.linkage.decisions import propose_pair

    kind: Kind = "same" if verdict is Verdict.same else "not_same"
    _consider(propose_pair(kind, first, second), reason, by, dry_run, yes, as_json)


@app.command("unmerge")
def unmerge(
    records: Annotated[
        list[str], typer.Argument(metavar="RECORD...", help="Keys of the records to take out.")
    ],
    customer_id: Annotated[str, typer.Option("--from", help="The customer that they are wrongly part of.")],
    reason: Reason,
    by: By,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take records out of a customer: decides that none of them is any of its others."""
    from scv.linkage.decisions import propose_unmerge

    _consider(propose_unmerge(records, customer_id), reason, by, dry_run, yes, as_json)


@app.command("withdraw")
def withdraw(
    decision_id: Annotated[
        int, typer.Argument(metavar="DECISION", help="Its number in `scv link decisions`.")
    ],
    reason: Reason,
    by: By,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Withdraw a decision with all that was decided in the same act: the model counts again for these pairs."""
    from scv.linkage.decisions import propose_withdrawal

    _consider(propose_withdrawal(decision_id), reason, by, dry_run, yes, as_json)


@app.command("decisions")
def show_decisions(
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest first.")] = 50,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Show instead which decisions contradict each other.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the decisions of stewards, the newest first."""
    from scv.linkage.decisions import list_conflicts, list_decisions
    from scv.report.terminal import make_console, print_table

    found: list[Any] = list(list_conflicts() if conflicts else list_decisions(limit))
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], default=str))
        return
    console = make_console()
    if not found:
        console.print("No decisions contradict each other." if conflicts else "Nothing has been decided yet.")
    elif conflicts:
        columns = [("Not the same", False), ("Record", False), ("Record", False), ("Joined by", False)]
        rows = [
            [str(row.not_same_decision_id), row.record_key_l, row.record_key_r,
             ", ".join(map(str, row.same_decision_ids))]
            for row in found
        ]  # fmt: skip
        print_table(console, "Decisions that contradict each other: not the same wins", columns, rows)
        console.print(
            "Withdraw what is wrong: scv link withdraw DECISION --reason ... --by ...", style="cyan"
        )
    else:
        columns = [("No.", True)] + [
            (name, False) for name in ("Decided", "What", "Record", "Record", "By", "Reason", "State")
        ]
        rows = [
            [str(row.decision_id), f"{row.decided_at:%Y-%m-%d}", row.decision.replace("_", " "), row.record_key_l,
             row.record_key_r, row.decided_by, row.reason, "in force" if row.is_in_force else ""]
            for row in found
        ]  # fmt: skip
        print_table(console, "Decisions", columns, rows)


@app.command("skip")
def skip(
    first: RecordA,
    second: RecordB,
) -> None:
    """Take a question out of the review queue undecided; it comes back when one of the records changes."""
    from scv.linkage.review import set_aside

    set_aside(first, second)
    typer.echo("Set aside until one of the two records changes.")


@app.command("review")
def show_review(
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the most useful first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the doubtful links that a person should decide, the most useful first."""
    from scv.linkage.review import list_review
    from scv.report.terminal import make_console, print_table

    found = list_review(limit)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], default=str))
        return
    console = make_console()
    if not found:
        console.print("Nothing to decide: the review queue is empty.")
        return
    texts = ("Now", "Record", "System and table", "Record", "System and table")
    columns = [("Chance", True), *((name, False) for name in texts)]
    rows = [
        [
            f"{row.match_probability:.2f}",
            "together" if row.reason == "weak_link" else "apart",
            row.record_key_l,
            row.source_l or "",
            row.record_key_r,
            row.source_r or "",
        ]
        for row in found
    ]
    print_table(console, "Are these one person?", columns, rows)
    console.print("See why:  scv link explain RECORD RECORD", style="cyan")
    console.print("Answer:   scv link decide same|not-same RECORD RECORD --reason ... --by ...", style="cyan")
    console.print("Put off:  scv link skip RECORD RECORD", style="cyan")


def _consider(proposal: "Proposal", reason: str, by: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Show the blast radius, ask, and save."""
    from scv.linkage.blast_radius import find_blast_radius
    from scv.linkage.decisions import check_name, check_reason, save_decision
    from scv.report.terminal import make_console

    check_reason(reason)
    check_name(by)
    if not (dry_run or yes) and (as_json or not sys.stdin.isatty()):
        raise InputError("Nobody can be asked here. Say --yes to save, or --dry-run to see what would move.")
    radius = find_blast_radius(proposal)
    console = make_console()
    if not as_json:
        print_radius(console, radius)
    numbers: list[int] = []
    if not dry_run:
        if not yes:
            typer.confirm("Save this decision?", abort=True)
        numbers = save_decision(proposal, reason, by)
    if as_json:
        typer.echo(
            json.dumps({"decision_ids": numbers, "pairs": proposal.pairs, **asdict(radius)}, default=str)
        )
    elif numbers:
        named = f"Decision {numbers[0]}" if len(numbers) == 1 else f"Decisions {numbers[0]} to {numbers[-1]}"
        console.print(f"{named} saved. It counts from the next night on, and can be withdrawn.")


def print_radius(console: "Console", radius: "BlastRadius") -> None:
    """Print what a decision moves: records, services, debts and letters."""
    from scv.report.terminal import print_table
    from scv.report.words import plural

    if radius.contradicts:
        numbers = ", ".join(map(str, radius.contradicts))
        console.print(
            f"It contradicts decisions in force ({numbers}): not the same will win.", style="yellow"
        )
    if radius.pending:
        console.print(f"Decisions already saved move {plural(radius.pending, 'record')} on the next night.")
    if not radius.moves:
        console.print("No record moves now; the decision holds what the linkage makes of them already.")
        return
    columns = [(name, False) for name in ("Record", "System and table", "From", "To")]
    rows = [
        [move.record_key, move.source, move.customer_before, move.customer_after]
        for move in radius.moves[:SHOWN]
    ]
    print_table(console, f"{plural(len(radius.moves), 'record')} would move", columns, rows)
    if len(radius.moves) > SHOWN:
        console.print(f"and {len(radius.moves) - SHOWN} more; --json lists them all.")
    given_up = f", {', '.join(radius.given_up)} given up" if radius.given_up else ""
    console.print(f"Customers: {radius.made} made{given_up}.")
    _print_stakes(console, radius.stakes)


def _print_stakes(console: "Console", stakes: "Stakes") -> None:
    from scv.report.terminal import print_table
    from scv.report.words import plural

    if not stakes.is_published:
        console.print("Services, letters and debts are told once a night has been published.")
        return
    columns = [("Service", False), ("System", False), ("Open", True), ("Ended", True)]
    rows = [
        [each.service_code, each.source_system, str(each.open_episodes), str(each.ended_episodes)]
        for each in stakes.services
    ]
    print_table(console, "Services that would move with them", columns, rows)
    columns = [
        ("Account", False),
        ("Service", False),
        ("Balance", True),
        ("Recovery stage", False),
        ("Joint", False),
    ]
    debts = [
        [each.account_key, each.service_code, f"£{each.balance_gbp:,}", each.recovery_stage_code or "",
         "yes" if each.is_joint else ""]
        for each in stakes.debts
    ]  # fmt: skip
    print_table(console, "Balances that would move with them", columns, debts[:SHOWN])
    total = sum(each.balance_gbp for each in stakes.debts)
    console.print(f"Balances: {plural(len(debts), 'account')}, £{total:,} in all.")
    console.print(f"Letters:  {plural(len(stakes.letters), 'letter')} found their person by these records.")
