"""Holding the purpose register against manifests and dates, and asking it on the command line."""

import copy
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.purposes import write
from typer.testing import CliRunner

from scv.cli.purposes import app
from scv.errors import InputError, ScvError, SettingsError
from scv.purposes import check_register

NIGHT = date(2026, 3, 2)


@pytest.fixture(scope="module")
def written(project_root: Path) -> dict[str, Any]:
    """The project's own register as it is written, read without any code of ours."""
    content: dict[str, Any] = yaml.safe_load((project_root / "purposes" / "register.yml").read_text())
    return content


@pytest.fixture
def project(tmp_path: Path, project_root: Path, written: dict[str, Any]) -> Path:
    """A project with the real manifests, whose register may be changed."""
    (tmp_path / "dbt_project").symlink_to(project_root / "dbt_project")
    return write(tmp_path, **written)


def problems(project: Path, written: dict[str, Any], on: date = NIGHT) -> list[str]:
    write(project, **written)
    return [f"{found.severity} {found.entry}: {found.message}" for found in check_register(project, on)]


def test_a_system_without_a_department_is_reported(project: Path, written: dict[str, Any]) -> None:
    changed = copy.deepcopy(written)
    next(item for item in changed["departments"] if item["name"] == "permits")["systems"] = ["parking"]
    found = problems(project, changed)
    assert any("expected a department for the system 'permits', found none" in line for line in found)
    assert any("expected systems that have a manifest, found 'parking'" in line for line in found)


def test_a_privacy_class_without_a_data_class_is_reported(project: Path, written: dict[str, Any]) -> None:
    changed = copy.deepcopy(written)
    next(item for item in changed["data_classes"] if item["name"] == "contact")["privacy"] = []
    (found,) = problems(project, changed)
    assert found.startswith(
        "error data_classes.privacy: expected a data class for the privacy class 'contact'"
    )


def test_a_column_that_no_manifest_declares_is_reported(project: Path, written: dict[str, Any]) -> None:
    changed = copy.deepcopy(written)
    next(item for item in changed["data_classes"] if item["name"] == "upn")["columns"].append(
        "education.pupils.uln"
    )
    (found,) = problems(project, changed)
    assert found == (
        "error data_classes.upn.columns: expected columns that a manifest declares, found 'education.pupils.uln'."
    )


def test_a_system_that_is_linked_without_allowance_is_reported(
    project: Path, written: dict[str, Any]
) -> None:
    changed = copy.deepcopy(written)
    entry = next(item for item in changed["allowances"] if item["name"] == "linkage_of_staff")
    entry["data_classes"] = ["address"]
    (found,) = problems(project, changed)
    assert found.startswith(
        "error departments.human_resources: expected an allowance of identity_linkage for identity"
    )


def test_expired_overdue_and_soon_due_entries_are_reported(project: Path, written: dict[str, Any]) -> None:
    changed = copy.deepcopy(written)
    entries = {entry["name"]: entry for entry in changed["allowances"]}
    entries["planning_of_income"]["expires_on"] = NIGHT
    entries["reuse_of_evidence"]["review_due"] = NIGHT - timedelta(days=1)
    entries["support_actions"]["review_due"] = NIGHT
    expired, overdue, soon = problems(project, changed)
    assert expired.startswith(
        "error allowances.planning_of_income.expires_on: expected a day after 2026-03-02"
    )
    assert overdue.startswith("error allowances.reuse_of_evidence.review_due: expected 2026-03-02 or later")
    assert soon == "warning allowances.support_actions.review_due: the review is due on 2026-03-02."


def scv(arguments: str) -> tuple[int, str]:
    """Run `scv purposes ...` on the project's own register: exit code, and what it printed."""
    result = CliRunner().invoke(app, arguments.split())
    if isinstance(result.exception, ScvError):
        return result.exception.exit_code, str(result.exception)
    return result.exit_code, result.stdout


def test_list_prints_what_stands_on_a_day_and_how_much_is_denied() -> None:
    code, said = scv("list --purpose income_planning --date 2026-03-02")
    assert code == 0
    assert "finance     account_reference, debt, payment  planning_of_income  2027-03-31" in said
    assert re.search(r"\b3 of \d+ cells are allowed on 2026-03-02; the rest is denied\.", said)


def test_list_as_json_is_one_object_per_cell() -> None:
    code, said = scv("list --department finance --date 2026-03-02 --json")
    cells = json.loads(said)
    assert code == 0
    assert [cell["data_class"] for cell in cells] == ["account_reference", "debt", "payment"]
    assert cells[0]["approved_by"] == "Data Protection Officer and Section 151 Officer"


def test_list_refuses_a_name_that_is_not_known() -> None:
    code, said = scv("list --department elves")
    assert code == InputError.exit_code
    assert said.startswith("'elves' is not a department of the purpose register")


def test_explain_says_who_decided() -> None:
    code, said = scv("explain adult_social_care single_view care --date 2026-03-02")
    assert code == 0
    assert said.startswith("allowed  adult_social_care / single_view / care on 2026-03-02: 'view_of_care'")
    for words in ("health_or_social_care", "Caldicott Guardian", "2027-03-31"):
        assert words in said


def test_explain_takes_a_system_and_a_column_of_the_link_input() -> None:
    code, said = scv("explain hr_payroll identity_linkage nhs_number --date 2026-03-02 --json")
    answer = json.loads(said)
    assert code == 0
    assert (answer["department"], answer["data_class"], answer["allowed"]) == (
        "human_resources",
        "nhs_number",
        False,
    )
    assert (answer["reason"], answer["entry"]) == ("not listed, and what is not listed is denied", None)
    email = json.loads(scv("explain permits identity_linkage email --date 2026-03-02 --json")[1])
    assert (email["data_class"], email["allowed"]) == ("contact", True)


def test_check_tells_what_is_wrong_and_fails() -> None:
    code, said = scv("check --date 2026-03-02")
    assert code == 0
    assert re.fullmatch(r"ok: \d+ of \d+ cells are allowed on 2026-03-02; the rest is denied\.\n", said)
    code, said = scv("check --date 2027-05-01")
    assert code == SettingsError.exit_code
    first = said.splitlines()[0]
    assert (
        "/purposes/register.yml: allowances.corrections_of_addresses.review_due: expected 2027-05-01" in first
    )
    assert len(json.loads(scv("check --date 2027-05-01 --json")[1])) == len(said.splitlines())
