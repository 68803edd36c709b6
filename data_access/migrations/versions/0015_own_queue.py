"""What a body has to do: its handlers' queue is read from the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.create_index(
        "node_state_own",
        "node_state",
        ["body", "due_at"],
        postgresql_include=["ticket", "node", "part", "ended_at"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("node_state_own", table_name="node_state")
