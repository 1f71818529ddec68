"""Identity: standard records, compact edges, decisions that stay, a review queue, and causes of every change.

`link.record` and `link.edge` only save work: both can be made again from the link input and the model.
Edges of older nights are dropped, so the next night weighs everything anew.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RECORDS = r"""
create table link.record (
    record_key text primary key,
    source text not null,
    input_hash bigint not null,
    standard text [] not null,
    block_keys bigint [] not null,
    model_version text not null
);
-- Built once over all records the index takes a fraction of the time; linkage, which fills the table, owns none.
create function link.drop_record_index() returns void language sql security definer set search_path = '' as $$
    drop index link.record_block_keys;
$$;
create function link.create_record_index() returns void language plpgsql security definer
set search_path = '' set maintenance_work_mem = '256MB' as $$
begin
    create index record_block_keys on link.record using gin (block_keys) with (fastupdate = off);
end
$$;
revoke all on function link.drop_record_index(), link.create_record_index() from public;
grant execute on function link.drop_record_index(), link.create_record_index() to scv_linkage;
select link.create_record_index();
comment on table link.record is 'One row per live person record in the form in which records are compared: personal data, saves work only.';
comment on column link.record.input_hash is 'Hash of the columns that linkage reads.';
comment on column link.record.standard is 'Columns of the standard form, in its order.';
comment on column link.record.block_keys is 'Blocking keys by the rules of the model: records that share one are compared.';

create table link.night (
    night date primary key,
    model_version text not null,
    code text not null,
    decision_ids bigint [] not null
);
comment on table link.night is 'One row per night that was linked: by which model and code, and which decisions it was the first to heed.';
comment on column link.night.code is 'Hash of the code that compares; another one makes the next night weigh everything anew.';

create table link.affected (
    night date not null,
    record_key text not null,
    because_key text not null,
    input_hash bigint,
    primary key (night, record_key, because_key)
);
comment on table link.affected is 'One row per record that the newest night had to look at again, and record because of which: a night that is run again starts from here.';
comment on column link.affected.input_hash is 'Of a record that itself differed: its hash before the night; null where it was not there.';
"""

EDGES = r"""
drop table link.edge;
create table link.edge (
    record_key_l text not null,
    record_key_r text not null,
    match_weight real not null,
    match_probability real not null,
    levels smallint [] not null,
    frequency real [] not null,
    household real not null,
    one_per_source real not null,
    contradiction real not null,
    model_version text not null,
    primary key (record_key_l, record_key_r),
    check (record_key_l < record_key_r)
);
create index on link.edge (record_key_r);
comment on table link.edge is 'One row per pair of records that blocking found and that is not far from being one person: how strongly, and why.';
comment on column link.edge.match_weight is 'Log2 odds that the two are one person.';
comment on column link.edge.levels is 'How the two agree, by comparison in the order of the model: -1 unknown, 0 different, the highest best.';
comment on column link.edge.frequency is 'Bits by comparison for how rare the value is that both have; 0 where none.';

alter table link.model add column figures jsonb not null default '{}';
comment on column link.model.figures is 'What was measured when the model was trained.';

create table link.model_level (
    model_version text not null,
    place smallint not null,
    comparison text not null,
    level smallint not null,
    label text not null,
    match_weight real not null,
    primary key (model_version, place, level)
);
comment on table link.model_level is 'One row per model, comparison and level: what it is called and how many bits it says.';

create table link.giant (
    night date not null,
    label text not null,
    records integer not null,
    reason text not null,
    primary key (night, label)
);
comment on table link.giant is 'One row per night and person that was past the bound and has been cut into parts.';
comment on column link.giant.label is 'Smallest record key of what would have been one person.';
"""

EVENTS = r"""
alter table link.customer_event
add column run text not null default '',
add column because text not null default 'founding' check (
    because in (
        'record_new', 'record_changed', 'record_deleted', 'record_returned', 'decision', 'model', 'founding'
    )
),
add column because_key text not null default '';
comment on column link.customer_event.run is 'The run that wrote the row.';
comment on column link.customer_event.because is 'What made the id change.';
comment on column link.customer_event.because_key is 'Key of the record, number of the decision or version of the model that made it change.';
"""

DECISIONS = r"""
alter table link.decision drop constraint decision_decision_check;
alter table link.decision
add constraint decision_decision_check check (decision in ('same', 'not_same', 'withdrawn')),
add column decision_group text;
create index on link.decision (record_key_l, record_key_r, decision_id);
create index on link.decision (record_key_r);
comment on column link.decision.decision_group is 'Decisions taken in one act, such as the rows of one unmerge.';

