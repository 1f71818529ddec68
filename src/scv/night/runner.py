"""A whole night without Airflow: the same steps, in the same order, in one process."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from scv.manifests import load_manifests
from scv.night import ledger, steps
from scv.night.failures import report_failure
from scv.night.lock import night_lock
from scv.settings import get_settings

# Two cores: while one system's file is parsed, Postgres works on another's.
PARALLEL_LOADS = 2
# The steps that save work by what nights before have left, and can do without.
FULL_STEPS = ("stage", "link", "build")

Progress = Callable[[str, str, float | None], None]


@dataclass(frozen=True)
class NightResult:
    """What a night cost: seconds by step (extract is the sum over systems), and its peak memory."""

    night: date
    seconds: dict[str, float]
    peak_mb: int


def run_night(
    night: date, *, full: bool = False, release: bool = False, progress: Progress = lambda *_: None
) -> NightResult:
    """Run a night to its end, going on after the last finished step where it was broken off.

    A night that had ended runs again from its start, and changes nothing unless the sources did.
    `full` reads watermarked tables whole, links all records and builds all tables anew; `release` publishes a
    change that is larger than usual.
    `progress(step, system, seconds)` is called at each start (seconds None) and at each end.
    Raises the ScvError of the step that failed; yesterday's marts then stand.
    """
    with night_lock(whole_night=True):
        steps.begin(night)
        if full:
            ledger.forget_steps(night)
        done = ledger.finished_steps(night)
        try:
            _load_systems(night, full, done, progress)
            options = {"publish": {"release": release}, **{name: {"full": full} for name in FULL_STEPS}}
            for name, step in steps.STEPS.items():
                if (name, "") not in done:
                    _tell(progress, name, "", partial(step, night, **options.get(name, {})))
        except Exception as error:
            report_failure(night, "night", error)
            raise
    return NightResult(night, *ledger.costs(night))


def _load_systems(night: date, full: bool, done: set[tuple[str, str]], progress: Progress) -> None:
    systems = [name for name in load_manifests(get_settings().project_root) if ("extract", name) not in done]

    def load(system: str) -> None:
        _tell(progress, "extract", system, partial(steps.extract, night, system, full_reconcile=full))

    with ThreadPoolExecutor(PARALLEL_LOADS) as pool:
        list(pool.map(load, systems))


def _tell(progress: Progress, step: str, system: str, run: Callable[[], Any]) -> None:
    progress(step, system, None)
    started = time.monotonic()
    run()
    progress(step, system, time.monotonic() - started)
