"""Models of a warehouse: trained on purpose, kept in files and in `link.model`, one of them in force."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from scv.db.warehouse import connect, translate_db_errors
from scv.errors import InputError
from scv.linkage import store
from scv.linkage.duck import open_memory
from scv.linkage.model import Model
from scv.linkage.record_store import load_input
from scv.linkage.training import train
from scv.manifests import load_manifests
from scv.purposes import load_register
from scv.settings import get_settings

FOLDER = "linkage_models"
# Identifiers that are matched only between the systems that the purpose register names.
REGISTERED = ("nino", "nhs_number", "upn")


@dataclass(frozen=True)
class StoredModel:
    """A model as it is kept: what it was trained on and when, and whether it is in force."""

    version: str
    trained_on: date
    description: str
    figures: Mapping[str, Any]
    active: bool


def train_on_records(con: duckdb.DuckDBPyConnection, records: int, filled: list[str], night: date) -> Model:
    """Train on the table `records`, under the purpose register and the manifests as they are.

    `records` is their number, `filled` the columns that have values.
    """
    settings = get_settings()
    register = load_register(settings.project_root)
    one_each = [
        f"{system.name}.{table.name}"
        for system in load_manifests(settings.project_root).values()
        for table in system.tables
        if table.key_means_person == "unique"
    ]
    return train(
        con,
        filled,
        f"{records} person records of the warehouse on {night}",
        trained_on=night,
        identifier_systems={column: register.identifier_systems(column, on=night) for column in REGISTERED},
        one_each=one_each,
        secret=settings.record_key_bytes(),
    )


def train_model(night: date | None = None, folder: Path | None = None) -> tuple[Model, Path]:
    """Train on the warehouse's link input, write the model's file and store it, not in force.

    `night` is the date that the model bears (the last night that was linked, if left out). Gives the model and
    its file. InputError where there is nothing to train on; DatabaseError where the warehouse refuses.
    """
    with translate_db_errors("training a model", "link.model"), connect("linkage") as connection:
        on = night or _last_night(connection)
        with open_memory() as con:
            records, filled = load_input(connection, con)
            if records < 2:
                raise InputError("There are no person records to train on. Run a night first: scv night")
            model = train_on_records(con, records, filled, on)
        write_model(connection, model, on, active=False)
    folder = folder or get_settings().project_root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{on}_{model.version}.json"
    path.write_text(json.dumps(model.as_dict(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return model, path


def list_models() -> list[StoredModel]:
    """All stored models, the newest first."""
    with translate_db_errors("listing models", "link.model"), connect("linkage") as connection:
        rows = connection.execute(
            "select version, trained_on, description, figures, active from link.model"
            " order by trained_on desc, version"
        ).fetchall()
    return [StoredModel(*row) for row in rows]


def activate_model(name: str) -> tuple[Model, bool, int]:
    """Put a model in force: a stored version, or a file, which is stored first.

    Gives the model, whether it was in force before, and how many records the next night will weigh anew.
    """
    with translate_db_errors("activating a model", "link.model"), connect("linkage") as connection:
        active = store.read_model(connection)
        model = read_named(connection, name)
        was_active = active is not None and active.version == model.version
        on = date.fromisoformat(model.trained_on) if model.trained_on else _last_night(connection)
        write_model(connection, model, on, active=True)
        row = connection.execute(
            "select count(*) from intermediate.int_person_records__link_input"
        ).fetchone()
    return model, was_active, 0 if was_active or row is None else int(row[0])


def read_named(connection: psycopg.Connection, name: str) -> Model:
    """The model of a version, of a file, or the one in force ("active"); InputError where there is none."""
    secret = get_settings().record_key_bytes()
    if name.endswith(".json"):
        path = Path(name)
        if not path.is_file():
            raise InputError(f"{name} is not a file. Model files stand in {FOLDER}/.")
        try:
            return Model.from_dict(json.loads(path.read_text(encoding="utf-8")), secret)
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{name} is not a model file: expected what 'scv link train' writes.") from None
    condition = "active" if name == "active" else "version = %s"
    row = connection.execute(
        f"select settings from link.model where {condition}", [] if name == "active" else [name]
    ).fetchone()
    if row is None:
        raise InputError(f"No model '{name}' is stored. 'scv link models' lists those that are.")
    return Model.from_dict(row[0], secret)


def write_model(connection: psycopg.Connection, model: Model, night: date, *, active: bool) -> None:
    """Store a model; with `active`, put it in force in place of the one that is."""
    if active:
        connection.execute("update link.model set active = false where active")
    connection.execute(
        "insert into link.model (version, settings, trained_on, description, figures, active)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (version) do update set active = link.model.active or %s",
        [
            model.version,
            json.dumps(model.as_dict()),
            night,
            model.description,
            json.dumps(dict(model.figures)),
            active,
            active,
        ],
    )


def _last_night(connection: psycopg.Connection) -> date:
    row = connection.execute("select max(valid_from) from link.membership").fetchone()
    if row is None or row[0] is None:
        raise InputError(
            "No night was linked yet, so there is no date for the model. Give one: --date YYYY-MM-DD"
        )
    last: date = row[0]
    return last
