"""Tables that the night itself keeps: ledger, names, quarantine, work lists, links, findings.

What departments sent (raw_<system>) is made by the loader, what dbt builds by dbt, and the published
tables of marts and restricted by the publisher from the dbt contracts.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LEDGER = r"""
create table audit.night (
    night date primary key,
    cutoff timestamptz not null,
    status text not null check (status in ('running', 'published', 'blocked', 'failed')),
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    detail jsonb not null default '{}'
);
comment on table audit.night is 'One row per night that was started; its newest state.';

create table audit.step (
    night date not null,
    step text not null,
    system text not null default '',
    status text not null check (status in ('running', 'done', 'failed')),
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    seconds double precision,
    peak_mb double precision,
    detail jsonb not null default '{}',
    primary key (night, step, system)
);
comment on table audit.step is 'One row per night, step and (for extraction) system; a step that is done is not run again.';

create table audit.load (
    batch_id text not null,
    night date not null,
    system text not null,
    table_name text not null,
    status text not null check (status in ('loaded', 'stale', 'failed', 'half')),
    rows_read bigint not null default 0,
    rows_loaded bigint not null default 0,
    rows_quarantined bigint not null default 0,
    rows_tombstoned bigint not null default 0,
    rows_new bigint not null default 0,
    rows_changed bigint not null default 0,
    rows_deleted bigint not null default 0,
    rows_returned bigint not null default 0,
    rows_unchanged bigint not null default 0,
    content_hash text,
    seconds double precision,
    message text,
    versions jsonb not null default '{}',
    loaded_at timestamptz not null default now(),
    primary key (night, system, table_name),
    constraint every_row_read_is_accounted_for
    check (rows_read = rows_loaded + rows_quarantined + rows_tombstoned)
);
comment on table audit.load is 'One row per night and source table: what was read, and what became of it. Loaded includes unchanged.';

create table audit.file (
    system text not null,
    table_name text not null,
    content_sha256 text not null,
    night date not null,
    rows bigint not null,
    primary key (system, table_name, content_sha256)
);
comment on table audit.file is 'One row per file content that was loaded: the same file under a new name is known by it.';

create table audit.publication (
    night date not null,
    schema_name text not null,
    table_name text not null,
    inserted bigint not null,
    updated bigint not null,
    deleted bigint not null,
    primary key (night, schema_name, table_name)
);
comment on table audit.publication is 'One row per night and published table: how many rows the night changed.';

create table audit.check_result (
    night date not null,
    suite text not null,
    expectation text not null,
    subject text not null,
    severity text not null,
    success boolean not null,
    observed jsonb not null default '{}',
    primary key (night, suite, expectation, subject)
);
comment on table audit.check_result is 'One row per night and expectation: the verdict and counts, never a value.';
comment on column audit.check_result.observed is 'Counts only.';

grant select on audit.night, audit.step, audit.load, audit.file, audit.publication, audit.check_result
to scv_publisher, scv_loader;
grant select on audit.load, audit.night to scv_transform, scv_linkage;
grant insert, update, delete on audit.load, audit.file to scv_loader;
grant insert, update, delete on audit.night, audit.step, audit.load, audit.file, audit.publication, audit.check_result
to scv_publisher;
"""

ARRIVALS = r"""
create table raw_names.parsed_name (
    full_name text primary key,
    kind text not null,
    deceased boolean not null,
    parser_version text not null
);
comment on table raw_names.parsed_name is 'One row per distinct name as a department wrote it: what kind of name it is.';

create table raw_names.parsed_person (
    full_name text not null references raw_names.parsed_name on delete cascade,
    person_no integer not null check (person_no >= 1),
    title text,
    forename text,
    middle_names text,
    surname text,
    suffix text,
    primary key (full_name, person_no)
);
comment on table raw_names.parsed_person is 'One row per person in a name as written; joint names have two or more.';

create table quarantine.row (
    quarantine_id bigint generated always as identity primary key,
    system text not null,
    table_name text not null,
    night date not null,
    row_key text,
    reason_code text not null,
    column_name text,
    payload jsonb not null,
    replayed_at timestamptz
);
create index on quarantine.row (system, table_name, night);
comment on table quarantine.row is 'One row per source row that could not be interpreted, with the reason; replayable.';
comment on column quarantine.row.payload is 'The row as it came: personal, so only the loader reads it.';

create table erasure.tombstone (
    record_key text primary key,
    reason text not null,
    created_on date not null
);
comment on table erasure.tombstone is 'One row per erased record: extraction never brings it back.';

grant select, insert, update, delete on raw_names.parsed_name, raw_names.parsed_person to scv_loader;
grant select on raw_names.parsed_name, raw_names.parsed_person to scv_transform;
grant select, insert, update, delete on quarantine.row to scv_loader;
grant select on erasure.tombstone to scv_loader;
"""

NIGHT = r"""
create table control.night_context (
    only_row boolean primary key default true check (only_row),
    night date not null,
    cutoff timestamptz not null,
    previous_night date,
    check (previous_night < night)
);
comment on table control.night_context is 'One row: the night that is being worked on. dbt reads its dates from here, never from the clock.';
comment on column control.night_context.previous_night is 'The last night whose dbt work was completed; null before the first.';

