"""What an extract came to: facts and counts, never a value of a row."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Status = Literal["loaded", "stale", "failed", "half"]


@dataclass(frozen=True)
class LoadResult:
    """One table of one night. rows_read = rows_loaded + rows_quarantined + rows_tombstoned."""

    system: str
    table: str
    night: date
    batch_id: str
    status: Status
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_tombstoned: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_deleted: int = 0
    rows_returned: int = 0
    rows_unchanged: int = 0
    content_hash: str | None = None
    seconds: float = 0.0
    message: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SystemResult:
    """One system of one night: applied whole (loaded), or not at all (stale, failed, half)."""

    system: str
    night: date
    status: Status
    tables: tuple[LoadResult, ...]
    message: str | None = None
    error: str | None = field(default=None)
    """Name of the kind of error, where there was one: SourceDownError, SourceSchemaError, ..."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd without stopping anything."""
        return tuple(warning for table in self.tables for warning in table.warnings)

    def total(self, counter: str) -> int:
        """Sum of one counter (rows_read, rows_changed, ...) over the tables."""
        return sum(getattr(table, counter) for table in self.tables)
