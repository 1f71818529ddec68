"""Making the history of customers again: every built night in its order, from raw versions and the ledger of ids.

Extraction and linkage are left out: raw tells what each night's extracts had shown, `link.membership` who belonged
together. Names, priorities and rules are today's. What is published is not touched; the next publishing compares.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from psycopg import Connection

from scv.db import warehouse
from scv.db.warehouse import translate_db_errors
from scv.errors import InputError
from scv.night import ledger
from scv.night.ledger import NightContext
from scv.night.lock import night_lock
from scv.night.rebuild_mark import Mark, read_mark, write_mark
from scv.night.worklist import list_changed_rows
from scv.settings import get_settings
from scv.transform import build_staging, fingerprint_project, run_dbt

HISTORY = "intermediate.int_customers__history"

Progress = Callable[[str, str, float | None], None]


@dataclass(frozen=True)
class RebuiltHistory:
    """Which nights the history spans, how many of them this run replayed, and the periods and customers in it."""

    first_night: date
    last_night: date
    replayed: int
    periods: int
    customers: int
    seconds: float


def rebuild_history(progress: Progress = lambda *_: None) -> RebuiltHistory:
    """Empty the history and replay every built night into it; ends with all tables as of the last of them.

    Broken off and run again it goes on after the last night that it had replayed, and begins anew where the models
    have changed meanwhile; until it has ended no night begins. `progress` is told as by `run_night`.
    InputError where no night was built yet; raises what `run_dbt` raises.
    """
    started = time.monotonic()
    with night_lock(whole_night=True), night_lock():
        nights = ledger.list_built_nights()
        if not nights:
            raise InputError("No night was built yet, so there is no history. Run `scv night` first.")
        last = nights[-1]
        models = fingerprint_project(get_settings())
        waiting = _list_waiting(nights, models)
        if waiting == nights:
            write_mark(Mark(None, models))
            _drop_history()
        ledger.forget_unbuilt(last.night)
        for context in waiting:
            progress("replay", str(context.night), None)
            begun = time.monotonic()
            _replay(context)
            write_mark(Mark(context.night, models))
            progress("replay", str(context.night), time.monotonic() - begun)
        progress("build", str(last.night), None)
        begun = time.monotonic()
        ledger.revisit_night(last)
        run_dbt("build", "post_link", last.night, full_refresh=True)
        write_mark(None)
        progress("build", str(last.night), time.monotonic() - begun)
        periods, customers = _count()
    return RebuiltHistory(
        nights[0].night, last.night, len(waiting), periods, customers, round(time.monotonic() - started, 1)
    )


def _list_waiting(nights: list[NightContext], models: str) -> list[NightContext]:
    """The nights to replay: all, or those after where a run under the same models was broken off."""
    with _connect() as connection:
        mark = read_mark(connection)
    if mark is None or mark.night is None or mark.models != models:
        return nights
    done = mark.night
    return [context for context in nights if context.night > done]


def _replay(context: NightContext) -> None:
    """The tables of a past night, from those of the night before; the first night's from nothing."""
    first = context.previous_night is None
    ledger.revisit_night(context)
    list_changed_rows(context)
    build_staging(context.night, full=first)
    run_dbt("run", "customer_history", context.night, full_refresh=first)


def _drop_history() -> None:
    with _connect() as connection:
        connection.execute(f"drop table if exists {HISTORY}")


def _count() -> tuple[int, int]:
    with _connect() as connection:
        row = connection.execute(f"select count(*), count(distinct customer_id) from {HISTORY}").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _connect() -> Connection:
    with translate_db_errors("rebuilding the history of customers", HISTORY):
        return warehouse.connect("transform")
