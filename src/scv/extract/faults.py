"""The ways in which a delivery is wrong, worded once: what, where, expected, found, what to change."""

from collections.abc import Sequence

from scv.errors import SourceDataError, SourceSchemaError
from scv.manifests import System, Table


class HalfDeliveryError(SourceDataError):
    """A delivery that stops short: cut off, or far fewer rows than we hold. Yesterday's data stay."""


def missing_columns(
    system: System, table: Table, missing: Sequence[str], found: Sequence[str]
) -> SourceSchemaError:
    """A declared column is not there."""
    names = ", ".join(f"'{name}'" for name in missing)
    word = "column" if len(missing) == 1 else "columns"
    return SourceSchemaError(
        f"{system.name}.{table.name} has no {word} {names} (declared in {system.manifest}). "
        f"Columns found: {', '.join(found) or 'none'}. If the system renamed it, change the column's "
        f"source_name in that manifest; nothing of {system.name} was loaded."
    )


def missing_table(system: System, table: Table, found: Sequence[str]) -> SourceSchemaError:
    """The declared table or sheet is not there."""
    return SourceSchemaError(
        f"{system.name}.{table.name} is not there: expected '{table.location}' (location in {system.manifest}), "
        f"found {', '.join(found) or 'nothing'}. Nothing of {system.name} was loaded."
    )


def wrong_type(system: System, table: Table, column: str, expected: str, found: str) -> SourceSchemaError:
    """A column has another type than declared."""
    return SourceSchemaError(
        f"{system.name}.{table.name}, column '{column}': expected type {expected}, found {found}. If the change "
        f"is right, change data_type (or format, source_type) in {system.manifest}; "
        f"nothing of {system.name} was loaded."
    )


def wrong_layout(system: System, table: Table, file: str, expected: str, found: str) -> SourceSchemaError:
    """A file is written otherwise than declared: order, delimiter, byte-order mark, header."""
    return SourceSchemaError(
        f"{system.name}.{table.name}, file {file}: expected {expected}, found {found}. "
        f"If the change is right, declare it in {system.manifest}; nothing of {system.name} was loaded."
    )


def half_file(system: System, table: Table, what: str) -> HalfDeliveryError:
    """A delivery that stops short."""
    return HalfDeliveryError(
        f"{system.name}.{table.name}: {what}. Nothing of {system.name} was applied and yesterday's data stay. "
        "Ask the data owner to send it again whole; where the bound is wrong, change rows in "
        f"{system.manifest}."
    )


def bad_file(system: System, table: Table, file: str, what: str) -> SourceDataError:
    """A file that cannot be read as what it is declared to be."""
    return SourceDataError(
        f"{system.name}.{table.name}, file {file}: {what}. Declared in {system.manifest}; "
        f"nothing of {system.name} was loaded."
    )


def bad_text(system: System, doing: str) -> SourceDataError:
    """Text of a database that is not in the encoding which the database names."""
    return SourceDataError(
        f"{system.name}: while {doing}, text came that is not in the encoding of its database. Nothing of "
        f"{system.name} was applied and yesterday's data stay. Ask the data owner to mend it, or name the right "
        f"encoding in connection '{system.connection}'."
    )
