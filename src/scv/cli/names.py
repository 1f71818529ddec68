"""`scv names`: what the names in a file mean."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from scv.errors import InputError
from scv.names import ParsedName, parse_names

COLUMN = "full_name"


def names(
    source: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="CSV file in UTF-8 with a full_name column.")
    ],
) -> None:
    """Parse the names in a CSV file into JSON lines, one for each row."""
    out = sys.stdout.buffer
    for parsed in parse_names(_read_names(source)):
        out.write(json.dumps(_as_dict(parsed), ensure_ascii=False).encode() + b"\n")
    out.flush()


def _as_dict(parsed: ParsedName) -> dict[str, object]:
    return {
        "full_name": parsed.full_name,
        "kind": parsed.kind,
        "deceased": parsed.deceased,
        "people": [person._asdict() for person in parsed.people],
    }


def _read_names(source: Path) -> Iterator[str]:
    """The column of names, row by row; InputError says what is wrong with the file."""
    try:
        with source.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if COLUMN not in (rows.fieldnames or ()):
                found = ", ".join(rows.fieldnames or ()) or "none"
                raise InputError(
                    f"{source} has no column '{COLUMN}'. Columns found: {found}. "
                    f"Name the column that holds whole names '{COLUMN}', in a comma-separated file with a header."
                )
            for row in rows:
                yield row[COLUMN] or ""
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not in UTF-8 (byte {error.start} of a block cannot be read). Save it as CSV in UTF-8."
        ) from None
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}. Give the path of a CSV file.") from None
    except csv.Error as error:
        raise InputError(f"{source} is no CSV file that can be read: {error}.") from None
