"""Holding back a change so large that a person should look first; the limits are data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scv.data_files import check_keys, read_yaml
from scv.publish.difference import Difference
from scv.publish.tables import PreparedTable

_LIMITS = {"min_rows", "max_deleted_ratio", "max_updated_ratio"}


@dataclass(frozen=True)
class Limits:
    """Shares of a table's rows that one night may delete or update; small tables are left alone."""

    min_rows: int
    max_deleted_ratio: float
    max_updated_ratio: float


@dataclass(frozen=True)
class LimitBook:
    """The limits of every table, and those of tables that have their own."""

    usual: Limits
    tables: dict[str, Limits]

    def of(self, label: str) -> Limits:
        """The limits of a table, given as schema.table."""
        return self.tables.get(label, self.usual)


def load_limits(project_root: Path) -> LimitBook:
    """Read expectations/publishing.yml; SettingsError names what is wrong in it."""
    path = project_root / "expectations" / "publishing.yml"
    data = read_yaml(path, {"name", "description", "tables", *_LIMITS})
    usual = {name: data[name] for name in _LIMITS}
    tables: dict[str, Limits] = {}
    for label, own in (data["tables"] or {}).items():
        check_keys(path, f"tables.{label}", own, set(), frozenset(_LIMITS))
        tables[label] = _limits({**usual, **own})
    return LimitBook(_limits(usual), tables)


def find_wild_change(prepared: PreparedTable, difference: Difference, limits: Limits) -> str | None:
    """In words what is larger than the limits allow, or None; a new or just widened table may change."""
    before = difference.rows_before
    if prepared.is_new or before < limits.min_rows:
        return None
    reasons = []
    if difference.deleted > limits.max_deleted_ratio * before:
        reasons.append(
            f"{difference.deleted} of {before} rows deleted (limit {limits.max_deleted_ratio:.0%})"
        )
    if difference.updated > limits.max_updated_ratio * before and not prepared.is_widened:
        reasons.append(
            f"{difference.updated} of {before} rows updated (limit {limits.max_updated_ratio:.0%})"
        )
    return f"{prepared.model.label}: {', '.join(reasons)}" if reasons else None


def _limits(values: dict[str, Any]) -> Limits:
    return Limits(
        int(values["min_rows"]), float(values["max_deleted_ratio"]), float(values["max_updated_ratio"])
    )
