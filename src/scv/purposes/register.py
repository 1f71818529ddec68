"""The purpose register: department x purpose x data class is allowed where purposes/register.yml lists it.

Everything else is denied. A name that the register does not know is an InputError rather than a denial,
so that a slip of the pen in a caller cannot pass for a decision.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import combinations, product
from pathlib import Path
from typing import Any, NamedTuple, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from scv.errors import InputError, SettingsError
from scv.purposes.entries import Allowance, DataClass, Department, Entry, Purpose

# The purpose under which records are matched: linkage asks for its identifiers under this name.
LINKAGE = "identity_linkage"


class Cell(NamedTuple):
    """One cell of the register."""

    department: str
    purpose: str
    data_class: str


@dataclass(frozen=True)
class Verdict:
    """Whether a cell is allowed on a day, why in words, and the entry that says so (or that ran out)."""

    allowed: bool
    reason: str
    entry: Allowance | None = None


class Register(Entry):
    """The whole register, validated; its questions take the day on which they are asked."""

    path: Path = Field(description="The file that it was read from.")
    departments: tuple[Department, ...] = Field(min_length=1, description="Who gives or uses data.")
    purposes: tuple[Purpose, ...] = Field(min_length=1, description="What data are used for.")
    data_classes: tuple[DataClass, ...] = Field(min_length=1, description="Kinds of data.")
    allowances: tuple[Allowance, ...] = Field(default=(), description="What is allowed; the rest is denied.")

    def is_allowed(self, department: str, purpose: str, data_class: str, on: date) -> Verdict:
        """The verdict on one cell on a day; InputError for a name that the register does not know."""
        self._know("department", department, self.departments)
        self._know("purpose", purpose, self.purposes)
        self._know("data class", data_class, self.data_classes)
        entries = self._entries_of.get(Cell(department, purpose, data_class), ())
        for entry in entries:
            if entry.stands(on):
                late = f"review overdue since {entry.review_due}"
                due = late if entry.is_overdue(on) else f"review due {entry.review_due}"
                return Verdict(True, f"'{entry.name}' allows it ({entry.lawful_basis}); {due}", entry)
        past = [entry for entry in entries if entry.approved_on <= on]
        if past:
            return Verdict(False, f"'{past[-1].name}' expired on {past[-1].expires_on}", past[-1])
        if entries:
            return Verdict(
                False, f"'{entries[0].name}' stands only from {entries[0].approved_on}", entries[0]
            )
        return Verdict(False, "not listed, and what is not listed is denied")

    def allowed_classes(self, department: str, purpose: str, on: date) -> frozenset[str]:
        """The data classes that a department may use for a purpose on a day."""
        names = [data_class.name for data_class in self.data_classes]
        return frozenset(n for n in names if self.is_allowed(department, purpose, n, on).allowed)

    def may_see(self, reader: str, data_class: str, on: date) -> bool:
        """Whether people of a department may look at values of a class, for any purpose that shows values.

        Who may not is told of an identifier that matched only as "other evidence".
        """
        shown = [purpose.name for purpose in self.purposes if purpose.shows_values]
        return any(self.is_allowed(reader, purpose, data_class, on).allowed for purpose in shown)

    def identifier_systems(self, column: str, on: date) -> frozenset[str]:
        """The systems between which a column of the link input may be matched, one partition for all readers.

        A system outside has its values of the column left out of comparison altogether: an identifier is
        evidence only where everybody may rely on the link. InputError for a column of no data class.
        """
        data_class = self.class_of_link_column(column)
        return frozenset(
            system
            for department in self.departments
            if self.is_allowed(department.name, LINKAGE, data_class, on).allowed
            for system in department.systems
        )

    def class_of_link_column(self, column: str) -> str:
        """The data class of a column of the link input; InputError where no class names it."""
        for data_class in self.data_classes:
            if column in data_class.link_columns:
                return data_class.name
        raise InputError(
            f"Column '{column}' of the link input belongs to no data class. Add it to link_columns of its "
            f"class in {self.path}."
        )

    def class_of(self, system: str, table: str, column: str, privacy: str) -> str | None:
        """The data class of a manifest's column: as named, else as its table, else by its privacy class."""
        for key in (f"{system}.{table}.{column}", f"{system}.{table}.*", privacy):
            if key in self._class_by_key:
                return self._class_by_key[key]
        return None

    def department_of(self, system: str) -> str | None:
        """The department that owns a system; None where the register knows no owner."""
        return self._owners.get(system)

    @property
    def size(self) -> int:
        """How many cells there are, denied ones too."""
        return len(self.departments) * len(self.purposes) * len(self.data_classes)

    def cells(self) -> Iterator[tuple[Cell, Allowance]]:
        """Every listed cell with its entry, in the order of cell and first day."""
        for cell in sorted(self._entries_of):
            for entry in self._entries_of[cell]:
                yield cell, entry

    @cached_property
    def _entries_of(self) -> dict[Cell, tuple[Allowance, ...]]:
        found: dict[Cell, list[Allowance]] = {}
        for entry in sorted(self.allowances, key=lambda entry: entry.approved_on):
            for department, data_class in product(entry.departments, entry.data_classes):
                found.setdefault(Cell(department, entry.purpose, data_class), []).append(entry)
        return {cell: tuple(entries) for cell, entries in found.items()}

    @cached_property
    def _class_by_key(self) -> dict[str, str]:
        return {key: item.name for item in self.data_classes for key in (*item.columns, *item.privacy)}

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {system: item.name for item in self.departments for system in item.systems}

    def _know(self, kind: str, name: str, entries: tuple[Department | Purpose | DataClass, ...]) -> None:
        known = [entry.name for entry in entries]
        if name not in known:
            raise InputError(
                f"'{name}' is not a {kind} of the purpose register ({self.path}). Known: {', '.join(known)}."
            )

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._find_repeated(), *self._find_unknown(), *self._find_unconditional()]
        problems += self._find_overlaps()
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _find_repeated(self) -> Iterator[str]:
        claims: dict[str, list[str]] = {
            "departments.name": [item.name for item in self.departments],
            "departments.systems": [name for item in self.departments for name in item.systems],
            "purposes.name": [item.name for item in self.purposes],
            "data_classes.name": [item.name for item in self.data_classes],
            "data_classes.privacy": [name for item in self.data_classes for name in item.privacy],
            "data_classes.columns": [name for item in self.data_classes for name in item.columns],
            "data_classes.link_columns": [name for item in self.data_classes for name in item.link_columns],
            "allowances.name": [item.name for item in self.allowances],
        }
        for field, names in claims.items():
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield f"{field}: expected each once, found '{name}' more than once"
        for item in self.data_classes:
            for column in item.columns:
                if column.count(".") != 2:
                    yield f"data_classes.{item.name}.columns: expected system.table.column, found '{column}'"

    def _find_unknown(self) -> Iterator[str]:
        known = {
            "departments": [item.name for item in self.departments],
            "purpose": [item.name for item in self.purposes],
            "data_classes": [item.name for item in self.data_classes],
        }
        if LINKAGE not in known["purpose"]:
            yield f"purposes: expected '{LINKAGE}', which the linkage asks for, found nothing"
        for entry in self.allowances:
            for field, names in known.items():
                given = getattr(entry, field)
                for name in [given] if isinstance(given, str) else given:
                    if name not in names:
                        yield f"allowances.{entry.name}.{field}: expected one of {', '.join(names)}, found '{name}'"

    def _find_unconditional(self) -> Iterator[str]:
        special = {item.name for item in self.data_classes if item.is_special_category}
        for entry in self.allowances:
            given = [name for name in entry.data_classes if name in special]
            where = f"allowances.{entry.name}.condition"
            if given and entry.condition is None:
                yield f"{where}: expected a condition of Article 9 for {', '.join(given)}, found nothing"
            elif entry.condition is not None and len(given) < len(entry.data_classes):
                plain = [name for name in entry.data_classes if name not in special]
                yield (
                    f"{where}: expected special category data only, found {', '.join(plain)}; "
                    "give those an entry of their own"
                )

    def _find_overlaps(self) -> Iterator[str]:
        for cell, entries in self._entries_of.items():
            for first, second in combinations(entries, 2):
                if first.expires_on is None or first.expires_on > second.approved_on:
                    yield (
                        f"allowances.{second.name}: expected one decision at a time, found '{first.name}' "
                        f"still standing for {cell.department} / {cell.purpose} / {cell.data_class}"
                    )


