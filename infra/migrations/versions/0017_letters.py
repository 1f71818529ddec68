"""The letter gate's verdicts: what was advised of each item, to prove afterwards what went out against it."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SQL = r"""
create schema letters;

create table letters.screening (
    screening_id text primary key,
    profile text not null,
    screened_on date not null,
    file_hash text not null,
    items integer not null check (items > 0),
    recorded_at timestamptz not null default now()
);
comment on table letters.screening is 'One row per screening of a file before dispatch. Append-only.';
comment on column letters.screening.screening_id is 'Keyed hash of the file, the profile and every verdict: the same screening run twice is one.';
comment on column letters.screening.file_hash is 'sha256 of the file.';

create table letters.verdict (
    screening_id text not null references letters.screening,
    item_key text not null,
    action text not null check (action in ('hold', 'redirect', 're-address', 'change_format', 'send')),
    rule_code text not null,
    reason_code text not null,
    data_class text,
    match_code text not null check (match_code in ('matched', 'doubtful', 'unmatched', 'not_a_person')),
    other_rules text [] not null,
    evidence_keys text [] not null,
    primary key (screening_id, item_key)
);
comment on table letters.verdict is 'One row per item of a screening: what was advised and why, in keys and codes; never a name, an address or a text. Append-only.';
comment on column letters.verdict.item_key is 'Key of the item, as in its deliverer''s log.';
comment on column letters.verdict.data_class is 'Data class of the purpose register that the reason belongs to: who is not allowed it is not told.';
comment on column letters.verdict.other_rules is 'Rules that also had something to say.';
comment on column letters.verdict.evidence_keys is 'What the advice rests on: keys of records, and facts as fact:<number>.';

grant usage on schema letters to scv_linkage;
grant select, insert on letters.screening, letters.verdict to scv_linkage;
"""


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SQL)
