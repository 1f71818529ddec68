"""A departmental system as the loader sees it, whatever it is kept in."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import psycopg

from scv.errors import SettingsError, SourceDownError
from scv.extract.connections import resolve_connection
from scv.extract.landing import Delivery
from scv.extract.raw_tables import RawTable
from scv.manifests import System, Table
from scv.settings import Settings


@dataclass(frozen=True)
class Request:
    """What a night asks of a table. `since`: only rows whose watermark is later; None reads all."""

    night: date
    since: datetime | None = None


@dataclass(frozen=True)
class Amount:
    """How much is there of a table: its rows or, where those are a delta's whole history, its files."""

    rows: int | None = None
    files: int | None = None
    warnings: tuple[str, ...] = ()


class Source(Protocol):
    """An open system: verified first, all tables of it, and landed then, one by one."""

    def verify(self, table: Table) -> list[str]:
        """Hold the table against its manifest; returns warnings, raises SourceSchemaError or SourceDownError."""

    def count(self, table: Table) -> Amount:
        """How much is there now."""

    def land(self, raw: RawTable, request: Request, warehouse: psycopg.Connection) -> Delivery:
        """Stream the table into the landing of the warehouse connection."""


@contextmanager
def open_source(system: System, settings: Settings) -> Iterator[Source]:
    """Connect to a system; SourceDownError where it does not answer. Nothing is ever written to it."""
    from scv.extract.databases import open_database
    from scv.extract.file_source import FileSource
    from scv.extract.files import find_folder
    from scv.extract.postgres import open_postgres

    try:
        target = resolve_connection(system.connection, settings)
    except SettingsError as error:
        # One system that is not set up must not stop the night of the others.
        raise SourceDownError(f"{system.name}: {error}") from None
    with ExitStack() as stack:
        if system.format == "postgres":
            yield stack.enter_context(open_postgres(system, target))
        elif all(table.is_database for table in system.tables):
            yield stack.enter_context(open_database(system, target))
        else:
            yield FileSource(system, find_folder(system, target))
