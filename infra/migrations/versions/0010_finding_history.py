"""Findings keep which systems they rest on, and how often they came back."""

from alembic import op

revision = "0010"
down_revision = "0005"
branch_labels = None
depends_on = None

SQL = """
alter table alerts.finding
    add column evidence_systems text [] not null default '{}',
    add column times_reopened integer not null default 0,
    add column reopened_on date;

comment on column alerts.finding.first_seen is 'First night that showed the finding; kept when it comes back.';
comment on column alerts.finding.last_seen is 'Last night that showed the finding.';
comment on column alerts.finding.gone_on is 'Night whose extract proved it over; empty while it is open.';
comment on column alerts.finding.gone_cause is 'resolved, or reversed: the evidence of death was taken back.';
comment on column alerts.finding.evidence_systems is
    'Systems that the finding rests on: while one of them is stale, half or missing it is never marked gone.';
comment on column alerts.finding.times_reopened is 'How often the finding came back after it was gone.';
comment on column alerts.finding.reopened_on is 'Night on which it last came back.';
"""


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SQL)
