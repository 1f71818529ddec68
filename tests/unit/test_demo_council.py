"""The synthetic council on disk: the same seed gives the same council, and a step is a step."""

import csv
import hashlib
import json
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml

from scv.demo import council
from scv.demo.sinks.files import FIXED_WIDTHS
from scv.demo.sinks.layout import SPECS
from scv.errors import InputError
from scv.settings import find_project_root

FIRST = date(2026, 3, 2)
RESIDENTS = 400


def _rows_hash(path: Path) -> str:
    """Hash of what a file or database holds, whatever its pages or timestamps are."""
    if path.suffix == ".sqlite":
        with sqlite3.connect(path) as connection:
            tables = [
                n
                for (n,) in connection.execute(
                    "select name from sqlite_master where type = 'table' order by 1"
                )
            ]
            content = repr(
                [(t, sorted(map(repr, connection.execute(f'select * from "{t}"')))) for t in tables]
            )
    elif path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        content = repr([(sheet.title, list(sheet.values)) for sheet in book])
    elif path.suffix == ".parquet":
        content = repr(pq.read_table(path).to_pydict())
    else:
        content = path.read_bytes().hex()
    return hashlib.sha256(content.encode()).hexdigest()


def picture_of(home: Path) -> dict[str, str]:
    """Everything that a council shows, by file."""
    files = [p for part in ("sources", "truth") for p in sorted((home / part).rglob("*")) if p.is_file()]
    return {str(path.relative_to(home)): _rows_hash(path) for path in files}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("council")
    council.create(folder, RESIDENTS, 11, FIRST)
    return folder


