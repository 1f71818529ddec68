"""One night at a time: advisory locks in the warehouse, beside whatever the scheduler promises.

`scv night` holds the outer lock from its first step to its last. Under Airflow every step is a process of
its own, so each step takes the inner lock as well: shared for the extracts, which run side by side,
exclusive else.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection

from scv.db import warehouse
from scv.errors import NightLocked

# Any two constants will do, as long as nothing else in this database uses them.
STEP_LOCK = 7_260_001
WHOLE_NIGHT_LOCK = 7_260_002
PATIENCE_SECONDS = 5


@contextmanager
def night_lock(*, shared: bool = False, whole_night: bool = False) -> Iterator[None]:
    """Hold a lock of the night; it belongs to a connection, so it is free again however the process ends.

    Raises NightLocked where another night still holds it after a few seconds: the server needs a moment to
    notice that a process was killed.
    """
    function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    key = WHOLE_NIGHT_LOCK if whole_night else STEP_LOCK
    with warehouse.connect("publisher", autocommit=True) as connection:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (held := _try(connection, function, key)) and time.monotonic() < deadline:
            time.sleep(0.25)
        if not held:
            raise NightLocked(
                "Another night is running on this warehouse; nothing was done. Wait until it has ended "
                "(`scv report` shows how far it is), then run this again."
            )
        yield


def _try(connection: Connection, function: str, key: int) -> bool:
    row = connection.execute(f"select {function}(%s)", (key,)).fetchone()
    return bool(row and row[0])
