"""Which system is kept in what."""

from itertools import chain

from scv.demo.systems import (
    adult_social_care,
    children_social_care,
    contacts,
    correspondence,
    deaths,
    education,
    grants,
    hr_payroll,
    permits,
)
from scv.demo.systems.council_tax_tables import TABLES as COUNCIL_TAX
from scv.demo.systems.housing_benefit_tables import TABLES as HOUSING_BENEFIT
from scv.demo.systems.housing_tables import TABLES as HOUSING
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
        HOUSING,
        adult_social_care.TABLES,
        children_social_care.TABLES,
        education.TABLES,
        (hr_payroll.POSTS,),
        grants.TABLES,
        (permits.PERMIT,),
        (contacts.CONTACT, contacts.LINK),
        (deaths.REGISTRAR, deaths.TELL_US_ONCE),
        (correspondence.PRINT, correspondence.NOTIFY),
    )
}


def specs_of(system: str) -> list[TableSpec]:
    """The tables of a system."""
    return [spec for spec in SPECS.values() if spec.system == system]
