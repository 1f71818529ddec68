"""What departments are told of a person, taken as codes and dates and in force at once.

    result = apply_file(Path("notices.jsonl"), by="N. Officer", on=date(2026, 3, 2))

A fact hangs on a record of the person, so it follows merges and splits. SQL readers ask
`facts.in_force(day)`, which holds a fact from the moment it was committed.
"""

from scv.facts.applying import ApplyResult, RowRefusal, apply_file, apply_notices, record_disclosures
from scv.facts.releases import ReleasedItem, list_released

__all__ = [
    "ApplyResult",
    "ReleasedItem",
    "RowRefusal",
    "apply_file",
    "apply_notices",
    "list_released",
    "record_disclosures",
]
