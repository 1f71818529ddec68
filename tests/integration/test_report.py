"""The report out of a real ledger, on the command line, and in a real browser."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.support.sample_report import make_report
from tests.support.small_project import SmallWarehouse, make_project
from typer.testing import CliRunner

from scv.checks import run_checks
from scv.cli.main import app
from scv.errors import CheckFailed, InputError
from scv.night.failures import report_failure
from scv.publish.night import publish_night
from scv.report import collect_report, write_report
from scv.report.html import render_html
from scv.settings import Settings

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser: apt-get install --no-install-recommends chromium"
)


@pytest.fixture(scope="module")
def small(
    warehouse: Settings, project_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SmallWarehouse]:
    """Two nights: one published, one whose marts lost an address to everybody and so is blocked."""
    root = make_project(tmp_path_factory.mktemp("small") / "project", project_root)
    small = SmallWarehouse(warehouse.model_copy(update={"project_root": root}))
    with pytest.MonkeyPatch.context() as patch:
        # The command line and the page's folder read their own settings.
        patch.setenv("SCV_PROJECT_ROOT", str(root))
        small.begin_night(FIRST)
        small.load_raw()
        small.build_customers([{"customer_id": "c1"}, {"customer_id": "c2"}])
        small.build_findings("letter_after_known_death", [{"subject": "item1"}, {"subject": "item2"}])
        _record_links(small)
        _record_step(small, FIRST, "publish", 2.5)
        run_checks("marts", FIRST, settings=small.settings)
        publish_night(FIRST, settings=small.settings)

        small.begin_night(SECOND, {"permits": "stale"})
        _record_step(small, SECOND, "publish", 1.5)
        small.build_customers(
            [{"customer_id": "c1"}], contacts=[{"customer_id": "c1", "address_line": "1 Mill Lane"}]
        )
        with pytest.raises(CheckFailed):
            run_checks("marts", SECOND, settings=small.settings)
        with small.connect("publisher") as publisher:
            publisher.execute("update audit.night set status = 'blocked' where night = %s", [SECOND])
        yield small


def _record_links(small: SmallWarehouse) -> None:
    with small.connect("linkage") as linkage:
        linkage.execute(
            """
            insert into link.membership (record_key, customer_id, valid_from)
            values ('r1', 'c1', %(first)s), ('r2', 'c1', %(first)s), ('r3', 'c2', %(second)s)
            """,
            {"first": FIRST, "second": SECOND},
        )
        linkage.execute(
            "insert into link.customer_event (night, cause, new_customer_id) values (%s, 'created', 'c2')",
            [SECOND],
        )


def _record_step(small: SmallWarehouse, night: date, step: str, seconds: float) -> None:
    with small.connect("publisher") as publisher:
        publisher.execute(
            "insert into audit.step (night, step, status, seconds, peak_mb) values (%s, %s, 'done', %s, 120)",
            [night, step, seconds],
        )


@pytest.mark.postgres
def test_a_published_night_is_reported_with_its_tables_findings_and_times(small: SmallWarehouse) -> None:
    report = collect_report(FIRST, settings=small.settings)

    assert report.status == "published"
    assert {table.table: table.inserted for table in report.publication}["marts.dim_customer"] == 2
    rule = next(rule for rule in report.findings if rule.rule_code == "letter_after_known_death")
    assert (rule.open, rule.open_before, rule.new) == (2, None, 2)
    assert [(step.step, step.seconds, step.seconds_before) for step in report.steps] == [
        ("publish", 2.5, None)
    ]
    assert (report.people.records, report.people.customers) == (2, 1)


@pytest.mark.postgres
def test_a_blocked_night_is_compared_with_the_last_published_one(small: SmallWarehouse) -> None:
    report = collect_report(settings=small.settings)

    assert (report.night, report.previous_night, report.status) == (SECOND, FIRST, "blocked")
    assert [(system.system, system.status, system.last_whole_night) for system in report.systems] == [
        ("council_tax", "whole", None),
        ("permits", "stale", FIRST),
    ]
    assert [(check.subject, check.severity) for check in report.checks.failed] == [
        ("marts.dim_customer.safe_contact_rows", "critical")
    ]
    assert "would be published to everybody" in report.checks.failed[0].meaning
    assert (report.people.records, report.people.records_before, report.people.events) == (
        3,
        2,
        {"created": 1},
    )
    assert report.steps[0].seconds_before == 2.5
    assert [line.status for line in report.last_nights] == ["published", "blocked"]
    assert any("permits" in advice.text for advice in report.advice)


@pytest.mark.postgres
def test_a_night_that_never_was_is_refused_with_the_ones_there_are(small: SmallWarehouse) -> None:
    with pytest.raises(InputError, match="The last nights are 2026-03-03, 2026-03-02"):
        collect_report(date(2025, 1, 1), settings=small.settings)


@pytest.mark.postgres
def test_the_page_is_written_beside_the_latest(small: SmallWarehouse, tmp_path: Path) -> None:
    written = write_report(
        FIRST, settings=small.settings.model_copy(update={"home": _linked_home(small, tmp_path)})
    )

    assert written.path.name == "2026-03-02.html"
    assert written.path.read_text() == (written.path.parent / "latest.html").read_text()


@pytest.mark.postgres
def test_a_failed_night_leaves_a_page_that_says_so(
    small: SmallWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small.settings.model_copy(update={"home": _linked_home(small, tmp_path)})
    for module in ("scv.report.night", "scv.report.collect", "scv.night.failures"):
        monkeypatch.setattr(f"{module}.get_settings", lambda: settings)

    report_failure(SECOND, "check", CheckFailed("2 blocking checks failed."))

    page = (tmp_path / "reports" / "latest.html").read_text()
    assert "Nothing of this night was published" in page
    assert "check: 2 blocking checks failed." in page


def _linked_home(small: SmallWarehouse, folder: Path) -> Path:
    """A home of its own that leads to the same warehouse."""
    for entry in small.settings.home.iterdir():
        if entry.name != "reports":
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.mark.postgres
def test_the_command_prints_plain_text_json_or_writes_a_page(
    small: SmallWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCV_PROJECT_ROOT", str(small.settings.project_root))
    monkeypatch.setattr("scv.report.collect.get_settings", lambda: small.settings)
    runner = CliRunner()

    text = runner.invoke(app, ["report", "--date", "2026-03-02"])
    assert text.exit_code == 0, text.output
    assert "Night of Monday 2 March 2026" in text.output

    found = json.loads(runner.invoke(app, ["report", "--json"]).output)
    assert (found["night"], found["status"]) == ("2026-03-03", "blocked")

    page = tmp_path / "night.html"
    assert runner.invoke(app, ["report", "--html", str(page)]).exit_code == 0
    assert page.read_text().startswith("<!DOCTYPE html>")

    wrong = runner.invoke(app, ["report", "--date", "2 March"])
    assert isinstance(wrong.exception, InputError)


def browse(page: Path, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page in a headless browser that talks to nobody."""
    assert CHROMIUM is not None
    return subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", f"--user-data-dir={profile}",
            *options, page.as_uri(),
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip


@needs_chromium
def test_a_real_browser_draws_the_page_without_a_complaint(project_root: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "night.html", tmp_path / "night.png"
    page.write_text(render_html(make_report(project_root)))

    drawn = browse(page, tmp_path / "profile", "--window-size=1280,1800", f"--screenshot={picture}")
    dom = browse(page, tmp_path / "profile", "--dump-dom").stdout

    # A blank page of this size compresses to some 10 kB.
    assert picture.stat().st_size > 100_000
    assert "CONSOLE" not in drawn.stderr
    assert dom.count("<caption>") > 6
    assert 'class="band late"' in dom
    assert "13 findings overdue: start here." in dom
