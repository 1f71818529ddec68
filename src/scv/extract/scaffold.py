"""A new system's folder, written from what is there: manifest, staging views and README, to be gone through by hand."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scv.errors import InputError
from scv.extract.databases import list_tables
from scv.extract.delimited import DELIMITERS
from scv.extract.workbook import list_sheets
from scv.manifests import load_manifest

TYPES = {
    "integer": "integer",
    "numeric": "numeric",
    "date": "date",
    "timestamp": "timestamptz",
    "boolean": "boolean",
}
# A first guess by name, the more dangerous class first; a person goes through it.
PRIVACY_HINTS = [
    ("safety", ("restrict", "unsafe", "risk", "refuge", "safe")),
    ("contact", ("phone", "mobile", "email", "mail", "tel")),
    ("address", ("addr", "postcode", "post_code", "uprn", "street", "town", "ward")),
    ("name", ("name", "surname", "forename", "title", "addressee")),
    ("demographic", ("birth", "dob", "sex", "gender")),
    ("financial", ("amount", "amt", "balance", "bank", "rent", "payment", "pay_", "price")),
    ("identifier", ("id", "ref", "no", "number", "nino", "nhs", "upn", "key", "code")),
]


@dataclass(frozen=True)
class FoundColumn:
    """A column as it is there."""

    name: str
    type: str = "text"
    is_key: bool = False


@dataclass(frozen=True)
class FoundTable:
    """A table, file or sheet as it is there; `fields` go into its manifest entry."""

    name: str
    location: str
    columns: tuple[FoundColumn, ...]
    fields: tuple[tuple[str, Any], ...] = ()


def add_system(
    root: Path, name: str, connection: str, target: str, *, owner: str, only: Sequence[str] = ()
) -> list[Path]:
    """Write dbt_project/models/staging/<name>/ for the tables of a database or the files of a folder.

    `only` limits it to some tables or files. Returns the files written. InputError where the folder is
    there already, the name cannot be used, or nothing was found.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise InputError(f"'{name}' cannot be a system's name: use lower case, digits and underscores.")
    folder = root / "dbt_project" / "models" / "staging" / name
    if folder.exists():
        raise InputError(f"{folder} is there already. Change its manifest by hand, or choose another name.")
    form, tables = _look(connection, target, only)
    if not tables:
        raise InputError(
            f"Connection '{connection}' shows nothing that can be read{' of those' if only else ''}."
        )
    text = _manifest(name, connection, form, owner, tables)
    folder.mkdir(parents=True)
    manifest = folder / f"_{name}__sources.yml"
    manifest.write_text(text, encoding="utf-8")
    written = [manifest]
    system = load_manifest(manifest)
    for table in system.tables:
        path = folder / f"stg_{name}__{table.name}.sql"
        path.write_text(_staging_view(name, table.name, table.column_names), encoding="utf-8")
        written.append(path)
    readme = folder / "README.md"
    readme.write_text(_readme(name, owner, [table.name for table in system.tables]), encoding="utf-8")
    return [*written, readme]


