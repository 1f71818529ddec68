"""Progress of a night: a live line on a terminal, one plain line per step elsewhere."""

import sys
from types import TracebackType

from rich.console import Console
from rich.status import Status

# What each step is called for people; the keys are the steps' names in the ledger.
WORDS = {
    "extract": "Loading",
    "list_changes": "Listing what changed",
    "stage": "Standardising records",
    "link": "Linking people",
    "build": "Building marts and findings",
    "check": "Checking",
    "publish": "Publishing",
    "report": "Writing the report",
    "replay": "Replaying",
}


class NightProgress:
    """Shows the steps of a night as they start and end; nothing at all when quiet."""

    def __init__(self, title: str, *, quiet: bool = False) -> None:
        self._title = title
        self._console = Console(file=sys.stderr, quiet=quiet, highlight=False)
        self._status: Status | None = None
        self._running: list[str] = []

    def __enter__(self) -> "NightProgress":
        if self._console.is_terminal:
            self._status = self._console.status(self._title)
            self._status.start()
        else:
            self._console.print(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def show(self, step: str, system: str, seconds: float | None) -> None:
        """A step started (no seconds) or ended."""
        name = f"{WORDS.get(step, step)} {system}".strip()
        if seconds is None:
            self._running.append(name)
        else:
            self._running.remove(name)
            self._console.print(f"  {name:<40} {seconds:6.1f} s")
        if self._status:
            self._status.update(f"{self._title}: {', '.join(self._running) or 'next step'}")
