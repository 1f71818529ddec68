"""Afterwards: what went out, held against what was advised."""

import json
from dataclasses import dataclass
from pathlib import Path

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.letters.files import as_text, read_rows
from scv.letters.output import MANIFEST
from scv.letters.profiles import load_profile
from scv.letters.screening import item_key
from scv.letters.store import read_actions
from scv.settings import get_settings


@dataclass(frozen=True)
class Dispatch:
    """Counts of items: `as_advised` went out and were advised to be sent; `against_advice`, by the action that was
    advised, went out all the same; `never_screened` went out without a verdict; `not_sent` were advised to be sent
    and did not go out. `items_against_advice` lists the deliverer's numbers of the middle two."""

    screening_id: str
    went_out: int
    as_advised: int
    against_advice: dict[str, int]
    never_screened: int
    not_sent: int
    items_against_advice: tuple[str, ...]

    @property
    def is_proven(self) -> bool:
        """Whether nothing went out that should not have."""
        return not self.against_advice and not self.never_screened


def compare_dispatch(path: Path, profile_name: str, folder: Path) -> Dispatch:
    """Hold the file of what went out against the verdicts that the warehouse keeps of a screening.

    `folder` is that of the screening; only its number is taken from there. InputError where a file cannot be read
    whole or the screening is of another profile or not kept here.
    """
    settings = get_settings()
    profile = load_profile(settings.project_root, profile_name)
    manifest = _read_manifest(folder)
    if manifest.get("profile") != profile.name:
        raise InputError(f"{folder} is a screening of another profile than '{profile.name}'.")
    screening_id = str(manifest.get("screening_id"))
    with translate_db_errors("reading verdicts", "letters.verdict"), connect("linkage", settings) as linkage:
        advised = read_actions(linkage, screening_id)
    sent: set[str] = set()
    wrong: list[str] = []
    against: dict[str, int] = {}
    unknown = 0
    for row in read_rows(path, profile):
        item_id = as_text(row[profile.columns.item_id]) or ""
        key = item_key(settings, profile, item_id)
        sent.add(key)
        action = advised[key][0] if key in advised else None
        if action is None:
            unknown += 1
        elif action != "send":
            against[action] = against.get(action, 0) + 1
        if action != "send":
            wrong.append(item_id)
    to_send = {key for key, (action, _) in advised.items() if action == "send"}
    return Dispatch(
        screening_id,
        len(sent),
        len(sent & to_send),
        dict(sorted(against.items())),
        unknown,
        len(to_send - sent),
        tuple(wrong),
    )


def _read_manifest(folder: Path) -> dict[str, object]:
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        raise InputError(
            f"{path} is not the manifest of a screening. Name the folder that it wrote."
        ) from None
    return dict(found) if isinstance(found, dict) else {}
