"""What tonight's review models make of the findings: new, seen again, back again, or gone and why.

Everything happens in the transaction that publishes the marts. A finding that is not shown tonight is marked
gone only where every system that it rests on is whole tonight; a blocked night never gets here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql

from scv.errors import CheckFailed
from scv.findings.reviews import ReviewModel, list_review_models
from scv.findings.rules import Rule


@dataclass(frozen=True)
class RuleCount:
    """Findings of one rule after a night: open ones, doubtful ones apart, and what the night did.

    `kept` counts open findings that tonight did not show, but that rest on a system that is not of tonight.
    """

    open: int
    doubtful: int
    new: int
    reopened: int
    gone: int
    reversed: int
    kept: int


@dataclass(frozen=True)
class DeathEvidence:
    """One piece of evidence of a death: whose key, out of which system, and whether it was taken back."""

    evidence_key: str
    record_key: str
    source_system: str
    is_reversed: bool


_TEMPORARY_TABLES = """
create temporary table tonight (
    finding_key text, rule_code text, subject_keys text[], customer_id text, other_customer_id text,
    severity text, owner text, deadline date, evidence_keys text[], system text, facts jsonb,
    evidence_systems text[]
) on commit drop;
create temporary table death_evidence (
    evidence_key text, record_key text, source_system text, is_reversed boolean
) on commit drop;
create temporary table rule_entry (
    rule_code text primary key, is_about_death boolean, evidence_systems text[]
) on commit drop;
"""

_READ_MODEL = """
insert into pg_temp.tonight
select audit.record_key(%(secret)s, variadic array[found.rule_code] || found.finding_subject_keys),
       found.rule_code, found.finding_subject_keys, found.customer_id, found.other_customer_id,
       %(severity)s, %(owner)s, %(night)s::date + %(days)s::integer, coalesce(found.evidence_keys, '{{}}'),
       found.system,
       coalesce(found.facts, '{{}}') || jsonb_build_object('is_doubtful', coalesce(found.is_doubtful, false)),
       '{{}}'
from {} as found
"""

# Which systems a finding rests on: its own, those its rule always reads, and those that its keys lead to.
_FIND_SYSTEMS = """
with keys as (
    select tonight.finding_key, key_of.key
    from pg_temp.tonight as tonight
    cross join lateral unnest(tonight.subject_keys || tonight.evidence_keys) as key_of (key)
),
named as (
    select finding_key, system from pg_temp.tonight where system is not null
    union
    select tonight.finding_key, of_rule.system
    from pg_temp.tonight as tonight
    join pg_temp.rule_entry as rule_entry using (rule_code)
    cross join lateral unnest(rule_entry.evidence_systems) as of_rule (system)
    union
    select keys.finding_key, evidence.source_system
    from keys join pg_temp.death_evidence as evidence on evidence.evidence_key = keys.key
    {records}
),
gathered as (
    select finding_key, array_agg(distinct system order by system) as systems from named group by finding_key
)
update pg_temp.tonight as tonight set evidence_systems = gathered.systems
from gathered where gathered.finding_key = tonight.finding_key
"""
_RECORDS = """
    union
    select keys.finding_key, bridge.source_system
    from keys join build.bridge_customer_source_record as bridge on bridge.record_key = keys.key
"""

_UPSERT = """
insert into alerts.finding as known (
    finding_key, rule_code, subject_keys, customer_id, other_customer_id, severity, owner, first_seen,
    last_seen, deadline, evidence_keys, system, facts, evidence_systems
)
select finding_key, rule_code, subject_keys, customer_id, other_customer_id, severity, owner, %(night)s,
       %(night)s, deadline, evidence_keys, system, facts, evidence_systems
from pg_temp.tonight order by finding_key
on conflict (finding_key) do update set
    customer_id = excluded.customer_id, other_customer_id = excluded.other_customer_id,
    severity = excluded.severity, owner = excluded.owner,
    last_seen = excluded.last_seen,
    deadline = known.first_seen + (excluded.deadline - excluded.first_seen),
    evidence_keys = excluded.evidence_keys, system = excluded.system, facts = excluded.facts,
    evidence_systems = excluded.evidence_systems,
    -- gone and back within one night is a night that was run again, not a finding that came back
    times_reopened = known.times_reopened + coalesce(known.gone_on < excluded.last_seen, false)::integer,
    reopened_on = case
        when known.gone_on < excluded.last_seen then excluded.last_seen else known.reopened_on
    end,
    gone_on = null, gone_cause = null
"""

_MARK_GONE = """
update alerts.finding as known
set gone_on = %(night)s,
    gone_cause = case when rule_entry.is_about_death and (
        exists (
            select from pg_temp.death_evidence as evidence
            where evidence.is_reversed
              and (evidence.evidence_key = any(known.evidence_keys)
                   or evidence.record_key = any(known.evidence_keys || known.subject_keys))
        ) {by_customer}
    ) then 'reversed' else 'resolved' end
