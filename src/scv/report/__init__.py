"""The report of a night: counts, changes, findings, checks and times, on the terminal and as one page."""

from scv.report.collect import collect_report
from scv.report.night import WrittenReport, write_report

__all__ = ["WrittenReport", "collect_report", "write_report"]