@pytest.fixture(scope="module")
def moved_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same council, two nights later, one night at a time."""
    folder = tmp_path_factory.mktemp("later")
    council.create(folder, RESIDENTS, 11, FIRST)
    for days in (1, 2):
        council.advance(folder, FIRST + timedelta(days=days))
    return folder


def test_the_same_seed_gives_the_same_council(home: Path, tmp_path: Path) -> None:
    council.create(tmp_path, RESIDENTS, 11, FIRST)
    assert picture_of(tmp_path) == picture_of(home)


def test_another_seed_gives_another_council(home: Path, tmp_path: Path) -> None:
    council.create(tmp_path, RESIDENTS, 12, FIRST)
    other, same = picture_of(tmp_path), picture_of(home)
    assert other["sources/council_tax/council_tax.sqlite"] != same["sources/council_tax/council_tax.sqlite"]
    assert other["truth/records.parquet"] != same["truth/records.parquet"]


def test_two_nights_at_once_equal_two_steps(moved_on: Path, tmp_path: Path) -> None:
    council.create(tmp_path, RESIDENTS, 11, FIRST)
    council.advance(tmp_path, FIRST + timedelta(days=2))
    assert picture_of(tmp_path) == picture_of(moved_on)


def test_a_night_shown_already_changes_nothing(moved_on: Path) -> None:
    before = picture_of(moved_on)
    facts = council.advance(moved_on, FIRST + timedelta(days=1))
    assert facts.night == FIRST + timedelta(days=2)
    assert picture_of(moved_on) == before


def test_a_step_killed_before_its_end_can_be_run_again(moved_on: Path, tmp_path: Path) -> None:
    council.create(tmp_path, RESIDENTS, 11, FIRST)
    state = (tmp_path / "demo_state" / "state.json").read_text()
    council.advance(tmp_path, FIRST + timedelta(days=2))
    (tmp_path / "demo_state" / "state.json").write_text(state)
    council.advance(tmp_path, FIRST + timedelta(days=2))
    assert picture_of(tmp_path) == picture_of(moved_on)


def test_a_step_equals_a_council_that_is_read_at_that_night(moved_on: Path) -> None:
    """Databases after two steps hold exactly the rows whose days say so: nothing is left behind."""
    blocks = moved_on / "demo_state" / "blocks" / "0000"
    night = (FIRST + timedelta(days=2) - date(1970, 1, 1)).days
    with sqlite3.connect(moved_on / "sources/housing/housing.sqlite") as connection:
        shown = {row[0] for row in connection.execute("select trans_id from rtrans")}
    later = pq.read_table(blocks / "housing.rtrans.parquet").to_pylist()
    assert {row["trans_id"] for row in later if row["_from"] < night} <= shown
    assert not {row["trans_id"] for row in later if row["_from"] >= night} & shown


def test_the_days_after_the_first_night_bring_one_file_each(moved_on: Path) -> None:
    names = sorted(p.name for p in (moved_on / "sources/correspondence/print").iterdir())
    assert [n for n in names if n >= "print_2026-03-02"] == ["print_2026-03-02.csv", "print_2026-03-03.csv"]
    assert sum(n < "print_2026-03-02" for n in names) in range(24, 28)
    registrar = sorted(p.name for p in (moved_on / "sources/deaths/registrar").iterdir())
    assert "registrar_2026-03-03.csv" in registrar, "the registrar's list comes on Tuesdays"
    assert "registrar_2026-03-02.csv" not in registrar


def test_beyond_the_horizon_there_is_nothing(home: Path) -> None:
    with pytest.raises(InputError, match="beyond"):
        council.advance(home, FIRST + timedelta(days=4_000))


def test_more_nights_than_the_horizon_are_simulated_when_they_are_asked_for(tmp_path: Path) -> None:
    council.create(tmp_path, 60, 3, FIRST, nights=201)
    later = FIRST + timedelta(days=201)
    assert council.advance(tmp_path, later).night == later


def test_a_folder_without_a_council_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no synthetic council"):
        council.advance(tmp_path, FIRST)


def test_the_council_keeps_what_the_manifests_declare() -> None:
    declared = 0
    for path in sorted(find_project_root().glob("dbt_project/models/staging/*/_*__sources.yml")):
        for source in yaml.safe_load(path.read_text())["sources"]:
            for table in source["tables"]:
                declared += 1
                spec = SPECS[f"{source['name']}.{table['name']}"]
                assert spec.key == tuple(table["config"]["meta"]["primary_key"])
                derived = table["config"]["meta"].get("derive", {})
                for column in table["columns"]:
                    meta = column.get("config", {}).get("meta", {})
                    if "width" in meta:
                        assert FIXED_WIDTHS[column["name"]] == meta["width"]
                    if column["name"] not in derived:
                        assert meta.get("path", column["name"]) in spec.columns, (spec.id, column["name"])
    assert declared == len(SPECS) > 40


def test_every_database_table_has_rows_and_special_columns(home: Path) -> None:
    with sqlite3.connect(home / "sources/housing/housing.sqlite") as connection:
        crimes = {row[0] for row in connection.execute("select distinct crim_rec from member")}
        empty = [
            name
            for (name,) in connection.execute(
                "select name from sqlite_master where type = 'table'"
            ).fetchall()
            if not connection.execute(f'select count(*) from "{name}"').fetchone()[0]
        ]
    assert "SPENT" in crimes
    assert empty == []


def test_files_have_the_forms_that_are_declared(home: Path) -> None:
    sources = home / "sources"
    assert (sources / "education/pupils.csv").read_bytes().startswith(b"\xef\xbb\xbfpupil_id,")
    contacts = (sources / "education/contacts.csv").read_bytes().decode("latin-1")
    assert contacts.startswith("pupil_id;contact_no;title")
    lines = (sources / "hr_payroll/posts.txt").read_text("latin-1").splitlines()
    assert lines[0] == "HDRPOSTS"
    assert lines[-1] == f"TRL{len(lines) - 2:09d}"
    assert {len(line) for line in lines[1:-1]} == {sum(FIXED_WIDTHS.values())}
    book = openpyxl.load_workbook(sources / "grants/grants.xlsx", read_only=True)
    assert book.sheetnames == ["applications", "payments", "evidence"]
    header, *rows = list(book["applications"].values)
    assert header[0] == "application_ref"
    assert rows and all(len(row) == len(header) for row in rows)
    printed = next(iter(sorted((sources / "correspondence/print").iterdir())))
    with printed.open(newline="") as file:
        items = list(csv.DictReader(file, delimiter="|"))
    assert items and items[0]["job_ref"].startswith("J") and items[0]["body"]


def test_json_files_are_lists_of_objects(home: Path) -> None:
    found: list[dict[str, Any]] = []
    for path in sorted((home / "sources/deaths/tell_us_once").iterdir()):
        found += json.loads(path.read_text())
    assert found
    assert set(found[0]["deceased"]) == {
        "forename",
        "surname",
        "birth_date",
        "date_of_death",
        "nino",
        "address",
        "postcode",
    }
    for path in sorted((home / "sources/correspondence/notify").iterdir()):
        assert isinstance(json.loads(path.read_text()), list)


def test_connections_name_every_system(home: Path) -> None:
    known = json.loads((home / "connections.json").read_text())
    assert set(known) == {f"src_{spec.system}" for spec in SPECS.values()}
    assert (home / "connections.json").stat().st_mode & 0o077 == 0


def test_a_large_council_is_made_in_blocks(tmp_path: Path) -> None:
    from scv.demo.parameters import Parameters, read_package_yaml

    tree = read_package_yaml("parameters.yml")
    tree["world"]["block_residents"] = 150
    facts = council.create(tmp_path, 450, 3, FIRST, parameters=Parameters(tree))
    council.advance(tmp_path, FIRST + timedelta(days=1))
    assert facts.blocks == 3
    records = pq.read_table(tmp_path / "truth/records.parquet").to_pylist()
    keys = [(r["system"], r["table_name"], r["pk"], r["person_no"]) for r in records]
    assert len(keys) == len(set(keys)), "blocks share no keys"
    assert {r["person_id"] // 1_000_000 for r in records} == {0, 1, 2}
