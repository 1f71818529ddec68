"""What a run of dbt came to, and how its failures are told: by model and SQLSTATE, never by value."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from scv.errors import ScvError

_DONE = frozenset({"success", "pass"})
_FAILED = frozenset({"error", "fail", "runtime error", "partial success"})


class TransformFailed(ScvError):
    """A model or a data test failed, or the project could not be read; `nodes` names what failed."""

    exit_code: ClassVar[int] = 13

    def __init__(self, message: str, *, nodes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.nodes = nodes


@dataclass(frozen=True)
class DbtRun:
    """Counts of one run of dbt.

    `seconds` is the whole run, `start_seconds` the part of it before the first model: reading the
    project and connecting. `slowest` has the seconds of the ten slowest models and tests.
    """

    command: str
    selector: str
    models: int
    unchanged: int
    seeds: int
    tests: int
    warnings: int
    seconds: float
    start_seconds: float
    slowest: dict[str, float] = field(default_factory=dict)


def summarise(command: str, selector: str, results: Iterable[Any], seconds: float, executed: float) -> DbtRun:
    """Count dbt's results; raises TransformFailed where one of them failed."""
    rows = list(results)
    failed = [row for row in rows if str(row.status) in _FAILED]
    if failed:
        skipped = sum(1 for row in rows if str(row.status) == "skipped")
        raise TransformFailed(
            f"dbt {command} {selector}: {'; '.join(_describe(row) for row in failed)}. "
            f"{skipped} models and tests that depend on it were left out; the published marts are as they were. "
            "Mend the model or the data it names and run the night again; where the columns of a model that keeps "
            "its rows were changed, once with --full.",
            nodes=tuple(str(row.node.name) for row in failed),
        )
    kinds = [str(row.node.resource_type) for row in rows]
    slowest = sorted(rows, key=lambda row: row.execution_time, reverse=True)[:10]
    return DbtRun(
        command=command,
        selector=selector,
        models=kinds.count("model"),
        unchanged=sum(1 for row in rows if "UNCHANGED" in str(row.adapter_response.get("_message", ""))),
        seeds=kinds.count("seed"),
        tests=kinds.count("test") + kinds.count("unit_test"),
        warnings=sum(1 for row in rows if str(row.status) == "warn"),
        seconds=round(seconds, 3),
        start_seconds=round(seconds - executed, 3),
        slowest={str(row.node.name): round(row.execution_time, 3) for row in slowest},
    )


def _describe(row: Any) -> str:
    """One failed node; the message is kept only where it is of our own making (see scv.transform.safety)."""
    kind, name = row.node.resource_type, row.node.name
    if str(row.status) == "fail":
        return f"{kind} {name} failed for {row.failures or 0} rows"
    return f"{kind} {name} raised {find_reason(str(row.message or ''))}"


def find_reason(message: str) -> str:
    """The harmless part of dbt's message: our own words on a database error, or the kind of error."""
    for line in message.splitlines():
        text = line.strip()
        if text.startswith("SQLSTATE "):
            return text
    first = message.strip().splitlines()[0] if message.strip() else ""
    # "Compilation Error in model x (path)" and its like name the kind and the place; values come on later lines.
    return first if first.split(" in ")[0].endswith("Error") else "an error"
