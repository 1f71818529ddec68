"""Collects the report of a night out of the ledger and the findings; reads counts only, as role publisher."""

from dataclasses import replace
from datetime import date

import psycopg
from psycopg.rows import class_row

from scv.db import warehouse
from scv.errors import InputError
from scv.findings.rules import Rule, load_rules
from scv.findings.systems import find_degraded
from scv.manifests import load_manifests
from scv.report.advice import advise
from scv.report.checks import collect_checks
from scv.report.facts import NightLine, NightReport, People, Publication, RuleFindings, RunAlert
from scv.report.loads import collect_loads
from scv.report.steps import collect_steps
from scv.settings import Settings, get_settings

LAST_NIGHTS = 10
SEVERITY_ORDER = ("critical", "high", "medium", "low")

_FINDINGS = """
    select rule_code,
           count(*) filter (where is_open and not is_doubtful),
           count(*) filter (where was_open and not is_doubtful),
           count(*) filter (where is_open and is_doubtful),
           count(*) filter (where is_open and first_seen = %(night)s),
           count(*) filter (where is_open and reopened_on = %(night)s),
           count(*) filter (where gone_on = %(night)s and gone_cause = 'resolved'),
           count(*) filter (where gone_on = %(night)s and gone_cause = 'reversed'),
           count(*) filter (where is_open and deadline < %(night)s),
           count(*) filter (where is_open and deadline = %(night)s)
    from (
        select *, coalesce((facts ->> 'is_doubtful')::boolean, false) as is_doubtful,
               first_seen <= %(night)s and (gone_on is null or gone_on > %(night)s) as is_open,
               first_seen <= %(previous)s and (gone_on is null or gone_on > %(previous)s) as was_open
        from alerts.finding
    ) as judged
    group by rule_code
"""


def collect_report(night: date | None = None, *, settings: Settings | None = None) -> NightReport:
    """The report of a night; without a date, of the last night that was started. InputError where there is none."""
    settings = settings or get_settings()
    manifests = load_manifests(settings.project_root)
    with (
        warehouse.translate_db_errors("collecting the report"),
        warehouse.connect("publisher", settings) as connection,
    ):
        night = night or _find_last_night(connection)
        row = connection.execute(
            "select status, started_at, finished_at, detail from audit.night where night = %s", [night]
        ).fetchone()
        if row is None:
            raise InputError(f"There was no night {night}. {_list_nights(connection)}")
        status, started_at, finished_at, detail = row
        previous = _find_previous_night(connection, night)
        degraded = find_degraded(connection, manifests, night)
        report = NightReport(
            night=night,
            previous_night=previous,
            status=status,
            problem=detail.get("problem"),
            held=tuple(detail.get("hold", ())),
            started_at=started_at,
            finished_at=finished_at,
            systems=collect_loads(connection, manifests, degraded, night, previous),
            people=_collect_people(connection, night, previous),
            findings=_collect_findings(connection, load_rules(settings.project_root), night, previous),
            publication=_collect_publication(connection, night),
            checks=collect_checks(connection, settings.project_root, night),
            steps=collect_steps(connection, night, previous),
            alerts=_collect_alerts(connection, night),
            last_nights=_collect_last_nights(connection, night),
        )
    return replace(report, advice=advise(report))


def _find_last_night(connection: psycopg.Connection) -> date:
    row = connection.execute("select max(night) from audit.night").fetchone()
    if row is None or row[0] is None:
        raise InputError("There was no night yet. Run `scv night`, or `scv demo` for a synthetic council.")
    return date.fromisoformat(str(row[0]))


def _find_previous_night(connection: psycopg.Connection, night: date) -> date | None:
    row = connection.execute(
        "select max(night) from audit.night where night < %s and status = 'published'", [night]
    ).fetchone()
    return row[0] if row else None


def _list_nights(connection: psycopg.Connection) -> str:
    rows = connection.execute("select night from audit.night order by night desc limit 5").fetchall()
    return f"The last nights are {', '.join(str(night) for (night,) in rows)}." if rows else (
        "There was no night yet.")  # fmt: skip


