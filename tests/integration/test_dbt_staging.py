"""Staging: what departments write, read as it is meant. Each system's fixture.csv is the table of cases."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.rows import dict_row
from tests.support.raw_rows import key_of, make_raw_tables, open_night, put_rows

from scv.db.warehouse import connect
from scv.manifests import load_manifests
from scv.settings import Settings, get_settings
from scv.transform import run_dbt

pytestmark = pytest.mark.postgres

NIGHT = date(2026, 3, 2)
STAGING = get_settings().dbt_dir / "models" / "staging"


@dataclass(frozen=True)
class Case:
    """One row of a fixture: a raw row and what the models make of it."""

    system: str
    table: str
    shows: str
    row: dict[str, Any]
    expected: dict[str, Any]

    @property
    def key(self) -> str:
        return key_of(self.system, self.table, self.row)


def read_cases() -> list[Case]:
    """All fixtures of all systems."""
    cases = []
    for path in sorted(STAGING.glob("*/fixture.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                row, expected = json.loads(line["row"]), json.loads(line["expected"])
                cases.append(Case(path.parent.name, line["table_name"], line["shows"], row, expected))
    return cases


CASES = read_cases()


@pytest.fixture(scope="module")
def staged(warehouse: Settings) -> Iterator[psycopg.Connection]:
    """The fixtures of all systems, loaded and built up to the link input."""
    make_raw_tables(warehouse)
    for system, table in sorted({(case.system, case.table) for case in CASES}):
        rows = [case.row for case in CASES if (case.system, case.table) == (system, table)]
        put_rows(warehouse, system, table, rows, NIGHT)
    open_night(warehouse, NIGHT)
    run_dbt("build", "pre_link", NIGHT)
    with connect("transform", warehouse, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="module")
def views() -> dict[tuple[str, str], str]:
    """The staging view of each raw table."""
    return {
        (system, table): path.stem
        for path in STAGING.glob("*/stg_*.sql")
        if not path.stem.endswith("_versions")
        for system, table in read_origin(path)
    }


def read_origin(path: Path) -> set[tuple[str, str]]:
    """The raw tables that a staging view reads, its versions' included."""
    text = path.read_text()
    for name in re.findall(r"ref\('([a-z_]+_versions)'\)", text):
        text += (path.parent / f"{name}.sql").read_text()
    return set(re.findall(r"raw_(?:rows|versions)\('([a-z_]+)', '([a-z_]+)'\)", text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.system}.{case.table}: {case.shows}")
def test_a_row_is_read_as_it_is_meant(
    staged: psycopg.Connection, views: dict[tuple[str, str], str], case: Case
) -> None:
    expected = {name: value for name, value in case.expected.items() if name != "persons"}
    view = views[case.system, case.table]
    columns = ", ".join(f"{name}::text" for name in expected) or "1 as found"
    found = staged.execute(
        f"select {columns} from staging.{view} where to_jsonb({view}) ->> 'record_key' = %(key)s"
        f" or to_jsonb({view}) ->> 'source_row_key' = %(key)s",
        {"key": case.key},
    ).fetchall()
    assert len(found) == 1
    assert not expected or found[0] == expected


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "persons" in case.expected],
    ids=lambda case: f"{case.system}: {case.shows}",
)
def test_a_row_becomes_the_persons_it_names(staged: psycopg.Connection, case: Case) -> None:
    found = staged.execute(
        "select title, forename, middle_names, surname, name_kind, unlinkable_reason "
        "from intermediate.int_person_records__standardised where source_row_key = %s order by party_no",
        (case.key,),
    ).fetchall()
    names = [
        f"reason {row['unlinkable_reason']}"
        if row["unlinkable_reason"]
        else "|".join(
            row[name] or "" for name in ("title", "forename", "middle_names", "surname", "name_kind")
        )
        for row in found
    ]
    assert names == case.expected["persons"]


