"""Manifests: what the project's own say, and how a wrong one is told."""

import copy
from pathlib import Path

import pytest
import yaml

from scv.errors import SettingsError
from scv.manifests import load_manifest, load_manifests

MANIFEST = {
    "version": 2,
    "sources": [
        {
            "name": "libraries",
            "schema": "raw_libraries",
            "config": {
                "meta": {
                    "owner": "libraries@example.gov.uk",
                    "connection": "src_libraries",
                    "format": "csv",
                    "lawful_basis": "public_task",
                }
            },
            "tables": [
                {
                    "name": "borrowers",
                    "config": {
                        "meta": {
                            "location": "borrowers.csv",
                            "primary_key": ["card_no"],
                            "key_means_person": "unique",
                            "freshness_hours": 36,
                            "retention_class": "two_years",
                            "csv": {"delimiter": ","},
                        }
                    },
                    "columns": [
                        {
                            "name": "card_no",
                            "data_type": "text",
                            "config": {"meta": {"privacy": "identifier"}},
                        },
                        {
                            "name": "born",
                            "data_type": "date",
                            "config": {"meta": {"privacy": "demographic", "format": "iso"}},
                        },
                    ],
                }
            ],
        }
    ],
}


def write(folder: Path, content: object) -> Path:
    path = folder / "libraries" / "_libraries__sources.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def changed(*steps, value):
    """The manifest with one thing changed; a value of ... takes it away."""
    content = copy.deepcopy(MANIFEST)
    place = content["sources"][0]
    for step in steps[:-1]:
        place = place[step]
    if value is ...:
        del place[steps[-1]]
    else:
        place[steps[-1]] = value
    return content


TABLE = ("tables", 0, "config", "meta")
COLUMN = ("tables", 0, "columns", 1)


def test_all_twelve_systems_can_be_read(project_root):
    systems = load_manifests(project_root)
    assert len(systems) == 12
    assert sum(len(system.tables) for system in systems.values()) == 49
    assert systems["council_tax"].table("ctaccount").person == "joint"
    assert systems["correspondence"].table("print_items").format == "csv"
    for system in systems.values():
        assert system.schema_name == f"raw_{system.name}"


def test_a_good_manifest_is_read_with_its_defaults(tmp_path):
    system = load_manifest(write(tmp_path, MANIFEST))
    table = system.table("borrowers")
    assert (system.required, table.format, table.delivery, table.rows_min, table.rows_max) == (
        False,
        "csv",
        "snapshot",
        0,
        None,
    )
    assert table.column_names == ("card_no", "born")
    assert system.manifest == "libraries/_libraries__sources.yml"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (changed("name", value="library"), ["name: expected the folder's name, libraries"]),
        (changed("schema", value="libraries"), ["schema: expected raw_libraries"]),
        (changed("config", "meta", "owner", value="somebody"), ["owner:", "found 'somebody'"]),
        (changed("config", "meta", "connection", value=...), ["connection: expected a value, found nothing"]),
        (changed("config", "meta", "lawful_basis", value="because"), ["lawful_basis:", "found 'because'"]),
        (changed("config", "meta", "passwort", value="x"), ["passwort: is not a word of the manifest"]),
        (changed(*TABLE, "primary_key", value=["number"]), ["tables.borrowers", "primary_key", "number"]),
        (changed(*TABLE, "primary_key", value=[]), ["tables.borrowers.primary_key"]),
        (changed(*TABLE, "location", value="../borrowers.csv"), ["location: expected a path inside"]),
        (changed(*TABLE, "location", value="/etc/passwd"), ["location: expected a path inside"]),
        (changed(*TABLE, "watermark", value="born"), ["watermark: expected a database format"]),
        (changed(*TABLE, "names", value=["born"]), ["names: expected text columns"]),
        (changed(*TABLE, "csv", value=...), ["csv: expected delimiter and encoding"]),
        (changed(*TABLE, "csv", value={"delimiter": ",,"}), ["tables.borrowers.csv.delimiter"]),
        (changed(*TABLE, "format", value="xlsx"), ["location: expected workbook.xlsx#sheet"]),
        (changed(*TABLE, "format", value="fixed_width"), ["fixed: expected encoding"]),
        (changed(*TABLE, "key_means_person", value="perhaps"), ["key_means_person", "found 'perhaps'"]),
        (changed(*TABLE, "derive", value={"born": ["body"]}), ["derive: expected boolean columns"]),
        (
            changed(*TABLE, "never_read", value=["born"]),
            ["never_read: expected columns that are not declared"],
        ),
        (
            changed(*COLUMN, "name", value="Born; drop table x"),
            ["tables.borrowers.columns.Born; drop table x.name"],
        ),
        (changed(*COLUMN, "name", value="card_no"), ["columns: expected each column once"]),
        (changed(*COLUMN, "name", value="_born"), ["columns: expected names that do not start with '_'"]),
        (
            changed(*COLUMN, "data_type", value="datum"),
            ["tables.borrowers.columns.born.data_type", "found 'datum'"],
        ),
        (
            changed(*COLUMN, "config", "meta", "privacy", value=...),
            ["columns.born.privacy: expected a value"],
        ),
        (changed(*COLUMN, "config", "meta", "format", value=...), ["a format for the dates born"]),
        ({"version": 2}, ["sources: expected a list of exactly one system"]),
        ("sources: [", ["not YAML"]),
    ],
)
def test_a_wrong_manifest_names_the_file_the_field_and_what_was_expected(tmp_path, content, words):
    path = write(tmp_path, content)
    with pytest.raises(SettingsError) as told:
        load_manifest(path)
    for word in [str(path), *words]:
        assert word in str(told.value)
