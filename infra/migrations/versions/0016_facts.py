"""What departments are told of a person, as codes and dates, in force from the moment it is written.

A fact hangs on a record of the person rather than on a customer id, so it follows merges and splits.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FACTS = r"""
create schema facts;

create table facts.fact (
    fact_id bigint generated always as identity primary key,
    kind text not null check (
        kind in (
            'death', 'death_reversed', 'support', 'support_met', 'support_reviewed', 'safe_contact',
            'moratorium', 'moratorium_ended', 'withdrawal'
        )
    ),
    subject_record_key text not null check (subject_record_key ~ '^[0-9a-f]{32}$'),
    known_at timestamptz not null,
    starts_on date,
    ends_on date,
    review_due date,
    date_of_death date,
    evidence_code text,
    level smallint check (level between 1 and 10),
    disclosed_on date,
    need_code text,
    action_code text,
    channel_code text,
    condition_code text,
    share_scope text [],
    moratorium_code text check (moratorium_code in ('standard', 'mental_health_crisis')),
    refers_to bigint references facts.fact on delete cascade,
    source_department text not null,
    recorded_by text not null,
    reference text not null,
    fingerprint text not null,
    recorded_at timestamptz not null default now(),
    unique (source_department, reference),
    check (ends_on >= starts_on),
    check ((refers_to is not null) = (kind in ('support_met', 'support_reviewed', 'moratorium_ended', 'withdrawal'))),
    check ((level is not null) = (kind = 'death') and (evidence_code is not null) = (kind = 'death')),
    check ((need_code is not null and share_scope is not null and disclosed_on is not null) = (kind = 'support')),
    check ((moratorium_code is not null) = (kind = 'moratorium')),
    check (starts_on is not null or kind not in ('support', 'safe_contact', 'moratorium'))
);
create index on facts.fact (subject_record_key);
create index on facts.fact (refers_to);
comment on table facts.fact is 'One row per fact that a department was told of a person: codes and dates, never a story. Append-only; a later fact withdraws an earlier one.';
comment on column facts.fact.subject_record_key is 'A record of the person: the fact follows it through merges and splits.';
comment on column facts.fact.known_at is 'When the department was told.';
comment on column facts.fact.starts_on is 'First day on which it holds.';
comment on column facts.fact.ends_on is 'First day on which it no longer holds; null while no end is set.';
comment on column facts.fact.level is 'Strength of evidence of a death, 10 the register.';
comment on column facts.fact.share_scope is 'Departments that are told what to do.';
comment on column facts.fact.refers_to is 'The fact that a withdrawal, a review, a confirmation or an end is about.';
comment on column facts.fact.reference is 'The department''s own number of the notice: with the department it makes a second telling harmless.';
comment on column facts.fact.fingerprint is 'Keyed hash of all that was told, so that a reference used twice for different things is refused.';
comment on column facts.fact.recorded_by is 'Name or staff number of who applied it.';

create function facts.refuse_change() returns trigger language plpgsql set search_path = '' as $$
begin
    -- an erased person's facts go with the records; only the loader erases
    if tg_op = 'DELETE' and session_user = 'scv_loader' then
        return null;
    end if;
    raise exception using errcode = 'insufficient_privilege',
        message = 'Facts are append-only: take one back with a withdrawal.';
end
$$;
create trigger facts_stay before update or delete or truncate on facts.fact
for each statement execute function facts.refuse_change();
"""

SUBJECTS = r"""
create view facts.subject as
with recursive anchors as (
    select distinct facts.subject_record_key as record_key
    from facts.fact as facts
),
linked as (
    select anchors.record_key, membership.customer_id
    from anchors
    left join link.membership as membership
        on anchors.record_key = membership.record_key and membership.valid_to is null
),
followed as (
    select linked.record_key, last_one.customer_id
    from linked
    cross join lateral (
        select membership.customer_id
        from link.membership as membership
        where membership.record_key = linked.record_key
        order by membership.valid_from desc
        limit 1
    ) as last_one
    where linked.customer_id is null
    union
    select followed.record_key, events.new_customer_id
    from followed
    inner join link.customer_event as events
        on followed.customer_id = events.old_customer_id and events.cause = 'merged'
    where events.new_customer_id is not null
),
alive as (
    select followed.record_key, min(followed.customer_id) as customer_id
    from followed
    where
        exists (
            select from link.membership as membership
            where membership.customer_id = followed.customer_id and membership.valid_to is null
        )
    group by followed.record_key
)
select linked.record_key, coalesce(linked.customer_id, alive.customer_id) as customer_id
from linked
left join alive on linked.record_key = alive.record_key;
comment on view facts.subject is 'One row per record that a fact hangs on, with the customer it is of now; a record that is gone leads to what its customer became. Empty where nobody is left.';
"""

IN_FORCE = r"""
create view facts.told as
select
    fact.fact_id,
    fact.kind,
    fact.subject_record_key,
    subject.customer_id,
    fact.known_at,
    fact.starts_on,
    fact.ends_on,
    fact.review_due,
    fact.date_of_death,
    fact.evidence_code,
    fact.level,
    fact.action_code,
    fact.share_scope,
    fact.moratorium_code,
    fact.refers_to,
    fact.source_department,
    fact.reference,
    fact.recorded_at
