"""Holding the purpose register against the manifests and against the calendar."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from scv.manifests import System, load_manifests
from scv.purposes.register import LINKAGE, Register, load_register

# How long before its review an allowance is announced, so that the review can be held in time.
REVIEW_NOTICE = timedelta(days=60)


@dataclass(frozen=True)
class Problem:
    """Something about the register that a person should mend; only warnings can wait."""

    severity: Literal["error", "warning"]
    entry: str
    message: str


def check_register(root: Path, on: date) -> tuple[Problem, ...]:
    """What is wrong with a checkout's register on a day, errors first; empty where all is well.

    SettingsError where the register or a manifest cannot be read at all.
    """
    register, systems = load_register(root), load_manifests(root)
    found = [
        *_check_systems(register, systems),
        *_check_columns(register, systems),
        *_check_linked(register, systems, on),
        *check_dates(register, on),
    ]
    return tuple(sorted(found, key=lambda problem: (problem.severity, problem.entry, problem.message)))


def check_dates(register: Register, on: date) -> Iterator[Problem]:
    """Entries that ran out, that nobody reviewed in time (they stand, and are reported), or soon to be reviewed."""
    for entry in register.allowances:
        where = f"allowances.{entry.name}"
        if entry.expires_on is not None and on >= entry.expires_on:
            yield Problem(
                "error",
                f"{where}.expires_on",
                f"expected a day after {on}, found {entry.expires_on}: it denies. Approve it anew, or take it out.",
            )
        elif entry.is_overdue(on):
            yield Problem(
                "error",
                f"{where}.review_due",
                f"expected {on} or later, found {entry.review_due}: it still stands. Let {entry.approved_by} "
                "review it, then write the new day.",
            )
        elif entry.stands(on) and entry.review_due - on <= REVIEW_NOTICE:
            yield Problem("warning", f"{where}.review_due", f"the review is due on {entry.review_due}.")


def check_model(
    register: Register, identifier_systems: Mapping[str, Iterable[str]], on: date
) -> Iterator[Problem]:
    """Identifiers that the linkage model in force still matches between systems that may no longer rely on them.

    `identifier_systems` are those that the model keeps, by column of the link input.
    """
    for column, systems in sorted(identifier_systems.items()):
        outside = sorted(set(systems) - register.identifier_systems(column, on))
        if outside:
            yield Problem(
                "error",
                f"link.model.{column}",
                f"expected matching between allowed systems only, found {', '.join(outside)} in the model in "
                "force. Train a model under the register as it is and activate it: `scv link train`.",
            )


def _check_systems(register: Register, systems: dict[str, System]) -> Iterator[Problem]:
    for name in systems:
        if register.department_of(name) is None:
            yield Problem(
                "error",
                "departments.systems",
                f"expected a department for the system '{name}', found none: everything about it is denied.",
            )
    for department in register.departments:
        for name in department.systems:
            if name not in systems:
                yield Problem(
                    "error",
                    f"departments.{department.name}.systems",
                    f"expected systems that have a manifest, found '{name}'.",
                )


def _check_columns(register: Register, systems: dict[str, System]) -> Iterator[Problem]:
    declared: dict[tuple[str, str, str], str] = {
        (system.name, table.name, column.name): column.privacy
        for system in systems.values()
        for table in system.tables
        for column in table.columns
    }
    known = {".".join(key) for key in declared} | {f"{system}.{table}.*" for system, table, _ in declared}
    for data_class in register.data_classes:
        for name in data_class.columns:
            if name not in known:
                yield Problem(
                    "error",
                    f"data_classes.{data_class.name}.columns",
                    f"expected columns that a manifest declares, found '{name}'.",
                )
    homeless: dict[str, str] = {}
    for key, privacy in sorted(declared.items()):
        if register.class_of(*key, privacy) is None:
            homeless.setdefault(privacy, ".".join(key))
    for privacy, example in homeless.items():
        yield Problem(
            "error",
            "data_classes.privacy",
            f"expected a data class for the privacy class '{privacy}' (such as {example}), found none.",
        )


def _check_linked(register: Register, systems: dict[str, System], on: date) -> Iterator[Problem]:
    """Systems whose tables hold persons are linked; the register must say that they may be."""
    data_class = register.class_of_link_column("surname")
    for system in systems.values():
        department = register.department_of(system.name)
        if department is None or all(table.person == "none" for table in system.tables):
            continue
        if not register.is_allowed(department, LINKAGE, data_class, on).allowed:
            yield Problem(
                "error",
                f"departments.{department}",
                f"expected an allowance of {LINKAGE} for {data_class}, because the persons of "
                f"'{system.name}' are linked, found none.",
            )
