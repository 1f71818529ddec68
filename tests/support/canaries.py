"""Canary values: planted in every source, and looked for in everything that the pipeline writes.

A canary is a word that stands nowhere else. It may come to rest where personal data belongs (raw tables, marts,
quarantine), and nowhere else: no log, no result, no ledger, no report, no error.
"""

import csv
import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
from psycopg import sql

from scv.manifests import Column, System, Table

# What a department holds about a person; codes and technical columns are left as they are.
PERSONAL = ("name", "contact", "address", "identifier", "demographic")
# Where no personal value may ever come to rest.
CLEAN_SCHEMAS = ("audit", "alerts", "control", "work", "erasure")
# Folders of a home that hold personal data or secrets by design, and the database's own files.
NOT_SEARCHED = ("sources", "truth", "demo_state", "secrets", "pg", "postgres", "data")
MARK = "zq"
SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
LENGTH = len(MARK) + 3 * 2


@dataclass(frozen=True)
class Canary:
    """One planted word and where it was planted; `is_untypable` ones stand where a date or a number belongs."""

    text: str
    system: str
    table: str
    column: str
    is_untypable: bool = False


@dataclass(frozen=True)
class Sighting:
    """A canary where none may be."""

    where: str
    canary: Canary

    def __str__(self) -> str:
        return f"{self.canary.system}.{self.canary.table}.{self.canary.column} was written to {self.where}"


class CanaryCage:
    """Makes canaries, each once, of letters only, so that they pass as a name, an address or a reference."""

    def __init__(self) -> None:
        self.canaries: list[Canary] = []

    def make(self, system: System, table: Table, column: Column, *, is_untypable: bool = False) -> Canary:
        """The next canary, for one column."""
        number, word = len(self.canaries), MARK
        for _ in range(3):
            number, place = divmod(number, len(SYLLABLES))
            word += SYLLABLES[place]
        canary = Canary(word.capitalize(), system.name, table.name, column.name, is_untypable)
        self.canaries.append(canary)
        return canary

    def plan(self, system: System, table: Table) -> dict[Column, Canary]:
        """A canary for each personal text column that is no key and has room for one."""
        return {
            column: self.make(system, table, column)
            for column in table.read_columns
            if _has_room(table, column)
        }

    def plan_untypable(self, system: System, table: Table) -> dict[Column, Canary]:
        """A canary for one column that should hold a date or a number, in a source that can hold both."""
        for column in table.read_columns:
            is_key = column.name in table.primary_key or column.name == table.watermark
            if column.type != "text" and not is_key and (column.width or LENGTH) >= LENGTH:
                return {column: self.make(system, table, column, is_untypable=True)}
        return {}


def _has_room(table: Table, column: Column) -> bool:
    return (
        column.type == "text"
        and column.privacy in PERSONAL
        and column.name not in table.primary_key
        and (column.width or LENGTH) >= LENGTH
    )


def plant_canaries(
    systems: dict[str, System],
    find_target: Callable[[str], str],
    connect_postgres: Callable[[str], psycopg.Connection],
) -> list[Canary]:
    """Put canaries into the first row of every table of every source, and untypable ones into the second.

    `find_target` gives the URL or folder of a connection's name, `connect_postgres` a writing connection to
    a departmental Postgres database by its name. Returns the canaries that found a place.
    """
    cage, planted = CanaryCage(), []
    for system in systems.values():
        target = find_target(system.connection)
        for table in system.tables:
            plan, untypable = cage.plan(system, table), {}
            if not table.is_database:
                untypable = cage.plan_untypable(system, table)
            if not plan and not untypable:
                continue
            if table.format == "postgres":
                with connect_postgres(target.rsplit("/", 1)[1]) as connection:
                    planted += _plant_in_postgres(connection, table, plan)
            elif table.format == "sqlite":
                planted += _plant_in_sqlite(Path(target.removeprefix("sqlite:///")), table, plan)
            else:
                planted += _plant_in_file(Path(target), table, plan, untypable)
    return planted


def _plant_in_postgres(
    connection: psycopg.Connection, table: Table, plan: dict[Column, Canary]
) -> Iterator[Canary]:
    room = dict(
        connection.execute(
            """
            select column_name, coalesce(character_maximum_length, 1000) from information_schema.columns
            where table_name = %s and data_type in ('text', 'character varying', 'character')
            """,
            [table.location.rsplit(".", 1)[-1]],
        ).fetchall()
    )
    # Our sessions have an empty search path; departments leave their tables in public.
    place = sql.Identifier(*("public." + table.location).split(".")[-2:])
    for column, canary in plan.items():
        if room.get(column.source, 0) < len(canary.text):
            continue
        connection.execute(
            sql.SQL("update {} set {} = %s where ctid = (select min(ctid) from {})").format(
                place, sql.Identifier(column.source), place
            ),
            [canary.text],
        )
        yield canary


def _plant_in_sqlite(path: Path, table: Table, plan: dict[Column, Canary]) -> Iterator[Canary]:
    with sqlite3.connect(path) as connection:
        for column, canary in plan.items():
            changed = connection.execute(
                f'update "{table.location}" set "{column.source}" = ? '
                f'where rowid = (select min(rowid) from "{table.location}")',
                [canary.text],
            )
            if changed.rowcount:
                yield canary
    connection.close()


