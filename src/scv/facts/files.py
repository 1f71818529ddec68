"""Files of notices: CSV with a heading, or JSON lines; read whole or refused whole."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from scv.errors import InputError

# What a cell stands under that has no heading, or a line that is no notice: no field has such a name.
MISSHAPEN = "?"

Notice = dict[str, str]


def read_notices(path: Path) -> list[tuple[int, Notice]]:
    """The notices of a file with their line numbers; InputError where it cannot be read to its end.

    A file whose name ends in .jsonl or .ndjson holds one JSON object a line, any other is CSV in UTF-8.
    """
    reader = _read_json_lines if path.suffix.casefold() in (".jsonl", ".ndjson") else _read_csv
    try:
        return list(reader(path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read as {'JSON lines' if reader is _read_json_lines else 'CSV'} in UTF-8 "
            f"({type(error).__name__}); nothing was recorded."
        ) from None


def read_disclosures(path: Path, on: date) -> list[tuple[int, Notice]]:
    """The rows of a file of disclosures as notices of support, written down on a day."""
    return [
        (
            number,
            {name: value for name, value in row.items() if name != "recorded_by"}
            | {
                "kind": "support",
                "known_at": on.isoformat(),
                "source_department": row.get("recorded_by", ""),
            },
        )
        for number, row in read_notices(path)
    ]


def _read_csv(path: Path) -> Iterator[tuple[int, Notice]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey=MISSHAPEN, restval="", strict=True)
        heading = list(reader.fieldnames or ())
        if not heading or len(set(heading)) < len(heading):
            raise InputError(f"{path} has no heading, or a column twice; nothing was recorded.")
        for row in reader:
            yield (
                reader.line_num,
                {name: value if isinstance(value, str) else MISSHAPEN for name, value in row.items()},
            )


def _read_json_lines(path: Path) -> Iterator[tuple[int, Notice]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                content = json.loads(line)
            except ValueError:
                raise InputError(
                    f"{path}, line {number}: is no JSON; expected one object a line. Nothing was recorded."
                ) from None
            yield number, _flatten(content)


def _flatten(content: object) -> Notice:
    """An object of texts; lists of texts are joined by blanks, and what is neither makes it misshapen."""
    if not isinstance(content, dict):
        return {MISSHAPEN: MISSHAPEN}
    flat: Notice = {}
    for name, value in content.items():
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            flat[name] = " ".join(value)
        elif isinstance(value, bool) or not isinstance(value, str | int | None):
            flat[MISSHAPEN] = MISSHAPEN
        else:
            flat[name] = "" if value is None else str(value)
    return flat
