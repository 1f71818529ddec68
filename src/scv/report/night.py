"""Writing the report of a night into home/reports, where it is found without the warehouse."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scv.report.collect import collect_report
from scv.report.html import render_html
from scv.settings import Settings, get_settings


@dataclass(frozen=True)
class WrittenReport:
    """Where the page was written."""

    path: Path


def write_report(night: date, *, settings: Settings | None = None) -> WrittenReport:
    """Write the page of a night to home/reports/<night>.html, and as latest.html too."""
    settings = settings or get_settings()
    page = render_html(collect_report(night, settings=settings))
    folder = settings.home / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{night}.html"
    for target in (path, folder / "latest.html"):
        write_page(target, page)
    return WrittenReport(path)


def write_page(path: Path, page: str) -> None:
    """Write a page whole or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(page, encoding="utf-8")
    temporary.replace(path)
