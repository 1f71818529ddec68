"""The landing: a table that takes a delivery as it comes, through COPY, in constant memory.

It is made and dropped within the transaction of its system, so that nobody but the loader ever sees it. It is no
temporary table, because Postgres never reads those with parallel workers; it is unlogged, so that nothing of it
goes to the log, and nothing is left of it when the server dies.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from scv.extract.raw_tables import RawTable
from scv.extract.rows import BadRow, Cells

CHUNK_CHARACTERS = 128 * 1024
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NEEDS_ESCAPE = ("\\", "\t", "\n", "\r")


@dataclass(frozen=True)
class Delivery:
    """What was landed. `partial`: absent rows say nothing (delta files, or a read above the watermark)."""

    rows: int
    partial: bool = False
    is_text: bool = True
    """Whether it came as text, numbered by file and line; otherwise typed, but for `text_columns`."""
    text_columns: frozenset[str] = frozenset()
    files: tuple["DeliveredFile", ...] = ()
    copies: tuple["DeliveredFile", ...] = ()
    """Files that were not read, because their content had come before, and that no earlier night has seen."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeliveredFile:
    """A file that was read: name, hash of its content, rows."""

    name: str
    sha256: str
    rows: int


def create_text_landing(connection: psycopg.Connection, raw: RawTable) -> None:
    """A landing whose cells are text, numbered by file and line, for everything that has to be typed."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(name)) for name in raw.table.column_names
    )
    _create(
        connection, raw, sql.SQL("_file integer, _line bigint, _fault text, _cells text, {}").format(columns)
    )


def create_native_landing(
    connection: psycopg.Connection, raw: RawTable, text_columns: Collection[str]
) -> None:
    """A landing of the declared types, but for columns that stay text until they are typed."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(
            sql.Identifier(column.name), sql.SQL("text" if column.name in text_columns else column.type)
        )
        for column in raw.table.columns
    )
    _create(connection, raw, columns)


def _create(connection: psycopg.Connection, raw: RawTable, columns: sql.Composable) -> None:
    connection.execute(sql.SQL("create unlogged table {} ({})").format(raw.landing, columns))


def drop_landing(connection: psycopg.Connection, raw: RawTable) -> None:
    """Drop the landing and the rows typed out of it."""
    connection.execute(sql.SQL("drop table if exists {}, {}").format(raw.landing, raw.typed))


def copy_rows(
    connection: psycopg.Connection, raw: RawTable, rows: Iterable[Cells | BadRow], file_number: int = 1
) -> int:
    """Stream rows of text cells into the text landing; returns how many."""
    width = len(raw.table.columns)
    statement = sql.SQL("copy {} (_file, _line, _fault, _cells, {}) from stdin").format(
        raw.landing, raw.columns()
    )
    nothing = "\t".join(["\\N"] * width)
    line = size = 0
    buffer: list[str] = []
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            line += 1
            fault, cells, text = "\\N", "\\N", nothing
            if isinstance(row, BadRow):
                fault = row.reason
                cells = "\\N" if row.cells is None else _escape(_as_json(row.cells))
            else:
                text = "\t".join([_escape_cell(cell) for cell in row])
                if "\x00" in text:
                    fault = "nul_character"
                elif not text.isascii() and not _is_encodable(text):
                    fault = "invalid_character"
                if fault != "\\N":
                    # The cells that can be kept are landed, so that the row is known by its key.
                    cells = _escape(_as_json(row))
                    text = "\t".join([_escape_cell(cell if _can_be_kept(cell) else None) for cell in row])
            encoded = f"{file_number}\t{line}\t{fault}\t{cells}\t{text}\n"
            buffer.append(encoded)
            size += len(encoded)
            if size > CHUNK_CHARACTERS:
                copy.write("".join(buffer).encode())
                buffer.clear()
                size = 0
        copy.write("".join(buffer).encode())
    return line


def _escape_cell(cell: str | None) -> str:
    if cell is None:
        return "\\N"
    for character in _NEEDS_ESCAPE:
        if character in cell:
            return cell.translate(_ESCAPES)
    return cell


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _can_be_kept(cell: str | None) -> bool:
    return cell is None or ("\x00" not in cell and _is_encodable(cell))


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_json(cells: Cells) -> str:
    """Cells as a JSON list; what jsonb cannot hold (NUL, lone surrogates) becomes the replacement character."""
    clean = [
        None if cell is None else cell.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
        for cell in cells
    ]
    return json.dumps(clean, ensure_ascii=False)
