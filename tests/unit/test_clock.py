"""A night begins at midnight in London, summer and winter."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from scv.clock import cutoff, london_date


@pytest.mark.parametrize(
    ("night", "expected"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 0, 0, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 6, 30, 23, 0, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 0, 0, tzinfo=UTC)),  # clocks go forward at one
        (date(2026, 3, 30), datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 23, 0, tzinfo=UTC)),
        (date(2026, 10, 26), datetime(2026, 10, 26, 0, 0, tzinfo=UTC)),
    ],
)
def test_the_cutoff_is_midnight_in_london(night: date, expected: datetime) -> None:
    assert cutoff(night) == expected
    assert cutoff(night).utcoffset() == timedelta(0)
    assert london_date(cutoff(night)) == night


def test_the_last_moment_before_the_cutoff_is_the_day_before() -> None:
    assert london_date(cutoff(date(2026, 7, 1)) - timedelta(microseconds=1)) == date(2026, 6, 30)


def test_an_instant_in_another_zone_falls_on_its_london_day() -> None:
    assert london_date(datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=5)))) == date(2025, 12, 31)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        london_date(datetime(2026, 1, 1))
