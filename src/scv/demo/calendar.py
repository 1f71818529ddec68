"""Days as integers (days since 1970-01-01, London), and instants within them as UTC seconds."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

OPEN = 2_000_000
"""A day later than any: not ended."""

EPOCH = date(1970, 1, 1)
YEAR = 365.25


def to_day(value: date) -> int:
    """Day number of a date."""
    return (value - EPOCH).days


def to_date(day: int) -> date:
    """Date of a day number."""
    return EPOCH + timedelta(days=int(day))


def _last_sunday(year: int, month: int) -> int:
    last = date(year, month, 31)
    return to_day(last - timedelta(days=(last.weekday() + 1) % 7))


@lru_cache(maxsize=512)
def _summer(year: int) -> tuple[int, int]:
    return _last_sunday(year, 3), _last_sunday(year, 10)


def is_summer(day: int) -> bool:
    """Whether London keeps summer time on that day (office hours are never near the change itself)."""
    start, end = _summer(to_date(day).year)
    return start <= day < end


def instant(day: int, seconds: int) -> int:
    """UTC epoch seconds of so many seconds after London midnight (06:00 or later) of a day."""
    return day * 86_400 + seconds - (3_600 if is_summer(day) else 0)


def instants(days: NDArray[np.int64], seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """`instant` for arrays."""
    distinct, index = np.unique(days, return_inverse=True)
    shift = np.array([3_600 if is_summer(int(day)) else 0 for day in distinct], dtype=np.int64)
    return days * 86_400 + seconds - (shift[index] if len(distinct) else 0)


def write_instant(seconds: int) -> str:
    """ISO 8601 text in UTC of epoch seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_weekday(day: int, weekday: int) -> int:
    """The first day not before `day` that is the given weekday (Monday is 0)."""
    return day + (weekday - (day + 3)) % 7


def next_working_day(day: int) -> int:
    """The day itself, or the Monday after a week-end."""
    weekday = (day + 3) % 7
    return day if weekday < 5 else day + 7 - weekday
