"""What is published: the dbt models that say so in their YAML, with the columns and key of their contract.

The YAML files are read directly, so publishing needs neither a dbt process nor its artifacts.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scv.errors import SettingsError

IDENTIFIER = re.compile(r"^[a-z_][a-z0-9_]{0,62}$")
# Where dbt builds what is published into which permanent schema.
BUILD_SCHEMAS = {"marts": "build", "restricted": "build_restricted"}
# Columns that publishing itself adds.
CHANGED_AT = "_changed_at"


@dataclass(frozen=True)
class PublishedModel:
    """A model and the permanent table that it is published to."""

    name: str
    schema: str
    primary_key: tuple[str, ...]
    columns: tuple[str, ...]
    description: str
    descriptions: dict[str, str]
    path: Path

    @property
    def source_schema(self) -> str:
        """The schema in which dbt builds it."""
        return BUILD_SCHEMAS[self.schema]

    @property
    def label(self) -> str:
        """schema.table, as people write it."""
        return f"{self.schema}.{self.name}"


def load_published_models(project_root: Path) -> tuple[PublishedModel, ...]:
    """The models that say `publish`, ordered by schema and name; SettingsError where a contract is wrong."""
    models = project_root / "dbt_project" / "models"
    found: dict[str, PublishedModel] = {}
    docs = _read_docs(models)
    for path in sorted((models / "marts").rglob("*.yml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
        for entry in data.get("models") or []:
            model = _read_model(path, entry, docs)
            if model is None:
                continue
            if model.name in found:
                raise SettingsError(f"{model.name} is described in {found[model.name].path} and in {path}.")
            found[model.name] = model
    return tuple(sorted(found.values(), key=lambda model: (model.schema, model.name)))


def _read_model(path: Path, entry: dict[str, Any], docs: dict[str, str]) -> PublishedModel | None:
    config = entry.get("config") or {}
    publish = (config.get("meta") or {}).get("publish")
    if publish is None:
        return None
    name = str(entry.get("name"))
    where = f"The contract of {name} in {path}"
    schema = publish.get("schema")
    if schema not in BUILD_SCHEMAS:
        raise SettingsError(f"{where} publishes to '{schema}'; allowed: {', '.join(BUILD_SCHEMAS)}.")
    if not (config.get("contract") or {}).get("enforced"):
        raise SettingsError(f"{where} is not enforced. Add config.contract: {{enforced: true}}.")
    columns = entry.get("columns") or []
    names = tuple(str(column["name"]) for column in columns)
    key = tuple(str(part) for part in publish.get("primary_key") or ())
    for identifier in (name, *names, *key):
        if not IDENTIFIER.match(identifier):
            raise SettingsError(f"{where} has the name '{identifier}'; allowed: small letters, digits and _.")
    if not key or set(key) - set(names):
        raise SettingsError(f"{where} needs publish.primary_key, made of columns that it declares.")
    if len(set(names)) != len(names) or CHANGED_AT in names:
        raise SettingsError(f"{where} declares a column twice, or {CHANGED_AT}, which publishing adds.")
    descriptions = {
        str(column["name"]): _resolve(str(column.get("description", "")), docs) for column in columns
    }
    text = _resolve(str(entry.get("description", "")), docs)
    return PublishedModel(name, schema, key, names, text, descriptions, path)


_DOCS_BLOCK = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
_DOC_CALL = re.compile(r"{{\s*doc\(\s*['\"](\w+)['\"]\s*\)\s*}}")


def _read_docs(models: Path) -> dict[str, str]:
    blocks = {}
    for path in sorted(models.rglob("*.md")):
        for name, text in _DOCS_BLOCK.findall(path.read_text(encoding="utf-8")):
            blocks[name] = text
    return blocks


def _resolve(text: str, docs: dict[str, str]) -> str:
    """A description with its docs blocks filled in, on one line."""
    return " ".join(_DOC_CALL.sub(lambda call: docs.get(call[1], ""), text).split())
