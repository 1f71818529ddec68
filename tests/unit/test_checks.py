"""The suites as data: all of them load, each says what it means, and none can hand values back."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from scv.checks.definitions import STAGES, load_checkpoint, load_suite
from scv.checks.facts import Subject
from scv.checks.judge import _numbers
from scv.checks.planning import plan_checkpoint
from scv.db.warehouse import SERVICE_ROLES
from scv.errors import SettingsError
from scv.findings.rules import load_rules

NIGHT = date(2026, 3, 2)


def test_every_checkpoint_loads_and_is_judged_by_a_role_of_the_warehouse(project_root: Path) -> None:
    for stage in STAGES:
        checkpoint = load_checkpoint(project_root, stage)
        assert checkpoint.role in SERVICE_ROLES
        assert checkpoint.validations
        for validation in checkpoint.validations:
            assert validation.suite.name.startswith(f"{stage}__")
            assert all(item.meaning for item in validation.suite.expectations)


def test_every_suite_is_used_by_a_checkpoint(project_root: Path) -> None:
    used = {item.suite.name for stage in STAGES for item in load_checkpoint(project_root, stage).validations}
    assert used == {path.stem for path in (project_root / "expectations" / "suites").glob("*.yml")}


def test_every_review_model_has_an_entry_and_every_entry_a_model(project_root: Path) -> None:
    paths = (project_root / "dbt_project" / "models" / "review").glob("*__models.yml")
    entries = [entry for path in paths for entry in yaml.safe_load(path.read_text())["models"]]
    models = {entry["name"].removeprefix("rpt_") for entry in entries}
    rules = load_rules(project_root)

    assert len(rules) >= 10
    assert set(rules) == {name for name in models if not name.startswith("int_")}
    assert all(rule.first_steps and "@" in rule.owner for rule in rules.values())


def test_every_arrival_column_is_counted(project_root: Path) -> None:
    facts: dict[str, float | None] = dict.fromkeys(
        ("current_rows", "hours_since_data", "missing_columns", "unaccounted_rows", "quarantined_ratio",
         "deleted_ratio"), 0)  # fmt: skip
    parameters = {"rows_min": 1, "rows_max": None, "freshness_hours": 36, "max_bad_ratio": 0.02}
    subjects = [Subject("council_tax.ctaccount", facts, parameters)]
    (planned,) = plan_checkpoint(load_checkpoint(project_root, "arrival"), {"table": subjects}, NIGHT)

    subjects_judged = {item.subject for item in planned.expectations}
    assert "council_tax.ctaccount.current_rows.min" in subjects_judged
    # rows_max is not set, so nothing is judged against it: one of the suite's seven entries is left out
    assert len(planned.expectations) == 6


def test_only_judged_columns_are_read_from_a_relation(project_root: Path) -> None:
    planned = plan_checkpoint(load_checkpoint(project_root, "link_input"), {"person_source": []}, NIGHT)

    assert planned[0].query == (
        "SELECT birth_date, nino, postcode_std, record_key, sex, surname "
        "FROM intermediate.int_person_records__link_input"
    )
    night_limits = [
        item.kwargs["max_value"] for item in planned[0].expectations if item.kwargs.get("max_value")
    ]
    assert "2026-03-02" in night_limits


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"type": "unexpected_rows_expectation"}, "hands rows or values back"),
        ({"severity": "fatal"}, "severity of .* must be one of critical, warning, info"),
        ({"meaning": None, "result_format": "COMPLETE"}, "unknown result_format"),
    ],
)
def test_a_suite_that_could_leak_or_says_too_little_is_refused(
    tmp_path: Path, change: dict[str, str], problem: str
) -> None:
    entry = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}, "severity": "info",
             "meaning": "So."}  # fmt: skip
    path = tmp_path / "some__suite.yml"
    path.write_text(yaml.safe_dump({"name": path.stem, "description": "d", "expectations": [entry | change]}))

    with pytest.raises(SettingsError, match=problem) as caught:
        load_suite(path)
    assert str(path) in str(caught.value)


def test_a_rule_entry_without_first_steps_is_refused(tmp_path: Path, project_root: Path) -> None:
    rules = tmp_path / "expectations" / "rules"
    rules.mkdir(parents=True)
    entry = yaml.safe_load((project_root / "expectations" / "rules" / "system_stale.yml").read_text())
    (rules / "system_stale.yml").write_text(yaml.safe_dump(entry | {"first_steps": []}))

    with pytest.raises(SettingsError, match="first_steps must say what to do first"):
        load_rules(tmp_path)


def test_only_numbers_are_kept_of_what_the_judge_observed() -> None:
    observed = {"a": 3, "b": 0.12345678, "c": "Byrne", "d": date(1960, 5, 4), "e": None, "f": float("nan"),
                "g": True, "h": ["Byrne"]}  # fmt: skip

    assert _numbers(observed) == {"a": 3, "b": 0.1235}
