"""One disclosure at the door: codes and dates are taken, everything else is refused and not repeated."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from scv.disclosures.codes import CodeLists
from scv.disclosures.door import Door, Refusal
from scv.purposes.register import Register

# What is told of the support itself: fields that are needed, and fields that may be empty. A need for which no
# action is agreed yet has no action_code.
FACT_FIELDS = (
    ("need_code", "channel_code", "condition_code", "share_scope", "disclosed_on", "starts_on", "review_due"),
    ("action_code", "expires_on"),
)
REQUIRED = ("record_key", "recorded_by", *FACT_FIELDS[0])
OPTIONAL = FACT_FIELDS[1]
# Under these names the purpose register allows that a department is told what to do.
PURPOSE, ACTION_CLASS = "support", "support_action"
_RECORD_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Disclosure:
    """Support that was agreed with the person of a record; `share_scope` are departments, periods half-open."""

    record_key: str
    need_code: str
    action_code: str | None
    channel_code: str
    condition_code: str
    recorded_by: str
    share_scope: frozenset[str]
    disclosed_on: date
    starts_on: date
    review_due: date
    expires_on: date | None


def read_disclosure(
    given: Mapping[str, str], codes: CodeLists, register: Register, on: date
) -> Disclosure | tuple[Refusal, ...]:
    """The disclosure that a mapping of texts describes, or all reasons why it is refused.

    `on` is the day of recording: departments must be allowed by the purpose register on it. `share_scope`
    holds departments, parted by blanks.
    """
    door = Door(given, REQUIRED, OPTIONAL)
    departments = [department.name for department in register.departments]
    disclosure = Disclosure(
        record_key=door.take("record_key", _RECORD_KEY, "a record key of 32 hexadecimal digits"),
        need_code=door.take_code("need_code", codes.needs),
        action_code=door.take_code("action_code", codes.actions) or None,
        channel_code=door.take_code("channel_code", codes.channels),
        condition_code=door.take_code("condition_code", codes.conditions),
        recorded_by=door.take_code("recorded_by", departments),
        share_scope=door.take_codes("share_scope", departments),
        disclosed_on=door.take_date("disclosed_on") or on,
        starts_on=door.take_date("starts_on") or on,
        review_due=door.take_date("review_due") or on,
        expires_on=door.take_date("expires_on"),
    )
    refusals = door.refusals or [
        *_refuse_reasons(disclosure, codes),
        *_refuse_departments(disclosure, register, on),
        *_refuse_dates(disclosure, codes, on),
    ]
    return tuple(refusals) or disclosure


def _refuse_reasons(disclosure: Disclosure, codes: CodeLists) -> list[Refusal]:
    special = codes.needs[disclosure.need_code].is_special_category
    article_9 = codes.conditions[disclosure.condition_code].article_9
    if special and article_9 is None:
        fitting = [code for code, reason in codes.conditions.items() if reason.article_9]
        return [Refusal("condition_code", f"expected one of {', '.join(fitting)}: the need tells of health")]
    return []


def _refuse_departments(disclosure: Disclosure, register: Register, on: date) -> list[Refusal]:
    """Nobody records or reads what the purpose register does not let them: the scope is never wider."""
    return [
        Refusal(
            field,
            f"expected departments that the purpose register allows {PURPOSE} / {ACTION_CLASS}, not {name}",
        )
        for field, names in (
            ("recorded_by", [disclosure.recorded_by]),
            ("share_scope", disclosure.share_scope),
        )
        for name in sorted(names)
        if not register.is_allowed(name, PURPOSE, ACTION_CLASS, on).allowed
    ]


def _refuse_dates(disclosure: Disclosure, codes: CodeLists, on: date) -> list[Refusal]:
    need = codes.needs[disclosure.need_code]
    latest = _add_months(disclosure.starts_on, need.review_months)
    wrong = {
        "disclosed_on": ("a day that is not in the future", disclosure.disclosed_on > on),
        "starts_on": ("the day of disclosure or later", disclosure.starts_on < disclosure.disclosed_on),
        "review_due": (
            f"a day after the start and within {need.review_months} months of it",
            not disclosure.starts_on < disclosure.review_due <= latest,
        ),
        "expires_on": (
            f"a day after the start{', because the need is temporary' if need.is_temporary else ''}",
            need.is_temporary
            if disclosure.expires_on is None
            else disclosure.expires_on <= disclosure.starts_on,
        ),
    }
    return [
        Refusal(field, f"expected {expected}") for field, (expected, is_wrong) in wrong.items() if is_wrong
    ]


def _add_months(day: date, months: int) -> date:
    """The same day some months later, or the last day of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
