"""How figures of an evaluation are said, the same on the terminal and in the page."""

from scv.linkage.evaluation.calibration import SURE
from scv.linkage.evaluation.evaluation import Evaluation
from scv.linkage.evaluation.groups import Group

ABOUT_GROUPS = (
    "Wrong and missed count pairs at the group's end; a pair of two groups counts half at each. Sex, age and "
    "origin are those of the true person, as most of its records have them."
)
ABOUT_ORIGIN = (
    "Origin is guessed from the letters of the surname by a short list of patterns. It says what a name looks "
    "like, not who bears it; it is used for these counts alone."
)


def percent(value: float | None) -> str:
    """'99.94 %', or nothing where there is no value; only a whole is called 100 %."""
    if value is None:
        return ""
    return "100 %" if value == 1 else f"{min(value, 0.99999):.3%}".replace("%", " %")


def per_thousand(group: Group, pairs: float) -> float:
    """Pairs for each thousand records of a group."""
    return 1000 * pairs / group.records if group.records else 0.0


def headline(evaluation: Evaluation) -> str:
    """What the links are worth, in a sentence."""
    score = evaluation.score
    return (
        f"B-cubed F1 {score.b_cubed.f1:.4f}: {score.records:,} records of {score.persons:,} people were linked to "
        f"{score.customers:,} customers. {percent(score.pairwise.precision)} of the links are true, and "
        f"{percent(score.pairwise.recall)} of the true links were found."
    )


def sureness(evaluation: Evaluation) -> str:
    """What the surest pairs are worth, in a sentence; nothing where weighed pairs are not known."""
    if evaluation.calibration is None:
        return ""
    sure = evaluation.calibration.sure
    return (
        f"Of {sure.pairs:,} pairs at a probability of {SURE} or more, {percent(sure.rate.precision)} are true; they "
        f"are {percent(sure.rate.recall)} of all true pairs. {percent(evaluation.calibration.weighed_true)} of the "
        "true pairs were weighed at all."
    )
