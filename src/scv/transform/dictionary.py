"""The data dictionary: docs/data_dictionary.md, written from the manifests and the models' YAML.

`python -m scv.transform.dictionary` writes it anew. The same project always gives the same text, so
that a test can say when the file is out of date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scv.errors import SettingsError
from scv.manifests import System, Table, load_manifests
from scv.settings import find_project_root

_DOCS_BLOCK = re.compile(r"{%-?\s*docs\s+(\w+)\s*-?%}(.*?){%-?\s*enddocs\s*-?%}", re.DOTALL)
_DOC_CALL = re.compile(r"{{\s*doc\(['\"](\w+)['\"]\)\s*}}")

_HEADING = """# Data dictionary

Written by `python -m scv.transform.dictionary` from the manifests and the models' YAML under
`dbt_project/`; change those, not this file.

- [Published tables](#published-tables): what people and tools read
- [Review rules](#review-rules): what looks wrong, one table per rule
- [Parameters and code lists](#parameters-and-code-lists)
- [Departmental systems](#departmental-systems): what is read from each, with its privacy class
"""


@dataclass(frozen=True)
class _Entry:
    """A model or a seed as its YAML describes it."""

    name: str
    description: str
    folder: str
    schema: str | None
    primary_key: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]


def render_dictionary(project_root: Path) -> str:
    """The text of the dictionary; SettingsError where a description names a docs block that is not there."""
    dbt_dir = project_root / "dbt_project"
    blocks = _read_docs_blocks(dbt_dir)
    models = [entry for entry in _read_entries(dbt_dir / "models", "models", blocks) if entry.columns]
    seeds = list(_read_entries(dbt_dir / "seeds", "seeds", blocks))
    published = [entry for entry in models if entry.schema]
    rules = [entry for entry in models if entry.folder == "review" and entry.name.startswith("rpt_")]
    systems = load_manifests(project_root)
    parts = [_HEADING, "## Published tables\n", _render_contents(published)]
    parts += [_render_entry(entry) for entry in published]
    parts += ["## Review rules\n", *_render_rules(rules)]
    parts += ["## Parameters and code lists\n", *(_render_entry(entry) for entry in seeds)]
    parts += ["## Departmental systems\n", *(_render_system(systems[name]) for name in sorted(systems))]
    return "\n".join(parts)


def write_dictionary(project_root: Path) -> Path:
    """Write docs/data_dictionary.md; returns its path."""
    path = project_root / "docs" / "data_dictionary.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(render_dictionary(project_root))
    return path


def _read_docs_blocks(dbt_dir: Path) -> dict[str, str]:
    blocks: dict[str, str] = {}
    for path in sorted((dbt_dir / "models").rglob("*.md")):
        for name, text in _DOCS_BLOCK.findall(path.read_text()):
            blocks[name] = _one_line(text)
    return blocks


def _read_entries(folder: Path, kind: str, blocks: dict[str, str]) -> Iterator[_Entry]:
    for path in sorted(folder.rglob("*.yml")):
        content = yaml.safe_load(path.read_text()) or {}
        for entry in content.get(kind) or []:
            yield _read_entry(entry, path, folder, blocks)


def _read_entry(entry: dict[str, Any], path: Path, folder: Path, blocks: dict[str, str]) -> _Entry:
    config = entry.get("config") or {}
    publish = (config.get("meta") or {}).get("publish") or {}
    types = config.get("column_types") or {}
    place = path.parent.relative_to(folder).parts
    keys = [item["columns"] for item in entry.get("constraints") or [] if item["type"] == "primary_key"]
    return _Entry(
        name=entry["name"],
        description=_resolve(entry.get("description"), blocks, path),
        folder=place[0] if place else "",
        schema=publish.get("schema"),
        primary_key=tuple(publish.get("primary_key") or (keys[0] if keys else ())),
        columns=tuple(
            (
                column["name"],
                str(column.get("data_type") or types.get(column["name"], "")),
                _resolve(column.get("description"), blocks, path),
            )
            for column in entry.get("columns") or []
        ),
    )


def _resolve(text: str | None, blocks: dict[str, str], path: Path) -> str:
    def replace(match: re.Match[str]) -> str:
        if match[1] not in blocks:
            raise SettingsError(
                f"{path} describes a column by the docs block '{match[1]}', which no .md file under models has. "
                "Add the block or write the description out."
            )
        return blocks[match[1]]

    return _DOC_CALL.sub(replace, _one_line(text or ""))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _render_contents(entries: list[_Entry]) -> str:
    lines = ["| table | one row per |", "|---|---|"]
    for entry in entries:
        grain = re.sub(r"^One row per ", "", entry.description.split(". ")[0].split(": ")[0]).rstrip(".")
        lines.append(f"| [`{entry.schema}.{entry.name}`](#{entry.schema}{entry.name}) | {_cell(grain)} |")
    return "\n".join(lines) + "\n"


def _render_entry(entry: _Entry) -> str:
    name = f"{entry.schema}.{entry.name}" if entry.schema else entry.name
    lines = [f"### {name}\n", entry.description + "\n"]
    if entry.primary_key:
        lines.append(f"Key: {', '.join(f'`{column}`' for column in entry.primary_key)}\n")
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{column}` | {kind} | {_cell(text)} |" for column, kind, text in entry.columns]
    return "\n".join(lines) + "\n"


def _render_rules(rules: list[_Entry]) -> Iterator[str]:
    lines = ["| rule | finding |", "|---|---|"]
    lines += [f"| `{rule.name.removeprefix('rpt_')}` | {_cell(rule.description)} |" for rule in rules]
    yield "\n".join(lines) + "\n"
    if rules:
        # All rules share their columns, so those of one stand for all.
        lines = ["### Columns of every rule\n", "| column | type | meaning |", "|---|---|---|"]
        lines += [f"| `{column}` | {kind} | {_cell(text)} |" for column, kind, text in rules[0].columns]
        yield "\n".join(lines) + "\n"


def _render_system(system: System) -> str:
    lines = [
        f"### {system.name}\n",
        _one_line(system.description) + "\n",
        f"Owner {system.owner}; lawful basis {system.lawful_basis.replace('_', ' ')}; "
        f"{'required every night' if system.required else 'the night goes on without it'}.\n",
    ]
    return "\n".join([*lines, *(_render_table(system, table) for table in system.tables)])


def _render_table(system: System, table: Table) -> str:
    lines = [
        f"#### {system.schema_name}.{table.name}\n",
        f"{_one_line(table.description)} {table.format}, {table.delivery}; "
        f"key {', '.join(f'`{column}`' for column in table.primary_key)}; "
        f"kept {table.retention_class.replace('_', ' ')}.\n",
        "| column | type | privacy |",
        "|---|---|---|",
    ]
    lines += [f"| `{column.name}` | {column.type} | {column.privacy} |" for column in table.columns]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(write_dictionary(find_project_root()))
