"""Every open question about who is who, of which the review queue shows the most useful.

A night works out the doubts of the people that it affects and leaves the others as they are.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQL = r"""
create table link.doubt (
    record_key_l text not null,
    record_key_r text not null,
    match_probability real not null,
    reason text not null check (reason in ('likely_but_apart', 'weak_link')),
    customer_id_l text not null,
    customer_id_r text not null,
    primary key (record_key_l, record_key_r),
    check (record_key_l < record_key_r)
);
create index on link.doubt (record_key_r);
comment on table link.doubt is 'One row per doubtful link between two groups of records, by the pair of records that speaks most for it.';
comment on column link.doubt.reason is
    'likely_but_apart: more likely one person than not, yet two customers. weak_link: one customer, held together by no sure link.';

comment on column link.review.priority is 'How useful an answer is: how uncertain the link is, times what hangs on it.';
comment on column link.review.first_asked is 'First night on which the question stood in the queue.';
comment on column link.review_asked.answered is 'Night after which it was decided or set aside; not asked again until a record of it changes.';

grant select, insert, update, delete, truncate on link.doubt to scv_linkage;
grant select on link.doubt to scv_publisher;
"""


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SQL)
