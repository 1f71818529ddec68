"""Nights know when all their tables were built; work lists are written by those who work them off."""

from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add audit.night.built_at and let the transform role keep the work lists."""
    op.execute(
        """
        alter table audit.night add column built_at timestamptz;
        comment on column audit.night.built_at is
            'When all tables had taken in this night; empty again once the night is opened anew.';
        grant insert, update, delete on work.record, work.customer to scv_transform;
        """
    )


def downgrade() -> None:
    """Take both away again."""
    op.execute(
        """
        revoke insert, update, delete on work.record, work.customer from scv_transform;
        alter table audit.night drop column built_at;
        """
    )