from facts.fact as fact
inner join facts.subject as subject on fact.subject_record_key = subject.record_key;
comment on view facts.told is 'One row per fact ever told, with the customer it is about now and without why support is needed.';

create function facts.in_force(on_day date, told_before timestamptz default 'infinity')
returns table (
    fact_id bigint,
    kind text,
    subject_record_key text,
    customer_id text,
    known_at timestamptz,
    starts_on date,
    ends_on date,
    review_due date,
    date_of_death date,
    evidence_code text,
    level smallint,
    action_code text,
    share_scope text [],
    moratorium_code text,
    source_department text,
    reference text
)
language sql stable
begin atomic
    with known as (
        select * from facts.told as told where told.known_at < told_before
    ),
    withdrawn as (
        select distinct known.refers_to as fact_id from known where known.kind = 'withdrawal'
    ),
    standing as (
        select known.*
        from known
        left join withdrawn on known.fact_id = withdrawn.fact_id
        where withdrawn.fact_id is null
    ),
    answers as (
        select
            standing.refers_to as fact_id,
            min(standing.ends_on) filter (where standing.kind = 'moratorium_ended') as ended_on,
            max(standing.review_due) filter (where standing.kind = 'support_reviewed') as review_due
        from standing
        where standing.refers_to is not null
        group by standing.refers_to
    ),
    lives as (
        select distinct on (standing.customer_id) standing.customer_id, standing.fact_id, standing.known_at
        from standing
        where standing.kind = 'death_reversed'
        order by standing.customer_id asc, standing.known_at desc, standing.fact_id desc
    )
    select
        standing.fact_id,
        standing.kind,
        standing.subject_record_key,
        standing.customer_id,
        standing.known_at,
        standing.starts_on,
        least(standing.ends_on, answers.ended_on),
        coalesce(answers.review_due, standing.review_due),
        standing.date_of_death,
        standing.evidence_code,
        standing.level,
        standing.action_code,
        standing.share_scope,
        standing.moratorium_code,
        standing.source_department,
        standing.reference
    from standing
    left join answers on standing.fact_id = answers.fact_id
    left join lives on standing.customer_id = lives.customer_id
    where
        standing.customer_id is not null
        and case standing.kind
            -- a word that the person lives takes back every death that was told until then
            when 'death' then coalesce(standing.known_at > lives.known_at, true)
            when 'death_reversed' then standing.fact_id = lives.fact_id
            when 'support' then standing.action_code is not null
            else standing.kind in ('safe_contact', 'moratorium')
        end
        and coalesce(standing.starts_on <= on_day, true)
        and coalesce(least(standing.ends_on, answers.ended_on) > on_day, true);
end;
comment on function facts.in_force(date, timestamptz) is 'One row per fact that holds on a day, by all that was told before an instant: deaths not taken back, the newest word that somebody lives, support actions, safe flags and moratoria in their period.';
"""

GRANTS = r"""
grant usage on schema facts to scv_loader, scv_transform, scv_linkage, scv_publisher;
grant select on facts.fact, facts.subject, facts.told to scv_transform;
grant select on facts.subject, facts.told to scv_linkage, scv_publisher;
grant insert on facts.fact to scv_linkage;
grant select (fact_id, kind, subject_record_key, source_department, reference, fingerprint) on facts.fact to scv_linkage;
grant select (subject_record_key), delete on facts.fact to scv_loader;
"""


def upgrade() -> None:
    bind = op.get_bind().execution_options(no_parameters=True)
    for statements in (FACTS, SUBJECTS, IN_FORCE, GRANTS):
        bind.exec_driver_sql(statements)
