"""The manifests: one per departmental system, written once, read by everything.

A manifest is the dbt sources YAML in dbt_project/models/staging/<system>/. Every name that goes into
SQL as an identifier comes out of a manifest validated here.
"""

import re
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from scv.errors import SettingsError

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$", max_length=50)]
# Names in a departmental database are its own affair: mixed case, `$` and one schema in front are allowed.
SOURCE_TABLE = re.compile(r"^([A-Za-z_][A-Za-z0-9_$]{0,62}\.)?[A-Za-z_][A-Za-z0-9_$]{0,62}$")

DataType = Literal["text", "smallint", "integer", "bigint", "numeric", "date", "timestamptz", "boolean"]
Format = Literal[
    "postgres", "mysql", "sqlite", "mssql", "oracle", "csv", "fixed_width", "xlsx", "json", "files"
]
DATABASE_FORMATS = frozenset({"postgres", "mysql", "sqlite", "mssql", "oracle"})
DateFormat = Literal["iso", "dmy", "dmy_slash", "dmy_compact", "ymd_compact", "dmonthy", "excel_serial"]
Privacy = Literal[
    "identifier", "name", "demographic", "contact", "address", "service", "financial", "safety", "technical"
]
LawfulBasis = Literal[
    "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"
]


class Declared(BaseModel):
    """Base of the manifest's parts: frozen, and a word that we do not know is an error, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=False)


class Column(Declared):
    """One declared column; nothing that is not declared is ever read."""

    name: Identifier = Field(description="Name in the warehouse.")
    type: DataType = Field(description="Type in the warehouse.")
    privacy: Privacy = Field(description="What kind of personal data it holds.")
    source_name: str | None = Field(default=None, max_length=200, description="Name there, where it differs.")
    source_type: str | None = Field(default=None, description="Type there, where it is unusual.")
    format: DateFormat | None = Field(default=None, description="How a date or time is written as text.")
    path: str | None = Field(default=None, description="Dotted path inside a JSON object.")
    width: int | None = Field(default=None, ge=1, description="Characters in a fixed-width line.")
    description: str = ""

    @property
    def source(self) -> str:
        """Its name where it comes from: a column, a header, or a dotted path."""
        return self.source_name or self.path or self.name


class CsvDialect(Declared):
    """How a delimited file is written."""

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    encoding: Literal["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"] = "utf-8"
    trailer: str | None = Field(default=None, description="First cell of a last row that counts the rows.")
    final_newline: bool = Field(
        default=True, description="Whether a file without a last line end is cut off."
    )


class FixedLayout(Declared):
    """How a fixed-width file is written; columns carry the widths."""

    encoding: Literal["utf-8", "latin-1", "cp1252"] = "latin-1"
    header: str | None = Field(default=None, description="How the first line starts.")
    trailer: str | None = Field(default=None, description="How the last line, which counts the rows, starts.")


class Rows(Declared):
    """Expected volume of a full read."""

    min: int = Field(default=0, ge=0, description="Fewer rows are half a delivery: not applied.")
    max: int | None = Field(default=None, ge=1, description="More rows are warned about.")
    half_below: float = Field(
        default=0.5, ge=0, le=1, description="A full read below this share of the rows we hold is half."
    )


class Table(Declared):
    """One table, file or sheet of a system."""

    name: Identifier
    description: str = ""
    location: str = Field(min_length=1, description="Table, file, glob, or workbook#sheet.")
    format: Format
    delivery: Literal["snapshot", "delta"] = "snapshot"
    primary_key: tuple[Identifier, ...] = Field(min_length=1)
    key_means_person: Literal["unique", "row", "joint", "none"]
    watermark: Identifier | None = None
    watermark_overlap_hours: int = Field(
        default=24, ge=0, description="How far behind the last value a night reads again, for late commits."
    )
    names: tuple[Identifier, ...] = ()
    rows: Rows = Rows()
    freshness_hours: int = Field(ge=1)
    retention_class: Identifier
    csv: CsvDialect | None = None
    fixed: FixedLayout | None = None
    derive: dict[Identifier, tuple[str, ...]] = Field(
        default_factory=dict, description="Columns computed while reading, out of cells that are not kept."
    )
    never_read: tuple[str, ...] = Field(
        default=(), description="Columns known to be there that are not to be read; others warn."
    )
    own_postcodes: tuple[str, ...] = Field(default=(), description="Postcodes of the council's own offices.")
    max_mb: int = Field(default=4096, ge=1, description="Largest file, uncompressed, in MB.")
    max_compression_ratio: int = Field(
        default=200, ge=2, description="Largest uncompressed to compressed size."
    )
    columns: tuple[Column, ...] = Field(min_length=1)

    @property
    def person(self) -> str:
        """What a key means: unique, row, joint or none."""
        return self.key_means_person

    @property
    def rows_min(self) -> int:
        """Fewest rows of a full read."""
        return self.rows.min

    @property
    def rows_max(self) -> int | None:
        """Rows above which a full read is warned about."""
        return self.rows.max

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names in the warehouse, in declared order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def read_columns(self) -> tuple[Column, ...]:
        """The declared columns that are read as they are, not derived."""
        return tuple(column for column in self.columns if column.name not in self.derive)

    @property
    def is_database(self) -> bool:
        """Whether it is a table of a database rather than a file."""
        return self.format in DATABASE_FORMATS

    def column(self, name: str) -> Column:
        """A declared column by its name in the warehouse."""
        return next(column for column in self.columns if column.name == name)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = self.column_names
        _refuse(len(set(names)) != len(names), "columns", "each column once")
        _refuse(any(n.startswith("_") for n in names), "columns", "names that do not start with '_'")
        _refuse(len(set(self.primary_key)) != len(self.primary_key), "primary_key", "each column once")
        for field in ("primary_key", "names"):
            unknown = [name for name in getattr(self, field) if name not in names]
            _refuse(bool(unknown), field, f"declared columns, found {', '.join(unknown)}")
        _refuse(any(self.column(n).type != "text" for n in self.names), "names", "text columns")
        self._check_watermark()
        self._check_format()
        both = [column.source for column in self.columns if column.source in self.never_read]
        _refuse(bool(both), "never_read", f"columns that are not declared, found {', '.join(both)}")
        for name in self.derive:
            _refuse(name not in names or self.column(name).type != "boolean", "derive", "boolean columns")
        _refuse(bool(self.derive) and self.is_database, "derive", "a file format")
        return self

    def _check_watermark(self) -> None:
        if self.watermark is None:
            return
        _refuse(self.watermark not in self.column_names, "watermark", "a declared column")
        kind = self.column(self.watermark).type
        _refuse(kind not in ("timestamptz", "date"), "watermark", "a column of type timestamptz or date")
        _refuse(not self.is_database, "watermark", "a database format")

    def _check_format(self) -> None:
        _refuse(self.format == "files", "format", "the format of each table where the system says 'files'")
        _refuse(self.delivery == "delta" and self.is_database, "delivery", "snapshot for a database")
        _refuse(self.format == "csv" and self.csv is None, "csv", "delimiter and encoding of the file")
        if self.is_database:
            _refuse(not SOURCE_TABLE.match(self.location), "location", "a table name, or schema.table")
        else:
            place = PurePosixPath(self.location.partition("#")[0])
            bad = place.is_absolute() or ".." in place.parts
            _refuse(bad, "location", "a path inside the connection's folder")
            undated = [c.name for c in self.columns if c.type == "date" and c.format is None]
            _refuse(bool(undated), "columns", f"a format for the dates {', '.join(undated)}")
        _refuse(self.format == "xlsx" and "#" not in self.location, "location", "workbook.xlsx#sheet")
        if self.format == "fixed_width":
            _refuse(self.fixed is None, "fixed", "encoding, header and trailer of the file")
            without = [c.name for c in self.read_columns if c.width is None]
            _refuse(bool(without), "columns", f"a width for {', '.join(without)}")


class System(Declared):
    """One departmental system: who owns it, where it is, and its tables."""

    name: Identifier
    schema_name: Identifier
    description: str = ""
    owner: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    connection: Identifier
    format: Format
    lawful_basis: LawfulBasis
    required: bool = False
    max_bad_ratio: float = Field(default=0.02, ge=0, le=1)
    tables: tuple[Table, ...] = Field(min_length=1)
    path: Path = Field(description="The manifest's file.")

    @property
    def manifest(self) -> str:
        """The manifest's file as messages name it: from dbt_project on."""
        parts = self.path.parts
        return "/".join(parts[parts.index("dbt_project") :] if "dbt_project" in parts else parts[-2:])

    def table(self, name: str) -> Table:
        """A table by name; KeyError where it is not declared."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    @field_validator("tables")
    @classmethod
    def _each_table_once(cls, tables: tuple[Table, ...]) -> tuple[Table, ...]:
        names = [table.name for table in tables]
        _refuse(len(set(names)) != len(names), "tables", "each table once")
        return tables

    @model_validator(mode="after")
    def _check(self) -> Self:
        _refuse(self.path.parent.name != self.name, "name", f"the folder's name, {self.path.parent.name}")
        _refuse(self.schema_name != f"raw_{self.name}", "schema", f"raw_{self.name}")
        return self


def load_manifests(root: Path) -> dict[str, System]:
    """All systems under a checkout's dbt_project/models/staging, by name, in alphabetical order.

    SettingsError names the file, the field, what was expected and what was found.
    """
    paths = sorted((root / "dbt_project" / "models" / "staging").glob("*/_*__sources.yml"))
    systems = [load_manifest(path) for path in paths]
    return {system.name: system for system in systems}


def load_manifest(path: Path) -> System:
    """One manifest; SettingsError names the file, the field, what was expected and what was found."""
    try:
        seen = path.stat()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__}).") from None
    return _read_manifest(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=256)
def _read_manifest(path: Path, changed: int, size: int) -> System:
    """Read and validate once per content: every step of a night asks for all manifests."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__}).") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise SettingsError(
            f"{path}: not YAML{line}: {getattr(error, 'problem', 'cannot be parsed')}."
        ) from None
    try:
        given = _flatten(content, path)
        return System.model_validate(given)
    except ValidationError as error:
        shown = given
        problems = "\n".join(f"  {_say(item, shown)}" for item in error.errors(include_url=False))
        raise SettingsError(f"{path}: the manifest cannot be used:\n{problems}") from None


