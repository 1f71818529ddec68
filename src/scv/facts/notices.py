"""One notice at the door: which fact it tells, or all reasons why it is refused, without repeating it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from scv.clock import cutoff, london_date
from scv.disclosures import CodeLists, Disclosure, Refusal, read_disclosure
from scv.disclosures.door import Door
from scv.disclosures.entry import FACT_FIELDS
from scv.facts.evidence import EvidenceCode
from scv.purposes.register import Register

COMMON = ("kind", "source_department", "reference", "known_at")
BY_KEY = ("system", "table", "key", "person_no")
# Ways to name a person; exactly one is used.
NAMING = ("customer_id", "record_key", "system")
# A person may be described instead, with a name and one of the other things that tell persons apart. Numbers of
# national registers are left out: no notice may compare what its department may not.
NAMES = ("full_name", "surname")
APART = ("birth_date", "address", "uprn")
DESCRIPTION = (*NAMES, *APART, "title", "forename", "middle_names", "suffix", "postcode", "email", "phone")
# Fields of each kind: those that it needs, and those that it may have.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "death": (("evidence_code",), ("date_of_death",)),
    "death_reversed": ((), ()),
    "support": FACT_FIELDS,
    "support_met": (("refers_to",), ("refers_to_department",)),
    "support_reviewed": (("refers_to", "review_due"), ("refers_to_department",)),
    "safe_contact": (("starts_on",), ("ends_on",)),
    "moratorium": (("moratorium_code", "starts_on"), ("ends_on",)),
    "moratorium_ended": (("refers_to", "ends_on"), ("refers_to_department",)),
    "withdrawal": (("refers_to",), ("refers_to_department",)),
}
MORATORIA = ("standard", "mental_health_crisis")
# Debt Respite Scheme (Breathing Space Moratorium and Mental Health Crisis Moratorium) Regulations 2020: days
# of a standard moratorium.
STANDARD_DAYS = 60
REVIEW_DAYS = 366
_REFERENCE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._/-]{1,39}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2}))?")
# Stands for a record that was not found, which is told apart, so that the rest can be judged.
NO_RECORD = "0" * 32


@dataclass(frozen=True)
class Fact:
    """A fact as it is written down: the columns of facts.fact that the notice itself decides."""

    kind: str
    source_department: str
    reference: str
    known_at: datetime
    starts_on: date | None = None
    ends_on: date | None = None
    review_due: date | None = None
    date_of_death: date | None = None
    evidence_code: str | None = None
    level: int | None = None
    disclosed_on: date | None = None
    need_code: str | None = None
    action_code: str | None = None
    channel_code: str | None = None
    condition_code: str | None = None
    share_scope: tuple[str, ...] | None = None
    moratorium_code: str | None = None

    def texts(self) -> list[str]:
        """All that it says but when it was told, in a fixed order: a notice sent twice says the same."""
        return [
            f"{field.name}={getattr(self, field.name)}" for field in fields(self) if field.name != "known_at"
        ]


@dataclass(frozen=True)
class Books:
    """What notices are judged by."""

    codes: CodeLists
    evidence: dict[str, EvidenceCode]
    register: Register


def read_notice(given: Mapping[str, str], books: Books, on: date) -> Fact | tuple[Refusal, ...]:
    """The fact that a mapping of texts tells, or why it is refused. `on` is the day of recording.

    Who it is about is left to `subjects`: only that one person is named in one way is judged here.
    """
    given = {name: value.strip() for name, value in given.items() if value.strip()}
    kind = given.get("kind", "")
    if kind not in KINDS:
        # which fields it may have depends on it
        door = Door({"kind": kind}, ("kind",), ())
        door.take_code("kind", KINDS)
        return tuple(door.refusals)
    departments = [department.name for department in books.register.departments]
    needed, optional = KINDS[kind]
    person = () if "refers_to" in needed else (*NAMING[:2], *BY_KEY, *DESCRIPTION)
    door = Door(given, (*COMMON, *needed), (*optional, *person))
    reference = door.take(
        "reference", _REFERENCE, "2 to 40 letters, digits, . _ / or -, with a digit: a number of yours"
    )
    if reference:
        door.refuse_terms("reference", reference)
    common: dict[str, Any] = {
        "kind": kind,
        "source_department": door.take_code("source_department", departments),
        "reference": reference,
        "known_at": _take_instant(door, on),
    }
    if person:
        _check_naming(door, given)
    if kind == "support":
        return _read_support(given, books, on, door, common)
    fact = Fact(**common, **_read_fields(door, kind, books, departments))
    return tuple(door.refusals or _refuse_dates(fact, on)) or fact


def _check_naming(door: Door, given: Mapping[str, str]) -> None:
    described = any(name in given for name in DESCRIPTION)
    if described + sum(name in given for name in NAMING) != 1:
        door.refuse("person", f"expected exactly one of {', '.join(NAMING)} and a description")
    elif described and not (any(n in given for n in NAMES) and any(n in given for n in APART)):
        door.refuse(
            "person", f"expected in a description {' or '.join(NAMES)}, and with it one of {', '.join(APART)}"
        )


def _read_fields(door: Door, kind: str, books: Books, departments: list[str]) -> dict[str, Any]:
    """The kind's own fields, each as its column."""
    found: dict[str, Any] = {}
    for name in (field for fields_of in KINDS[kind] for field in fields_of):
        if name == "evidence_code":
            code = door.take_code(name, books.evidence)
            found |= {name: code, "level": books.evidence[code].level if code in books.evidence else None}
        elif name == "moratorium_code":
            found[name] = door.take_code(name, MORATORIA)
        elif name == "refers_to":
            door.take(name, _REFERENCE, "the reference of an earlier notice")
        elif name == "refers_to_department":
            if door.has(name):
                door.take_code(name, departments)
        else:
            found[name] = door.take_date(name)
    return found


