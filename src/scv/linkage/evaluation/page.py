"""An evaluation as one self-contained HTML page, in the style of the night's report."""

from scv.linkage.evaluation import wording
from scv.linkage.evaluation.evaluation import Evaluation
from scv.linkage.evaluation.pictures import draw_calibration, draw_thresholds
from scv.report.html import make_environment


def render_page(evaluation: Evaluation) -> str:
    """The page; it loads nothing, and every text that is put into it is escaped."""
    environment = make_environment("scv.linkage.evaluation")
    environment.filters.update(
        pairs=lambda number: f"{number:,.0f}" if number == int(number) else f"{number:,.1f}",
        percent=wording.percent,
        rate=lambda value: f"{value:.4f}",
    )
    environment.globals.update(per_thousand=wording.per_thousand)
    calibration = evaluation.calibration
    return environment.get_template("evaluation.html").render(
        evaluation=evaluation,
        plots=[] if calibration is None else [draw_calibration(calibration), draw_thresholds(calibration)],
        wording=wording,
    )
