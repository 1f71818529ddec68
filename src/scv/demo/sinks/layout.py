"""Which system is kept in what, and how a change of its tables is described."""

from dataclasses import dataclass
from itertools import chain

from scv.demo.systems import (
    correspondence,
    deaths,
)
from scv.demo.systems.council_tax_tables import TABLES as COUNCIL_TAX
from scv.demo.tables import TableSpec

POSTGRES = ("council_tax", "housing_benefit")
SQLITE = ("housing", "adult_social_care", "permits", "contacts")
FILES = ("children_social_care", "education", "hr_payroll", "grants")
DELTAS = ("deaths", "correspondence")

SPECS: dict[str, TableSpec] = {
    spec.id: spec
    for spec in chain(
        COUNCIL_TAX,
        (deaths.REGISTRAR, deaths.TELL_US_ONCE),
        (correspondence.PRINT, correspondence.NOTIFY),
    )
}


@dataclass(frozen=True)
class Change:
    """What became different in one table since the last night: keys that went, rows that came."""

    spec: TableSpec
    gone: "object"
    came: "object"


def specs_of(system: str) -> list[TableSpec]:
    """The tables of a system."""
    return [spec for spec in SPECS.values() if spec.system == system]
