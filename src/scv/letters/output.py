"""The folder of a screening: the file's items in parts, the verdicts as their reader may see them, a manifest."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

from scv.errors import InputError
from scv.keys import keyed_hash
from scv.letters.files import PartWriter, Row
from scv.letters.items import Item
from scv.letters.profiles import Profile
from scv.letters.rules import ACTIONS, Verdict
from scv.letters.store import Screening
from scv.purposes.register import Register

PURPOSE = "letter_screening"
SUFFIXES = {"csv": "csv", "json": "json", "json_lines": "jsonl", "parquet": "parquet"}
MANIFEST, VERDICTS = "manifest.json", "verdicts.csv"
HEADING = ("item_id", "action", "rule", "reason", "what_to_do", "match", "evidence_keys")
WITHHELD = "withheld"


class Reader:
    """A department for which a screening is written, and what of it the purpose register shows that department.

    The deliverer gets the parts and a line per item, a sender a line for each of its own items, a team without
    systems a line for each item held for a reason that it may know. InputError where the register denies it.
    """

    def __init__(self, register: Register, profile: Profile, name: str, on: date) -> None:
        self._allowed = register.allowed_classes(name, PURPOSE, on)
        if "correspondence" not in self._allowed:
            raise InputError(
                f"Department '{name}' may not see letters: the purpose register allows it no correspondence for letter"
                " screening. Name another reader."
            )
        self._seen = {item.name for item in register.data_classes if register.may_see(name, item.name, on)}
        self._systems = next(item.systems for item in register.departments if item.name == name)
        self.is_deliverer = profile.system in self._systems

    def covers(self, item: Item, verdict: Verdict) -> bool:
        """Whether there is a line for this item."""
        if self.is_deliverer:
            return True
        if self._systems:
            return item.department in self._systems
        return verdict.advice.data_class is not None and verdict.advice.data_class in self._allowed

    def show(self, verdict: Verdict) -> tuple[str, str, str, str]:
        """Rule, reason, what to do and evidence keys: what is not allowed is withheld, and keys are for those
        who may look at values of the class for some purpose."""
        advice = verdict.advice
        if advice.data_class is None:
            return advice.rule, advice.reason, advice.to_do, ""
        if advice.data_class not in self._allowed:
            return WITHHELD, WITHHELD, "Do not send it as it is. The trained queue decides.", ""
        keys = " ".join(advice.evidence) if advice.data_class in self._seen else ""
        return advice.rule, advice.reason, advice.to_do, keys


class Output:
    """The folder while it is written."""

    def __init__(self, folder: Path, source: Path, profile: Profile, reader: Reader) -> None:
        self._folder, self._source, self._profile, self._reader = folder, source, profile, reader
        self._parts: dict[str, PartWriter] = {}
        self._items: list[tuple[str, Verdict]] = []
        # Most verdicts are alike, and each is kept once.
        self._known: dict[Verdict, Verdict] = {}
        self._file = (folder / VERDICTS).open("w", encoding="utf-8", newline="")
        self._lines = csv.writer(self._file, lineterminator="\n")
        self._lines.writerow(HEADING)

    def add(self, rows: list[Row], items: list[Item], verdicts: list[Verdict]) -> None:
        """Write rows, which are these items, into the parts of their verdicts."""
        for action in ACTIONS if self._reader.is_deliverer else ():
            chosen = [row for row, v in zip(rows, verdicts, strict=True) if v.advice.action == action]
            if chosen:
                self._part(action).write(chosen)
        for item, verdict in zip(items, verdicts, strict=True):
            if self._reader.covers(item, verdict):
                rule, reason, to_do, keys = self._reader.show(verdict)
                self._lines.writerow(
                    [item.item_id, verdict.advice.action, rule, reason, to_do, verdict.match, keys]
                )
            self._items.append((item.item_id, self._known.setdefault(verdict, verdict)))

    def _part(self, action: str) -> PartWriter:
        if action not in self._parts:
            path = self._folder / f"{action}.{SUFFIXES[self._profile.file_format]}"
            self._parts[action] = PartWriter(path, self._profile, self._source)
        return self._parts[action]

    def close(self) -> None:
        """End every file; harmless when done twice."""
        for part in self._parts.values():
            part.close()
        self._file.close()

    def finish(self, on: date, secret: bytes) -> Screening:
        """Write the manifest, once everything is closed. The screening's id follows from the file, the profile, the
        day and every verdict."""
        said = hashlib.sha256()
        texts = {id(verdict): json.dumps(asdict(verdict)) for verdict in self._known}
        for item_id, verdict in self._items:
            said.update(f"{item_id}\0{texts[id(verdict)]}\n".encode())
        file_hash = hash_file(self._source)
        identity = (file_hash, self._profile.model_dump_json(), on, said.hexdigest())
        screening_id = keyed_hash(secret, "screening", *identity)
        parts = {
            action: {"file": part.path.name, "items": part.items, "sha256": hash_file(part.path)}
            for action, part in sorted(self._parts.items())
        }
        manifest = {
            "screening_id": screening_id,
            "profile": self._profile.name,
            "screened_on": on.isoformat(),
            "source": {"file": self._source.name, "items": len(self._items), "sha256": file_hash},
            "parts": parts,
            "verdicts": {"file": VERDICTS, "sha256": hash_file(self._folder / VERDICTS)},
            "matches": self.count(lambda verdict: verdict.match),
        }
        (self._folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        return Screening(screening_id, self._profile.name, on, file_hash, len(self._items))

    def verdicts(self) -> Iterator[tuple[str, Verdict]]:
        """Each item's number and verdict, in order."""
        return iter(self._items)

    def count(self, what: Callable[[Verdict], str]) -> dict[str, int]:
        """How many items by something of their verdicts."""
        return dict(sorted(Counter(what(verdict) for _, verdict in self._items).items()))


def hash_file(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
