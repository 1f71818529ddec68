"""The report of an invented night: the page is self-contained and accessible, and the advice fits the night."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console
from tests.support.sample_report import make_report

from scv.report import words
from scv.report.advice import advise
from scv.report.charts import draw_flow
from scv.report.facts import Checks, FailedCheck, NightReport, RunAlert
from scv.report.html import render_html
from scv.report.terminal import make_console, print_report

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page in order, and whether they are closed as they were opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture(scope="module")
def sample(project_root: Path) -> NightReport:
    return make_report(project_root)


@pytest.fixture(scope="module")
def page(sample: NightReport) -> Page:
    return Page(render_html(sample))


def test_the_page_is_well_formed_and_loads_nothing(sample: NightReport, page: Page) -> None:
    html = render_html(sample)

    assert page.open == []
    assert not [attrs for _, attrs in page.elements if attrs.get("src")]
    assert all((attrs["href"] or "").startswith("#") for _, attrs in page.elements if "href" in attrs)
    assert not re.search(r"https?://|@import|url\((?!#)|<script", html)
    assert "default-src 'none'" in html


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    targets = {(attrs["href"] or "")[1:] for tag, attrs in page.elements if tag == "a"}

    assert len(ids) == len(set(ids))
    assert len(targets) > 8
    assert targets <= set(ids)


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_and_pictures_can_be_read_without_seeing_them(page: Page) -> None:
    assert page.count("table") == page.count("caption") > 6
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.elements if tag == "th")
    for tag, attrs in page.elements:
        if tag == "svg" and attrs.get("class") in ("flow", "trend"):
            assert attrs.get("aria-hidden") == "true" or attrs.get("aria-labelledby")
    assert ("html", {"lang": "en-GB"}) in page.elements
    # what scrolls sideways can be scrolled by the keyboard
    assert all(attrs.get("aria-label") for tag, attrs in page.elements if attrs.get("tabindex") == "0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground_by_at_least_wcag_aa(scheme: str) -> None:
    style = files("scv.report").joinpath("templates/style.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[0 if scheme == "light" else 1]))

    on_ground = [
        (text, ground) for text in ("ink", "quiet", "accent") for ground in ("page", "surface", "sunken")
    ]
    on_tint = [(tone, f"{tone}-soft") for tone in ("good", "warn", "bad")] + [
        ("warn", "surface"),
        ("ink", "sunken"),
    ]
    for text, ground in on_ground + on_tint:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_text_from_outside_is_escaped(sample: NightReport) -> None:
    alert = RunAlert("housing", "system_stale", "<script>alert(1)</script> & `scv night`")
    html = render_html(replace(sample, alerts=(alert,)))

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_flow_shows_every_system_and_names_the_stale_one(sample: NightReport) -> None:
    flow = draw_flow(sample)

    assert len(flow.bands) == 12
    assert [band.note for band in flow.bands if band.status != "whole"] == ["stale"]
    assert max(box.x + flow.box_width for box in flow.boxes) <= flow.width
    assert {box.title for box in flow.boxes} >= {"Rows read", "People", "Published rows", "Open findings"}


def test_a_published_night_says_what_readers_see_and_what_was_late(sample: NightReport) -> None:
    assert words.headline(sample) == (
        "Readers see this night: 911 rows changed in 7 tables. 11 of 12 systems are of tonight; not housing. "
        "18 findings new or back, 14 gone."
    )


def test_a_blocked_night_says_that_yesterday_stands_and_how_to_go_on(sample: NightReport) -> None:
    failed = FailedCheck(
        "marts__table", "marts.dim_customer.kept_ratio.min", "critical", {"count": 0.1}, "Gone."
    )
    blocked = replace(sample, status="blocked", publication=(), checks=Checks({"marts": 3}, (failed,)))
    advice = advise(blocked)

    assert "Readers see the night of 3 March, whole and unchanged" in words.headline(blocked)
    assert "1 blocking check" in advice[0].text
    assert advice[0].command == "scv night --date 2026-03-04"
    assert "blocks" in render_html(blocked)


def test_a_held_night_names_the_change_and_the_command_that_releases_it(sample: NightReport) -> None:
    held = replace(sample, status="blocked", held=("marts.dim_customer: 90 of 100 rows deleted (limit 20%)",))
    advice = advise(held)

    assert words.STATUS[words.state(held)] == "Held for release"
    assert advice[0].items == held.held
    assert advice[0].command == "scv night --date 2026-03-04 --release"


def test_stewards_are_told_what_is_overdue_first(sample: NightReport) -> None:
    advice = [item for item in sample.advice if item.audience == "stewards"]

    assert advice[0].text == "13 findings overdue: start here."
    assert advice[0].items[0].startswith("Letter to a person the council knew to be dead: 12")
    # a stale system is the engineers' affair
    assert not any("Departmental system" in text for item in advice for text in item.items)


def test_a_quiet_night_says_that_nothing_is_to_do(sample: NightReport) -> None:
    quiet = replace(
        sample,
        systems=tuple(replace(system, status="whole", quarantined=0) for system in sample.systems),
        findings=(),
        checks=Checks({"marts": 3}, ()),
        people=replace(sample.people, pairs_to_review=0, decision_conflicts=0),
    )

    assert [item.text.split(":")[0] for item in advise(quiet)] == [
        "Nothing needs you",
        "Nothing is waiting for you",
    ]


def test_a_night_that_failed_at_once_can_be_reported(sample: NightReport) -> None:
    bare = replace(
        sample, status="failed", previous_night=None, finished_at=None, systems=(), findings=(), publication=(),
        checks=Checks({}, ()), steps=(), alerts=(), last_nights=(),
        people=replace(sample.people, records_before=None, customers_before=None, customers_by_system_count={}),
    )  # fmt: skip
    bare = replace(bare, advice=advise(bare))

    assert Page(render_html(bare)).open == []
    assert "Readers see no night yet" in words.headline(bare)


def test_the_terminal_report_is_plain_and_cuts_nothing_off(
    sample: NightReport, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(sample, make_console(is_plain=True))
    said = capsys.readouterr().out

    assert "\x1b" not in said
    assert "…" not in said
    for part in (
        "13 findings overdue",
        "council_tax",
        "214,380",
        "marts.dim_customer",
        "scv sources replay hr_payroll",
    ):
        assert part in said


def test_the_terminal_report_has_colours_on_a_terminal(sample: NightReport) -> None:
    console = Console(force_terminal=True, width=120, highlight=False, color_system="standard")
    with console.capture() as captured:
        print_report(sample, console)

    assert "\x1b[" in captured.get()


@pytest.mark.parametrize(
    ("value", "said"), [(None, ""), (0.42, "0.4 s"), (35.2, "35 s"), (119.4, "119 s"), (725, "12 min 5 s")]
)
def test_times_are_said_in_words(value: float | None, said: str) -> None:
    assert words.seconds(value) == said
