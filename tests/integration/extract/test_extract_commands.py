"""`scv sources`, replaying, names, and that no value of a row is ever told."""

import json
import logging
import os
import subprocess
import sys

import pytest

from scv.extract.checking import check_system
from scv.extract.replay import replay_quarantine
from scv.extract.scaffold import add_system
from scv.manifests import load_manifest

pytestmark = pytest.mark.postgres

COLUMNS = {"id": "integer", "full_name": "text", "born": ("date", {"format": "iso"})}
HEADER = "id,full_name,born\n"


def declare(council, name=None, **changes):
    name = name or council.name()
    table = {
        "name": "people",
        "location": "in/people_*.csv",
        "delivery": "delta",
        "csv": {},
        "columns": COLUMNS,
    }
    council.declare(name, "csv", [{**table, **changes}])
    return name


def deliver(council, system, number, rows):
    folder = council.files(system) / "in"
    folder.mkdir(exist_ok=True)
    (folder / f"people_{number}.csv").write_text(HEADER + rows)


def test_names_are_parsed_once_they_are_loaded(council):
    people = declare(council, names=["full_name"])
    deliver(council, people, 1, "1,MR J SMITH & MRS A SMITH,\n2,MR J SMITH & MRS A SMITH,\n")
    assert council.extract(people).status == "loaded"
    stored = council.query(
        "select kind, (select count(*) from raw_names.parsed_person as p where p.full_name = n.full_name) "
        "from raw_names.parsed_name as n where full_name = 'MR J SMITH & MRS A SMITH'"
    )
    assert stored == [("joint", 2)]


def test_quarantined_rows_are_replayed_once_the_manifest_is_mended(council):
    people = declare(council)
    rows = "".join(f"{number},Name,2000-01-01\n" for number in range(10, 30))
    deliver(council, people, 1, rows + "1,Byrne,31/01/1970\n2,Okafor,01/02/1980\n")
    assert council.extract(people, 1).tables[0].rows_quarantined == 2
    deliver(council, people, 2, "2,Okafor-Reid,1980-02-01\n")
    assert council.extract(people, 2).status == "loaded"
    assert council.quarantined(people) == [("not_a_date", "born")]
    mended = {**COLUMNS, "born": ("date", {"format": "dmy_slash"})}
    declare(council, people, columns=mended)
    night, replayed = replay_quarantine(people, settings=council.settings)
    assert (str(night), replayed) == ("2026-03-03", {"people": 1})
    assert council.current(people, columns="id, full_name, born::text")[:2] == [
        (1, "Byrne", "1970-01-31"),
        (2, "Okafor-Reid", "1980-02-01"),
    ]
    assert council.quarantined(people) == []
    entry = council.ledger(people, 2)
    assert (entry["rows_read"], entry["rows_loaded"], entry["rows_new"]) == (2, 2, 2)
    held = council.versions(people)
    assert replay_quarantine(people, settings=council.settings)[1] == {"people": 0}
    declare(council, people, columns=COLUMNS)
    assert council.extract(people, 2).status == "loaded"
    declare(council, people, columns=mended)
    assert replay_quarantine(people, settings=council.settings)[1] == {"people": 1}
    assert council.versions(people) == held


def test_a_check_tells_counts_and_everything_that_is_wrong(council):
    people = declare(council, location="people.csv", delivery="snapshot")
    (council.files(people) / "people.csv").write_text(HEADER + "1,Canary,\n2,Canary,\n")
    (found,) = check_system(people, settings=council.settings)
    assert (found.is_ok, found.rows, found.message) == (True, 2, None)
    (council.files(people) / "people.csv").write_text("id,born\n1,\n")
    (found,) = check_system(people, settings=council.settings)
    assert (found.is_ok, found.exit_code) == (False, 11) and "full_name" in found.message
    council.settings.connections.clear()
    (found,) = check_system(people, settings=council.settings)
    assert (found.is_ok, found.exit_code) == (False, 2)


