"""Publishing a night: one transaction brings the permanent tables and the findings to what was built."""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.types.json import Jsonb

from scv.clock import cutoff
from scv.db import warehouse
from scv.errors import CheckFailed, InputError, PublishRefused
from scv.findings.lifecycle import DeathEvidence, RuleCount, read_death_evidence, update_findings
from scv.findings.rules import load_rules
from scv.findings.systems import find_degraded, record_system_alerts
from scv.manifests import load_manifests
from scv.publish.contracts import PublishedModel, load_published_models
from scv.publish.difference import apply_difference
from scv.publish.holding import find_wild_change, load_limits
from scv.publish.tables import list_orphans, prepare_table
from scv.settings import Settings, get_settings

# Any constant will do, as long as nothing else in this database uses it.
PUBLISH_LOCK = 7_260_003


@dataclass(frozen=True)
class TablePublication:
    """Rows that a night changed in one permanent table."""

    inserted: int
    updated: int
    deleted: int


@dataclass(frozen=True)
class PublishResult:
    """What a night changed for readers: by table (schema.table) and by rule.

    `orphans` are permanent tables that no model is published to any more.
    """

    night: date
    tables: dict[str, TablePublication]
    findings: dict[str, RuleCount]
    orphans: tuple[str, ...]


class _Held(Exception):
    """Leaves the transaction of a night whose change a person should look at first."""

    def __init__(self, changes: list[str]) -> None:
        super().__init__()
        self.changes = changes


def publish_night(
    night: date, *, release: bool = False, require_checks: bool = True, settings: Settings | None = None
) -> PublishResult:
    """Apply the night's difference to marts, restricted and alerts.finding, whole or not at all.

    Running it again changes nothing; the counts are of the night as a whole. `release` publishes a change
    that is larger than usual; `require_checks=False` is for tests that build no checks. Raises CheckFailed
    where the night's checks block or are missing, PublishRefused where a table would have to lose something
    or the change is held, InputError where the built tables are of another night.
    """
    settings = settings or get_settings()
    models = load_published_models(settings.project_root)
    with warehouse.connect("transform", settings) as reader:
        evidence = read_death_evidence(reader)
    try:
        with (
            warehouse.translate_db_errors(f"publishing night {night}"),
            warehouse.connect("publisher", settings) as connection,
        ):
            connection.execute("select pg_advisory_xact_lock(%s)", [PUBLISH_LOCK])
            _check_night(connection, night)
            if require_checks:
                _check_verdicts(connection, night)
            return _publish(connection, night, models, evidence, release, settings)
    except _Held as held:
        raise PublishRefused(_hold(night, held.changes, settings)) from None


def _publish(
    connection: psycopg.Connection,
    night: date,
    models: tuple[PublishedModel, ...],
    evidence: list[DeathEvidence],
    release: bool,
    settings: Settings,
) -> PublishResult:
    limits = load_limits(settings.project_root)
    wild = []
    for model in models:
        prepared = prepare_table(connection, model)
        difference = apply_difference(connection, model, cutoff(night))
        change = find_wild_change(prepared, difference, limits.of(model.label))
        if change:
            wild.append(change)
        _record(connection, night, model, difference.inserted, difference.updated, difference.deleted)
    if wild and not release:
        raise _Held(wild)
    degraded = find_degraded(connection, load_manifests(settings.project_root), night)
    record_system_alerts(connection, degraded, night)
    findings = update_findings(
        connection,
        night,
        rules=load_rules(settings.project_root),
        degraded=degraded,
        evidence=evidence,
        secret=settings.record_key_bytes(),
    )
    connection.execute(
        "update audit.night set status = 'published', finished_at = now(), detail = %s where night = %s",
        [Jsonb({"released": wild} if wild else {}), night],
    )
    return PublishResult(
        night, _read_publication(connection, night), findings, list_orphans(connection, models)
    )


def _check_night(connection: psycopg.Connection, night: date) -> None:
    row = connection.execute("select night from control.night_context").fetchone()
    if row is None or row[0] != night:
        built = f"night {row[0]}" if row else "no night"
        raise InputError(
            f"Night {night} cannot be published: the built tables are of {built}. "
            f"Run `scv night --date {night}`."
        )


def _check_verdicts(connection: psycopg.Connection, night: date) -> None:
    judged, failed = connection.execute(
        """
        select count(*) filter (where starts_with(suite, 'marts__')),
               count(*) filter (where severity = 'critical' and not success)
        from audit.check_result where night = %s
        """,
        [night],
    ).fetchone() or (0, 0)
    if failed:
        raise CheckFailed(
            f"Night {night} is blocked by {failed} checks, so nothing was published and the tables of the "
            f"last published night stand. `scv report --date {night}` lists them; mend the cause and run the "
            f"night again."
        )
    if not judged:
        raise CheckFailed(
            f"The marts of night {night} were not checked yet, so nothing was published. "
            f"Run `scv night --date {night}`, which checks and then publishes."
        )


def _record(
    connection: psycopg.Connection,
    night: date,
    model: PublishedModel,
    inserted: int,
    updated: int,
    deleted: int,
) -> None:
    # Added up, so that a night that is published again keeps what its first time changed.
    connection.execute(
        """
        insert into audit.publication as known (night, schema_name, table_name, inserted, updated, deleted)
        values (%s, %s, %s, %s, %s, %s)
        on conflict (night, schema_name, table_name) do update set
            inserted = known.inserted + excluded.inserted, updated = known.updated + excluded.updated,
            deleted = known.deleted + excluded.deleted
        """,
        [night, model.schema, model.name, inserted, updated, deleted],
    )


def _read_publication(connection: psycopg.Connection, night: date) -> dict[str, TablePublication]:
    rows = connection.execute(
        """
        select schema_name || '.' || table_name, inserted, updated, deleted from audit.publication
        where night = %s order by 1
        """,
        [night],
    )
    return {label: TablePublication(*counts) for label, *counts in rows}


def _hold(night: date, changes: list[str], settings: Settings) -> str:
    """Mark the night as held, and say so; the tables of the last published night stand."""
    with (
        warehouse.translate_db_errors(f"holding night {night}", "audit.night"),
        warehouse.connect("publisher", settings) as connection,
    ):
        connection.execute(
            "update audit.night set status = 'blocked', finished_at = now(), detail = %s where night = %s",
            [Jsonb({"hold": changes}), night],
        )
    listed = "\n".join(f"  - {change}" for change in changes)
    return (
        f"Night {night} is held, because it changes more than usual; nothing was published and the tables of "
        f"the last published night stand:\n{listed}\n"
        f"Look at `scv report --date {night}`. If the change is right, run "
        f"`scv night --date {night} --release`; limits are in expectations/publishing.yml."
    )
