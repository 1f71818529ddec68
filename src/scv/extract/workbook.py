"""Workbooks (XLSX): one sheet per table, header in the first row, read row by row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from scv.extract.faults import bad_file, missing_columns, missing_table, wrong_layout
from scv.extract.files import check_workbook_size
from scv.extract.rows import BadRow, Rows, input_names, make_picker
from scv.manifests import Column, System, Table

DATE_PATTERNS = {
    "dmy": "%d/%m/%Y",
    "dmy_slash": "%d/%m/%Y",
    "dmy_compact": "%d%m%Y",
    "ymd_compact": "%Y%m%d",
    "dmonthy": "%d %b %Y",
}


def verify_file(system: System, table: Table, path: Path) -> list[str]:
    """Read the sheet's first row only; returns warnings (new columns), SourceSchemaError where it differs."""
    with _open_sheet(system, table, path) as rows:
        header = _header(rows)
    needed = input_names(table)
    missing = [name for name in needed if name not in header]
    if missing:
        raise missing_columns(system, table, missing, [name for name in header if name] if header else [])
    declared = [column.source for column in table.read_columns]
    order = [name for name in header if name in declared]
    if order != declared:
        raise wrong_layout(
            system, table, path.name, f"columns in the order {', '.join(declared)}", f"{', '.join(order)}"
        )
    new = [name for name in header if name and name not in needed and name not in table.never_read]
    return [f"{system.name}.{table.name}: new column '{name}', not read" for name in new]


def read_file(system: System, table: Table, path: Path) -> Rows:
    """The rows of a verified sheet, as cells in declared order; rows that are empty throughout are skipped."""
    with _open_sheet(system, table, path) as rows:
        header = _header(rows)
        pick = make_picker(table, header)
        columns = {column.source: column for column in table.columns}
        texts = [_writer(columns.get(name)) for name in header]
        width = len(header)
        for row in rows:
            # Sheets keep formatted but empty cells behind the last one.
            values = list(row[:width])
            if all(value is None or value == "" for value in row):
                continue
            if any(value is not None for value in row[width:]):
                yield BadRow("field_count")
                continue
            values += [None] * (width - len(values))
            yield pick([write(value) for write, value in zip(texts, values, strict=True)])
    return None


def list_sheets(path: Path) -> dict[str, list[str]]:
    """Sheets and their headers, for scaffolding."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        return {sheet.title: _header(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    finally:
        book.close()


@contextmanager
def _open_sheet(system: System, table: Table, path: Path) -> Iterator[Iterator[Sequence[Any]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    check_workbook_size(system, table, path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError):
        raise bad_file(system, table, path.name, "not a workbook, or damaged") from None
    try:
        name = table.location.partition("#")[2]
        if name not in book.sheetnames:
            raise missing_table(system, table, book.sheetnames)
        sheet = book[name]
        # Some writers declare a wrong extent, which would cut rows off.
        sheet.reset_dimensions()
        yield sheet.iter_rows(values_only=True)
    except (ParseError, BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        # The library's own words may hold a cell's value.
        raise bad_file(
            system, table, path.name, f"damaged within the sheet ({type(error).__name__})"
        ) from None
    finally:
        book.close()


def _header(rows: Iterator[Sequence[Any]]) -> list[str]:
    names = ["" if value is None else str(value).strip() for value in next(rows, ())]
    while names and not names[-1]:
        names.pop()
    return names


def _writer(column: Column | None) -> Callable[[Any], str | None]:
    """A function that writes a cell as text; real dates are written in the column's declared format."""
    pattern = DATE_PATTERNS.get(column.format or "") if column is not None and column.type == "date" else None

    def write(value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
        if isinstance(value, datetime):
            if pattern:
                return value.strftime(pattern)
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        if isinstance(value, date):
            return value.strftime(pattern) if pattern else value.isoformat()
        return str(value)

    return write
