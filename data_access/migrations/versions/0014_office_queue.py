"""What waits for the platform office: the duty officer's queue is read from the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

OFFICE = "ended_at IS NULL AND node IN ('accept', 'dispatch', 'revisit', 'post_check', 'close')"


def upgrade() -> None:
    """Create it, and one of what stands still."""
    op.create_index(
        "node_state_office",
        "node_state",
        ["node", "due_at"],
        postgresql_include=["ticket", "paused", "ended_at"],
        postgresql_where=sa.text(OFFICE),
    )
    op.create_index(
        "ticket_paused",
        "ticket",
        ["number"],
        postgresql_where=sa.text("paused AND closed_at IS NULL"),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ticket_paused", table_name="ticket")
    op.drop_index("node_state_office", table_name="node_state")
