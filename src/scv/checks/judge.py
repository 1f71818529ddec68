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
from dataclasses import dataclass
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
        verdicts = [verdict for item in validations for verdict in _judge_one(gx, context, item, url)]
    return sorted(verdicts, key=lambda verdict: (verdict.suite, verdict.subject, verdict.expectation))


def _judge_one(gx: ModuleType, context: Any, item: PlannedValidation, url: str) -> Iterator[Verdict]:
    definition, parameters = _define_batch(context, item, url)
    suite = context.suites.add_or_update(
        gx.ExpectationSuite(
            name=item.suite,
            expectations=[
                _implementation(planned.type)(
                    **planned.kwargs, severity=planned.severity, meta={"position": position}
                )
                for position, planned in enumerate(item.expectations)
            ],
        )
    )
    validation = context.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=item.suite, data=definition, suite=suite)
    )
    checkpoint = context.checkpoints.add_or_update(
        gx.Checkpoint(
            name=item.suite, validation_definitions=[validation], actions=[], result_format=RESULT_FORMAT
        )
    )
    outcome = checkpoint.run(batch_parameters=parameters)
    for run in outcome.run_results.values():
        for result in run.results:
            planned = item.expectations[result.expectation_config.meta["position"]]
            yield Verdict(
                item.suite,
                planned.type,
                planned.subject,
                planned.severity,
                bool(result.success),
                _observe(item, planned, result),
                planned.meaning,
            )


def _define_batch(context: Any, item: PlannedValidation, url: str) -> tuple[Any, dict[str, Any]]:
    if item.facts is not None:
        import pandas as pd

        source = context.data_sources.add_or_update_pandas(name=item.suite)
        asset = source.add_dataframe_asset(name=item.suite)
        frame = pd.DataFrame([item.facts], dtype="float64")
        return asset.add_batch_definition_whole_dataframe("whole"), {"dataframe": frame}
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
        # The facts are counts already; of one row of them, the library's own counts say nothing.
        fact = item.facts.get(planned.kwargs.get("column", ""))
        limits = {key: planned.kwargs.get(key) for key in ("min_value", "max_value")}
        return _numbers({"count": fact, **limits})
    observed = {name: result.result.get(name) for name in COUNTS}
    if planned.type in OBSERVES_A_COUNT:
        observed["count"] = result.result.get("observed_value")
    return _numbers(observed)


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
