"""Indexes behind the patterns and histories: people of what fell due, warnings by when they were raised."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None

DUE = ["body", "category", "area", "ended_at", "ended"]
LATE = ["node", "ended_at", "ticket"]


def upgrade() -> None:
    """Create them; those of due and late nodes are made anew with the person."""
    op.drop_index("node_state_due", table_name="node_state")
    op.drop_index("node_state_late", table_name="node_state")
    _due([*DUE, "person"])
    _late([*LATE, "person"])
    op.create_index(
        "node_state_handed_over",
        "node_state",
        ["ended_at"],
        postgresql_include=["body", "ticket"],
        postgresql_where=sa.text("node = 'rectify' AND ended = 'handed_over' AND part = 0"),
    )
    op.create_index(
        "warning_raised", "warning", ["raised_at"], postgresql_include=["body", "node", "kind", "rule_id"]
    )
    op.create_index(
        "re_supervision_launched",
        "re_supervision",
        ["launched_at"],
        postgresql_include=["body", "behaviour"],
        postgresql_where=sa.text("launched_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them, and make the two anew without the person."""
    op.drop_index("re_supervision_launched", table_name="re_supervision")
    op.drop_index("warning_raised", table_name="warning")
    op.drop_index("node_state_handed_over", table_name="node_state")
    op.drop_index("node_state_late", table_name="node_state")
    op.drop_index("node_state_due", table_name="node_state")
    _late(LATE)
    _due(DUE)


def _due(included: list[str]) -> None:
    op.create_index(
        "node_state_due",
        "node_state",
        ["node", "due_at"],
        postgresql_include=included,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def _late(included: list[str]) -> None:
    op.create_index(
        "node_state_late",
        "node_state",
        ["body", "due_at"],
        postgresql_include=included,
        postgresql_where=sa.text("ended_at > due_at"),
    )
