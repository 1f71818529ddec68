"""The run ledger: which nights there were, how far each step came, how long it took. Counts only."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from scv.clock import cutoff
from scv.db import warehouse
from scv.errors import InputError, ScvError
from scv.night import memory
from scv.night.rebuild_mark import refuse_while_rebuilding


@dataclass(frozen=True)
class NightContext:
    """A night and the last one before it whose tables were all built (None on the first night)."""

    night: date
    previous_night: date | None


def open_night(night: date) -> NightContext:
    """Begin a night, or go on with it; running it again after it was published is allowed.

    Writes the single row that dbt reads its cut-off from. Opening a built night again takes its mark away, so
    that whatever is loaded into it now is in the work of the next run, be it this night's or a later one's.
    A night before the last built one is refused with InputError: history is not rewritten. RebuildUnfinished
    while the history is being rebuilt.
    """
    with warehouse.connect("publisher") as connection:
        refuse_while_rebuilding(connection)
        latest, previous = connection.execute(
            """
            select max(night) filter (where built_at is not null),
                   max(night) filter (where built_at is not null and night < %s)
            from audit.night
            """,
            (night,),
        ).fetchone() or (None, None)
        if latest is not None and night < latest:
            raise InputError(
                f"Night {night} is before the last night, {latest}: nights only go forward. "
                f"Use --date {latest} to run the last night again, or a later date."
            )
        # A night that had ended starts again; one that was broken off goes on after its last finished step.
        connection.execute(
            """
            delete from audit.step
            where night = %(night)s
              and exists (
                  select from audit.night where night = %(night)s and status in ('published', 'blocked')
              )
            """,
            {"night": night},
        )
        connection.execute(
            """
            insert into audit.night (night, cutoff, status, started_at) values (%s, %s, 'running', now())
            on conflict (night) do update set status = 'running', finished_at = null, built_at = null
            """,
            (night, cutoff(night)),
        )
        context = NightContext(night, previous)
        _set_context(connection, context)
    return context


def list_built_nights() -> list[NightContext]:
    """All nights whose tables were built, in order, each with the one before it."""
    with warehouse.connect("publisher") as connection:
        rows = connection.execute(
            """
            select night, lag(night) over (order by night) from audit.night
            where built_at is not null order by night
            """
        ).fetchall()
    return [NightContext(*row) for row in rows]


def revisit_night(context: NightContext) -> None:
    """Let dbt compute a built night again, as of its cut-off; the ledger's word on that night stays as it is."""
    with warehouse.connect("publisher") as connection:
        _set_context(connection, context)


def forget_unbuilt(last: date) -> None:
    """Let nights begun after the last built one do everything but their extracts again."""
    with warehouse.connect("publisher") as connection:
        connection.execute("delete from audit.step where night > %s and step <> 'extract'", (last,))


def _set_context(connection: Connection, context: NightContext) -> None:
    connection.execute("delete from control.night_context")
    connection.execute(
        "insert into control.night_context (night, cutoff, previous_night) values (%s, %s, %s)",
        (context.night, cutoff(context.night), context.previous_night),
    )


def read_night(night: date) -> NightContext:
    """The context of a night that `open_night` began; InputError where it was never begun."""
    with warehouse.connect("publisher") as connection:
        row = connection.execute(
            "select night, previous_night from control.night_context where night = %s", (night,)
        ).fetchone()
    if row is None:
        raise InputError(f"Night {night} was not begun. Run `scv night --date {night}` from its start.")
    return NightContext(*row)


def last_ended_night() -> date | None:
    """The newest night; None where no night was ever begun, or the newest one has not ended yet."""
    with warehouse.connect("publisher") as connection:
        row = connection.execute(
            "select night from audit.night where night = (select max(night) from audit.night) "
            "and status <> 'running'"
        ).fetchone()
    return row[0] if row else None


def mark_built(night: date) -> None:
    """Every table has taken in this night's changes: the next night's work starts after it."""
    with warehouse.connect("publisher") as connection:
        connection.execute("update audit.night set built_at = now() where night = %s", (night,))


