"""A failed night is told: among the findings' alerts, and by e-mail where a mail server is set."""

import smtplib
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage

import psycopg
import pytest

from scv.db import warehouse
from scv.errors import SourceDataError
from scv.night.failures import report_failure, withdraw_failures
from scv.settings import Settings, get_settings

NIGHT = date(2026, 3, 2)


class FakeServer:
    """Stands for a mail server; keeps what it was given."""

    sent: list[EmailMessage] = []  # noqa: RUF012 - shared with the test on purpose

    def __init__(self, host: str, port: int, timeout: float) -> None:
        assert (host, port) == ("mail.example.gov.uk", 2525)

    def __enter__(self) -> "FakeServer":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def starttls(self) -> None:
        """The talk is encrypted unless a setting says otherwise."""

    def send_message(self, message: EmailMessage) -> None:
        """Keep it."""
        self.sent.append(message)


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EmailMessage]]:
    """Settings with a mail server that nobody listens to."""
    monkeypatch.setenv("SCV_SMTP_HOST", "mail.example.gov.uk")
    monkeypatch.setenv("SCV_SMTP_PORT", "2525")
    monkeypatch.setenv("SCV_MAIL_TO", '["duty@example.gov.uk"]')
    monkeypatch.setattr(smtplib, "SMTP", FakeServer)
    FakeServer.sent.clear()
    get_settings.cache_clear()
    yield FakeServer.sent
    get_settings.cache_clear()


def test_a_failure_is_an_alert_and_a_mail_to_the_engineer_on_duty(
    warehouse_alerts: Settings, mail: list
) -> None:
    report_failure(NIGHT, "load", SourceDataError("housing.member: 40 of 90 rows cannot be typed"))
    assert [message["To"] for message in mail] == ["duty@example.gov.uk"]
    assert "40 of 90 rows" in mail[0].get_content()
    assert _alerts() == ["load: housing.member: 40 of 90 rows cannot be typed"]


def test_the_words_of_other_programs_errors_are_not_passed_on(warehouse_alerts: Settings, mail: list) -> None:
    report_failure(NIGHT, "load", ValueError("cannot parse Mrs Okafor"))
    assert "Okafor" not in mail[0].get_content()
    assert _alerts() == ["load: ValueError"]


def test_a_mail_server_that_is_down_is_an_alert_and_hides_nothing(
    warehouse_alerts: Settings, mail: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    report_failure(NIGHT, "load", SourceDataError("too few rows"))
    assert _alerts() == [
        "The mail server did not take the message: ConnectionRefusedError",
        "load: too few rows",
    ]
    withdraw_failures(NIGHT)
    assert _alerts() == []


@pytest.fixture
def warehouse_alerts(warehouse: Settings) -> Settings:
    """A warehouse without alerts."""
    with _connect() as connection:
        connection.execute("delete from alerts.run_alert")
    return warehouse


def _connect() -> psycopg.Connection:
    return warehouse.connect("publisher")


def _alerts() -> list[str]:
    with _connect() as connection:
        return [
            row[0] for row in connection.execute("select message from alerts.run_alert order by 1").fetchall()
        ]
