"""Transformation: running dbt for a night, inside this process and without leaking a value.

build_staging(night) -> DbtRun
fingerprint_project(settings) -> str
run_dbt("build", "post_link", night) -> DbtRun
"""

from scv.transform.results import DbtRun, TransformFailed
from scv.transform.runner import run_dbt
from scv.transform.standing import build_staging, fingerprint_project

__all__ = ["DbtRun", "TransformFailed", "build_staging", "fingerprint_project", "run_dbt"]
