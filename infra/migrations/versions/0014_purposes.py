"""The purpose register for SQL: what tonight's file allows, and every version that nights were run under."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SQL = r"""
create table control.purpose (
    department text not null,
    purpose text not null,
    data_class text not null,
    entry text not null,
    lawful_basis text not null,
    article_9 text,
    schedule_1 smallint,
    valid_from date not null,
    valid_to date,
    review_due date not null,
    primary key (department, purpose, data_class, valid_from),
    check (valid_to > valid_from)
);
comment on table control.purpose is 'One row per listed cell of the purpose register and stretch of days on which it stands; what is not here is denied.';
comment on column control.purpose.entry is 'Name of the allowance in purposes/register.yml.';
comment on column control.purpose.valid_from is 'First day on which it stands.';
comment on column control.purpose.valid_to is 'First day on which it no longer stands; null while no end is set.';
comment on column control.purpose.review_due is 'Day by which it is to be reviewed; after it, it stands and is reported.';

create table control.system_department (
    source_system text primary key,
    department text not null
);
comment on table control.system_department is 'One row per departmental system, with the department that owns it in the purpose register.';

create view control.purpose_in_force as
select cells.department, cells.purpose, cells.data_class
from control.purpose as cells
inner join control.night_context as context
    on cells.valid_from <= context.night and (cells.valid_to is null or cells.valid_to > context.night);
comment on view control.purpose_in_force is 'One row per cell that is allowed on the night that is being worked on: join it, and the rest is denied.';

create table audit.purpose_register (
    version_no integer generated always as identity primary key,
    night date not null,
    content_hash text not null,
    cells integer not null,
    register jsonb not null,
    recorded_at timestamptz not null default now()
);
comment on table audit.purpose_register is 'One row per change of the purpose register: the first night that ran under it, and all that it says. Append-only.';
comment on column audit.purpose_register.content_hash is 'sha256 of what the register says; comments and layout of the file do not count.';

grant select on control.purpose, control.system_department, control.purpose_in_force
to scv_loader, scv_transform, scv_linkage, scv_publisher;
grant insert, delete on control.purpose, control.system_department to scv_publisher;
grant select, insert on audit.purpose_register to scv_publisher;
"""


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SQL)
