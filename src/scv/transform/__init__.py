"""Transformation: running dbt for a night, inside this process and without leaking a value.

build_staging(night) -> DbtRun
run_dbt("build", "post_link", night) -> DbtRun
"""

from scv.transform.results import DbtRun, TransformFailed
from scv.transform.runner import run_dbt
from scv.transform.standing import build_staging

__all__ = ["DbtRun", "TransformFailed", "build_staging", "run_dbt"]