def close_night(night: date, status: str, problem: str | None = None) -> None:
    """End a night as published, blocked or failed, with the problem in words that hold no personal data."""
    with warehouse.connect("publisher") as connection:
        connection.execute(
            "update audit.night set status = %s, finished_at = now(), detail = %s where night = %s",
            (status, json.dumps({"problem": problem} if problem else {}), night),
        )


def fail_night(night: date, problem: str) -> None:
    """Mark a running night as failed; one that a check has blocked stays blocked."""
    with warehouse.connect("publisher") as connection:
        connection.execute(
            """
            update audit.night set status = 'failed', finished_at = now(), detail = %s
            where night = %s and status = 'running'
            """,
            (json.dumps({"problem": problem}), night),
        )


def costs(night: date) -> tuple[dict[str, float], int]:
    """Seconds by step, systems added up, and the largest peak of memory in MiB."""
    with warehouse.connect("publisher") as connection:
        rows = connection.execute(
            """
            select step, round(sum(seconds)::numeric, 1)::float, max(peak_mb)
            from audit.step where night = %s and seconds is not null
            group by step order by min(started_at), step
            """,
            (night,),
        ).fetchall()
    return {step: seconds for step, seconds, _ in rows}, max((peak or 0 for *_, peak in rows), default=0)


def finished_steps(night: date) -> set[tuple[str, str]]:
    """The (step, system) pairs of a night that ended well; a stale or failed system is tried again."""
    with warehouse.connect("publisher") as connection:
        rows = connection.execute(
            """
            select step, system from audit.step
            where night = %s and status = 'done' and coalesce(detail ->> 'status', 'loaded') = 'loaded'
            """,
            (night,),
        ).fetchall()
    return {(step, system) for step, system in rows}


def forget_steps(night: date) -> None:
    """Let every step of a night run again."""
    with warehouse.connect("publisher") as connection:
        connection.execute("delete from audit.step where night = %s", (night,))


@contextmanager
def record_step(night: date, step: str, system: str = "") -> Iterator[dict[str, Any]]:
    """Keep start, end, seconds, peak memory and facts of a step; yields the facts to fill in.

    A step that raises is kept as failed, with the error's kind, and the error goes on.
    """
    facts: dict[str, Any] = {}
    _write(night, step, system, "running", None, None, facts)
    memory.reset_peak()
    started = time.monotonic()
    try:
        yield facts
    except BaseException as error:
        problem = str(error) if isinstance(error, ScvError) else type(error).__name__
        _write(
            night, step, system, "failed", time.monotonic() - started, memory.peak_mb(), {"problem": problem}
        )
        raise
    _write(night, step, system, "done", time.monotonic() - started, memory.peak_mb(), facts)


def as_facts(result: Any) -> dict[str, Any]:
    """A step's result as plain JSON facts."""
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else {}


def _write(
    night: date,
    step: str,
    system: str,
    status: str,
    seconds: float | None,
    peak: int | None,
    facts: dict[str, Any],
) -> None:
    with warehouse.connect("publisher") as connection:
        connection.execute(
            """
            insert into audit.step
                (night, step, system, status, started_at, finished_at, seconds, peak_mb, detail)
            values (%(night)s, %(step)s, %(system)s, %(status)s, now(),
                    case when %(status)s <> 'running' then now() end, %(seconds)s, %(peak)s, %(detail)s)
            on conflict (night, step, system) do update set
                status = excluded.status, finished_at = excluded.finished_at, seconds = excluded.seconds,
                peak_mb = excluded.peak_mb, detail = excluded.detail,
                started_at = case when excluded.status = 'running' then excluded.started_at
                                  else audit.step.started_at end
            """,
            {
                "night": night, "step": step, "system": system, "status": status,
                "seconds": None if seconds is None else round(seconds, 3), "peak": peak,
                "detail": json.dumps(facts, default=str),
            },
        )  # fmt: skip
