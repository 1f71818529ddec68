"""Geometry of the evaluation's pictures; the template draws them. Units are those of the picture's own box."""

from dataclasses import dataclass

from scv.linkage.evaluation.calibration import Calibration

LEFT, TOP, STEP, HEIGHT, RIGHT, BOTTOM = 56, 18, 78, 220, 12, 40
GRID = 4


@dataclass(frozen=True)
class Line:
    """One measure over the steps: `path` joins its points, `points` are their places and words."""

    name: str
    tone: str
    path: str
    points: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Plot:
    """A plot with a scale on the left (`grid`: place and words), words under each step, and lines."""

    title: str
    summary: str
    width: float
    height: float
    left: float
    right: float
    base: float
    grid: tuple[tuple[float, str], ...]
    steps: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


def draw_calibration(calibration: Calibration) -> Plot:
    """What was said and what is true, by bin of match probability."""
    bins = [entry for entry in calibration.bins if entry.pairs]
    return _draw(
        "What was said, and what is true",
        [f"{entry.low:g}-{entry.high:g}" for entry in bins],
        [
            ("said", "before", [entry.said or 0.0 for entry in bins]),
            ("true", "now", [entry.true_share or 0.0 for entry in bins]),
        ],
        0.0,
    )


def draw_thresholds(calibration: Calibration) -> Plot:
    """Precision and recall if the pairs at least this likely were the links."""
    rates = [(entry.rate.precision, entry.rate.recall) for entry in calibration.thresholds]
    lowest = min((min(pair) for pair in rates), default=0.0)
    return _draw(
        "Precision and recall of pairs by threshold",
        [f"{entry.probability:g}" for entry in calibration.thresholds],
        [
            ("precision", "now", [precision for precision, _ in rates]),
            ("recall", "warn", [recall for _, recall in rates]),
        ],
        int(lowest * 10) / 10,
    )


def _draw(title: str, names: list[str], measures: list[tuple[str, str, list[float]]], lowest: float) -> Plot:
    span = 1 - min(lowest, 0.9)
    base = TOP + HEIGHT

    def place(value: float) -> float:
        return base - HEIGHT * max(value - (1 - span), 0.0) / span

    across = [LEFT + STEP * (position + 0.5) for position in range(len(names))]
    lines = []
    for name, tone, values in measures:
        points = tuple(
            (x, round(place(value), 1), f"{name} {value:.4f} at {step}")
            for x, value, step in zip(across, values, names, strict=True)
        )
        path = " ".join(f"{'L' if i else 'M'}{x:g},{y:g}" for i, (x, y, _) in enumerate(points))
        lines.append(Line(name, tone, path, points))
    marks = [1 - span + span * position / GRID for position in range(GRID + 1)]
    width = LEFT + STEP * len(names) + RIGHT
    return Plot(
        title=title,
        summary="; ".join(words for line in lines for _, _, words in line.points),
        width=width,
        height=base + BOTTOM,
        left=LEFT,
        right=width - RIGHT,
        base=base,
        grid=tuple((round(place(mark), 1), f"{mark:.0%}") for mark in marks),
        steps=tuple(zip(across, names, strict=True)),
        lines=tuple(lines),
    )
