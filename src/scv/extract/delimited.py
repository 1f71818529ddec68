"""Delimited files: encoding, byte-order mark, header order and delimiter are verified, then rows are cut."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from scv.errors import SourceSchemaError
from scv.extract.faults import bad_file, half_file, missing_columns, wrong_layout
from scv.extract.files import open_file
from scv.extract.rows import BadRow, Rows, input_names, make_picker
from scv.manifests import CsvDialect, System, Table

DELIMITERS = {",": "a comma", ";": "a semicolon", "|": "a bar", "\t": "a tab", ":": "a colon"}
LONGEST_CELL = 1024 * 1024
csv.field_size_limit(LONGEST_CELL)


def verify_file(system: System, table: Table, path: Path) -> list[str]:
    """Read the header only; returns warnings (new columns), SourceSchemaError where it is not as declared."""
    with open_file(system, table, path) as file:
        try:
            return _verify_header(system, table, path, _read_header(system, table, path, file))
        except UnicodeDecodeError:
            raise _not_decodable(system, table, path, "in the header") from None


def read_file(system: System, table: Table, path: Path) -> Rows:
    """The rows of a verified file, as cells in declared order; SourceDataError where it is cut off or garbled."""
    dialect = _dialect(table)
    with open_file(system, table, path) as file:
        ending = _Ending(file)
        text = io.TextIOWrapper(cast(IO[bytes], ending), encoding=dialect.encoding, newline="")
        reader = _reader(text, dialect)
        rows = 0
        try:
            header = next(reader)
            last: list[str] | None = None
            pick, width = make_picker(table, header), len(header)
            # An unequal row is kept for mending only where no undeclared cell could be among its own.
            may_keep = not table.derive and set(header) == {column.source for column in table.columns}
            for row in reader:
                if not row:
                    continue
                if dialect.trailer is not None:
                    # One row is held back, because only the end of the file tells which row is the trailer.
                    held, last = last, row
                    if held is None:
                        continue
                    row = held
                rows += 1
                yield pick(row) if len(row) == width else BadRow("field_count", row if may_keep else None)
            if dialect.trailer is not None:
                _check_trailer(system, table, path, dialect.trailer, last, rows)
        except UnicodeDecodeError:
            raise _not_decodable(system, table, path, f"after row {rows}") from None
        except csv.Error as error:
            at_end = "unexpected end" in str(error)
            what = (
                "the last row is cut in the middle of a quoted field"
                if at_end
                else "quotes cannot be matched"
            )
            if at_end:
                raise half_file(system, table, f"file {path.name}: {what}") from None
            raise bad_file(system, table, path.name, f"{what} after row {rows}") from None
        if dialect.final_newline and not ending.is_complete(dialect.encoding):
            raise half_file(system, table, f"file {path.name}: the last line has no end, so it is cut off")
    return None


def _dialect(table: Table) -> CsvDialect:
    return table.csv or CsvDialect()


def _reader(text: Iterator[str] | IO[str], dialect: CsvDialect) -> Iterator[list[str]]:
    return csv.reader(text, delimiter=dialect.delimiter, strict=True)


def _read_header(system: System, table: Table, path: Path, file: IO[bytes]) -> list[str]:
    dialect = _dialect(table)
    start = file.read(4)
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = next((name for mark, name in marks.items() if start.startswith(mark)), None)
    if marked is not None and marked != dialect.encoding:
        raise wrong_layout(
            system, table, path.name, f"encoding {dialect.encoding}", f"the byte-order mark of {marked}"
        )
    if not start:
        raise half_file(system, table, f"file {path.name} is empty: not even a header")
    text = io.TextIOWrapper(cast(IO[bytes], _Joined(start, file)), encoding=dialect.encoding, newline="")
    try:
        header = next(_reader(text, dialect), [])
    except csv.Error:
        raise wrong_layout(system, table, path.name, "a header line", "a line that cannot be cut") from None
    finally:
        text.detach()
    return header


def _verify_header(system: System, table: Table, path: Path, header: list[str]) -> list[str]:
    dialect, needed = _dialect(table), input_names(table)
    missing = [name for name in needed if name not in header]
    if missing:
        if len(header) == 1 and len(needed) > 1:
            other = next(
                (sign for sign in DELIMITERS if sign in header[0] and sign != dialect.delimiter), None
            )
            if other is not None:
                raise wrong_layout(
                    system, table, path.name, f"the delimiter '{dialect.delimiter}'", f"{DELIMITERS[other]}"
                )
        raise missing_columns(system, table, missing, _name_columns(header, missing, needed))
    twice = sorted({name for name in needed if header.count(name) > 1})
    if twice:
        raise wrong_layout(system, table, path.name, "each column once", f"{', '.join(twice)} twice")
    declared = [column.source for column in table.read_columns]
    order = [name for name in header if name in declared]
    if order != declared:
        raise wrong_layout(
            system, table, path.name, f"columns in the order {', '.join(declared)}", f"{', '.join(order)}"
        )
    new = [name for name in header if name not in needed and name not in table.never_read]
    return [f"{system.name}.{table.name}: new column '{name}', not read" for name in new]


def _name_columns(header: list[str], missing: Sequence[str], needed: Sequence[str]) -> list[str]:
    """Header cells for a message; none of them where the first line looks like data rather than a header."""
    if len(missing) == len(needed):
        return [f"{len(header)} cells, none of them declared: is the header missing?"]
    return header


def _check_trailer(
    system: System, table: Table, path: Path, word: str, last: Sequence[str] | None, rows: int
) -> None:
    if last is None or last[0] != word:
        raise half_file(system, table, f"file {path.name}: the trailer '{word}' is missing")
    said = last[1].strip() if len(last) > 1 else ""
    if not said.isdigit() or int(said) != rows:
        told = int(said) if said.isdigit() else "no number"
        raise half_file(system, table, f"file {path.name}: the trailer says {told} rows, found {rows}")


def _not_decodable(system: System, table: Table, path: Path, where: str) -> SourceSchemaError:
    return wrong_layout(
        system, table, path.name, f"encoding {_dialect(table).encoding}", f"bytes of another encoding {where}"
    )


class _Ending(io.BufferedIOBase):
    """Passes bytes through and remembers the last ones, to tell a cut line from a whole one."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._last = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        return self._remember(self._raw.read(-1 if size is None else size))

    def read1(self, size: int = -1) -> bytes:
        return self._remember(self._raw.read1(size))  # type: ignore[attr-defined]

    def is_complete(self, encoding: str) -> bool:
        """Whether the last line was ended."""
        if encoding == "utf-16":
            return self._last.replace(b"\x00", b"").endswith((b"\n", b"\r"))
        return self._last.endswith((b"\n", b"\r"))

    def _remember(self, block: bytes) -> bytes:
        if block:
            self._last = block[-4:]
        return block


class _Joined(_Ending):
    """The first bytes, already read, before the rest."""

    def __init__(self, start: bytes, raw: IO[bytes]) -> None:
        super().__init__(raw)
        self._start = start

    def read1(self, size: int = -1) -> bytes:
        if self._start:
            start, self._start = self._start, b""
            return start
        return super().read1(size)
