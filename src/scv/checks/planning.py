"""What exactly is judged tonight: suites of a checkpoint with their parameters and counts filled in."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from scv.checks.definitions import Checkpoint, Expectation, Repeat, Validation
from scv.checks.facts import Subject
from scv.checks.judge import PlannedExpectation, PlannedValidation
from scv.errors import SettingsError

RELATION = re.compile(r"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$")
PARAMETER = "$PARAMETER"
FOR_COUNTS = "expect_column_values_to_be_between"


def plan_checkpoint(
    checkpoint: Checkpoint, subjects: dict[Repeat, list[Subject]], night: date
) -> list[PlannedValidation]:
    """The validations of a checkpoint; `subjects` holds the counts for each kind of `for_each` it uses."""
    planned = []
    for validation in checkpoint.validations:
        if validation.for_each is None:
            planned.append(_plan_query(validation, {"night": night.isoformat()}))
        else:
            planned.append(_plan_facts(validation, subjects[validation.for_each]))
    return planned


def _plan_query(validation: Validation, parameters: dict[str, Any]) -> PlannedValidation:
    relation = validation.relation or ""
    if not RELATION.match(relation):
        raise SettingsError(f"Suite {validation.suite.name} judges '{relation}'; expected schema.table.")
    expectations = [_fill(item, parameters, relation) for item in validation.suite.expectations]
    # Only the columns that are judged are read.
    columns = sorted({column for item in validation.suite.expectations for column in item.columns}) or [
        "1 as one"
    ]
    where = f" where {validation.where}" if validation.where else ""
    query = f"SELECT {', '.join(columns)} FROM {relation}{where}"
    return PlannedValidation(validation.suite.name, tuple(item for item in expectations if item), query=query)


def _plan_facts(validation: Validation, subjects: list[Subject]) -> PlannedValidation:
    facts: dict[str, float | None] = {}
    expectations: list[PlannedExpectation | None] = []
    for subject in subjects:
        facts |= {f"{subject.name}.{name}": value for name, value in subject.facts.items()}
        for entry, item in enumerate(validation.suite.expectations):
            _check_fact(validation, item, subject)
            planned = _fill(item, subject.parameters, subject.name, prefix=f"{subject.name}.")
            expectations.append(planned and replace(planned, entry=entry))
    return PlannedValidation(validation.suite.name, tuple(item for item in expectations if item), facts=facts)


def _check_fact(validation: Validation, item: Expectation, subject: Subject) -> None:
    if item.type != FOR_COUNTS:
        raise SettingsError(
            f"Suite {validation.suite.name} is repeated for each {validation.for_each}, so it judges single counts: "
            f"use {FOR_COUNTS} instead of {item.type}."
        )
    for column in item.columns:
        if column not in subject.facts:
            raise SettingsError(
                f"Suite {validation.suite.name} judges '{column}', which is not counted for each "
                f"{validation.for_each}; known: {', '.join(subject.facts)}."
            )


def _fill(
    item: Expectation, parameters: dict[str, Any], about: str, prefix: str = ""
) -> PlannedExpectation | None:
    """An expectation with its parameters; None where none of its limits is set for this subject."""
    kwargs: dict[str, Any] = {}
    dropped = False
    for name, value in item.kwargs.items():
        if isinstance(value, dict) and PARAMETER in value:
            if value[PARAMETER] not in parameters:
                raise SettingsError(
                    f"{item.type} on {about} asks for the parameter '{value[PARAMETER]}'; known: "
                    f"{', '.join(parameters) or 'none'}."
                )
            value = parameters[value[PARAMETER]]
            if value is None:
                dropped = True
                continue
        kwargs[name] = prefix + value if name == "column" else value
    if dropped and not {"min_value", "max_value", "value_set"} & kwargs.keys():
        return None
    subject = ".".join(part for part in (about, item.label) if part)
    return PlannedExpectation(item.type, kwargs, subject, item.severity, item.meaning)
