"""A note of what came in says until when it did; a limit for minute values says its averaging time."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: a note without an end reaches to the newest value, a limit has no such time."""
    op.add_column("to_weigh", sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("limit_value", sa.Column("minutes", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("limit_value", "minutes")
    op.drop_column("to_weigh", "until")
