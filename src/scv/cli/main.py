"""The command line `scv`: finds the command groups, and turns errors into one clear line and an exit code."""

import importlib
import os
import sys
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from scv import __version__
from scv.errors import ScvError

# Every command: its name, the module and the typer app (a group) or function (a single command) in it,
# and its line in the help. A module is only imported when its command is called, so that
# `scv --help` is fast.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("scv.cli.demo", "demo", "Make a synthetic council and run its nights, start to end."),
    "night": ("scv.cli.night", "night", "Run one night: extract, link, build, check, publish, report."),
    "report": ("scv.cli.report", "report", "Show the report of a night."),
    "sources": ("scv.cli.sources", "app", "List, check and add departmental systems."),
    "link": ("scv.cli.link", "app", "Link people: explain, decide, review, train, evaluate."),
    "customer": ("scv.cli.customer", "app", "Show who a customer is, was and became."),
    "history": ("scv.cli.history", "app", "Rebuild the history of customers from what is kept."),
    "names": ("scv.cli.names", "names", "Parse the names in a CSV file into JSON lines."),
    "purposes": ("scv.cli.purposes", "app", "Ask the purpose register who may use which data."),
    "letters": ("scv.cli.letters", "app", "Judge outgoing letters before they are dispatched."),
    "facts": ("scv.cli.facts", "app", "Take death notices, disclosures, safe flags and moratoria."),
    "disclosure": ("scv.cli.disclosure", "app", "Show codes of support, judge and record disclosures."),
    "airflow": ("scv.cli.airflow", "app", "Start and stop Airflow with its user interface."),
    "db": ("scv.cli.db", "app", "Start, stop and look into the warehouse."),
}

# Programs that would call home are told not to, whatever starts them.
NO_TELEMETRY = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


class DeferredCommand(TyperCommand):
    """Stands for a command in the list; imports the real one when it is called."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> typer.Context:
        """The context of the real command, which click then invokes in our stead."""
        return self._load().make_context(info_name, args, *rest, **extra)

    def _load(self) -> Any:
        module_name, attribute, summary = COMMANDS[str(self.name)]
        found = getattr(importlib.import_module(module_name), attribute)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False)
            single.command(name=self.name)(found)
            found = single
        command = typer.main.get_command(found)
        command.name = self.name
        command.help = command.help or summary
        return command


class LazyCommands(TyperGroup):
    """A group that knows its commands without importing them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in for the command, or None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        return DeferredCommand(cmd_name, help=COMMANDS[cmd_name][2])


app = typer.Typer(
    cls=LazyCommands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Single customer view: from departmental systems to checked, published marts.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"scv {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Single customer view: from departmental systems to checked, published marts."""


def run() -> None:
    """Entry point: ScvError becomes one line on standard error and its exit code, without a traceback."""
    for name, value in NO_TELEMETRY.items():
        os.environ.setdefault(name, value)
    try:
        app()
    except ScvError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("Stopped by the keyboard; run the same command again to go on.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    run()
