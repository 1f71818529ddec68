"""An evaluation: all figures about one set of links, as one value that terminal, page and JSON show."""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from scv.linkage.evaluation.calibration import Calibration, calibrate
from scv.linkage.evaluation.cases import Cases
from scv.linkage.evaluation.groups import (
    Group,
    SystemPair,
    compare_groups,
    compare_systems,
    find_reference_date,
)
from scv.linkage.evaluation.measures import PartitionScore, Rate, count_fellows, score_partition
from scv.linkage.evaluation.patterns import Pattern, describe_missed, describe_wrong


@dataclass(frozen=True)
class Evaluation:
    """Figures about links. `calibration` is None where the weighed pairs are not known; `as_of` is the day from which
    ages are counted; `systems` the pairs of systems, the worst first."""

    title: str
    score: PartitionScore
    calibration: Calibration | None
    groups: dict[str, tuple[Group, ...]]
    systems: tuple[SystemPair, ...]
    wrong: tuple[Pattern, ...]
    missed: tuple[Pattern, ...]
    as_of: date | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found: dict[str, Any] = _make_plain(self)
        return found


def evaluate(cases: Cases, title: str, as_of: date | None = None) -> Evaluation:
    """Compare links with the truth. Ages are counted from `as_of`, else from the end of the year of the last births."""
    score = score_partition(cases.true, cases.found)
    pairs = cases.pairs
    calibration = None
    if pairs is not None:
        is_true = cases.true[pairs.left] == cases.true[pairs.right]
        calibration = calibrate(pairs.probability, is_true, score.true_pairs)
    as_of = as_of or find_reference_date(cases.con)
    return Evaluation(
        title=title,
        score=score,
        calibration=calibration,
        groups=compare_groups(cases, count_fellows(cases.true, cases.found), as_of),
        systems=compare_systems(cases.con),
        wrong=describe_wrong(cases.con),
        missed=describe_missed(cases.con),
        as_of=as_of,
    )


def _make_plain(value: Any) -> Any:
    if isinstance(value, Rate):
        rates = {"precision": value.precision, "recall": value.recall, "f1": value.f1}
        return {name: round(rate, 6) for name, rate in rates.items()}
    if is_dataclass(value):
        return {field.name: _make_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _make_plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_make_plain(entry) for entry in value]
    if isinstance(value, float):
        return round(value, 6)
    return value.isoformat() if isinstance(value, date) else value
