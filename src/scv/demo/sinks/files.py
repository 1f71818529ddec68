"""Systems that are kept in files: snapshots that are rewritten, and deltas that arrive day by day."""

import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import openpyxl
import pyarrow as pa
import pyarrow.csv

from scv.demo.tables import TableSpec

ENCODINGS = {"education.pupils": "utf-8-sig", "education.contacts": "latin-1"}
DELIMITERS = {"education.contacts": ";", "correspondence.print_items": "|"}
DELTA_NAMES = {
    "deaths.registrar": "registrar/registrar_{day}.csv",
    "deaths.tell_us_once": "tell_us_once/tuo_{day}.json",
    "correspondence.print_items": "print/print_{day}.csv",
    "correspondence.notify_items": "notify/notify_{day}.json",
}
FIXED_WIDTHS = {
    "person_ref": 8,
    "position_ref": 8,
    "ni_number": 9,
    "title": 6,
    "surname": 32,
    "forenames": 32,
    "sex": 1,
    "dob": 8,
    "addr1": 32,
    "addr2": 32,
    "addr3": 32,
    "postcode": 8,
    "phone": 15,
    "email": 48,
    "start_date": 10,
    "end_date": 10,
    "std_hours": 4,
    "gross_to_date": 11,
    "last_paid": 10,
    "bank_hash": 32,
}


def _csv_body(spec: TableSpec, rows: pa.Table) -> bytes:
    buffer = BytesIO()
    options = pyarrow.csv.WriteOptions(
        include_header=False, delimiter=DELIMITERS.get(spec.id, ","), quoting_style="needed"
    )
    pyarrow.csv.write_csv(rows, buffer, options)
    return buffer.getvalue()


def _in_encoding(spec: TableSpec, body: bytes) -> bytes:
    """Text in the file's encoding; what Latin-1 cannot hold becomes '?', as the old systems do."""
    encoding = ENCODINGS.get(spec.id, "utf-8")
    return body.decode().encode("latin-1", "replace") if encoding == "latin-1" else body


def csv_header(spec: TableSpec) -> bytes:
    """The first line of a table's CSV file, with the byte-order mark where it has one."""
    line = DELIMITERS.get(spec.id, ",").join(spec.columns) + "\n"
    return line.encode("utf-8-sig" if ENCODINGS.get(spec.id) == "utf-8-sig" else "utf-8")


def _replace_whole(path: Path, write: Any) -> None:
    """Write beside the file and rename: readers see the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    write(temporary)
    temporary.replace(path)


def write_csv_snapshot(path: Path, spec: TableSpec, parts: Iterable[pa.Table]) -> None:
    """A whole CSV file, part by part."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            file.write(csv_header(spec))
            for part in parts:
                file.write(_in_encoding(spec, _csv_body(spec, part)))

    _replace_whole(path, write)


def write_fixed_snapshot(path: Path, spec: TableSpec, parts: Iterable[pa.Table]) -> None:
    """The payroll export: header, rows of fixed width in Latin-1, and a trailer that counts them."""

    def write(temporary: Path) -> None:
        count = 0
        with temporary.open("w", encoding="latin-1", errors="replace", newline="\n") as file:
            file.write("HDRPOSTS\n")
            for part in parts:
                for row in part.to_pylist():
                    file.write("".join(_fixed_cell(name, row[name]) for name in FIXED_WIDTHS) + "\n")
                    count += 1
            file.write(f"TRL{count:09d}\n")

    _replace_whole(path, write)


def _fixed_cell(name: str, value: Any) -> str:
    width = FIXED_WIDTHS[name]
    if name == "gross_to_date":
        return f"{value:0{width}.2f}"
    if name == "std_hours":
        return f"{value:0{width}d}"
    return ("" if value is None else str(value))[:width].ljust(width)


def write_workbook(path: Path, sheets: list[tuple[TableSpec, Iterable[pa.Table]]]) -> None:
    """The grants workbook: a sheet per table, every cell as the web form wrote it."""

    def write(temporary: Path) -> None:
        book = openpyxl.Workbook(write_only=True)
        for spec, parts in sheets:
            sheet = book.create_sheet(spec.name)
            sheet.append(list(spec.columns))
            for part in parts:
                for row in zip(*(column.to_pylist() for column in part.columns), strict=True):
                    sheet.append(row)
        book.save(temporary)

    _replace_whole(path, write)


def nest(row: dict[str, Any]) -> dict[str, Any]:
    """Dotted names become objects within objects."""
    nested: dict[str, Any] = {}
    for name, value in row.items():
        head, _, rest = name.partition(".")
        if rest:
            nested.setdefault(head, {})[rest] = value
        else:
            nested[head] = value
    return nested


def _json_rows(rows: pa.Table) -> Iterator[str]:
    for row in rows.to_pylist():
        yield json.dumps(nest(row), ensure_ascii=False)


class DeltaFile:
    """One file of new and changed rows, written part by part and put in place at the end."""

    def __init__(self, folder: Path, spec: TableSpec, day: str) -> None:
        self.spec = spec
        self.path = folder / DELTA_NAMES[spec.id].format(day=day)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._temporary = self.path.with_name(f".{self.path.name}.tmp")
        self._is_json = self.path.suffix == ".json"
        self._started = False
        self._temporary.write_bytes(b"[" if self._is_json else csv_header(spec))

    def append(self, rows: pa.Table) -> None:
        """Add rows."""
        if not rows.num_rows:
            return
        with self._temporary.open("ab") as file:
            if self._is_json:
                self._append_json(file, rows)
            else:
                file.write(_csv_body(self.spec, rows))

    def _append_json(self, file: IO[bytes], rows: pa.Table) -> None:
        lines = ",\n".join(_json_rows(rows))
        file.write((",\n" if self._started else "\n").encode() + lines.encode())
        self._started = True

    def finish(self) -> None:
        """Put the file in place."""
        if self._is_json:
            with self._temporary.open("ab") as file:
                file.write(b"\n]\n")
        self._temporary.replace(self.path)
