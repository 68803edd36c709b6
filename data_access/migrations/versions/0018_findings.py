"""Channels that bring what was found by oneself; a finding knows its county, and its clue is named after it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the columns; no program has written a finding's ticket."""
    op.add_column("channel", sa.Column("proactive", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_column("finding", "ticket")
    op.add_column("finding", sa.Column("area", sa.Text(), nullable=True))


def downgrade() -> None:
    """Change them back."""
    op.drop_column("finding", "area")
    op.add_column("finding", sa.Column("ticket", sa.Text(), nullable=True))
    op.drop_column("channel", "proactive")
