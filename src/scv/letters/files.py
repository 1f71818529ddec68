"""A deliverer's file read whole or refused, and its items written into parts as they came."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from scv.errors import InputError
from scv.letters.profiles import Profile

Row = dict[str, Any]
# A letter of many pages is far smaller.
LARGEST_CELL = 16 << 20


def read_rows(path: Path, profile: Profile) -> Iterator[Row]:
    """The rows of a file in order, by the deliverer's column names.

    InputError, which may come at any row, where the file is cut, lacks a column of the profile, is not of its
    format, or holds an item twice or without a number. Messages name row and column, never a value.
    """
    readers = {"csv": _read_csv, "json": _read_json, "json_lines": _read_json_lines, "parquet": _read_parquet}
    wanted = profile.columns.given()
    seen: set[str] = set()
    number = 0
    try:
        for number, row in enumerate(readers[profile.file_format](path, profile), 1):
            missing = [name for name in wanted.values() if name not in row]
            if missing:
                raise InputError(
                    f"{path.name}, item {number}: lacks {', '.join(missing)}. Profile '{profile.name}' expects "
                    f"{', '.join(wanted.values())}; nothing was screened."
                )
            item = as_text(row[profile.columns.item_id])
            if not item or item in seen:
                why = "its number stands there before" if item else "it has no number"
                raise InputError(
                    f"{path.name}, item {number}: {why}. Each item needs a {profile.columns.item_id} of its own; "
                    "ask the deliverer for the file again; nothing was screened."
                )
            seen.add(item)
            yield row
    except (OSError, UnicodeDecodeError, csv.Error, json.JSONDecodeError, pa.ArrowException) as error:
        raise InputError(
            f"{path.name} cannot be read whole as {profile.file_format} ({type(error).__name__} after "
            f"{number} items): it is cut, or not of profile '{profile.name}'. Nothing was screened."
        ) from None
    if not number:
        raise InputError(f"{path.name} holds no item. Nothing was screened.")


def as_text(value: Any) -> str | None:
    """A cell as text, None where it is empty."""
    if value is None:
        return None
    text = str(value).strip()
    return text or None


def _read_csv(path: Path, profile: Profile) -> Iterator[Row]:
    csv.field_size_limit(LARGEST_CELL)
    with path.open("rb") as raw:
        raw.seek(0, io.SEEK_END)
        if raw.tell():
            raw.seek(-1, io.SEEK_END)
            if raw.read(1) != b"\n":
                raise InputError(
                    f"{path.name} does not end with a line end: it was cut. Ask for it again; nothing was screened."
                )
    with path.open(encoding=profile.csv.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=profile.csv.delimiter, strict=True)
        heading = next(reader, [])
        missing = [name for name in profile.columns.given().values() if name not in heading]
        if missing or len(set(heading)) < len(heading):
            raise InputError(
                f"{path.name} lacks the columns {', '.join(missing) or 'of its own (one stands there twice)'}. Profile "
                f"'{profile.name}' expects {', '.join(profile.columns.given().values())}; nothing was screened."
            )
        for cells in reader:
            if len(cells) != len(heading):
                raise InputError(
                    f"{path.name}, line {reader.line_num}: expected {len(heading)} cells, found {len(cells)}: the "
                    "file is cut or damaged. Ask for it again; nothing was screened."
                )
            yield dict(zip(heading, cells, strict=True))


def _read_json(path: Path, profile: Profile) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        found = json.load(file)
    if not isinstance(found, list):
        raise InputError(f"{path.name} is not a JSON list of items. Nothing was screened.")
    yield from map(_as_row, found)


def _read_json_lines(path: Path, profile: Profile) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield _as_row(json.loads(line))


def _as_row(found: Any) -> Row:
    if not isinstance(found, dict):
        raise InputError("An item of the file is not a JSON object. Nothing was screened.")
    return found


def _read_parquet(path: Path, profile: Profile) -> Iterator[Row]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()


class PartWriter:
    """Writes items of one verdict as the deliverer wrote them: same format, columns and order."""

    def __init__(self, path: Path, profile: Profile, source: Path) -> None:
        self.path, self.items = path, 0
        self._profile = profile
        self._file: IO[str] | None = None
        self._parquet: pq.ParquetWriter | None = None
        if profile.file_format == "parquet":
            self._parquet = pq.ParquetWriter(path, pq.read_schema(source))
        else:
            encoding = profile.csv.encoding if profile.file_format == "csv" else "utf-8"
            self._file = path.open("w", encoding=encoding, newline="")

    def write(self, rows: list[Row]) -> None:
        """Add items."""
        if self._parquet is not None:
            self._parquet.write_table(pa.Table.from_pylist(rows, schema=self._parquet.schema))
        elif rows and self._file is not None:
            self._file.write("".join(self._lines(rows)))
        self.items += len(rows)

    def close(self) -> None:
        """End the file; harmless when done twice."""
        if self._parquet is not None:
            self._parquet.close()
        if self._file is not None and not self._file.closed:
            if self._profile.file_format == "json":
                self._file.write("\n]\n" if self.items else "[]\n")
            self._file.close()

    def _lines(self, rows: list[Row]) -> Iterable[str]:
        if self._profile.file_format == "csv":
            buffer = io.StringIO()
            writer = csv.writer(buffer, delimiter=self._profile.csv.delimiter, lineterminator="\n")
            if not self.items:
                writer.writerow(rows[0])
            writer.writerows(row.values() for row in rows)
            yield buffer.getvalue()
            return
        for number, row in enumerate(rows, self.items):
            text = json.dumps(row, ensure_ascii=False)
            if self._profile.file_format == "json_lines":
                yield text + "\n"
            else:
                yield ("[\n" if number == 0 else ",\n") + text
