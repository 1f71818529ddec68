"""The data dictionary is what the manifests and the models' YAML say now."""

from pathlib import Path

import pytest

from scv.errors import SettingsError
from scv.transform.dictionary import render_dictionary


def test_the_committed_dictionary_is_up_to_date(project_root: Path) -> None:
    written = (project_root / "docs" / "data_dictionary.md").read_text()
    assert written == render_dictionary(project_root), (
        "docs/data_dictionary.md is out of date: run `python -m scv.transform.dictionary`"
    )


def test_every_published_table_and_rule_is_in_it(project_root: Path) -> None:
    text = render_dictionary(project_root)
    for words in (
        "### marts.dim_customer",
        "### marts.fct_debt",
        "### restricted.customer_contact",
        "| `letter_after_known_death` |",
        "#### raw_council_tax.ctaccount",
        "### rule_parameters",
    ):
        assert words in text
    assert "{{" not in text


def test_a_docs_block_that_is_not_there_is_named(tmp_path: Path) -> None:
    models = tmp_path / "dbt_project" / "models" / "marts"
    models.mkdir(parents=True)
    (tmp_path / "dbt_project" / "seeds").mkdir()
    (models / "_models.yml").write_text(
        """
        models:
          - name: dim_thing
            description: One row per thing.
            columns: [{name: thing_id, data_type: text, description: '{{ doc("thing_id") }}'}]
        """
    )
    with pytest.raises(SettingsError, match="docs block 'thing_id'"):
        render_dictionary(tmp_path)
