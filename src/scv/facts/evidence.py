"""How strong what a department was told of a death is, read from the seed, which is its one place."""

from pathlib import Path

from pydantic import Field

from scv.disclosures.codes import read_codes
from scv.manifests import Identifier
from scv.purposes.entries import Entry


class EvidenceCode(Entry):
    """A way of learning of a death, with its level from 10 (the register) down."""

    evidence_code: Identifier = Field(description="Code of the way.")
    evidence_name: str = Field(min_length=3, description="The way in words.")
    level: int = Field(ge=1, le=10, description="Strength, as of all evidence of deaths.")


def load_evidence_codes(root: Path) -> dict[str, EvidenceCode]:
    """The ways of a checkout by code; SettingsError names file, line and what was expected."""
    return read_codes(root / "dbt_project" / "seeds" / "death_evidence_codes.csv", EvidenceCode)
