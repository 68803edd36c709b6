"""Directives: by when to sign, from what they were issued, reminders, rounds, and when to warn next."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.TIMESTAMP(timezone=True)
# No policy of an older program says how long a receiver has: 24 hours, at most until the deadline.
SIGN_BY = "UPDATE directive SET sign_by = least(issued_at + interval '24 hours', deadline)"
ROUNDS = """
UPDATE directive_receiver AS r SET rounds = (
    SELECT count(*) FROM event AS e
    WHERE e.stream = 'directive/' || r.directive AND e.kind = 'DirectiveFedBack' AND e.data ->> 'body' = r.body
)
"""
# As domain.directive_lateness has it: a receiver that signed late or not at all, and each round of feedback that
# came after the deadline, or not at all; a round begins with the issue, or as the one before was sent back.
WARN_FROM = """
UPDATE directive_receiver AS r SET warn_from = least(
    CASE WHEN coalesce(least(r.signed_at, d.withdrawn_at) > d.sign_by, true) THEN d.sign_by END,
    (
        SELECT min(greatest(d.deadline, begun.at))
        FROM (
            SELECT d.issued_at AS at, 1 AS seq
            UNION ALL
            SELECT e.at, e.seq FROM event AS e
            WHERE e.stream = 'directive/' || r.directive AND e.kind = 'DirectiveJudged'
                AND e.data ->> 'body' = r.body AND e.data ->> 'accepted' = 'false'
        ) AS begun
        LEFT JOIN LATERAL (
            SELECT min(e.at) AS at FROM event AS e
            WHERE e.stream = 'directive/' || r.directive AND e.kind = 'DirectiveFedBack'
                AND e.data ->> 'body' = r.body AND (e.at, e.seq) > (begun.at, begun.seq)
        ) AS done ON true
        WHERE coalesce(least(done.at, d.withdrawn_at) > greatest(d.deadline, begun.at), true)
    )
)
FROM directive AS d WHERE d.number = r.directive
"""


def upgrade() -> None:
    """Add what is read by the pages and by the sweep, and work it out for what is there."""
    op.add_column("directive", sa.Column("basis", sa.Text(), nullable=False, server_default=""))
    op.alter_column("directive", "basis", server_default=None)
    op.add_column("directive", sa.Column("sign_by", MOMENT))
    op.execute(SIGN_BY)
    op.alter_column("directive", "sign_by", nullable=False)
    op.create_index("directive_issued", "directive", ["issued_at", "number"])
    for name in ("rounds", "reminded"):
        op.add_column(
            "directive_receiver", sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")
        )
        op.alter_column("directive_receiver", name, server_default=None)
    for name in ("reminded_at", "warned_unsigned", "warned_overdue", "warn_from"):
        op.add_column("directive_receiver", sa.Column(name, MOMENT))
    op.execute(ROUNDS)
    op.execute(WARN_FROM)
    op.create_index("directive_receiver_body", "directive_receiver", ["body"])
    op.create_index(
        "directive_receiver_to_warn",
        "directive_receiver",
        ["warn_from"],
        postgresql_where=sa.text("warn_from IS NOT NULL"),
    )


def downgrade() -> None:
    """Forget what the older form cannot hold; the events keep it."""
    op.drop_index("directive_receiver_to_warn", table_name="directive_receiver")
    op.drop_index("directive_receiver_body", table_name="directive_receiver")
    for name in ("warn_from", "warned_overdue", "warned_unsigned", "reminded_at", "reminded", "rounds"):
        op.drop_column("directive_receiver", name)
    op.drop_index("directive_issued", table_name="directive")
    op.drop_column("directive", "sign_by")
    op.drop_column("directive", "basis")
