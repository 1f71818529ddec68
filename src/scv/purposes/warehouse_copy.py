"""The copy of the purpose register in the warehouse, for SQL, with every version that nights were run under."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.types.json import Jsonb

from scv.db import warehouse
from scv.purposes.checking import check_model, check_register
from scv.purposes.register import Register
from scv.settings import Settings, get_settings

ALERT_KIND = "purpose_register"


@dataclass(frozen=True)
class RegisterCopy:
    """The register that a night runs under: its version (sha256 of what it says), listed cells, problems."""

    version: str
    cells: int
    problems: int
    is_new: bool


def hash_register(register: Register) -> str:
    """The sha256 of what a register says, in hex; comments and layout of its file make no version."""
    return hashlib.sha256(json.dumps(_content(register), sort_keys=True).encode()).hexdigest()


def copy_register(register: Register, night: date, settings: Settings | None = None) -> RegisterCopy:
    """Bring control.purpose to the register, keep its version, and alert the night to what is to be mended.

    Running it again changes nothing. As role publisher; DatabaseError where the warehouse refuses.
    """
    settings = settings or get_settings()
    version = hash_register(register)
    with (
        warehouse.translate_db_errors("copying the purpose register", "control.purpose"),
        warehouse.connect("publisher", settings) as connection,
    ):
        newest = connection.execute(
            "select content_hash from audit.purpose_register order by version_no desc limit 1"
        ).fetchone()
        is_new = newest is None or newest[0] != version
        if is_new:
            connection.execute(
                "insert into audit.purpose_register (night, content_hash, cells, register) values (%s, %s, %s, %s)",
                [night, version, len(list(register.cells())), Jsonb(_content(register))],
            )
            _write_cells(connection, register)
        problems = [
            *(found for found in check_register(settings.project_root, night) if found.severity == "error"),
            *check_model(register, _read_identifier_systems(connection), night),
        ]
        connection.execute(
            "delete from alerts.run_alert where night = %s and kind = %s and system = ''", [night, ALERT_KIND]
        )
        if problems:
            connection.execute(
                "insert into alerts.run_alert (night, system, kind, message) values (%s, '', %s, %s)",
                [
                    night,
                    ALERT_KIND,
                    f"The purpose register has {len(problems)} problems, the first: {problems[0].entry}: "
                    f"{problems[0].message} `scv purposes check --date {night}` lists those of its file.",
                ],
            )
        cells = connection.execute("select count(*) from control.purpose").fetchone()
    return RegisterCopy(version, cells[0] if cells else 0, len(problems), is_new)


def _read_identifier_systems(connection: psycopg.Connection) -> dict[str, list[str]]:
    """What the linkage model in force keeps of the register; nothing before the first model."""
    kept = connection.execute(
        "select settings -> 'identifier_systems' from link.model where active"
    ).fetchone()
    return dict(kept[0] or {}) if kept else {}


def _content(register: Register) -> dict[str, object]:
    return register.model_dump(mode="json", exclude={"path"})


def _write_cells(connection: psycopg.Connection, register: Register) -> None:
    connection.execute("delete from control.purpose")
    connection.execute("delete from control.system_department")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into control.system_department (source_system, department) values (%s, %s)",
            [(system, item.name) for item in register.departments for system in item.systems],
        )
        cursor.executemany(
            """
            insert into control.purpose (department, purpose, data_class, entry, lawful_basis, article_9,
                                         schedule_1, valid_from, valid_to, review_due)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    *cell, entry.name, entry.lawful_basis,
                    entry.condition.article_9 if entry.condition else None,
                    entry.condition.schedule_1 if entry.condition else None,
                    entry.approved_on, entry.expires_on, entry.review_due,
                )
                for cell, entry in register.cells()
            ],
        )  # fmt: skip
