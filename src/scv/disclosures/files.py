"""A file of disclosures from a department: judged row by row before any of it is recorded."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scv.disclosures.codes import load_codes
from scv.disclosures.door import Refusal
from scv.disclosures.entry import OPTIONAL, REQUIRED, Disclosure, read_disclosure
from scv.errors import InputError
from scv.purposes.register import load_register

# The department's number of a disclosure, which recording needs and judging does not.
REFERENCE = "reference"


@dataclass(frozen=True)
class RowRefusal:
    """A row of a file that is refused; the heading is row 1."""

    row: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class FileCheck:
    """What a file of disclosures holds: those that can be recorded, and the rows that are refused."""

    disclosures: tuple[Disclosure, ...]
    refused: tuple[RowRefusal, ...]


def check_file(path: Path, root: Path, on: date) -> FileCheck:
    """Judge a CSV file (UTF-8, one disclosure a row); InputError where it cannot be read or has other columns.

    A column that is not a field of a disclosure refuses the whole file: there is none for free text.
    """
    codes, register = load_codes(root), load_register(root)
    disclosures, refused = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="further", restval="")
            _check_heading(path, list(reader.fieldnames or ()))
            for row in reader:
                if "further" in row:
                    found = Refusal("row", f"expected {len(reader.fieldnames or ())} cells, found more")
                    refused.append(RowRefusal(reader.line_num, (found,)))
                    continue
                row.pop(REFERENCE, None)
                read = read_disclosure(row, codes, register, on)
                if isinstance(read, Disclosure):
                    disclosures.append(read)
                else:
                    refused.append(RowRefusal(reader.line_num, read))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a CSV file in UTF-8 ({type(error).__name__}).") from None
    return FileCheck(tuple(disclosures), tuple(refused))


def _check_heading(path: Path, heading: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in heading]
    unknown = len([name for name in heading if name not in (*REQUIRED, *OPTIONAL, REFERENCE)])
    if missing:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}.")
    if unknown or len(set(heading)) < len(heading):
        raise InputError(
            f"{path} has columns that no disclosure has, or a column twice. Expected: "
            f"{', '.join((*REQUIRED, *OPTIONAL, REFERENCE))}. There is no column for free text; nothing was read."
        )
