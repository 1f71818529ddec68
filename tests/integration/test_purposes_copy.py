"""The copy of the purpose register in the warehouse says what the file says, and keeps its versions."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import errors
from psycopg.types.json import Jsonb

from scv.db.warehouse import connect
from scv.purposes import Register, load_register
from scv.purposes.warehouse_copy import ALERT_KIND, copy_register, hash_register
from scv.settings import Settings

NIGHT = date(2026, 3, 2)
LATER = date(2026, 3, 3)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    """A project with the real manifests and a register of its own."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "dbt_project").symlink_to(project_root / "dbt_project")
    (folder / "purposes").mkdir()
    return folder


@pytest.fixture
def content(project_root: Path) -> dict[str, Any]:
    """The project's own register as it is written."""
    written: dict[str, Any] = yaml.safe_load((project_root / "purposes" / "register.yml").read_text())
    return written


@pytest.fixture(autouse=True)
def empty_copy(admin: psycopg.Connection) -> None:
    """Every test starts before the first copy."""
    admin.execute(
        "truncate control.purpose, control.system_department, audit.purpose_register, alerts.run_alert"
    )


def write(project: Path, content: dict[str, Any], comment: str = "") -> Register:
    (project / "purposes" / "register.yml").write_text(comment + yaml.safe_dump(content))
    return load_register(project)


def rows(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    with connect("publisher", settings) as connection:
        return connection.execute(statement).fetchall()


def test_the_copy_holds_every_listed_cell_and_every_owner(warehouse: Settings, project_root: Path) -> None:
    register = load_register(project_root)
    copied = copy_register(register, NIGHT, warehouse)
    listed = {(*cell, entry.name) for cell, entry in register.cells()}
    assert (
        set(rows(warehouse, "select department, purpose, data_class, entry from control.purpose")) == listed
    )
    assert (copied.cells, copied.problems, copied.is_new) == (len(listed), 0, True)
    owners = dict(rows(warehouse, "select source_system, department from control.system_department"))
    assert owners["hr_payroll"] == "human_resources"
    assert len(owners) == 12


def test_the_view_holds_exactly_what_stands_on_the_night(
    warehouse: Settings, project: Path, content: dict[str, Any], admin: psycopg.Connection
) -> None:
    changed = copy.deepcopy(content)
    entries = {entry["name"]: entry for entry in changed["allowances"]}
    entries["planning_of_income"]["expires_on"] = NIGHT
    entries["support_actions"]["approved_on"] = LATER
    register = write(project, changed)
    copy_register(register, NIGHT, warehouse.model_copy(update={"project_root": project}))
    admin.execute("delete from control.night_context")
    admin.execute("insert into control.night_context (night, cutoff) values (%s, now())", [NIGHT])
    in_force = set(rows(warehouse, "select department, purpose, data_class from control.purpose_in_force"))
    assert in_force == {
        tuple(cell) for cell, _ in register.cells() if register.is_allowed(*cell, on=NIGHT).allowed
    }
    assert not {
        cell for cell in in_force if cell[1] in ("income_planning", "support") and cell[2] != "support_reason"
    }


def test_a_version_is_kept_for_each_change_and_only_then(
    warehouse: Settings, project: Path, content: dict[str, Any]
) -> None:
    settings = warehouse.model_copy(update={"project_root": project})
    first = write(project, content)
    assert copy_register(first, NIGHT, settings).is_new
    assert not copy_register(first, NIGHT, settings).is_new
    assert not copy_register(write(project, content, "# a remark\n"), LATER, settings).is_new
    changed = copy.deepcopy(content)
    changed["allowances"] = [e for e in changed["allowances"] if e["name"] != "planning_of_income"]
    second = write(project, changed)
    assert copy_register(second, LATER, settings).is_new
    assert copy_register(first, LATER, settings).is_new
    versions = rows(
        warehouse, "select night, content_hash, cells from audit.purpose_register order by version_no"
    )
    count = len(list(first.cells()))
    assert versions == [
        (NIGHT, hash_register(first), count),
        (LATER, hash_register(second), count - 3),
        (LATER, hash_register(first), count),
    ]
    assert rows(warehouse, "select count(*) from control.purpose") == [(count,)]


def test_entries_that_ran_out_are_an_alert_of_the_night(
    warehouse: Settings, project: Path, content: dict[str, Any]
) -> None:
    settings = warehouse.model_copy(update={"project_root": project})
    changed = copy.deepcopy(content)
    entry = next(entry for entry in changed["allowances"] if entry["name"] == "planning_of_income")
    entry["expires_on"] = NIGHT
    copied = copy_register(write(project, changed), NIGHT, settings)
    assert copied.problems == 1
    alert = f"select message from alerts.run_alert where night = '{NIGHT}' and kind = '{ALERT_KIND}'"
    ((message,),) = rows(warehouse, alert)
    assert message.startswith(
        "The purpose register has 1 problems, the first: allowances.planning_of_income.expires_on: expected a day after"
    )
    assert message.endswith("`scv purposes check --date 2026-03-02` lists those of its file.")
    copy_register(write(project, content), NIGHT, settings)
    assert rows(warehouse, alert) == []


def test_a_model_that_matches_by_what_is_no_longer_allowed_is_an_alert(
    warehouse: Settings, project: Path, content: dict[str, Any], admin: psycopg.Connection
) -> None:
    settings = warehouse.model_copy(update={"project_root": project})
    kept = {"identifier_systems": {"nino": ["housing", "permits"], "upn": ["education"]}}
    with connect("linkage", warehouse) as linkage:
        linkage.execute(
            "insert into link.model (version, settings, trained_on, description, active) values ('m', %s, %s, 'm', true)",
            [Jsonb(kept), NIGHT],
        )
    assert copy_register(write(project, content), NIGHT, settings).problems == 0
    changed = copy.deepcopy(content)
    entry = next(e for e in changed["allowances"] if e["name"] == "linkage_by_national_insurance_number")
    entry["departments"].remove("permits")
    assert copy_register(write(project, changed), NIGHT, settings).problems == 1
    ((message,),) = rows(warehouse, "select message from alerts.run_alert")
    assert "link.model.nino: expected matching between allowed systems only, found permits" in message
    admin.execute("delete from link.model")


def test_a_kept_version_cannot_be_changed(warehouse: Settings) -> None:
    for statement in ("update audit.purpose_register set cells = 0", "delete from audit.purpose_register"):
        with connect("publisher", warehouse) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize("role", ["loader", "transform", "linkage", "reader"])
def test_nobody_but_the_publisher_writes_the_copy(warehouse: Settings, role: Any) -> None:
    with connect(role, warehouse) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("delete from control.purpose")
