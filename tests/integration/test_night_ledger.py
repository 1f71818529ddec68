"""Which night maintenance may load into: the last one that has ended, and never one beside a night that runs."""

from datetime import date

import psycopg
import pytest

from scv.db.warehouse import connect
from scv.night import ledger, steps

SUNDAY_GONE_BY, NIGHT = date(2026, 2, 22), date(2026, 3, 2)


@pytest.fixture(autouse=True)
def no_nights(admin: psycopg.Connection) -> None:
    """Every test starts before the first night."""
    admin.execute("truncate audit.night, control.night_context cascade")


def test_before_the_first_night_there_is_nothing_to_load_into() -> None:
    assert steps.reopen_last() is None


def test_beside_a_night_that_runs_nothing_is_opened_and_its_context_stays() -> None:
    ledger.open_night(SUNDAY_GONE_BY)
    ledger.close_night(SUNDAY_GONE_BY, "published")
    ledger.open_night(NIGHT)
    assert steps.reopen_last() is None
    assert ledger.read_night(NIGHT).night == NIGHT


def test_the_last_night_that_has_ended_is_opened_again() -> None:
    ledger.open_night(NIGHT)
    ledger.close_night(NIGHT, "published")
    again = steps.reopen_last()
    assert again is not None and again.night == NIGHT
    with connect("publisher") as connection:
        assert connection.execute("select status from audit.night").fetchall() == [("running",)]
