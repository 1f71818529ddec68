"""The door that notices of codes and dates pass: takes the fields it knows, refuses the rest, repeats nothing."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from scv.disclosures.terms import find_terms

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Refusal:
    """Why a field was not taken: what was expected, never what was given."""

    field: str
    message: str


class Door:
    """Takes fields one by one, an optional one that is empty as None or "", and collects what it refuses."""

    def __init__(
        self, given: Mapping[str, str], required: Collection[str], optional: Collection[str]
    ) -> None:
        self._given = {name: value.strip() for name, value in given.items()}
        self._optional = optional
        known = (*required, *optional)
        # The name of a column may itself be a story, so only its place is told.
        self.refusals = [
            Refusal("row", f"expected only the fields {', '.join(known)}; there is no field for text")
        ] if self._given.keys() - set(known) else []  # fmt: skip

    def has(self, field: str) -> bool:
        """Whether anything was given."""
        return bool(self._given.get(field))

    def take(self, field: str, pattern: re.Pattern[str], expected: str) -> str:
        """A text of a pattern; the empty text where it is refused."""
        value = self._given.get(field, "")
        if pattern.fullmatch(value):
            return value
        self._refuse_value(field, f"expected {expected}", value)
        return ""

    def take_code(self, field: str, known: Collection[str]) -> str:
        """A code of a list."""
        value = self._given.get(field, "")
        if value not in known and not self._may_lack(field):
            self._refuse_value(field, f"expected one of {', '.join(known)}", value)
        return value

    def take_codes(self, field: str, known: Collection[str]) -> frozenset[str]:
        """Codes of a list, parted by blanks; at least one."""
        values = self._given.get(field, "").split()
        if not values or not set(values) <= set(known):
            self._refuse_value(
                field, f"expected some of {', '.join(known)}, parted by blanks", " ".join(values)
            )
        return frozenset(values)

    def take_date(self, field: str) -> date | None:
        """A day; None where it is refused, or optional and empty."""
        if self._may_lack(field):
            return None
        text = self.take(field, _DATE, "a date as YYYY-MM-DD")
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.refuse(field, "expected a day of the calendar")
            return None

    def refuse(self, field: str, expected: str) -> None:
        """Refuse a field in words."""
        self.refusals.append(Refusal(field, expected))

    def refuse_terms(self, field: str, value: str) -> None:
        """Refuse a text that was taken where it tells of a diagnosis, of abuse or of an offence."""
        if find_terms(value):
            self._refuse_value(field, "expected a number that tells nothing", value)

    def _may_lack(self, field: str) -> bool:
        return field in self._optional and not self.has(field)

    def _refuse_value(self, field: str, expected: str, value: str) -> None:
        told = sorted(find_terms(value))
        if not value:
            expected += ", found nothing"
        elif told:
            expected += f"; what was given tells of {' and '.join(told)}, which is never recorded"
        self.refuse(field, expected)
