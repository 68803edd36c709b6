"""Indexes of where tickets are about: those near a point, and those at an address."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both."""
    op.create_index(
        "ticket_place",
        "ticket",
        ["lat", "lng", "received_at"],
        postgresql_where=sa.text("lat IS NOT NULL"),
    )
    # An address may be longer than what a tree takes.
    op.create_index(
        "ticket_address",
        "ticket",
        ["address"],
        postgresql_using="hash",
        postgresql_where=sa.text("address <> ''"),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ticket_address", table_name="ticket")
    op.drop_index("ticket_place", table_name="ticket")
