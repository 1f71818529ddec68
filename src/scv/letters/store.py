"""Verdicts as the warehouse keeps them: opaque keys, codes and nothing printed on an item."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import psycopg

from scv.errors import InputError
from scv.letters.rules import Verdict
from scv.linkage.transfer import copy_in

COLUMNS = (
    "screening_id", "item_key", "action", "rule_code", "reason_code", "data_class", "match_code", "other_rules",
    "evidence_keys",
)  # fmt: skip


@dataclass(frozen=True)
class Screening:
    """One screening of one file. `screening_id` follows from what was screened, by what and with which result, so
    that the same screening run twice is kept once."""

    screening_id: str
    profile: str
    screened_on: date
    file_hash: str
    items: int


def write_screening(
    connection: psycopg.Connection, screening: Screening, verdicts: Iterable[tuple[str, Verdict]]
) -> None:
    """Keep a screening with the verdict of each item key; nothing where it is kept already."""
    added = connection.execute(
        "insert into letters.screening (screening_id, profile, screened_on, file_hash, items)"
        " values (%s, %s, %s, %s, %s) on conflict do nothing",
        [
            screening.screening_id,
            screening.profile,
            screening.screened_on,
            screening.file_hash,
            screening.items,
        ],
    ).rowcount
    if added:
        rows = (_row(screening.screening_id, key, verdict) for key, verdict in verdicts)
        copy_in(connection, "letters.verdict", COLUMNS, rows)


def _row(screening_id: str, key: str, verdict: Verdict) -> tuple[object, ...]:
    advice = verdict.advice
    return (
        screening_id, key, advice.action, advice.rule, advice.reason, advice.data_class, verdict.match,
        list(verdict.others), list(advice.evidence),
    )  # fmt: skip


def read_actions(connection: psycopg.Connection, screening_id: str) -> Mapping[str, tuple[str, str]]:
    """Item key to action and rule of a screening; InputError where it is not kept here."""
    rows = connection.execute(
        "select item_key, action, rule_code from letters.verdict where screening_id = %s", [screening_id]
    ).fetchall()
    if not rows:
        raise InputError(
            f"Screening {screening_id} is not in this warehouse. Name the folder that `scv letters screen` wrote."
        )
    return {key: (action, rule) for key, action, rule in rows}
