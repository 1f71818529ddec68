"""`scv link evaluate`: how good links are, where the truth is known."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scv.errors import InputError

if TYPE_CHECKING:
    from scv.linkage.evaluation.evaluation import Evaluation


def evaluate_links(
    result: Annotated[
        Path | None,
        typer.Argument(help="What `scv link dataset` wrote: source_system, source_record_id, person_id."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Argument(help="Parquet file of source_system, source_record_id, entity_id.")
    ] = None,
    records: Annotated[Path | None, typer.Option(help="The records that were linked.")] = None,
    edges: Annotated[
        Path | None, typer.Option(help="The weighed pairs that `scv link dataset --explain` wrote.")
    ] = None,
    demo: Annotated[
        Path | None,
        typer.Option(help="In place of files: the home of a demonstration, after its last night."),
    ] = None,
    date_text: Annotated[
        str | None,
        typer.Option(
            "--date", help="The day from which ages are counted; with --demo also the night, else the last."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Also write one self-contained page to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Compare links with the truth: scores, calibration, and errors by group. Prints counts and shares only."""
    as_of = _parse(date_text)
    if html is not None and not html.parent.is_dir():
        raise InputError(f"The folder {html.parent} does not exist. Make it, or name another file.")
    if demo is not None:
        if result or truth or records or edges:
            raise InputError("Give either files or --demo HOME, not both.")
        found = _evaluate_demo(demo, as_of)
    elif result and truth and records:
        found = _evaluate_files(result, truth, records, edges, as_of)
    else:
        raise InputError(
            "Give RESULT, TRUTH and --records RECORDS, or --demo HOME for a demonstration's warehouse."
        )
    if html is not None:
        from scv.linkage.evaluation.page import render_page

        html.write_text(render_page(found), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(found.as_dict()))
        return
    from scv.linkage.evaluation.terminal import print_evaluation
    from scv.report.terminal import make_console

    print_evaluation(found, make_console())
    if html is not None:
        typer.echo(f"Wrote {html}")


def _evaluate_files(
    result: Path, truth: Path, records: Path, edges: Path | None, as_of: date | None
) -> "Evaluation":
    from scv.linkage.duck import open_memory
    from scv.linkage.evaluation.evaluation import evaluate
    from scv.linkage.evaluation.reading import read_files

    with open_memory() as con:
        return evaluate(read_files(con, result, truth, records, edges), f"Links in {result.name}", as_of)


def _evaluate_demo(home: Path, as_of: date | None) -> "Evaluation":
    from scv.db.warehouse import connect, translate_db_errors
    from scv.demo.score import read_true_persons
    from scv.linkage.duck import open_memory
    from scv.linkage.evaluation.evaluation import evaluate
    from scv.linkage.evaluation.reading import find_last_night, read_council
    from scv.settings import Settings

    settings = Settings(home=home)
    truth = read_true_persons(home, settings.record_key_bytes())
    with (
        open_memory() as con,
        translate_db_errors("reading links", "link.membership"),
        connect("linkage", settings) as connection,
    ):
        night = as_of or find_last_night(connection)
        return evaluate(read_council(con, connection, night, truth), f"Links of the night of {night}", night)


def _parse(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise InputError(
            f"'{value}' is not a date. Write it as YYYY-MM-DD, for example 2026-03-02."
        ) from None
