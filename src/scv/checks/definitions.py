"""Expectation suites and checkpoints as data: read from expectations/ and held to their shape.

A suite lists expectations; a checkpoint lists which suites judge what. `for_each` in a checkpoint repeats a
suite for each table, mart or rule, with parameters out of the manifest, the contract or the rule.
"""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from scv.data_files import check_keys, read_yaml
from scv.errors import SettingsError

Stage = Literal["arrival", "link_input", "marts", "review"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Repeat = Literal["table", "person_source", "mart", "rule"]
REPEATS: tuple[Repeat, ...] = get_args(Repeat)

# These count at most a capped list, or need values to be handed back, so they may not judge here.
FORBIDDEN_TYPES = {"unexpected_rows_expectation", "expect_query_results_to_match_comparison"}


@dataclass(frozen=True)
class Expectation:
    """One expectation of a suite: a Great Expectations type, its arguments, and what its failing means."""

    type: str
    kwargs: dict[str, Any]
    severity: Severity
    meaning: str
    # What it is about: its columns, and the limit where the suite judges them twice by the same type.
    label: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it looks at."""
        named = [self.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        return (*[name for name in named if name], *self.kwargs.get("column_list", ()))


@dataclass(frozen=True)
class Suite:
    """A named list of expectations."""

    name: str
    description: str
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True)
class Validation:
    """A suite and what it judges: a relation of the warehouse, or the counts of each table, mart or rule."""

    suite: Suite
    relation: str | None
    where: str | None
    for_each: Repeat | None


@dataclass(frozen=True)
class Checkpoint:
    """What is judged together at one point of the night, and as which role of the warehouse."""

    name: Stage
    description: str
    role: str
    validations: tuple[Validation, ...]


def load_checkpoint(project_root: Path, stage: Stage) -> Checkpoint:
    """Read a checkpoint and its suites; SettingsError names the file and what is wrong in it."""
    folder = project_root / "expectations"
    path = folder / "checkpoints" / f"{stage}.yml"
    data = read_yaml(path, {"name", "description", "role", "validations"})
    if data["name"] != stage:
        raise SettingsError(f"{path} says name: {data['name']}; it must be the file's name, {stage}.")
    validations = tuple(_read_validation(folder, path, entry) for entry in data["validations"])
    return Checkpoint(stage, data["description"], data["role"], validations)


def load_suite(path: Path) -> Suite:
    """Read one suite; SettingsError names the file and what is wrong in it."""
    data = read_yaml(path, {"name", "description", "expectations"})
    if data["name"] != path.stem:
        raise SettingsError(f"{path} says name: {data['name']}; it must be the file's name, {path.stem}.")
    expectations = tuple(_read_expectation(path, entry) for entry in data["expectations"])
    if not expectations:
        raise SettingsError(f"{path} holds no expectation. Delete the file or write one.")
    return Suite(path.stem, data["description"], _label(path, expectations))


def _label(path: Path, expectations: tuple[Expectation, ...]) -> tuple[Expectation, ...]:
    """Give each expectation a label that is its own among those of its type."""
    repeated = Counter((item.type, item.columns) for item in expectations)
    labelled = []
    for item in expectations:
        parts = [*item.columns]
        if repeated[item.type, item.columns] > 1:
            parts += [
                name.removesuffix("_value") for name in ("min_value", "max_value") if name in item.kwargs
            ]
        labelled.append(replace(item, label=".".join(parts)))
    doubled = [
        key for key, count in Counter((item.type, item.label) for item in labelled).items() if count > 1
    ]
    if doubled:
        raise SettingsError(
            f"{path} says the same thing twice: {doubled[0][0]} on {doubled[0][1] or 'the rows'}."
        )
    return tuple(labelled)


def _read_validation(folder: Path, path: Path, entry: dict[str, Any]) -> Validation:
    check_keys(path, "a validation", entry, {"suite"}, frozenset({"relation", "where", "for_each"}))
    for_each = entry.get("for_each")
    if (for_each is None) == (entry.get("relation") is None):
        raise SettingsError(
            f"{path}: the validation of {entry['suite']} needs either `relation` (schema.table) or "
            f"`for_each` ({', '.join(REPEATS)})."
        )
    if for_each is not None and for_each not in REPEATS:
        raise SettingsError(f"{path}: for_each is '{for_each}'; known: {', '.join(REPEATS)}.")
    suite = load_suite(folder / "suites" / f"{entry['suite']}.yml")
    return Validation(suite, entry.get("relation"), entry.get("where"), for_each)


def _read_expectation(path: Path, entry: dict[str, Any]) -> Expectation:
    check_keys(path, "an expectation", entry, {"type", "kwargs", "severity", "meaning"})
    kind = str(entry["type"])
    if kind in FORBIDDEN_TYPES:
        raise SettingsError(f"{path}: {kind} hands rows or values back, so it may not be used here.")
    if entry["severity"] not in SEVERITIES:
        raise SettingsError(f"{path}: severity of {kind} must be one of {', '.join(SEVERITIES)}.")
    return Expectation(kind, dict(entry["kwargs"]), entry["severity"], str(entry["meaning"]).strip())
