"""Checks: Great Expectations judges counts, volumes, distributions and freshness; suites are data."""

from scv.checks.stages import CheckResult, run_checks

__all__ = ["CheckResult", "run_checks"]
