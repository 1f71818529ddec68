"""Errors that somebody can act on, each kind with its own exit code.

A message says what happened, to what, what was expected and what to do next. It never holds a
value out of a person's record: counts, table and column names, and opaque keys only.
"""

from typing import ClassVar


class ScvError(Exception):
    """Base of every error that a person can act on; the command line prints its message in one line."""

    exit_code: ClassVar[int] = 1


class SettingsError(ScvError):
    """A setting, a secret or a prerequisite of the machine is missing or wrong."""

    exit_code: ClassVar[int] = 2


class DatabaseError(ScvError):
    """The warehouse refused something; carries SQLSTATE, table and column, never the values."""

    exit_code: ClassVar[int] = 3

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str | None = None,
        table: str | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.table = table
        self.column = column


class SourceDownError(ScvError):
    """A departmental system, or its file, cannot be reached."""

    exit_code: ClassVar[int] = 10


class SourceSchemaError(ScvError):
    """A departmental system no longer has the tables, columns or types that its manifest declares."""

    exit_code: ClassVar[int] = 11


class SourceDataError(ScvError):
    """A departmental system sent too few, too many or too many uninterpretable rows, or half a file."""

    exit_code: ClassVar[int] = 12


class CheckFailed(ScvError):
    """A blocking data check failed; yesterday's marts stay as they are."""

    exit_code: ClassVar[int] = 20


class PublishRefused(ScvError):
    """Publishing would need a change of the permanent tables that only a migration may make."""

    exit_code: ClassVar[int] = 21


class NightLocked(ScvError):
    """Another night is running on this warehouse."""

    exit_code: ClassVar[int] = 30


class RebuildUnfinished(ScvError):
    """The tables are those of a past night, because the history of customers is being rebuilt."""

    exit_code: ClassVar[int] = 31


class InputError(ScvError):
    """Something given on the command line, or a file given there, cannot be used."""

    exit_code: ClassVar[int] = 40
