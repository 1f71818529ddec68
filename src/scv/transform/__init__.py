"""Transformation: running dbt for a night, inside this process and without leaking a value.

run_dbt("build", "pre_link", night) -> DbtRun
"""

from scv.transform.results import DbtRun, TransformFailed
from scv.transform.runner import run_dbt

__all__ = ["DbtRun", "TransformFailed", "run_dbt"]
