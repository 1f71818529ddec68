"""Values planted in every source show up where personal data belongs, and in nothing else that is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from tests.support.canaries import Canary, find_in_database, find_in_files, find_in_text, plant_canaries
from tests.support.council import Council, night_number

from scv.db.embedded import read_server
from scv.db.warehouse import connect
from scv.errors import SourceSchemaError
from scv.manifests import load_manifests
from scv.orchestrator.environment import ensure_metadata_database
from scv.settings import get_settings


@dataclass
class Aviary:
    """A small council with canaries in its sources, and everything that its nights printed."""

    council: Council
    canaries: list[Canary]
    printed: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, exit_code: int = 0) -> None:
        """Run a command and keep what it prints."""
        done = self.council.scv(*arguments, check=False)
        self.printed[" ".join(arguments)] = done.stdout + done.stderr
        assert done.returncode == exit_code, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.fixture(scope="module")
def aviary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aviary]:
    """One night in Airflow over planted sources, its report, and a check of sources that fails over a changed file."""
    council = Council(tmp_path_factory.mktemp("aviary"), residents=300)
    council.home.chmod(0o711)
    council.make()
    settings = council.settings()
    canaries = plant_canaries(
        load_manifests(get_settings().project_root),
        settings.connection_target,
        lambda database: connect("admin", settings, database=database, autocommit=True),
    )
    aviary = Aviary(council, canaries)
    first = str(night_number(1))
    assert council.start_in_airflow(night_number(1)).wait(timeout=400) == 0
    aviary.run("report", "--date", first)
    aviary.run("report", "--date", first, "--json")
    _change_a_header(council.home / "sources" / "education" / "pupils.csv")
    aviary.run("sources", "check", exit_code=SourceSchemaError.exit_code)
    yield aviary
    council.remove()


def _change_a_header(path: Path) -> None:
    header, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(header.replace(b"upn", b"pupil_no", 1) + b"\n" + rest)


def test_every_system_holds_canaries_and_they_arrived_in_the_warehouse(aviary: Aviary) -> None:
    systems = set(load_manifests(get_settings().project_root))
    assert {canary.system for canary in aviary.canaries} == systems

    with connect("loader", aviary.council.settings()) as connection:
        arrived = find_in_database(
            aviary.canaries, connection, (*[f"raw_{system}" for system in systems], "quarantine")
        )
    assert {sighting.canary.system for sighting in arrived} == systems
    assert any(sighting.canary.is_untypable for sighting in arrived), "no row went to quarantine"


def test_no_canary_is_in_any_file_that_the_nights_wrote(aviary: Aviary) -> None:
    assert (aviary.council.home / "reports").is_dir()
    assert list((aviary.council.home / "logs").rglob("*"))
    assert [str(sighting) for sighting in find_in_files(aviary.canaries, aviary.council.home)] == []


def test_no_canary_is_in_the_log_of_the_server(aviary: Aviary) -> None:
    server = read_server(aviary.council.settings())
    assert server is not None
    logs = [path for path in Path(server.base).rglob("*") if path.is_file() and path.suffix == ".log"]
    assert logs
    for log in logs:
        assert find_in_text(aviary.canaries, str(log), log.read_text(errors="replace")) == []


def test_no_canary_is_in_the_ledger_the_findings_or_the_work_lists(aviary: Aviary) -> None:
    with connect("admin", aviary.council.settings()) as connection:
        assert [str(sighting) for sighting in find_in_database(aviary.canaries, connection)] == []


def test_no_canary_is_in_airflows_own_database(aviary: Aviary) -> None:
    url = make_url(ensure_metadata_database(aviary.council.settings()))
    with psycopg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database
    ) as connection:
        runs = connection.execute("select count(*) from task_instance where state = 'success'").fetchone()
        assert runs is not None and runs[0] >= 12
        assert [
            str(sighting) for sighting in find_in_database(aviary.canaries, connection, ("public",))
        ] == []


def test_no_canary_was_printed(aviary: Aviary) -> None:
    assert len(aviary.printed) == 3
    for command, text in aviary.printed.items():
        assert text
        assert find_in_text(aviary.canaries, command, text) == []
