"""An evaluation on a terminal."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from scv.linkage.evaluation.evaluation import Evaluation
from scv.linkage.evaluation.measures import Rate
from scv.linkage.evaluation.wording import (
    ABOUT_GROUPS,
    ABOUT_ORIGIN,
    headline,
    per_thousand,
    percent,
    sureness,
)

MOST_SYSTEMS = 12


def print_evaluation(evaluation: Evaluation, console: Console) -> None:
    """Print scores, calibration, errors by group and by pair of systems, and what errors look like."""
    console.print(f"\n{evaluation.title}", style="bold")
    console.print(headline(evaluation))
    if evaluation.calibration is not None:
        console.print(sureness(evaluation))
    for title, columns, rows in _tables(evaluation):
        table = Table(
            title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
        )
        for position, column in enumerate(columns):
            words = position == 0 or column in _WORDS
            table.add_column(column, justify="left" if words else "right", no_wrap=not words)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    aged = f" Ages are counted from {evaluation.as_of}." if evaluation.as_of else ""
    console.print(f"{ABOUT_GROUPS}{aged} {ABOUT_ORIGIN}", style="dim")


_WORDS = {"and", "Forename", "Surname", "Birth date", "Home"}


def _tables(evaluation: Evaluation) -> Iterable[tuple[str, Sequence[str], list[Sequence[str]]]]:
    score, calibration = evaluation.score, evaluation.calibration
    yield (
        "Against the truth",
        ("Measure", "Precision", "Recall", "F1"),
        [
            (name, *_rate(rate))
            for name, rate in (("pairs", score.pairwise), ("B-cubed", score.b_cubed), ("exact", score.exact))
        ],
    )
    if calibration is not None:
        yield "Does a probability mean what it says?", ("Probability", "Pairs", "Said", "True"), [
            (f"{entry.low:g} to {entry.high:g}", f"{entry.pairs:,}", percent(entry.said), percent(entry.true_share))
            for entry in calibration.bins
        ]  # fmt: skip
        yield (
            "If pairs at least this likely were the links",
            ("Probability", "Pairs", *_RATES),
            [
                (f"{entry.probability:g}", f"{entry.pairs:,}", *_rate(entry.rate))
                for entry in calibration.thresholds
            ],
        )
    for kind, groups in evaluation.groups.items():
        columns = (kind.capitalize(), "Records", "Wrong", "per 1,000", "Missed", "per 1,000", "B-cubed F1")
        yield f"Errors by {kind}", columns, [
            (
                group.label, f"{group.records:,}", f"{group.wrong:,.1f}", f"{per_thousand(group, group.wrong):.2f}",
                f"{group.missed:,.1f}", f"{per_thousand(group, group.missed):.2f}", f"{group.b_cubed.f1:.4f}",
            )
            for group in groups
        ]  # fmt: skip
    shown = evaluation.systems[:MOST_SYSTEMS]
    title = f"Errors by pair of systems ({len(shown)} of {len(evaluation.systems)}, the worst first)"
    yield title, ("System", "and", "True pairs", "Wrong", "Missed", "Precision", "Recall"), [
        (
            pair.first, pair.second, f"{pair.true:,}", f"{pair.wrong:,}", f"{pair.missed:,}",
            f"{pair.rate.precision:.4f}", f"{pair.rate.recall:.4f}",
        )
        for pair in shown
    ]  # fmt: skip
    for title, patterns in (("Wrong pairs", evaluation.wrong), ("Missed pairs", evaluation.missed)):
        if patterns:
            agreement = ("Forename", "Surname", "Birth date", "Home", "Pairs", "Share")
            yield f"{title}: how their records agree", agreement, [
                (p.forename, p.surname, p.birth_date, p.home, f"{p.pairs:,}", f"{p.share:.1%}") for p in patterns
            ]  # fmt: skip


_RATES = ("Precision", "Recall", "F1")


def _rate(rate: Rate) -> tuple[str, str, str]:
    return f"{rate.precision:.4f}", f"{rate.recall:.4f}", f"{rate.f1:.4f}"
