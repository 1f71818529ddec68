"""A purpose register of a test, as a file."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import yaml

SMALL: dict[str, Any] = {
    "departments": [
        {"name": "libraries", "title": "Libraries", "systems": ["books"]},
        {"name": "parks", "title": "Parks", "systems": ["trees", "ponds"]},
        {"name": "museum", "title": "Museum"},
    ],
    "purposes": [
        {"name": "identity_linkage", "title": "Linkage", "description": "Records are compared."},
        {"name": "reading", "title": "Reading", "description": "Staff look.", "shows_values": True},
    ],
    "data_classes": [
        {
            "name": "identity", "title": "Identity", "description": "Names.", "privacy": ["name"],
            "link_columns": ["surname"],
        },
        {
            "name": "ticket", "title": "Ticket", "description": "Ticket number.",
            "columns": ["books.borrowers.ticket_no", "books.loans.*"], "link_columns": ["ticket_no"],
        },
        {"name": "health", "title": "Health", "description": "Health.", "is_special_category": True},
    ],
    "allowances": [
        {
            "name": "tickets", "departments": ["libraries", "parks"], "purpose": "identity_linkage",
            "data_classes": ["ticket"], "lawful_basis": "public_task", "gateway": "A statute.",
            "approved_by": "Data Protection Officer", "approved_on": date(2025, 1, 1),
            "review_due": date(2026, 6, 30),
        },
    ],
}  # fmt: skip


def write(folder: Path, **changes: Any) -> Path:
    """A project of nothing but a register: the small one, with parts changed."""
    path = folder / "purposes" / "register.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({**copy.deepcopy(SMALL), **changes}))
    return folder
