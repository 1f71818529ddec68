"""Great Expectations as the judge: it is handed counts or queries, and hands back verdicts and counts.

Results are asked for with `partial_unexpected_count: 0`, and of what comes back only whitelisted numbers are
kept: no value, no key, no text of an exception. The library is imported on first use, once per process.
"""

import logging
import math
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType
from typing import Any

from scv.checks.definitions import Severity

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
# What a result may hold: numbers of rows and shares of them.
COUNTS = ("element_count", "unexpected_count", "missing_count", "unexpected_percent")
# Expectations whose observed value is a number of rows or a share; of any other it is a value of the data.
OBSERVES_A_COUNT = frozenset(
    {
        "expect_table_row_count_to_be_between",
        "expect_table_row_count_to_equal",
        "expect_table_column_count_to_equal",
        "expect_column_unique_value_count_to_be_between",
        "expect_column_proportion_of_unique_values_to_be_between",
        "expect_column_proportion_of_non_null_values_to_be_between",
    }
)


@dataclass(frozen=True)
class PlannedExpectation:
    """An expectation with its parameters filled in; `subject` says what it is about, in opaque names."""

    type: str
    kwargs: dict[str, Any]
    subject: str
    severity: Severity
    meaning: str
    # Which entry of the suite it was filled in from; of counts, those of one entry are judged together.
    entry: int = 0


@dataclass(frozen=True)
class PlannedValidation:
    """A suite to judge: against counts (name to number, None where there is none yet) or against a query."""

    suite: str
    expectations: tuple[PlannedExpectation, ...]
    facts: dict[str, float | None] | None = None
    query: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What the judge said of one expectation; `observed` holds counts only."""

    suite: str
    expectation: str
    subject: str
    severity: Severity
    success: bool
    observed: dict[str, Any]
    meaning: str


def judge(validations: list[PlannedValidation], url: str) -> list[Verdict]:
    """Let Great Expectations judge the validations in one checkpoint each; `url` is where queries are asked.

    An expectation that cannot be judged (its column is missing, say) counts as failed. Ordered by suite,
    subject and expectation.
    """
    validations = [validation for validation in validations if validation.expectations]
    if not validations:
        return []
    with _quiet():
        gx = _import_gx()
        context = _make_context(gx)
        verdicts = [
            verdict
            for item in validations
            for verdict in (
                _judge(gx, context, item, url)
                if item.facts is None
                else _judge_facts(gx, context, item, item.facts)
            )
        ]
    return sorted(verdicts, key=lambda verdict: (verdict.suite, verdict.subject, verdict.expectation))


def _judge_facts(
    gx: ModuleType, context: Any, item: PlannedValidation, facts: dict[str, float | None]
) -> Iterator[Verdict]:
    """Judge counts entry by entry over all subjects at once, and one by one only where an entry is not met.

    The library's time grows with the number of expectations, and on a sound night all are met.
    """
    met = _find_met_entries(gx, context, item, facts)
    for planned in item.expectations:
        if planned.entry in met:
            yield _conclude(item, planned, True, _observe_fact(facts, planned))
    rest = tuple(planned for planned in item.expectations if planned.entry not in met)
    if rest:
        yield from _judge(gx, context, replace(item, expectations=rest), "")


def _find_met_entries(
    gx: ModuleType, context: Any, item: PlannedValidation, facts: dict[str, float | None]
) -> set[int]:
    """The entries of the suite whose counts lie within their limits for every subject; no count is within."""
    columns: dict[str, list[float | None]] = {}
    expectations = []
    entries = sorted({planned.entry for planned in item.expectations})
    for entry in entries:
        members = [planned for planned in item.expectations if planned.entry == entry]
        columns[f"{entry}.count"] = [facts[planned.kwargs["column"]] for planned in members]
        for limit, larger, smaller in (
            ("min_value", "count", "min_value"),
            ("max_value", "max_value", "count"),
        ):
            if any(limit in planned.kwargs for planned in members):
                columns[f"{entry}.{limit}"] = [planned.kwargs.get(limit) for planned in members]
                expectations.append(
                    _implementation("expect_column_pair_values_a_to_be_greater_than_b")(
                        column_A=f"{entry}.{larger}",
                        column_B=f"{entry}.{smaller}",
                        or_equal=True,
                        ignore_row_if="either_value_is_missing",
                        meta={"entry": entry},
                    )
                )
    outcome = _run(gx, context, item, expectations, *_define_frame(context, item.suite, columns))
    return set(entries) - {
        result.expectation_config.meta["entry"] for result in outcome if not result.success
    }


def _judge(gx: ModuleType, context: Any, item: PlannedValidation, url: str) -> Iterator[Verdict]:
    expectations = [
        _implementation(planned.type)(
            **planned.kwargs, severity=planned.severity, meta={"position": position}
        )
        for position, planned in enumerate(item.expectations)
    ]
    if item.facts is None:
        batch = _define_query(context, item, url)
    else:
        batch = _define_frame(context, item.suite, {name: [value] for name, value in item.facts.items()})
    for result in _run(gx, context, item, expectations, *batch):
        planned = item.expectations[result.expectation_config.meta["position"]]
        yield _conclude(item, planned, bool(result.success), _observe(item, planned, result))


def _conclude(
    item: PlannedValidation, planned: PlannedExpectation, success: bool, observed: dict[str, Any]
) -> Verdict:
    return Verdict(
        item.suite, planned.type, planned.subject, planned.severity, success, observed, planned.meaning
    )


def _run(
    gx: ModuleType,
    context: Any,
    item: PlannedValidation,
    expectations: list[Any],
    definition: Any,
    parameters: dict[str, Any],
) -> list[Any]:
    """The library's results of these expectations on one batch, in no particular order."""
    suite = context.suites.add_or_update(gx.ExpectationSuite(name=item.suite, expectations=expectations))
    validation = context.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=item.suite, data=definition, suite=suite)
    )
    checkpoint = context.checkpoints.add_or_update(
        gx.Checkpoint(
            name=item.suite, validation_definitions=[validation], actions=[], result_format=RESULT_FORMAT
        )
    )
    outcome = checkpoint.run(batch_parameters=parameters)
    return [result for run in outcome.run_results.values() for result in run.results]