def _read_support(
    given: dict[str, str], books: Books, on: date, door: Door, common: dict[str, Any]
) -> Fact | tuple[Refusal, ...]:
    body = {name: given[name] for part in FACT_FIELDS for name in part if name in given}
    body |= {"record_key": NO_RECORD, "recorded_by": given.get("source_department", "")}
    read = read_disclosure(body, books.codes, books.register, on)
    if not isinstance(read, Disclosure):
        # the disclosure calls the department by another name, and both doors judge it: told once
        both = {
            r.field.replace("recorded_by", "source_department"): r.message for r in (*read, *door.refusals)
        }
        return tuple(Refusal(field, message) for field, message in both.items())
    if door.refusals:
        return tuple(door.refusals)
    return Fact(
        **common,
        starts_on=read.starts_on,
        ends_on=read.expires_on,
        review_due=read.review_due,
        disclosed_on=read.disclosed_on,
        need_code=read.need_code,
        action_code=read.action_code,
        channel_code=read.channel_code,
        condition_code=read.condition_code,
        share_scope=tuple(sorted(read.share_scope)),
    )


def _take_instant(door: Door, on: date) -> datetime:
    """When the department was told; a day alone means its beginning in London."""
    text = door.take("known_at", _INSTANT, "a day as YYYY-MM-DD, or an instant with its offset from UTC")
    try:
        known_at = (
            cutoff(date.fromisoformat(text))
            if len(text) == len("YYYY-MM-DD")
            else datetime.fromisoformat(text)
        )
    except ValueError:
        if text:
            door.refuse("known_at", "expected a day and time of the calendar")
        return cutoff(on)
    if london_date(known_at) > on:
        door.refuse("known_at", "expected a day that is not in the future")
    return known_at


def _refuse_dates(fact: Fact, on: date) -> list[Refusal]:
    known_on = london_date(fact.known_at)
    start = fact.starts_on or known_on
    latest = start + timedelta(days=STANDARD_DAYS)
    standard = fact.moratorium_code == "standard"
    wrong = {
        "date_of_death": (
            "a day that is not after the day on which it was known",
            fact.date_of_death is not None and fact.date_of_death > known_on,
        ),
        "ends_on": (
            f"a day after the start and at most {STANDARD_DAYS} days later"
            if standard
            else "a day after the start",
            (standard and fact.ends_on is None)
            or (fact.ends_on is not None and fact.starts_on is not None and fact.ends_on <= start)
            or (standard and fact.ends_on is not None and fact.ends_on > latest),
        ),
        "review_due": (
            "a day after the review, within a year of it",
            fact.review_due is not None
            and not known_on < fact.review_due <= known_on + timedelta(days=REVIEW_DAYS),
        ),
    }
    return [
        Refusal(field, f"expected {expected}") for field, (expected, is_wrong) in wrong.items() if is_wrong
    ]
