"""Writing facts down: judged row by row, each told twice written once, in force as soon as this returns."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql

from scv.db import warehouse
from scv.disclosures import Refusal, load_codes
from scv.errors import InputError
from scv.facts.evidence import load_evidence_codes
from scv.facts.files import Notice, read_disclosures, read_notices
from scv.facts.notices import Books, Fact, read_notice
from scv.facts.subjects import Subject, find_subjects
from scv.keys import keyed_hash
from scv.manifests import load_manifests
from scv.purposes.register import load_register
from scv.settings import Settings, get_settings

NAME_LENGTHS = (2, 80)
# Which kinds of facts a later notice can be about.
ABOUT = {
    "support_met": ("support",),
    "support_reviewed": ("support",),
    "moratorium_ended": ("moratorium",),
    "withdrawal": ("death", "death_reversed", "support", "safe_contact", "moratorium"),
}


@dataclass(frozen=True)
class RowRefusal:
    """A notice that is refused, by its line in the file or its place in the list."""

    row: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class ApplyResult:
    """What became of notices: written down now, known before, or refused with reasons."""

    recorded: int
    known: int
    refused: tuple[RowRefusal, ...]


@dataclass(frozen=True)
class _Earlier:
    fact_id: int
    kind: str
    subject_record_key: str


def apply_file(path: Path, by: str, on: date, settings: Settings | None = None) -> ApplyResult:
    """Write down the facts of a file of notices (CSV or JSON lines); `by` is who does it, `on` the day.

    A row that is refused does not keep the others waiting. InputError where the file cannot be read to its
    end: then nothing is written down.
    """
    return apply_notices(read_notices(path), by, on, settings)


def record_disclosures(path: Path, by: str, on: date, settings: Settings | None = None) -> ApplyResult:
    """The same for a file of disclosures, which all are notices of support told on the day."""
    return apply_notices(read_disclosures(path, on), by, on, settings)


def apply_notices(
    notices: Sequence[tuple[int, Notice]], by: str, on: date, settings: Settings | None = None
) -> ApplyResult:
    """The same for notices with their numbers; as role linkage, in one transaction, in their order."""
    settings = settings or get_settings()
    by = " ".join(by.split())
    if not NAME_LENGTHS[0] <= len(by) <= NAME_LENGTHS[1]:
        raise InputError(
            f"--by takes the name or staff number of who applies the facts: {NAME_LENGTHS[0]} to "
            f"{NAME_LENGTHS[1]} characters."
        )
    root, secret = settings.project_root, settings.record_key_bytes()
    books = Books(load_codes(root), load_evidence_codes(root), load_register(root))
    counts = {"recorded": 0, "known": 0}
    refused = []
    with (
        warehouse.translate_db_errors("writing down facts", "facts.fact"),
        warehouse.connect("linkage", settings) as connection,
    ):
        subjects = find_subjects(connection, [given for _, given in notices], load_manifests(root), secret)
        for (row, given), subject in zip(notices, subjects, strict=True):
            fact = read_notice(given, books, on)
            said = _apply(connection, given, fact, subject, by, secret)
            if isinstance(said, str):
                counts[said] += 1
            else:
                refused.append(RowRefusal(row, said))
    return ApplyResult(counts["recorded"], counts["known"], tuple(refused))


def _apply(
    connection: psycopg.Connection,
    given: Notice,
    fact: Fact | tuple[Refusal, ...],
    subject: Subject | Refusal,
    by: str,
    secret: bytes,
) -> str | tuple[Refusal, ...]:
    """Write one fact down: `recorded`, `known`, or why it is refused."""
    refusals = () if isinstance(fact, Fact) else fact
    earlier: _Earlier | None = None
    if isinstance(fact, Fact) and fact.kind in ABOUT:
        found = _find_earlier(connection, given, fact)
        if isinstance(found, Refusal):
            return (found,)
        earlier, anchor = found, found.subject_record_key
    elif isinstance(subject, Refusal):
        # of a notice that is refused for how it names somebody, that is told once
        named = any(refusal.field == "person" for refusal in refusals)
        return refusals if named or given.get("kind", "").strip() in ABOUT else (*refusals, subject)
    else:
        anchor = subject.record_key
    if not isinstance(fact, Fact):
        return refusals
    about = earlier.fact_id if earlier else None
    fingerprint = keyed_hash(secret, *fact.texts(), about)
    columns = asdict(fact) | {
        "share_scope": None if fact.share_scope is None else list(fact.share_scope),
        "subject_record_key": anchor,
        "refers_to": about,
        "recorded_by": by,
        "fingerprint": fingerprint,
    }
    statement = sql.SQL(
        "insert into facts.fact ({}) values ({}) on conflict (source_department, reference) do nothing"
        " returning fact_id"
    ).format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    if connection.execute(statement, list(columns.values())).fetchone():
        return "recorded"
    return _compare(connection, fact, fingerprint, anchor)


def _compare(
    connection: psycopg.Connection, fact: Fact, fingerprint: str, anchor: str
) -> str | tuple[Refusal, ...]:
    """Whether a reference that is taken told the same of the same person: then it is known."""
    same = connection.execute(
        """
        select fact.fingerprint = %s and (
            fact.subject_record_key = %s
            or coalesce(
                (select customer_id from link.membership
                 where record_key = fact.subject_record_key and valid_to is null),
                -- slow, as it follows merges: only for a record that is gone
                (select customer_id from facts.subject where record_key = fact.subject_record_key)
            ) = (select customer_id from link.membership where record_key = %s and valid_to is null)
        )
        from facts.fact as fact
        where fact.source_department = %s and fact.reference = %s
        """,
        [fingerprint, anchor, anchor, fact.source_department, fact.reference],
    ).fetchone()
    if same and same[0]:
        return "known"
    return (
        Refusal(
            "reference",
            "expected a new one: the department used it for another fact. A fact is never changed; withdraw it and "
            "tell it anew",
        ),
    )


def _find_earlier(connection: psycopg.Connection, given: Notice, fact: Fact) -> _Earlier | Refusal:
    department = given.get("refers_to_department", "").strip() or fact.source_department
    row = connection.execute(
        "select fact_id, kind, subject_record_key from facts.fact where source_department = %s and reference = %s",
        [department, given["refers_to"].strip()],
    ).fetchone()
    if row is None or row[1] not in ABOUT[fact.kind]:
        return Refusal(
            "refers_to",
            f"expected the reference of an earlier {' or '.join(ABOUT[fact.kind])} notice of {department}",
        )
    return _Earlier(*row)