def test_the_first_person_of_a_line_has_the_key_of_the_row_and_the_second_another(
    staged: psycopg.Connection,
) -> None:
    keys = [
        row["record_key"]
        for row in staged.execute(
            "select record_key from intermediate.int_person_records__link_input where source_row_key = %s"
            " order by party_no",
            (key_of("council_tax", "ctaccount", {"account_ref": 1000002}),),
        )
    ]
    row_key = key_of("council_tax", "ctaccount", {"account_ref": 1000002})
    second = staged.execute(
        "select encode(substring(sha256(convert_to(%s || '#2', 'UTF8')) from 1 for 16), 'hex') as key",
        (row_key,),
    ).fetchone()
    assert second is not None
    assert keys == [row_key, second["key"]]


def test_a_home_has_one_id_however_it_is_written(staged: psycopg.Connection) -> None:
    ways = staged.execute(
        "select address_line, address_id from intermediate.int_address_texts where postcode_std = 'WM11AA'"
    ).fetchall()
    assert len({way["address_line"] for way in ways}) >= 5
    assert len({way["address_id"] for way in ways if way["address_id"]}) == 1


def test_a_postcode_is_mended_and_found_in_the_address(staged: psycopg.Connection) -> None:
    rows = staged.execute(
        "select postcode, address_std from intermediate.int_address_texts"
        " where address_line in ('7 MILL LN, WESTMERE', '7 Mill Lane, Westmere WM2 0AB')"
    ).fetchall()
    assert len(rows) == 3
    assert {row["postcode"] for row in rows} == {"WM2 0AB"}
    assert {row["address_std"] for row in rows} == {"7 MILL LANE WESTMERE"}


def test_every_system_has_ten_to_thirty_invented_rows_and_a_readme() -> None:
    systems = load_manifests(get_settings().project_root)
    assert len(systems) >= 12
    for name in systems:
        assert 10 <= sum(case.system == name for case in CASES) <= 30, name
        assert (STAGING / name / "README.md").is_file(), name


def test_every_raw_table_has_one_staging_view(views: dict[tuple[str, str], str]) -> None:
    tables = {
        (system.name, table.name)
        for system in load_manifests(get_settings().project_root).values()
        for table in system.tables
    }
    assert len(tables) >= 49
    assert set(views) == tables
    assert len(set(views.values())) == len(tables)


def test_every_person_source_has_a_model_of_person_records_and_priorities() -> None:
    project = yaml.safe_load((get_settings().dbt_dir / "dbt_project.yml").read_text())
    sources = project["vars"]["person_sources"]
    with_persons = {
        system.name
        for system in load_manifests(get_settings().project_root).values()
        if any(table.key_means_person != "none" for table in system.tables)
    }
    assert set(sources) == with_persons
    with (get_settings().dbt_dir / "seeds" / "survivorship_priority.csv").open() as file:
        priorities = {(line["attribute"], line["source_system"]) for line in csv.DictReader(file)}
    for system in sources:
        assert (STAGING / system / f"int_{system}__person_records.sql").is_file(), system
        for attribute in ("name", "birth_date", "sex", "address", "phone", "email"):
            assert (attribute, system) in priorities, f"{system} has no priority for {attribute}"


def test_departmental_tables_are_read_in_staging_only() -> None:
    systems = load_manifests(get_settings().project_root)
    pattern = re.compile(rf"(source|raw_rows|raw_versions)\('({'|'.join(systems)})'")
    readers = [
        path
        for path in (get_settings().dbt_dir / "models").rglob("*.sql")
        if pattern.search(path.read_text())
    ]
    assert all(STAGING in path.parents for path in readers)
    assert len(readers) == 0 or readers


def test_descriptions_start_with_the_grain() -> None:
    described = {}
    for path in (get_settings().dbt_dir / "models").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            described[model["name"]] = model.get("description", "")
    folders = (STAGING, get_settings().dbt_dir / "models" / "intermediate")
    models = [path.stem for folder in folders for path in folder.rglob("*.sql")]
    assert len(models) >= 80
    without = [name for name in models if not described.get(name, "").strip().startswith("One row")]
    assert without == []