create function link.refuse_change() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception using errcode = 'insufficient_privilege',
        message = 'Decisions are append-only: withdraw one with a new row.';
end
$$;
create trigger decisions_stay before update or delete on link.decision
for each statement execute function link.refuse_change();

create view link.decision_in_force as
select distinct on (record_key_l, record_key_r)
    decision_id,
    record_key_l,
    record_key_r,
    decision,
    reason,
    decided_by,
    decided_at,
    decision_group
from link.decision
order by record_key_l asc, record_key_r asc, decided_at desc, decision_id desc;
comment on view link.decision_in_force is 'One row per pair of records that was ever decided: the newest decision, which counts; withdrawn ones say nothing.';

create table link.decision_conflict (
    record_key_l text not null,
    record_key_r text not null,
    not_same_decision_id bigint not null,
    same_decision_ids bigint [] not null,
    primary key (record_key_l, record_key_r),
    check (record_key_l < record_key_r)
);
comment on table link.decision_conflict is 'One row per pair that stands decided as not the same although decisions join it in a chain: not the same wins.';
"""

REVIEW = r"""
drop table link.review;
create table link.review (
    record_key_l text not null,
    record_key_r text not null,
    match_probability real not null,
    reason text not null,
    priority real not null default 0,
    customer_id_l text,
    customer_id_r text,
    first_asked date,
    primary key (record_key_l, record_key_r),
    check (record_key_l < record_key_r)
);
comment on table link.review is 'One row per pair that a person should look at, the most useful first by priority.';

create table link.review_asked (
    record_key_l text not null,
    record_key_r text not null,
    asked date not null,
    answered date,
    primary key (record_key_l, record_key_r)
);
comment on table link.review_asked is 'One row per pair that was ever put into the review queue, so that nobody is asked the same twice.';
"""

EXPLANATION = r"""
create view link.edge_explanation as
select
    edge.record_key_l,
    edge.record_key_r,
    level.place::integer as place,
    level.comparison,
    level.label as level,
    level.match_weight,
    edge.frequency[level.place] as term_frequency
from link.edge as edge
inner join link.model_level as level
    on edge.model_version = level.model_version and level.level = edge.levels[level.place]
union all
select
    edge.record_key_l,
    edge.record_key_r,
    part.place,
    part.comparison,
    '' as level,
    part.match_weight,
    0::real as term_frequency
from link.edge as edge
cross join
    lateral (
        values
        (1001, 'household', edge.household),
        (1002, 'one_per_source', edge.one_per_source),
        (1003, 'contradiction', edge.contradiction)
    ) as part (place, comparison, match_weight)
union all
select
    edge.record_key_l,
    edge.record_key_r,
    0 as place,
    'prior' as comparison,
    '' as level,
    log(2.0, (model.settings -> 'parameters' ->> 'same')::numeric)::real as match_weight,
    0::real as term_frequency
from link.edge as edge
inner join link.model as model on edge.model_version = model.version
union all
select
    edge.record_key_l,
    edge.record_key_r,
    1004 as place,
    'decision' as comparison,
    decided.decision as level,
    null::real as match_weight,
    null::real as term_frequency
from link.edge as edge
inner join link.decision_in_force as decided
    on edge.record_key_l = decided.record_key_l and edge.record_key_r = decided.record_key_r
where decided.decision <> 'withdrawn';
comment on view link.edge_explanation is 'One row per edge and comparison, effect of the pair or decision: what it says about the two being one person, in bits.';
"""

GRANTS = r"""
grant select on link.model_level, link.giant, link.decision_in_force, link.decision_conflict, link.review, link.review_asked
to scv_linkage, scv_publisher;
grant select on link.record, link.edge, link.edge_explanation to scv_linkage;
grant insert, update, delete, truncate on link.record, link.edge to scv_linkage;
grant select, insert, update, delete on link.night, link.affected to scv_linkage;
grant insert, update, delete on link.model_level, link.giant, link.decision_conflict, link.review, link.review_asked
to scv_linkage;
grant truncate on link.review to scv_linkage;
grant usage on schema link to scv_restricted_reader;
grant select on link.edge_explanation to scv_restricted_reader;
"""


def upgrade() -> None:
    bind = op.get_bind().execution_options(no_parameters=True)
    for statements in (RECORDS, EDGES, EVENTS, DECISIONS, REVIEW, EXPLANATION, GRANTS):
        bind.exec_driver_sql(statements)