def _plant_in_file(
    folder: Path, table: Table, plan: dict[Column, Canary], untypable: dict[Column, Canary]
) -> list[Canary]:
    """Change the newest file that fits the table's location and holds two rows; nothing where there is none."""
    location, _, sheet = table.location.partition("#")
    writers: dict[str, Callable[[Path, Any], int]] = {
        "csv": lambda path, changes: _change_csv(path, table, changes),
        "json": lambda path, changes: _change_json(path, changes),
        "fixed_width": lambda path, changes: _change_fixed(path, table, changes),
        "xlsx": lambda path, changes: _change_xlsx(path, sheet, changes),
    }
    changes = [
        {column: canary.text for column, canary in plan.items()},
        {column: canary.text for column, canary in untypable.items()},
    ]
    for path in sorted(folder.glob(location), reverse=True):
        if writers[table.format](path, changes) == len(changes):
            return [*plan.values(), *untypable.values()]
    return []


Changes = list[dict[Column, str]]


def _change_csv(path: Path, table: Table, changes: Changes) -> int:
    assert table.csv is not None
    raw = path.read_bytes()
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else table.csv.encoding
    rows = list(csv.reader(io.StringIO(raw.decode(encoding), newline=""), delimiter=table.csv.delimiter))
    if len(rows) < len(changes) + 1:
        return 0
    for row, change in zip(rows[1:], changes, strict=False):
        for column, text in change.items():
            row[rows[0].index(column.source)] = text
    out = io.StringIO(newline="")
    csv.writer(
        out, delimiter=table.csv.delimiter, lineterminator="\r\n" if b"\r\n" in raw else "\n"
    ).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return len(changes)


def _change_json(path: Path, changes: Changes) -> int:
    items = json.loads(path.read_text(encoding="utf-8"))
    if len(items) < len(changes):
        return 0
    for item, change in zip(items, changes, strict=False):
        for column, text in change.items():
            *parents, last = column.source.split(".")
            place = item
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = text
    path.write_text(json.dumps(items), encoding="utf-8")
    return len(changes)


def _change_fixed(path: Path, table: Table, changes: Changes) -> int:
    assert table.fixed is not None
    raw = path.read_bytes().decode(table.fixed.encoding)
    lines = raw.splitlines(keepends=True)
    first = 1 if table.fixed.header else 0
    if len(lines) < first + len(changes) + 1:
        return 0
    starts, position = {}, 0
    for column in table.read_columns:
        starts[column.name] = position
        position += column.width or 0
    for number, change in enumerate(changes, start=first):
        for column, text in change.items():
            start, width = starts[column.name], column.width or 0
            lines[number] = lines[number][:start] + text.ljust(width)[:width] + lines[number][start + width :]
    path.write_bytes("".join(lines).encode(table.fixed.encoding))
    return len(changes)


def _change_xlsx(path: Path, sheet: str, changes: Changes) -> int:
    book = openpyxl.load_workbook(path)
    cells = book[sheet]
    if cells.max_row < len(changes) + 1:
        return 0
    header = [cell.value for cell in cells[1]]
    for number, change in enumerate(changes, start=2):
        for column, text in change.items():
            cells.cell(number, header.index(column.source) + 1, text)
    book.save(path)
    return len(changes)


def find_in_files(
    canaries: list[Canary], *folders: Path, skip: tuple[str, ...] = NOT_SEARCHED
) -> list[Sighting]:
    """Canaries in any file under the folders, in any case and the usual encodings, also inside archives.

    `skip` names folders right under each given folder that are not searched.
    """
    needles = {needle: canary for canary in canaries for needle in _spell(canary.text)}
    sightings = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.relative_to(folder).parts[0] in skip or not path.is_file() or path.is_symlink():
                continue
            found = {canary for content in _read(path) for canary in _search(content, needles)}
            sightings += [Sighting(str(path), canary) for canary in sorted(found, key=lambda item: item.text)]
    return sightings


def find_in_text(canaries: list[Canary], where: str, text: str) -> list[Sighting]:
    """Canaries in what a program printed."""
    return [Sighting(where, canary) for canary in canaries if canary.text.lower() in text.lower()]


def find_in_database(
    canaries: list[Canary], connection: psycopg.Connection, schemas: tuple[str, ...] = CLEAN_SCHEMAS
) -> list[Sighting]:
    """Canaries in any column of any table of the schemas, whatever its type."""
    tables = connection.execute(
        """
        select relnamespace::regnamespace::text, relname from pg_class
        where relkind in ('r', 'p', 'm') and relnamespace::regnamespace::text = any(%s) order by 1, 2
        """,
        [list(schemas)],
    ).fetchall()
    by_spelling = {spelling: canary for canary in canaries for spelling in _spell_in_sql(canary.text)}
    sightings = []
    for schema, table in tables:
        rows = connection.execute(
            sql.SQL(
                """
                with content as materialized (
                    select lower(whole::text) as words from {} as whole
                    where lower(whole::text) ~ %s
                )
                select spelling from unnest(%s::text[]) as spelling
                where exists (select from content where strpos(content.words, spelling) > 0)
                """
            ).format(sql.Identifier(schema, table)),
            [f"{MARK}|{MARK.encode().hex()}", list(by_spelling)],
        ).fetchall()
        sightings += [Sighting(f"{schema}.{table}", by_spelling[spelling]) for (spelling,) in rows]
    return sightings


def _spell(text: str) -> set[bytes]:
    lower = text.lower()
    return {lower.encode("utf-8"), lower.encode("utf-16-le"), lower.encode("utf-8").hex().encode()}


def _spell_in_sql(text: str) -> set[str]:
    return {text.lower(), text.lower().encode().hex()}


def _search(content: bytes, needles: dict[bytes, Canary]) -> Iterator[Canary]:
    lower = content.lower()
    if not any(mark in lower for mark in _spell(MARK)):
        return
    for needle, canary in needles.items():
        if needle in lower:
            yield canary


def _read(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name)
