"""The report as one self-contained HTML page: own styles and pictures inside, nothing loaded from anywhere."""

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from scv import __version__
from scv.clock import LONDON
from scv.report import words
from scv.report.charts import draw_flow
from scv.report.facts import NightReport


def make_environment(package: str = "scv.report") -> Environment:
    """Templates of a package, which may use the report's small pictures; every text put into them is escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("scv.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=words.count,
        seconds=words.seconds,
        london=lambda instant: instant.astimezone(LONDON).strftime("%H:%M"),
        day=lambda day: f"{day:%A} {day.day} {day:%B %Y}",
        short_day=lambda day: f"{day.day} {day:%b}",
        code=_mark_code,
        largest=_find_largest,
        plain=lambda name: str(name).replace("_", " "),
    )
    environment.globals.update(
        change=words.change, plural=words.plural, style=_read_style(), version=__version__
    )
    return environment


def render_html(report: NightReport) -> str:
    """The page; every text that is put into it is escaped."""
    return (
        make_environment()
        .get_template("report.html")
        .render(
            report=report,
            flow=draw_flow(report),
            state=words.state(report),
            headline=words.headline(report),
            words=words,
        )
    )


def _read_style() -> str:
    return files("scv.report").joinpath("templates/style.css").read_text(encoding="utf-8")


def _find_largest(items: Iterable[Any], *attributes: str) -> float:
    """The largest of these numbers, to which bars are drawn; 1 where there is none or all are nought."""
    numbers = [getattr(item, attribute) for item in items for attribute in attributes]
    return max((number for number in numbers if number), default=1)


def _mark_code(text: str) -> Markup:
    """Text in which `backticks` mark what is typed; everything is escaped first."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))