from pg_temp.rule_entry as rule_entry
where rule_entry.rule_code = known.rule_code and rule_entry.rule_code = any(%(evaluated)s)
  and known.gone_on is null and not known.evidence_systems && %(degraded)s::text[]
  and not exists (select from pg_temp.tonight as tonight where tonight.finding_key = known.finding_key)
"""
_BY_CUSTOMER = """
        or exists (
            select from build.dim_death as death
            where death.customer_id in (known.customer_id, known.other_customer_id)
              and death.death_status = 'reversed'
        )
"""

_COUNT = """
select rule_code,
       count(*) filter (where gone_on is null and not (facts @> '{"is_doubtful": true}')),
       count(*) filter (where gone_on is null and facts @> '{"is_doubtful": true}'),
       count(*) filter (where first_seen = %(night)s and gone_on is null),
       count(*) filter (where reopened_on = %(night)s and gone_on is null),
       count(*) filter (where gone_on = %(night)s),
       count(*) filter (where gone_on = %(night)s and gone_cause = 'reversed'),
       count(*) filter (where gone_on is null and last_seen < %(night)s)
from alerts.finding group by rule_code order by rule_code
"""


def update_findings(
    connection: psycopg.Connection,
    night: date,
    *,
    rules: dict[str, Rule],
    degraded: Iterable[str],
    evidence: Iterable[DeathEvidence],
    secret: bytes,
) -> dict[str, RuleCount]:
    """Bring alerts.finding to tonight's review models; in the caller's transaction, as role publisher.

    `degraded` are the systems that are not of tonight. Doing it twice changes nothing. Raises CheckFailed
    where a rule shows a subject twice.
    """
    models = list_review_models(connection, rules)
    connection.execute(_TEMPORARY_TABLES)
    _store_inputs(connection, rules.values(), evidence)
    for model in models:
        _read_model(connection, model, rules[model.rule_code], night, secret)
    _refuse_repeated(connection)
    records = _RECORDS if _exists(connection, "build.bridge_customer_source_record") else ""
    connection.execute(sql.SQL(_FIND_SYSTEMS).format(records=sql.SQL(records)))
    connection.execute(_UPSERT, {"night": night})
    by_customer = _BY_CUSTOMER if _exists(connection, "build.dim_death") else ""
    connection.execute(
        sql.SQL(_MARK_GONE).format(by_customer=sql.SQL(by_customer)),
        {
            "night": night,
            "degraded": sorted(degraded),
            "evaluated": [model.rule_code for model in models],
        },
    )
    return count_findings(connection, night, rules)


def count_findings(
    connection: psycopg.Connection, night: date, rules: dict[str, Rule]
) -> dict[str, RuleCount]:
    """The findings of each rule after the night, rules without any included."""
    found = {code: RuleCount(*counts) for code, *counts in connection.execute(_COUNT, {"night": night})}
    return {code: found.get(code, RuleCount(0, 0, 0, 0, 0, 0, 0)) for code in sorted({*rules, *found})}


def read_death_evidence(connection: psycopg.Connection) -> list[DeathEvidence]:
    """All graded evidence of deaths, by key; as role transform, which owns it. Empty where there is none."""
    if not _exists(connection, "intermediate.int_death_evidence__graded"):
        return []
    rows = connection.execute(
        """
        select evidence_key, record_key, source_system, coalesce(is_reversed, false)
        from intermediate.int_death_evidence__graded order by evidence_key, record_key
        """
    )
    return [DeathEvidence(*row) for row in rows]


def _store_inputs(
    connection: psycopg.Connection, rules: Iterable[Rule], evidence: Iterable[DeathEvidence]
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into pg_temp.rule_entry values (%s, %s, %s)",
            [(rule.rule_code, rule.about_death, list(rule.evidence_systems)) for rule in rules],
        )
        with cursor.copy("copy pg_temp.death_evidence from stdin") as copy:
            for item in evidence:
                copy.write_row((item.evidence_key, item.record_key, item.source_system, item.is_reversed))
    connection.execute("analyze pg_temp.death_evidence")


def _read_model(
    connection: psycopg.Connection, model: ReviewModel, rule: Rule, night: date, secret: bytes
) -> None:
    connection.execute(
        sql.SQL(_READ_MODEL).format(sql.Identifier("review", model.name)),
        {
            "secret": secret,
            "severity": rule.severity,
            "owner": rule.owner,
            "night": night,
            "days": rule.deadline_days,
        },
    )


def _refuse_repeated(connection: psycopg.Connection) -> None:
    repeated = connection.execute(
        """
        select rule_code, count(*) - count(distinct finding_key) from pg_temp.tonight
        group by rule_code having count(*) > count(distinct finding_key) order by rule_code
        """
    ).fetchall()
    if repeated:
        named = ", ".join(f"{code} ({count})" for code, count in repeated)
        raise CheckFailed(
            f"Review rules show a subject more than once: {named}. A join in dbt_project/models/review "
            f"fans out; nothing was published."
        )


def _exists(connection: psycopg.Connection, relation: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [relation]).fetchone()
    return bool(row and row[0])
