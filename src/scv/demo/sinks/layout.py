"""Which system is kept in what."""

from itertools import chain

from scv.demo.systems import (
    correspondence,
    deaths,
)
from scv.demo.systems.council_tax_tables import TABLES as COUNCIL_TAX
from scv.demo.systems.housing_benefit_tables import TABLES as HOUSING_BENEFIT
from scv.demo.tables import TableSpec

POSTGRES = ("council_tax", "housing_benefit")
SQLITE = ("housing", "adult_social_care", "permits", "contacts")
FILES = ("children_social_care", "education", "hr_payroll", "grants")
DELTAS = ("deaths", "correspondence")

SPECS: dict[str, TableSpec] = {
    spec.id: spec
    for spec in chain(
        COUNCIL_TAX,
        HOUSING_BENEFIT,
        (deaths.REGISTRAR, deaths.TELL_US_ONCE),
        (correspondence.PRINT, correspondence.NOTIFY),
    )
}


def specs_of(system: str) -> list[TableSpec]:
    """The tables of a system."""
    return [spec for spec in SPECS.values() if spec.system == system]