create table work.record (
    night date not null,
    record_key text not null,
    primary key (night, record_key)
);
comment on table work.record is 'One row per night and source row that changed: the work list of the incremental models.';

create table work.customer (
    night date not null,
    customer_id text not null,
    primary key (night, customer_id)
);
comment on table work.customer is 'One row per night and customer with a changed record or changed membership.';

grant select on control.night_context to scv_loader, scv_transform, scv_linkage;
grant select, insert, update, delete on control.night_context to scv_publisher;
-- The loader knows which rows changed, linkage which customers: neither list needs another role to see raw data.
grant select, insert, update, delete on work.record to scv_loader, scv_publisher;
grant select, insert, update, delete on work.customer to scv_linkage, scv_publisher;
grant select on work.record to scv_transform, scv_linkage;
grant select on work.customer to scv_transform, scv_loader;
"""

LINKS = r"""
create table link.model (
    version text primary key,
    settings jsonb not null,
    trained_on date not null,
    description text not null,
    active boolean not null default false
);
create unique index only_one_active_model on link.model (active) where active;
comment on table link.model is 'One row per version of the linkage model, with everything frozen that scores depend on.';

create table link.edge (
    record_key_l text not null,
    record_key_r text not null,
    match_weight double precision not null,
    match_probability double precision not null,
    explanation jsonb not null default '{}',
    model_version text not null,
    primary key (record_key_l, record_key_r),
    check (record_key_l < record_key_r)
);
create index on link.edge (record_key_r);
comment on table link.edge is 'One row per scored pair of records: how strongly, and why, they are one person.';

create table link.membership (
    record_key text not null,
    customer_id text not null,
    valid_from date not null,
    valid_to date,
    primary key (record_key, valid_from),
    check (valid_to > valid_from)
);
create unique index one_current_membership_per_record on link.membership (record_key) where valid_to is null;
create index on link.membership (customer_id);
create index on link.membership (valid_from);
create index on link.membership (valid_to) where valid_to is not null;
comment on table link.membership is 'One row per record and stretch of nights as one customer: [valid_from, valid_to), open while valid_to is null.';

create table link.customer_event (
    event_id bigint generated always as identity primary key,
    night date not null,
    cause text not null check (cause in ('created', 'merged', 'split', 'retired', 'returned')),
    old_customer_id text,
    new_customer_id text,
    record_key text
);
create index on link.customer_event (night);
create index on link.customer_event (old_customer_id);
create index on link.customer_event (new_customer_id);
comment on table link.customer_event is 'One row per change of a customer id: which, into which, when and why.';

create table link.decision (
    decision_id bigint generated always as identity primary key,
    record_key_l text not null,
    record_key_r text not null,
    decision text not null check (decision in ('same', 'not_same')),
    reason text not null,
    decided_by text not null,
    decided_at timestamptz not null,
    check (record_key_l < record_key_r)
);
comment on table link.decision is 'One row per decision of a data steward; append-only, the newest of a pair counts, and it outranks the model.';

create table link.review (
    record_key_l text not null,
    record_key_r text not null,
    match_probability double precision not null,
    reason text not null,
    primary key (record_key_l, record_key_r)
);
comment on table link.review is 'One row per pair that a person should look at.';

grant select on all tables in schema link to scv_transform, scv_linkage, scv_publisher;
grant insert, update, delete on link.model, link.edge, link.membership, link.customer_event, link.review
to scv_linkage;
grant insert on link.decision to scv_linkage;
grant truncate on link.edge, link.review to scv_linkage;
"""

FINDINGS = r"""
create table alerts.finding (
    finding_key text primary key,
    rule_code text not null,
    subject_keys text [] not null,
    customer_id text,
    other_customer_id text,
    severity text not null,
    owner text not null,
    first_seen date not null,
    last_seen date not null,
    gone_on date,
    gone_cause text check (gone_cause in ('resolved', 'reversed')),
    deadline date not null,
    evidence_keys text [] not null default '{}',
    system text,
    facts jsonb not null default '{}',
    check ((gone_on is null) = (gone_cause is null))
);
create index on alerts.finding (rule_code);
create index on alerts.finding (customer_id);
comment on table alerts.finding is 'One row per finding: something wrong about a subject under one rule, from first seen to gone.';
comment on column alerts.finding.facts is 'Codes, dates and counts; never a name or an address.';

create table alerts.run_alert (
    night date not null,
    system text not null default '',
    kind text not null,
    message text not null,
    primary key (night, system, kind)
);
comment on table alerts.run_alert is 'One row per night, system and kind of trouble that somebody should know of.';

grant select, insert, update, delete on alerts.finding, alerts.run_alert to scv_publisher;
grant select on alerts.finding, alerts.run_alert to scv_reader;
"""


def upgrade() -> None:
    bind = op.get_bind().execution_options(no_parameters=True)
    for statements in (LEDGER, ARRIVALS, NIGHT, LINKS, FINDINGS):
        bind.exec_driver_sql(statements)
