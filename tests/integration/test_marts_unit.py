"""The dbt unit tests of all models, run against a warehouse whose departments are empty."""

from datetime import date

import pytest
import yaml
from tests.support.raw_rows import make_raw_tables, open_night

from scv.settings import Settings, get_settings
from scv.transform import run_dbt

pytestmark = pytest.mark.postgres

NIGHT = date(2026, 3, 2)
MODELS = get_settings().dbt_dir / "models"
# What only renames or sums up a seed has no case to be tested.
WITHOUT_LOGIC = {"dim_service"}


@pytest.fixture(scope="module")
def built(warehouse: Settings) -> Settings:
    """All models, empty: the unit tests read the types of their columns from the warehouse."""
    make_raw_tables(warehouse)
    open_night(warehouse, NIGHT)
    run_dbt("build", "pre_link", NIGHT)
    run_dbt("build", "post_link", NIGHT)
    return warehouse


def read_tested_models() -> set[str]:
    """The models that have at least one dbt unit test."""
    contents = [yaml.safe_load(path.read_text()) or {} for path in sorted(MODELS.rglob("*.yml"))]
    return {test["model"] for content in contents for test in content.get("unit_tests", [])}


def test_every_unit_test_passes(built: Settings) -> None:
    run = run_dbt("test", None, NIGHT, select=("test_type:unit",))
    assert run.tests >= 40


@pytest.mark.parametrize("folder", ["marts", "review"])
def test_every_model_with_logic_has_a_unit_test(folder: str) -> None:
    models = {path.stem for path in (MODELS / folder).rglob("*.sql")}
    assert len(models) >= 10
    assert models - WITHOUT_LOGIC <= read_tested_models()
