"""The mark of a rebuild of the history that has not ended: how far it is, and under which version of the models.

While it stands, what is built between linkage and publishing is that of a past night: no night may begin, and nothing
may be judged by it. It is kept as the comment on the schema `intermediate`, which belongs to the role that builds.
"""

import re
from dataclasses import dataclass
from datetime import date

from psycopg import Connection, sql

from scv.db import warehouse
from scv.db.warehouse import translate_db_errors
from scv.errors import RebuildUnfinished
from scv.settings import Settings

_READ = "select obj_description('intermediate'::regnamespace, 'pg_namespace')"
_SHAPE = re.compile(r"history rebuilt up to (\S+) under (\S+)")
_NONE = "none"


@dataclass(frozen=True)
class Mark:
    """The last night that was replayed (None: the history was only emptied), and the models' fingerprint."""

    night: date | None
    models: str


def read_mark(connection: Connection) -> Mark | None:
    """The mark, None where no rebuild is on its way; any role may ask."""
    row = connection.execute(_READ).fetchone()
    found = _SHAPE.fullmatch(row[0]) if row and row[0] else None
    if found is None:
        return None
    return Mark(None if found[1] == _NONE else date.fromisoformat(found[1]), found[2])


def write_mark(mark: Mark | None, settings: Settings | None = None) -> None:
    """Set the mark, or take it away."""
    text = mark and f"history rebuilt up to {mark.night or _NONE} under {mark.models}"
    with (
        translate_db_errors("marking how far the history is rebuilt", "intermediate"),
        warehouse.connect("transform", settings) as connection,
    ):
        connection.execute(sql.SQL("comment on schema intermediate is {}").format(sql.Literal(text)))


def refuse_while_rebuilding(connection: Connection) -> None:
    """Raise RebuildUnfinished while the mark stands."""
    if read_mark(connection) is not None:
        raise RebuildUnfinished(
            "The history of customers is being rebuilt, or the rebuild was broken off: the tables are those of a past "
            "night, so nothing was done. Wait for its end; where none is running, run `scv history rebuild` again."
        )
