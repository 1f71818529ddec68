"""The council's calendar: what a night's cut-off is and which London day an instant falls on."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def cutoff(night: date) -> datetime:
    """The cut-off of a night: 00:00 Europe/London on that date, in UTC."""
    return datetime(night.year, night.month, night.day, tzinfo=LONDON).astimezone(UTC)


def london_date(instant: datetime) -> date:
    """The London calendar day of an instant; a naive instant is refused with ValueError."""
    if instant.tzinfo is None:
        raise ValueError("london_date needs an instant with a time zone")
    return instant.astimezone(LONDON).date()