def test_a_system_is_scaffolded_from_files_and_can_be_loaded(council):
    folder = council.folder / "inbox"
    folder.mkdir()
    (folder / "Borrowers 2026.csv").write_text("Card No;Full Name;Date of Birth\n1;Byrne;1970-01-31\n")
    (folder / "loans.json").write_text('[{"id": "a", "item": {"title": "T"}}]')
    written = add_system(
        council.settings.project_root, "libraries", "src_libraries", str(folder), owner="lib@example.gov.uk"
    )
    assert [path.name for path in written] == [
        "_libraries__sources.yml",
        "stg_libraries__borrowers_2026.sql",
        "stg_libraries__loans.sql",
        "README.md",
    ]
    system = load_manifest(written[0])
    assert system.table("borrowers_2026").column_names == ("card_no", "full_name", "date_of_birth")
    assert system.table("borrowers_2026").csv.delimiter == ";"
    assert (
        "date_of_birth" in written[1].read_text()
        and "raw_rows('libraries', 'loans')" in written[2].read_text()
    )
    council.connect_to("libraries", str(folder))
    assert council.extract("libraries").status == "loaded"
    assert council.current("libraries", "loans", "id, item_title") == [("a", "T")]


def test_a_system_is_scaffolded_from_a_database_and_can_be_loaded(council, source, source_login):
    source.execute(
        "create table loan (id integer primary key, born date, seen timestamp, price numeric(9, 2), ok boolean)"
    )
    source.execute("insert into loan values (1, '1970-01-31', '2026-07-01 10:00', 2.50, true)")
    add_system(
        council.settings.project_root, "archive", "src_archive", source_login.url, owner="a@example.gov.uk"
    )
    council.connect_to("archive", source_login.url)
    result = council.extract("archive")
    assert result.status == "loaded", result.message
    assert council.current("archive", "loan", "id, born::text, seen::text, price::text, ok") == [
        (1, "1970-01-31", "2026-07-01 09:00:00+00", "2.50", True)
    ]


def test_the_command_lists_and_checks(project_root):
    listed = subprocess.run(
        [sys.executable, "-m", "scv.cli.main", "sources", "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(json.loads(listed.stdout)) == 12
    environment = {name: value for name, value in os.environ.items() if name != "SCV_CONNECTIONS"}
    checked = subprocess.run(
        [sys.executable, "-m", "scv.cli.main", "sources", "check", "permits"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert checked.returncode == 2 and "FAIL permits.permit" in checked.stdout


def test_no_value_of_a_row_is_told_anywhere(council, source, source_login, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    people = declare(council, names=["full_name"])
    rows = "".join(f"{number},Name {number},\n" for number in range(10, 30))
    bad = [
        "x,CanaryA,",
        "1,CanaryB,CanaryC",
        "2,CanaryD",
        '3,"CanaryE\x00",',
        "4,CanaryF,",
        "4,CanaryG,",
        ",CanaryH,",
    ]
    told = []
    for number, content in enumerate(
        [
            rows + "\n".join(bad[:4]) + "\n",
            rows + "\n".join(bad) + "\n",
            rows + '5,"CanaryI',
            "CanaryJ,1\nCanaryK,2\n",
        ],
        1,
    ):
        deliver(council, people, number, content)
        told.append(str(council.extract(people, number)))
    source.execute("create table people (id integer, full_name text, born text)")
    source.execute(
        "insert into people values (1, 'CanaryL', 'CanaryM'), (2, 'CanaryN', null), (2, 'CanaryO', null)"
    )
    second = council.name()
    council.declare(second, "postgres", [{"name": "people", "columns": COLUMNS}])
    council.connect_to(second, source_login.url)
    told.append(str(council.extract(second)))
    told.append(str(council.query("select to_jsonb(l) from audit.load as l")))
    told.append(str(council.query("select to_jsonb(f) from audit.file as f")))
    told.append(caplog.text + "".join(capfd.readouterr()))
    assert council.query("select count(*) >= 4 from quarantine.row where system = %s", people) == [(True,)]
    assert len(told) == 8 and not any("Canary" in text for text in told)