def to_identifier(text: str) -> str:
    """A name of the warehouse for a name of theirs: 'Date of Birth' becomes date_of_birth."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    plain = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    return (plain if plain[:1].isalpha() else f"c_{plain}")[:50].rstrip("_") or "column"


def _look(connection: str, target: str, only: Sequence[str]) -> tuple[str, list[FoundTable]]:
    if "://" in target and not target.startswith("file://"):
        form = {"postgresql": "postgres", "mariadb": "mysql"}
        backend = target.partition("://")[0].partition("+")[0]
        found = [
            FoundTable(
                table, table, tuple(FoundColumn(n, TYPES.get(kind, "text"), key) for n, kind, key in columns)
            )
            for table, columns in list_tables(target, connection).items()
            if not only or table in only
        ]
        return form.get(backend, backend), found
    folder = Path(target.removeprefix("file://")).expanduser()
    if not folder.is_dir():
        raise InputError(f"Connection '{connection}' is no folder and no database URL.")
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    tables = [
        table
        for path in paths
        if not only or path.name in only or path.relative_to(folder).as_posix() in only
        for table in _look_at_file(path, path.relative_to(folder).as_posix())
    ]
    return "files", tables


def _look_at_file(path: Path, location: str) -> list[FoundTable]:
    ending, stem = path.suffix.lower(), to_identifier(path.stem)
    if ending in (".csv", ".txt", ".psv", ".tsv"):
        header, dialect = _sniff(path)
        columns = tuple(FoundColumn(name) for name in header if name)
        return [FoundTable(stem, location, columns, (("format", "csv"), ("csv", dialect)))] if columns else []
    if ending == ".xlsx":
        return [
            FoundTable(
                to_identifier(sheet),
                f"{location}#{sheet}",
                tuple(map(FoundColumn, header)),
                (("format", "xlsx"),),
            )
            for sheet, header in list_sheets(path).items()
            if header
        ]
    if ending == ".json":
        keys = _first_keys(path)
        return (
            [FoundTable(stem, location, tuple(map(FoundColumn, keys)), (("format", "json"),))] if keys else []
        )
    return []


def _sniff(path: Path) -> tuple[list[str], dict[str, str]]:
    """Header, delimiter and encoding of a delimited file, from its first 64 kB."""
    with path.open("rb") as file:
        start = file.read(65536)
    encoding = "utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = start[: start.rfind(b"\n") + 1 or None].decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "latin-1", start.decode("latin-1")
    line = text.partition("\n")[0].rstrip("\r")
    delimiter = max(DELIMITERS, key=line.count)
    return next(csv.reader([line], delimiter=delimiter), []), {"delimiter": delimiter, "encoding": encoding}


def _first_keys(path: Path) -> list[str]:
    """Dotted paths of the first object in a list."""
    with path.open(encoding="utf-8-sig") as file:
        start = file.read(1024 * 1024).lstrip()
    if not start.startswith("["):
        return []
    try:
        first, _ = json.JSONDecoder().raw_decode(start, len(start) - len(start[1:].lstrip()))
    except ValueError:
        return []
    return _paths(first) if isinstance(first, dict) else []


def _paths(item: dict[str, Any], prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, value in item.items():
        found += _paths(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
    return found


def _manifest(name: str, connection: str, form: str, owner: str, tables: list[FoundTable]) -> str:
    meta = {
        "owner": owner,
        "connection": connection,
        "format": form,
        "lawful_basis": "public_task",
        "required": False,
        "max_bad_ratio": 0.02,
    }
    source = {
        "name": name,
        "schema": f"raw_{name}",
        "description": f"What {name} holds; say here whose system it is and what is special about it.",
        "config": {"meta": meta},
        "tables": [_table_entry(table) for table in tables],
    }
    head = (
        "# Scaffolded. Before the first night, go through it with the data owner: primary_key,\n"
        "# key_means_person (unique, row, joint or none), types and date formats, privacy, rows, and delete\n"
        "# every column that we have no lawful basis to read. Then: scv sources check " + name + "\n"
    )
    return head + yaml.safe_dump(
        {"version": 2, "sources": [source]}, sort_keys=False, width=110, allow_unicode=True
    )


def _table_entry(table: FoundTable) -> dict[str, Any]:
    names = _unique([to_identifier(column.name) for column in table.columns])
    keys = [n for n, column in zip(names, table.columns, strict=True) if column.is_key] or names[:1]
    columns = []
    is_json = dict(table.fields).get("format") == "json"
    for identifier, column in zip(names, table.columns, strict=True):
        meta: dict[str, Any] = {"privacy": _guess_privacy(identifier)}
        if identifier != column.name:
            meta["path" if is_json else "source_name"] = column.name
        columns.append({"name": identifier, "data_type": column.type, "config": {"meta": meta}})
    fields = {
        "location": table.location,
        "delivery": "snapshot",
        "primary_key": keys,
        "key_means_person": "none",
        "rows": {"min": 0},
        "freshness_hours": 36,
        "retention_class": "six_years_after_close",
        **dict(table.fields),
    }
    return {
        "name": to_identifier(table.name),
        "description": "One row per … (say what).",
        "config": {"meta": fields},
        "columns": columns,
    }


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _guess_privacy(name: str) -> str:
    for privacy, hints in PRIVACY_HINTS:
        if any(hint == name or hint in name.split("_") or (len(hint) > 3 and hint in name) for hint in hints):
            return privacy
    return "service"


def _staging_view(system: str, table: str, columns: Sequence[str]) -> str:
    listed = ",\n".join(f"        {column}" for column in columns)
    return (
        "-- Rename, cast and tidy here, one view per table and no joins; see the other systems for the macros.\n"
        "with\n\nsource as (\n\n"
        f"    {{{{ raw_rows('{system}', '{table}') }}}}\n\n"
        "),\n\nrenamed as (\n\n    select\n"
        "        _record_key as source_row_key,\n"
        f"{listed},\n"
        "        _row_hash as row_hash,\n"
        "        _valid_from as known_from\n\n"
        "    from source\n\n)\n\nselect * from renamed\n"
    )


def _readme(system: str, owner: str, tables: Sequence[str]) -> str:
    return (
        f"# {system}\n\nOwner: {owner}. Tables: {', '.join(tables)}.\n\n"
        "Write down here what its owners call things, known bad values, and whom to ask.\n\n"
        "## To do\n\n"
        f"1. Go through `_{system}__sources.yml` with the owner.\n"
        f"2. `scv sources check {system}`\n"
        "3. Rename and tidy in the `stg_` views; keys of people are called `record_key` there.\n"
        f"4. If it holds people: `int_{system}__person_records.sql` (columns: macro `person_record_columns`),\n"
        "   one word in `person_sources` in `dbt_project.yml`, and its rows in `seeds/survivorship_priority.csv`.\n"
    )
