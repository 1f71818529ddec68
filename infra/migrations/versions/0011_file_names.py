"""The name under which a file came, so that the same file under a new name can be told.

An old file in the folder is no news; the same content under another name is a delivery gone wrong.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQL = r"""
alter table audit.file add column file_name text;
comment on column audit.file.file_name is 'Name of the file when it was loaded.';
"""


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SQL)
