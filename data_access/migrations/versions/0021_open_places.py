"""The index of open tickets has their places: the board of a window is read from it alone.

At a million tickets the first picture read 500 MB of the table for the tenth that is open.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INCLUDED = [
    "yellow_at",
    "paused",
    "rectified",
    "closed_at",
    "urgency",
    "category",
    "area",
    "lead",
    "channel",
    "received_at",
    "node",
    "node_due_at",
    "node_yellow_at",
]


def upgrade() -> None:
    """Make the index anew, with degrees."""
    _make([*INCLUDED, "lng", "lat"])


def downgrade() -> None:
    """Make it anew without."""
    _make(INCLUDED)


def _make(included: list[str]) -> None:
    op.drop_index("ticket_open", "ticket")
    op.create_index(
        "ticket_open",
        "ticket",
        ["red_at", "number"],
        postgresql_include=included,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