def _define_frame(
    context: Any, name: str, columns: dict[str, list[float | None]]
) -> tuple[Any, dict[str, Any]]:
    """A batch of counts; columns may differ in length."""
    import pandas as pd

    frame = pd.DataFrame({column: pd.Series(values, dtype="float64") for column, values in columns.items()})
    source = context.data_sources.add_or_update_pandas(name=name)
    asset = source.add_dataframe_asset(name=name)
    return asset.add_batch_definition_whole_dataframe("whole"), {"dataframe": frame}


def _define_query(context: Any, item: PlannedValidation, url: str) -> tuple[Any, dict[str, Any]]:
    source = context.data_sources.add_or_update_postgres(
        name=item.suite,
        connection_string=url,
        # A temporary table would be a second copy of personal data.
        create_temp_table=False,
        kwargs={
            "hide_parameters": True,
            "connect_args": {"options": "-c search_path= -c timezone=UTC -c datestyle=ISO,YMD"},
        },
    )
    asset = source.add_query_asset(name=item.suite, query=item.query)
    return asset.add_batch_definition("whole"), {}


def _observe(item: PlannedValidation, planned: PlannedExpectation, result: Any) -> dict[str, Any]:
    if not result.result and not result.success:
        return {"judged": False}
    if item.facts is not None:
        return _observe_fact(item.facts, planned)
    observed = {name: result.result.get(name) for name in COUNTS}
    if planned.type in OBSERVES_A_COUNT:
        observed["count"] = result.result.get("observed_value")
    return _numbers(observed)


def _observe_fact(facts: dict[str, float | None], planned: PlannedExpectation) -> dict[str, Any]:
    """The facts are counts already; of one row of them, the library's own counts say nothing."""
    limits = {key: planned.kwargs.get(key) for key in ("min_value", "max_value")}
    return _numbers({"count": facts[planned.kwargs["column"]], **limits})


def _numbers(values: dict[str, Any]) -> dict[str, float]:
    """The entries that are numbers, whole ones as such; everything else is left out."""
    return {
        name: int(value) if float(value).is_integer() else round(float(value), 4)
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def _implementation(kind: str) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    return get_expectation_impl(kind)


def _make_context(gx: ModuleType) -> Any:
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@lru_cache(maxsize=1)
def _import_gx() -> ModuleType:
    """The library, imported late: it takes 5 to 14 seconds and, beside other logging, is very talkative."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    return gx


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the library: its messages may quote statements and, where one fails, values."""
    logger = logging.getLogger("great_expectations")
    before = logger.disabled, logger.level, logger.propagate
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    silent = logging.NullHandler()
    logger.addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(silent)
        logger.disabled, logger.level, logger.propagate = before
