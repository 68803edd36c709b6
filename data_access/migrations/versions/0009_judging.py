"""The rule engine's position and queue, where evidence was handed in, how pictures look, and the ladder."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0011"
branch_labels = None
depends_on = None

CLIMBING = "escalate_at IS NOT NULL"


def upgrade() -> None:
    """Create them; the engine begins with the first event and goes on from there."""
    op.create_table(
        "judging",
        sa.Column("only", sa.Boolean(), nullable=False),
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("judging_pkey")),
    )
    op.create_table(
        "to_judge",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("known_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name=op.f("to_judge_pkey")),
    )
    op.create_index("to_judge_next", "to_judge", ["at"])
    op.create_table(
        "evidence_use",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "ticket", name=op.f("evidence_use_pkey")),
    )
    op.create_table(
        "picture_mark",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary()),
        sa.Column("parts", sa.ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("picture_mark_pkey")),
    )
    op.create_index("picture_mark_parts", "picture_mark", ["parts"], postgresql_using="gin")
    op.add_column("warning", sa.Column("escalate_at", sa.TIMESTAMP(timezone=True)))
    op.create_index("warning_to_escalate", "warning", ["escalate_at"], postgresql_where=sa.text(CLIMBING))


def downgrade() -> None:
    """Drop them; the warnings stay in the log."""
    op.drop_index("warning_to_escalate", table_name="warning")
    op.drop_column("warning", "escalate_at")
    for table in ("picture_mark", "evidence_use", "to_judge", "judging"):
        op.drop_table(table)
