"""Fixed-width files: cut by the declared widths, between a header and a trailer that counts the rows."""

import io
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path

from scv.errors import SourceSchemaError
from scv.extract.faults import half_file, wrong_layout
from scv.extract.files import open_file
from scv.extract.rows import BadRow, Rows, make_picker
from scv.manifests import FixedLayout, System, Table

COUNT_DIGITS = 9
LONGEST_LINE = 1024 * 1024


def verify_file(system: System, table: Table, path: Path) -> list[str]:
    """Read the first line only: the header, and the width of the rows where there is no header."""
    layout = table.fixed or FixedLayout()
    with open_file(system, table, path) as file:
        start = file.readline(LONGEST_LINE).decode(layout.encoding, "replace").rstrip("\r\n")
    if not start:
        raise half_file(system, table, f"file {path.name} is empty")
    if layout.header is not None and not start.startswith(layout.header):
        raise wrong_layout(
            system, table, path.name, f"a first line that starts with {layout.header}", "another first line"
        )
    width = sum(column.width or 0 for column in table.read_columns)
    if layout.header is None and len(start) != width and not _is_trailer(start, layout.trailer):
        raise wrong_layout(system, table, path.name, f"lines of {width} characters", f"{len(start)}")
    return []


def read_file(system: System, table: Table, path: Path) -> Rows:
    """The rows of a verified file, as stripped cells in declared order; a line of another length is a bad row."""
    layout = table.fixed or FixedLayout()
    edges = list(accumulate((column.width or 0 for column in table.read_columns), initial=0))
    cuts = [slice(start, end) for start, end in pairwise(edges)]
    pick = make_picker(table, [column.source for column in table.read_columns])
    rows, wrong, counted, is_ended = 0, 0, None, False
    with open_file(system, table, path) as file:
        text = io.TextIOWrapper(file, encoding=layout.encoding, newline="")
        try:
            for number, line in enumerate(_lines(text)):
                is_ended = line.endswith(("\n", "\r"))
                content = line.rstrip("\r\n")
                if number == 0 and layout.header is not None:
                    continue
                if counted is not None:
                    raise half_file(system, table, f"file {path.name}: lines follow the trailer")
                if _is_trailer(content, layout.trailer):
                    counted = content[len(layout.trailer or "") :].strip()
                    continue
                rows += 1
                if len(content) == edges[-1]:
                    yield pick([content[cut].strip() for cut in cuts])
                else:
                    wrong += 1
                    yield BadRow("line_length", [content])
        except UnicodeDecodeError:
            raise wrong_layout(
                system,
                table,
                path.name,
                f"encoding {layout.encoding}",
                f"bytes of another encoding after row {rows}",
            ) from None
    if layout.trailer is None:
        if not is_ended:
            raise half_file(system, table, f"file {path.name}: the last line has no end, so it is cut off")
    elif counted is None:
        raise half_file(system, table, f"file {path.name}: the trailer '{layout.trailer}' is missing")
    elif not counted.isdigit() or int(counted) != rows:
        told = int(counted) if counted.isdigit() else "no number"
        raise half_file(system, table, f"file {path.name}: the trailer says {told} rows, found {rows}")
    if rows and wrong == rows:
        raise _wrong_width(system, table, path, edges[-1])
    return None


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length; a longer one is cut and so becomes bad rows."""
    while line := text.readline(LONGEST_LINE):
        yield line


def _is_trailer(line: str, word: str | None) -> bool:
    """Whether a line is the trailer: its word and a count, nothing more."""
    if word is None or not line.startswith(word):
        return False
    rest = line[len(word) :].strip()
    return rest.isdigit() and len(rest) <= COUNT_DIGITS


def _wrong_width(system: System, table: Table, path: Path, width: int) -> SourceSchemaError:
    return wrong_layout(
        system, table, path.name, f"lines of {width} characters", "lines of another length only"
    )
