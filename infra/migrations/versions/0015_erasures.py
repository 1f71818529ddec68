"""Erasures know which night forgot them, so that what is kept from night to night is cleared once."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SQL = r"""
alter table erasure.tombstone add column forgotten_on date;
comment on column erasure.tombstone.forgotten_on is
    'First night whose tables hold nothing of the record; empty until there is one.';
grant update (forgotten_on) on erasure.tombstone to scv_loader;
"""


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SQL)
