"""Holding systems against their manifests, by hand: nothing is loaded, and only counts are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from scv.errors import ScvError
from scv.extract.connections import resolve_connection
from scv.extract.nightly import find_system
from scv.extract.sources import open_source
from scv.settings import Settings, get_settings


@dataclass(frozen=True)
class TableCheck:
    """What was found of one table: its rows, or for deltas its files."""

    system: str
    table: str
    is_ok: bool
    rows: int | None = None
    files: int | None = None
    message: str | None = None
    warnings: Sequence[str] = ()
    exit_code: int = 0


def check_system(name: str, *, settings: Settings | None = None) -> list[TableCheck]:
    """Whether a system is reachable, and its tables, columns and types are as declared; and how many rows.

    InputError for an unknown system; everything else that is wrong is in the result.
    """
    settings = settings or get_settings()
    system = find_system(name, settings)
    found: list[TableCheck] = []
    try:
        resolve_connection(system.connection, settings)
        with open_source(system, settings) as source:
            for table in system.tables:
                try:
                    said = source.verify(table)
                    amount = source.count(table)
                    found.append(
                        TableCheck(
                            name,
                            table.name,
                            is_ok=True,
                            rows=amount.rows,
                            files=amount.files,
                            warnings=(*said, *amount.warnings),
                        )
                    )
                except ScvError as error:
                    found.append(_failed(name, table.name, error))
    except ScvError as error:
        done = {check.table for check in found}
        found += [_failed(name, table.name, error) for table in system.tables if table.name not in done]
    return found


def _failed(system: str, table: str, error: ScvError) -> TableCheck:
    return TableCheck(system, table, is_ok=False, message=str(error), exit_code=error.exit_code)
