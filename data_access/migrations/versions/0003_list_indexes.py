"""Indexes of the ticket list's orders: a list of any length is settled from them, and begun at once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
CLOSED = sa.text("closed_at IS NOT NULL")
OF_OPEN = [
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
OF_NEXT_DUE = [
    "ticket",
    "round",
    "leg",
    "node",
    "body",
    "area",
    "started_at",
    "yellow_at",
    "paused",
    "ended_at",
]
NEXT_DUE = sa.text("ended_at IS NULL AND due_at IS NOT NULL")


def upgrade() -> None:
    """Put the number behind what is sorted by, and what filters ask into the index of open tickets."""
    op.drop_index("ticket_received", table_name="ticket")
    op.drop_index("ticket_open", table_name="ticket")
    op.create_index("ticket_received", "ticket", ["received_at", "number"])
    op.create_index(
        "ticket_open", "ticket", ["red_at", "number"], postgresql_include=OF_OPEN, postgresql_where=OPEN
    )
    op.create_index("ticket_closed", "ticket", ["closed_at", "number"], postgresql_where=CLOSED)
    for column in ("lead", "area", "category"):
        op.create_index(f"ticket_{column}", "ticket", [column, "number"])
    op.drop_index("node_state_next_due", table_name="node_state")
    op.create_index(
        "node_state_next_due",
        "node_state",
        ["due_at"],
        postgresql_include=OF_NEXT_DUE,
        postgresql_where=NEXT_DUE,
    )
    op.create_index(
        "node_state_late",
        "node_state",
        ["body", "due_at"],
        postgresql_include=["node", "ended_at", "ticket"],
        postgresql_where=sa.text("ended_at > due_at"),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_index("node_state_late", table_name="node_state")
    for name in ("category", "area", "lead", "closed", "open", "received"):
        op.drop_index(f"ticket_{name}", table_name="ticket")
    op.create_index("ticket_received", "ticket", ["received_at"])
    op.create_index("ticket_open", "ticket", ["red_at", "yellow_at"], postgresql_where=OPEN)
    op.drop_index("node_state_next_due", table_name="node_state")
    op.create_index("node_state_next_due", "node_state", ["due_at"], postgresql_where=NEXT_DUE)
