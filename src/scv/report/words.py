"""Numbers, times and the state of a night in words, the same on the terminal and in the page."""

from scv.report.facts import NightReport, SystemLoad

STATUS = {
    "published": "Published",
    "blocked": "Not published",
    "failed": "Failed",
    "running": "Still running",
    "held": "Held for release",
}
SYSTEM_STATUS = {
    "whole": "of tonight",
    "stale": "stale: not reached",
    "half": "half delivered",
    "failed": "refused",
    "missing": "not loaded",
}
SEVERITIES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
EVENTS = {
    "created": "new people",
    "merged": "merged into another",
    "split": "split in two",
    "retired": "no record left",
    "returned": "back again",
}


def count(number: int) -> str:
    """A whole number with thousands separators."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """'1 row', '2,000 rows'; for nouns that only take an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def change(now: int, before: int | None) -> str:
    """'+12', '-3', 'as last night', or nothing where there is no night to compare with."""
    if before is None:
        return ""
    return f"{now - before:+,}" if now != before else "as last night"


def seconds(value: float | None) -> str:
    """'0.4 s', '35 s', '12 min 5 s'; nothing where it is not known."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{int(value) // 60} min {int(value) % 60} s"


def state(report: NightReport) -> str:
    """published, blocked, failed, running, or held."""
    return "held" if report.held else report.status


def headline(report: NightReport) -> str:
    """Two or three sentences that say how the night went and what readers see."""
    last = f"the night of {report.previous_night:%-d %B}" if report.previous_night else "no night yet"
    if report.status == "published":
        rows = sum(table.touched for table in report.publication)
        tables = sum(bool(table.touched) for table in report.publication)
        said = f"Readers see this night: {plural(rows, 'row')} changed in {plural(tables, 'table')}."
    elif report.held:
        said = f"The night is ready but changes more than usual, so a person must release it. Readers see {last}."
    elif report.status == "running":
        said = f"The night has not ended. Readers see {last} until it has."
    else:
        said = f"Nothing of this night was published. Readers see {last}, whole and unchanged."
    fresh = sum(rule.fresh for rule in report.findings)
    gone = sum(rule.gone for rule in report.findings)
    return f"{said} {arrivals(report.systems)} {plural(fresh, 'finding')} new or back, {count(gone)} gone."


def arrivals(systems: tuple[SystemLoad, ...]) -> str:
    """How many systems are of tonight."""
    whole = sum(system.status == "whole" for system in systems)
    if whole == len(systems):
        return f"All {len(systems)} systems are of tonight."
    late = ", ".join(system.system for system in systems if system.status != "whole")
    return f"{whole} of {len(systems)} systems are of tonight; not {late}."