def _flatten(content: Any, path: Path) -> dict[str, Any]:
    """dbt's nesting (config.meta) undone, so that fields stand where a reader of the YAML expects them."""
    sources = content.get("sources") if isinstance(content, dict) else None
    if not isinstance(sources, list) or len(sources) != 1 or not isinstance(sources[0], dict):
        raise SettingsError(f"{path}: sources: expected a list of exactly one system.")
    source = sources[0]
    system = {**_meta(source), "name": source.get("name"), "schema_name": source.get("schema"), "path": path}
    system["description"] = source.get("description", "")
    system["tables"] = []
    for entry in _dicts(source.get("tables")):
        table = {"format": system.get("format"), **_meta(entry)}
        table |= {key: entry[key] for key in ("name", "description") if key in entry}
        table["columns"] = []
        for item in _dicts(entry.get("columns")):
            column = {**_meta(item), "type": item.get("data_type")}
            column |= {key: item[key] for key in ("name", "description") if key in item}
            table["columns"].append(column)
        system["tables"].append(table)
    return system


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _meta(entry: dict[str, Any]) -> dict[str, Any]:
    config = entry.get("config")
    meta = config.get("meta") if isinstance(config, dict) else None
    return dict(meta) if isinstance(meta, dict) else {}


def _refuse(is_wrong: bool, field: str, expected: str) -> None:
    if is_wrong:
        raise ValueError(f"{field}: expected {expected}")


def _say(item: Any, given: Any) -> str:
    """One line for one problem: the field by the names of its table and column, expected, found."""
    words: list[str] = []
    for part in item["loc"]:
        given = given[part] if _has(given, part) else None
        named = given.get("name") if isinstance(part, int) and isinstance(given, dict) else None
        words.append(str(named or part))
    field = ".".join(words).replace("schema_name", "schema").replace(".type", ".data_type") or "system"
    expected = item["msg"].removeprefix("Value error, ")
    found = item.get("input")
    shown = f", found {found!r}" if isinstance(found, str | int | float | bool) else ""
    if item["type"] == "missing":
        expected, shown = "expected a value", ", found nothing"
    elif item["type"] == "extra_forbidden":
        expected = "is not a word of the manifest"
    return f"{field}: {expected}{shown}"


def _has(given: Any, part: Any) -> bool:
    if isinstance(given, dict):
        return part in given
    return isinstance(given, list) and isinstance(part, int) and part < len(given)