def _collect_people(connection: psycopg.Connection, night: date, previous: date | None) -> People:
    counts = []
    for as_of in (night, previous):
        row = connection.execute(
            """
            select count(*), count(distinct customer_id) from link.membership
            where valid_from <= %(night)s and (valid_to is null or valid_to > %(night)s)
            """,
            {"night": as_of},
        ).fetchone()
        counts.append(row or (0, 0))
    events = connection.execute(
        """
        select cause, count(distinct coalesce(new_customer_id, old_customer_id)) from link.customer_event
        where night = %s group by cause order by cause
        """,
        [night],
    )
    questions = connection.execute(
        "select (select count(*) from link.review), (select count(*) from link.doubt),"
        " (select count(*) from link.decision_conflict)"
    ).fetchone()
    asked, doubtful, conflicts = questions or (0, 0, 0)
    return People(
        records=counts[0][0],
        records_before=counts[1][0] if previous else None,
        customers=counts[0][1],
        customers_before=counts[1][1] if previous else None,
        events=dict(events.fetchall()),
        pairs_to_review=asked,
        doubtful_links=doubtful,
        decision_conflicts=conflicts,
        customers_by_system_count=_count_by_systems(connection),
    )


def _count_by_systems(connection: psycopg.Connection) -> dict[int, int]:
    """How many customers are known to one system, to two, and so on, as published; empty before the first night."""
    bridge = "marts.bridge_customer_source_record"
    known = connection.execute("select to_regclass(%s) is not null", [bridge]).fetchone()
    if not known or not known[0]:
        return {}
    rows = connection.execute(
        """
        select systems, count(*) from (
            select count(distinct source_system) as systems from marts.bridge_customer_source_record
            group by customer_id
        ) as counted group by systems order by systems
        """
    )
    return dict(rows.fetchall())


def _collect_findings(
    connection: psycopg.Connection, rules: dict[str, Rule], night: date, previous: date | None
) -> tuple[RuleFindings, ...]:
    rows = connection.execute(_FINDINGS, {"night": night, "previous": previous})
    counts = {code: values for code, *values in rows}
    found = []
    for rule in rules.values():
        now, before, doubtful, new, reopened, resolved, taken_back, overdue, due = counts.get(
            rule.rule_code, [0] * 9
        )
        found.append(
            RuleFindings(
                rule_code=rule.rule_code,
                title=rule.title,
                severity=rule.severity,
                owner=rule.owner,
                meaning=rule.meaning,
                first_steps=rule.first_steps,
                open=now,
                open_before=before if previous else None,
                doubtful=doubtful,
                new=new,
                reopened=reopened,
                resolved=resolved,
                reversed=taken_back,
                overdue=overdue,
                due_today=due,
            )
        )
    return tuple(
        sorted(found, key=lambda rule: (SEVERITY_ORDER.index(rule.severity), -rule.open, rule.rule_code))
    )


def _collect_publication(connection: psycopg.Connection, night: date) -> tuple[Publication, ...]:
    with connection.cursor(row_factory=class_row(Publication)) as cursor:
        rows = cursor.execute(
            """
            select schema_name || '.' || table_name as "table", inserted, updated, deleted
            from audit.publication where night = %s order by 1
            """,
            [night],
        ).fetchall()
    return tuple(rows)


def _collect_alerts(connection: psycopg.Connection, night: date) -> tuple[RunAlert, ...]:
    with connection.cursor(row_factory=class_row(RunAlert)) as cursor:
        rows = cursor.execute(
            "select system, kind, message from alerts.run_alert where night = %s order by kind, system",
            [night],
        ).fetchall()
    return tuple(rows)


def _collect_last_nights(connection: psycopg.Connection, night: date) -> tuple[NightLine, ...]:
    with connection.cursor(row_factory=class_row(NightLine)) as cursor:
        rows = cursor.execute(
            """
            select nights.night, nights.status,
                   coalesce(loads.read, 0)::bigint as read, coalesce(loads.touched, 0)::bigint as touched,
                   (select count(*) from alerts.finding as known
                    where known.first_seen <= nights.night
                      and (known.gone_on is null or known.gone_on > nights.night)) as open_findings,
                   (select count(*) from alerts.finding as known where known.first_seen = nights.night)
                       as new_findings,
                   coalesce((select sum(steps.seconds) from audit.step as steps
                             where steps.night = nights.night), 0)::double precision as seconds
            from audit.night as nights
            left join lateral (
                select sum(rows_read) as read, sum(rows_new + rows_changed + rows_deleted + rows_returned) as touched
                from audit.load where audit.load.night = nights.night
            ) as loads on true
            where nights.night <= %s
            order by nights.night desc limit %s
            """,
            [night, LAST_NIGHTS],
        ).fetchall()
    return tuple(reversed(rows))