def load_register(root: Path) -> Register:
    """The register of a checkout, purposes/register.yml; SettingsError names file, entry and what was expected."""
    path = root / "purposes" / "register.yml"
    try:
        seen = path.stat()
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({type(error).__name__}). Restore it from git: without it nothing is allowed."
        ) from None
    return _read_register(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=16)
def _read_register(path: Path, changed: int, size: int) -> Register:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise SettingsError(f"{path}: is not readable YAML{line} ({type(error).__name__}).") from None
    given = {**content, "path": path} if isinstance(content, dict) else {"path": path}
    try:
        return Register.model_validate(given)
    except ValidationError as error:
        problems = [line for item in error.errors(include_url=False) for line in _say(item, given)]
        listed = "\n".join(f"  {line}" for line in problems)
        raise SettingsError(f"{path}: the purpose register cannot be used:\n{listed}") from None


def _say(item: Mapping[str, Any], given: Any) -> list[str]:
    """The lines for one problem of pydantic: entries by their names, what was expected and what was found."""
    words: list[str] = []
    for part in item["loc"]:
        inside = (isinstance(given, dict) and part in given) or (
            isinstance(given, list) and isinstance(part, int) and part < len(given)
        )
        given = given[part] if inside else None
        words.append(str(given["name"] if isinstance(given, dict) and "name" in given else part))
    where = f"{'.'.join(words)}: " if words else ""
    if item["type"] == "missing":
        return [f"{where}expected a value, found nothing"]
    if item["type"] == "extra_forbidden":
        return [f"{where}is not a word of the register"]
    found = item.get("input")
    shown = f", found {found!r}" if isinstance(found, str | int | float | bool) else ""
    return [f"{where}{line}{shown}" for line in item["msg"].removeprefix("Value error, ").splitlines()]
