"""What goes wrong with files on their way: late, half, twice, columns in another order, a new code.

The council itself only shows what a night survives without anybody noticing (late notices, a file
that arrives twice); these are for tests of what must stop a system.
"""

import csv
from pathlib import Path


def hold_back(path: Path, until: Path) -> Path:
    """The file is late: take it out of the folder, to be brought back with `Path.rename`."""
    return path.rename(until / path.name)


def halve(path: Path) -> int:
    """Only the first half of the bytes arrived, most likely cut in the middle of a field; returns how many."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return len(content) // 2


def send_again(path: Path) -> Path:
    """The same content arrives under another name."""
    again = path.with_name(f"{path.stem}_again{path.suffix}")
    again.write_bytes(path.read_bytes())
    return again


def reorder_columns(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> list[str]:
    """The sender's new version writes the columns in another order; returns the new header."""
    with path.open(newline="", encoding=encoding) as file:
        rows = [row[1:] + row[:1] for row in csv.reader(file, delimiter=delimiter)]
    _write(path, rows, delimiter, encoding)
    return rows[0]


def change_codes(
    path: Path, column: str, codes: dict[str, str], delimiter: str = ",", encoding: str = "utf-8"
) -> int:
    """The sender changes a code list without a word; returns how many cells changed."""
    with path.open(newline="", encoding=encoding) as file:
        rows = list(csv.reader(file, delimiter=delimiter))
    place, changed = rows[0].index(column), 0
    for row in rows[1:]:
        if row[place] in codes:
            row[place] = codes[row[place]]
            changed += 1
    _write(path, rows, delimiter, encoding)
    return changed


def _write(path: Path, rows: list[list[str]], delimiter: str, encoding: str) -> None:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
