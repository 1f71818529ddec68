"""Telling people that a night failed: in its report, and by e-mail where a mail server is set."""

import smtplib
from contextlib import suppress
from datetime import date
from email.message import EmailMessage

from scv.db import warehouse
from scv.errors import ScvError
from scv.night import ledger
from scv.report import write_report
from scv.settings import Settings, get_settings


def report_failure(night: date, step: str, error: BaseException | None) -> None:
    """Close the night as failed, with a run alert, its report and a mail; only our own errors' words are passed on."""
    problem = str(error) if isinstance(error, ScvError) else type(error).__name__ if error else "unknown"
    ledger.fail_night(night, problem)
    _alert(night, "step_failed", f"{step}: {problem}")
    # The page that people open in the morning must not be that of the night before.
    with suppress(ScvError, OSError):
        write_report(night)
    settings = get_settings()
    if settings.smtp_host and settings.mail_to:
        try:
            _send(settings, f"Night {night}: {step} failed", problem)
        except OSError as refused:
            _alert(
                night, "mail_failed", f"The mail server did not take the message: {type(refused).__name__}"
            )


def withdraw_failures(night: date) -> None:
    """Take back the alerts of a night that was mended and published after all."""
    with warehouse.connect("publisher") as connection:
        connection.execute(
            "delete from alerts.run_alert where night = %s and kind in ('step_failed', 'mail_failed')",
            (night,),
        )


def _alert(night: date, kind: str, message: str) -> None:
    with warehouse.connect("publisher") as connection:
        connection.execute(
            """
            insert into alerts.run_alert (night, system, kind, message) values (%s, '', %s, %s)
            on conflict do nothing
            """,
            (night, kind, message),
        )


def _send(settings: Settings, subject: str, problem: str) -> None:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = settings.mail_from
    message["To"] = ", ".join(settings.mail_to)
    message.set_content(f"{problem}\n\nYesterday's marts stand. Runbook: docs/runbooks/failed_night.md\n")
    with smtplib.SMTP(settings.smtp_host or "", settings.smtp_port, timeout=30) as server:
        if settings.smtp_starttls:
            server.starttls()
        if settings.smtp_user and settings.smtp_password:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)
