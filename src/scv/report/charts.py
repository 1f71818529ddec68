"""Geometry of the page's pictures; the templates draw them. Units are those of the picture's own box."""

from dataclasses import dataclass
from math import sqrt

from scv.report.facts import NightReport
from scv.report.words import SYSTEM_STATUS, change, count, plural

ROW_HEIGHT = 27
LABEL_WIDTH = 232
FUNNEL_WIDTH = 120
NODE_WIDTH = 8
BOX_WIDTH, BOX_HEIGHT, BOX_GAP = 152, 92, 32
THINNEST = 1.5


@dataclass(frozen=True)
class Band:
    """One system flowing into the warehouse: its label and the outline of its band."""

    label: str
    note: str
    y: float
    outline: str
    status: str


@dataclass(frozen=True)
class Box:
    """One station of the way: what it is, how much, and a note; `outline` arrows lead into it."""

    title: str
    value: str
    note: str
    x: float
    y: float
    arrow: str
    tone: str


@dataclass(frozen=True)
class Flow:
    """The picture of the night's way from the systems to the readers."""

    width: float
    height: float
    node_x: float
    node_y: float
    node_height: float
    box_width: float
    box_height: float
    bands: tuple[Band, ...]
    boxes: tuple[Box, ...]
    summary: str


def draw_flow(report: NightReport) -> Flow:
    """Systems on the left as bands (as thick as the square root of their rows), stations to the right."""
    height = max(len(report.systems) * ROW_HEIGHT, 2 * BOX_HEIGHT + 40)
    node_x = LABEL_WIDTH + FUNNEL_WIDTH
    weights = [sqrt(system.read) for system in report.systems]
    node_height = min(height - 40, 220)
    scale = (node_height - THINNEST * len(weights)) / (sum(weights) or 1)
    top = node_y = (height - node_height) / 2
    bands = []
    for place, (system, weight) in enumerate(zip(report.systems, weights, strict=True)):
        thickness = THINNEST + weight * scale
        middle = place * ROW_HEIGHT + ROW_HEIGHT / 2
        start = min(thickness, ROW_HEIGHT - 5)
        bands.append(
            Band(
                label=system.system.replace("_", " "),
                note=count(system.read)
                if system.status == "whole"
                else SYSTEM_STATUS[system.status].split(":")[0],
                y=middle,
                outline=_outline(LABEL_WIDTH, middle - start / 2, start, node_x, top, thickness),
                status=system.status,
            )
        )
        top += thickness
    boxes = _place_boxes(report, node_x + NODE_WIDTH, height)
    last = boxes[-1]
    return Flow(
        width=last.x + BOX_WIDTH + 2,
        height=height,
        node_x=node_x,
        node_y=node_y,
        node_height=node_height,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        bands=tuple(bands),
        boxes=boxes,
        summary=", then ".join(f"{box.title.lower()}: {box.value}" for box in boxes),
    )


def _outline(x: float, y: float, start: float, node_x: float, node_y: float, end: float) -> str:
    """A band that bends from a label to its place on the node."""
    bend = (x + node_x) / 2
    return (
        f"M{x:.1f},{y:.1f} C{bend:.1f},{y:.1f} {bend:.1f},{node_y:.1f} {node_x:.1f},{node_y:.1f} "
        f"V{node_y + end:.1f} "
        f"C{bend:.1f},{node_y + end:.1f} {bend:.1f},{y + start:.1f} {x:.1f},{y + start:.1f} Z"
    )


def _place_boxes(report: NightReport, left: float, height: float) -> tuple[Box, ...]:
    people, touched = report.people, sum(system.touched for system in report.systems)
    failed = report.checks.failed
    blocking = sum(check.severity == "critical" for check in failed)
    stations = [
        (
            "Rows read",
            count(sum(system.read for system in report.systems)),
            f"{count(touched)} not as before",
            "",
        ),
        ("Person records", count(people.records), _compare(people.records, people.records_before), ""),
        ("People", count(people.customers), _compare(people.customers, people.customers_before), ""),
        (
            "Checks",
            count(sum(report.checks.judged.values())),
            f"{blocking} blocking"
            if blocking
            else f"{plural(len(failed), 'warning')}"
            if failed
            else "all met",
            "bad" if blocking else "warn" if failed else "good",
        ),
    ]
    middle = height / 2
    boxes = []
    for place, (title, value, note, tone) in enumerate(stations):
        x = left + BOX_GAP + place * (BOX_WIDTH + BOX_GAP)
        boxes.append(Box(title, value, note, x, middle - BOX_HEIGHT / 2, _arrow(x, middle, middle), tone))
    x = left + BOX_GAP + len(stations) * (BOX_WIDTH + BOX_GAP)
    changed = sum(table.touched for table in report.publication)
    tables = sum(bool(table.touched) for table in report.publication)
    is_out = report.status == "published"
    ends = [
        (
            "Published rows",
            count(changed) if is_out else "none",
            f"in {plural(tables, 'table')}" if is_out else "last night stands",
            "good" if is_out else "bad",
        ),
        (
            "Open findings",
            count(report.open_findings),
            f"{count(sum(rule.fresh for rule in report.findings))} new or back",
            "",
        ),
    ]
    for place, (title, value, note, tone) in enumerate(ends):
        y = middle + (place - 0.5) * (BOX_HEIGHT + 24)
        boxes.append(Box(title, value, note, x, y - BOX_HEIGHT / 2, _arrow(x, middle, y), tone))
    return tuple(boxes)


def _arrow(x: float, from_y: float, to_y: float) -> str:
    start, end = x - BOX_GAP + 3, x - 7
    bend = (start + end) / 2
    return f"M{start:.1f},{from_y:.1f} C{bend:.1f},{from_y:.1f} {bend:.1f},{to_y:.1f} {end:.1f},{to_y:.1f}"


def _compare(now: int, before: int | None) -> str:
    said = change(now, before)
    return (
        "first night" if before is None else said if said == "as last night" else f"{said} since last night"
    )
