"""`scv purposes`: who may use which data for what, why, and what about the register is to be mended."""

import json
from datetime import date
from typing import Annotated, Any

import typer
from rich.table import Table

from scv.cli.night import parse_date
from scv.errors import InputError, SettingsError
from scv.purposes import Allowance, Cell, Register, check_register, load_register
from scv.report.terminal import make_console
from scv.settings import get_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Ask the purpose register who may use which data."
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OnDate = Annotated[
    str | None, typer.Option("--date", help="The day asked about, YYYY-MM-DD; today in London if left out.")
]


@app.command("list")
def list_allowances(
    department: Annotated[str | None, typer.Option("--department", help="Only this department.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="Only this purpose.")] = None,
    data_class: Annotated[str | None, typer.Option("--data-class", help="Only this class of data.")] = None,
    date_text: OnDate = None,
    as_json: AsJson = False,
) -> None:
    """List what is allowed on a day; everything that is not listed is denied."""
    register, on = load_register(get_settings().project_root), parse_date(date_text)
    # A name that the register does not know would otherwise list nothing, as if it were a denial.
    register.is_allowed(
        department or register.departments[0].name,
        purpose or register.purposes[0].name,
        data_class or register.data_classes[0].name,
        on,
    )
    wanted = (department, purpose, data_class)
    cells = [
        (cell, entry)
        for cell, entry in register.cells()
        if entry.stands(on) and all(want in (None, name) for want, name in zip(wanted, cell, strict=True))
    ]
    if as_json:
        typer.echo(json.dumps([{**cell._asdict(), **_facts(entry)} for cell, entry in cells]))
        return
    _print_allowances(register, cells, on)


@app.command()
def check(date_text: OnDate = None, as_json: AsJson = False) -> None:
    """Hold the register against the manifests and the calendar; exit code 2 where something is to be mended."""
    root, on = get_settings().project_root, parse_date(date_text)
    found = check_register(root, on)
    if as_json:
        typer.echo(json.dumps([problem.__dict__ for problem in found]))
    else:
        register = load_register(root)
        for problem in found:
            typer.echo(f"{problem.severity}: {register.path}: {problem.entry}: {problem.message}")
        if not found:
            cells = sum(entry.stands(on) for _, entry in register.cells())
            typer.echo(f"ok: {cells} of {register.size} cells are allowed on {on}; the rest is denied.")
    if any(problem.severity == "error" for problem in found):
        raise typer.Exit(SettingsError.exit_code)


@app.command()
def explain(
    department: Annotated[str, typer.Argument(help="A department, or a system that it owns.")],
    purpose: Annotated[str, typer.Argument(help="A purpose.")],
    data_class: Annotated[str, typer.Argument(help="A class of data, or a column of the link input.")],
    date_text: OnDate = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a department may use a class of data for a purpose on a day, and by whose decision."""
    register, on = load_register(get_settings().project_root), parse_date(date_text)
    cell = Cell(_department(register, department), purpose, _class(register, data_class))
    verdict = register.is_allowed(*cell, on=on)
    if as_json:
        entry = _facts(verdict.entry) if verdict.entry else None
        answer = {
            **cell._asdict(),
            "date": on,
            "allowed": verdict.allowed,
            "reason": verdict.reason,
            "entry": entry,
        }
        typer.echo(json.dumps(answer, default=str))
        return
    console = make_console()
    word = "[bold green]allowed[/]" if verdict.allowed else "[bold red]denied[/]"
    console.print(f"{word}  {cell.department} / {cell.purpose} / {cell.data_class} on {on}: {verdict.reason}")
    if verdict.entry is None:
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(verdict.entry).items():
        if value:
            table.add_row(name.replace("_", " "), str(value))
    console.print(table)


def _department(register: Register, name: str) -> str:
    """A department by its name, or the owner of a system."""
    if any(name == item.name for item in register.departments):
        return name
    return register.department_of(name) or name


def _class(register: Register, name: str) -> str:
    """A data class by its name, or that of a column of the link input."""
    if any(name == item.name for item in register.data_classes):
        return name
    try:
        return register.class_of_link_column(name)
    except InputError:
        return name


def _facts(entry: Allowance) -> dict[str, Any]:
    """An entry without its cells, which the answer names itself, as plain JSON."""
    facts = entry.model_dump(mode="json", exclude={"departments", "purpose", "data_classes", "condition"})
    condition = entry.condition
    return {
        "entry": facts.pop("name"),
        "lawful_basis": facts.pop("lawful_basis"),
        "article_9": condition.article_9 if condition else None,
        "schedule_1": condition.schedule_1 if condition else None,
        **facts,
    }


def _print_allowances(register: Register, cells: list[tuple[Cell, Allowance]], on: date) -> None:
    console = make_console()
    for purpose in register.purposes:
        of_purpose = [(cell, entry) for cell, entry in cells if cell.purpose == purpose.name]
        if not of_purpose:
            continue
        table = Table(title=f"{purpose.title} ({purpose.name})", title_justify="left", title_style="bold", box=None,
                      pad_edge=False)  # fmt: skip
        table.add_column("Department", no_wrap=True)
        table.add_column("May use")
        table.add_column("By")
        table.add_column("Review due", no_wrap=True)
        for department in register.departments:
            classes: dict[str, list[str]] = {}
            for cell, entry in of_purpose:
                if cell.department == department.name:
                    classes.setdefault(entry.name, []).append(cell.data_class)
            for entry in register.allowances:
                if entry.name in classes:
                    due = (
                        f"[red]{entry.review_due} overdue[/]"
                        if entry.is_overdue(on)
                        else f"{entry.review_due}"
                    )
                    table.add_row(department.name, ", ".join(classes[entry.name]), entry.name, due)
        console.print(table)
        console.print()
    console.print(f"{len(cells)} of {register.size} cells are allowed on {on}; the rest is denied.")
