"""The demonstration: a synthetic council, several nights over it, and what came of them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from scv.db import embedded, warehouse
from scv.db.migrations import start_warehouse
from scv.demo import council
from scv.demo.score import score
from scv.errors import InputError
from scv.night.ledger import costs
from scv.night.runner import run_night
from scv.orchestrator import service
from scv.settings import Settings, get_settings

MARKER = "demo.json"


@dataclass(frozen=True)
class Plan:
    """What to demonstrate; the nights follow each other day by day from `first_night`."""

    residents: int
    nights: int
    seed: int
    first_night: date
    use_airflow: bool


def prepare_home(settings: Settings) -> None:
    """Make an empty home for a new council; only a folder that an earlier demonstration made is emptied.

    Raises InputError for a folder that holds anything else.
    """
    home = settings.home
    if home.exists() and any(home.iterdir()):
        if not (home / MARKER).is_file():
            raise InputError(f"{home} is not empty and was not made by `scv demo`. Name another with --home.")
        embedded.stop_server(settings)
        embedded.remove_server(settings)
        shutil.rmtree(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / MARKER).write_text("{}\n")


def run_demo(
    plan: Plan, say: Callable[[str], None], progress: Callable[[str, str, float | None], None]
) -> Path:
    """Build the council and run its nights; returns the path of summary.json, written anew after each night."""
    settings = get_settings()
    prepare_home(settings)
    say("Starting PostgreSQL")
    start_warehouse()
    say(f"Making a council of {plan.residents:,} residents with 24 months of history")
    with warehouse.connect("admin", autocommit=True) as server:
        council.create(settings.home, plan.residents, plan.seed, plan.first_night, server, nights=plan.nights)
    environment: dict[str, str] = {}
    if plan.use_airflow:
        say("Preparing Airflow")
        environment = service.migrate(settings)
    nights: list[dict[str, Any]] = []
    path = settings.home / "summary.json"
    for number in range(plan.nights):
        night = plan.first_night + timedelta(days=number)
        if number:
            move_on(settings.home, night)
        say(f"Night {night} ({number + 1} of {plan.nights}){' in Airflow' if plan.use_airflow else ''}")
        if plan.use_airflow:
            service.run_night(night, settings, environment)
        else:
            run_night(night, progress=progress)
        nights.append(summarise_night(night, settings))
        path.write_text(json.dumps({"nights": nights}, indent=1) + "\n")
    return path


def summarise_night(night: date, settings: Settings) -> dict[str, Any]:
    """One night's entry of summary.json."""
    with warehouse.connect("publisher") as connection:
        loads = connection.execute(
            """
            select system, sum(rows_read)::int, sum(rows_loaded)::int, sum(rows_quarantined)::int,
                   sum(rows_new + rows_changed + rows_returned)::int, sum(rows_deleted)::int
            from audit.load where night = %s group by system order by system
            """,
            (night,),
        ).fetchall()
    seconds, peak_mb = costs(night)
    names = ("read", "loaded", "quarantined", "changed", "deleted")
    scored = score(settings.home, night)
    people, letters = scored.pop("people"), scored.pop("letters_to_deceased")
    return {
        "date": night.isoformat(),
        "sources": {system: dict(zip(names, counts, strict=True)) for system, *counts in loads},
        "people": {name: people.pop(name) for name in ("records", "customers", "pairwise_f1", "bcubed_f1")},
        "letters_to_deceased": {
            name: letters[name] for name in ("true", "found", "missed", "wrong", "doubtful")
        },
        "links": people,
        **scored,
        "seconds": seconds,
        "peak_mb": peak_mb,
    }


def move_on(home: Path, night: date) -> None:
    """Let the council live up to the cut-off of a night."""
    with warehouse.connect("admin", autocommit=True) as server:
        council.advance(home, night, server)


def keep_up(today: date, residents: int) -> None:
    """Let this home's council live up to today; without one yet, make it with today as its first night."""
    home = get_settings().home
    marker = home / MARKER
    last = json.loads(marker.read_text()).get("shown") if marker.is_file() else None
    if last is None:
        with warehouse.connect("admin", autocommit=True) as server:
            council.create(home, residents, 1, today, server)
    else:
        night = date.fromisoformat(last) + timedelta(days=1)
        while night <= today:
            move_on(home, night)
            night += timedelta(days=1)
    marker.write_text(json.dumps({"shown": today.isoformat()}) + "\n")
