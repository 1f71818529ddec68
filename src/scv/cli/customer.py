"""`scv customer`: who a customer is and was, from the ledger of ids."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from scv.errors import InputError

if TYPE_CHECKING:
    from scv.linkage.history import Change, Member, Successor

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Who a customer is, was and became.")
CustomerId = Annotated[
    str, typer.Argument(metavar="ID", help="A customer_id of the marts, in use or retired.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]

CAUSES = {
    "created": "new",
    "merged": "merged into",
    "split": "lost records to",
    "retired": "no record left",
    "returned": "back again",
}
REASONS = {
    "record_new": "new record",
    "record_changed": "changed record",
    "record_deleted": "deleted record",
    "record_returned": "record that came back",
    "decision": "decision no.",
    "model": "model",
    "founding": "first night, record",
}


@app.command("history")
def show_history(customer_id: CustomerId, as_json: AsJson = False) -> None:
    """Show what became of an id: merges, splits and retirements, and who has its records now."""
    from scv.linkage.history import read_history
    from scv.report.terminal import make_console, print_table

    found = read_history(customer_id)
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str))
        return
    console = make_console()
    if found.ended is None:
        console.print(f"{customer_id} is in use since {found.first_night}, with {_count(found.members)}.")
        print_table(console, "Its records", _MEMBERS, [_row(member)[:3] for member in found.members])
    else:
        console.print(f"{customer_id} was in use from {found.first_night} until {found.ended}.")
        console.print(_say_successors(found.successors))
        print_table(
            console,
            "Its last records",
            [*_MEMBERS, ("Customer now", False)],
            [_row(m) for m in found.members],
        )
    columns = [(name, False) for name in ("Night", "What", "Old id", "New id", "Because of", "Run")]
    print_table(console, "What became of it", columns, [_tell(change) for change in found.changes])


@app.command("at")
def show_belief(
    customer_id: CustomerId,
    date_text: Annotated[str, typer.Option("--date", help="The night, YYYY-MM-DD.")],
    as_json: AsJson = False,
) -> None:
    """Show which records were this customer as believed on a date, and which customer they are now."""
    from scv.linkage.history import read_belief
    from scv.report.terminal import make_console, print_table

    try:
        on = date.fromisoformat(date_text)
    except ValueError:
        raise InputError("--date is not a date. Write it as YYYY-MM-DD, for example 2026-03-02.") from None
    found = read_belief(customer_id, on)
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str))
        return
    console = make_console()
    console.print(f"On {on} {customer_id} was {_count(found.members)}.")
    columns = [*_MEMBERS, ("Customer now", False)]
    print_table(console, "Its records then", columns, [_row(member) for member in found.members])


_MEMBERS = [("Record", False), ("System and table", False), ("Since", False)]


def _row(member: "Member") -> list[str]:
    source = member.source or "no longer held"
    return [member.record_key, source, str(member.since), member.customer_id_now or "gone"]


def _count(members: Sequence["Member"]) -> str:
    return f"{len(members)} record{'' if len(members) == 1 else 's'}"


def _say_successors(successors: Sequence["Successor"]) -> str:
    if not successors:
        return "It has no successor: all of its records are gone."
    names = ", ".join(
        f"{each.customer_id}{' by way of ' + ', '.join(each.through) if each.through else ''}"
        for each in successors
    )
    return f"Its successor is {names}." if len(successors) == 1 else f"It was split into {names}."


def _tell(change: "Change") -> list[str]:
    reason = f"{REASONS[change.because]} {change.because_key}"
    old, new = change.old_customer_id or "", change.new_customer_id or ""
    return [str(change.night), CAUSES[change.cause], old, new, reason, change.run]
