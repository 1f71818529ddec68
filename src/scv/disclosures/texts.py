"""The texts that departments sent, held against the list of terms: counts by column, never a text."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from scv.db import warehouse
from scv.disclosures.terms import Category, find_terms
from scv.errors import InputError
from scv.manifests import Column, System, Table, load_manifests
from scv.settings import Settings, get_settings

# Rows fetched at a time: bounds the memory, whatever a table holds.
BATCH = 10_000


@dataclass(frozen=True)
class TermCount:
    """How many distinct texts of a column tell of something that has no place there."""

    system: str
    table: str
    column: str
    category: Category
    texts: int
    owner: str


@dataclass(frozen=True)
class TextScan:
    """What a scan looked at (columns, distinct texts), and the columns in which it found terms."""

    columns: int
    texts: int
    found: tuple[TermCount, ...]


def scan_texts(settings: Settings | None = None, systems: tuple[str, ...] = ()) -> TextScan:
    """Hold every distinct text of the declared text columns, as they stand now, against the terms.

    All systems, or those that are named. A table that no night has loaded yet is passed over. As role
    transform; memory is bounded by the batch, time grows with the distinct texts. InputError for a name of no
    system.
    """
    settings = settings or get_settings()
    columns = texts = 0
    found: list[TermCount] = []
    with (
        warehouse.translate_db_errors("scanning texts"),
        warehouse.connect("transform", settings) as connection,
    ):
        for system in _choose(settings.project_root, systems):
            for table in system.tables:
                for column in _text_columns(connection, system, table):
                    counts, seen = _scan(connection, system, table, column)
                    columns, texts = columns + 1, texts + seen
                    found += [
                        TermCount(system.name, table.name, column.name, category, count, system.owner)
                        for category, count in sorted(counts.items())
                    ]
    return TextScan(columns, texts, tuple(found))


def _choose(root: Path, names: tuple[str, ...]) -> list[System]:
    known = load_manifests(root)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"No system is called {', '.join(unknown)}. Systems are {', '.join(known)}.")
    return [known[name] for name in names or known]


def _text_columns(connection: psycopg.Connection, system: System, table: Table) -> list[Column]:
    there = connection.execute(
        "select pg_catalog.to_regclass(%s) is not null", [f"{system.schema_name}.{table.name}"]
    ).fetchone()
    return [column for column in table.columns if column.type == "text"] if there and there[0] else []


def _scan(
    connection: psycopg.Connection, system: System, table: Table, column: Column
) -> tuple[Counter[Category], int]:
    counts: Counter[Category] = Counter()
    seen = 0
    statement = sql.SQL("select distinct {} from {} where _valid_to is null").format(
        sql.Identifier(column.name), sql.Identifier(system.schema_name, table.name)
    )
    with connection.cursor(name="texts") as cursor:
        cursor.itersize = BATCH
        for (text,) in cursor.execute(statement):
            if text:
                seen += 1
                counts.update(find_terms(text))
    return counts, seen
