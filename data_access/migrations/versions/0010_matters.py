"""What is open or has ended in the cases of all tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

# All that older events say of it: a bad review waits for a follower until it is turned round, or to the end.
WAITING_FOR_A_FOLLOWER = """
INSERT INTO matter (
    ticket, kind, number, part, sort, title, from_body, opened_at, ended_at, outcome
)
WITH said AS (
    SELECT stream, kind, at, seq, body, data, kind = 'Revisited' AND data ->> 'satisfied' = 'false' AS bad
    FROM event
    WHERE stream LIKE 'ticket/%' AND kind IN ('Revisited', 'Closed')
), counted AS (
    SELECT *, count(*) FILTER (WHERE NOT bad) OVER (PARTITION BY stream ORDER BY at, seq) AS turn FROM said
), first AS (
    SELECT DISTINCT ON (stream, turn) * FROM counted WHERE bad ORDER BY stream, turn, at, seq
)
SELECT substr(f.stream, 8), 'responsibility',
    row_number() OVER (PARTITION BY f.stream ORDER BY f.at, f.seq), 0,
    'follower', left(coalesce(f.data ->> 'text', ''), 200), f.body, f.at, e.at,
    CASE e.kind WHEN 'Closed' THEN 'closed' WHEN 'Revisited' THEN 'turned_round' END
FROM first AS f
LEFT JOIN counted AS e ON e.stream = f.stream AND e.turn = f.turn + 1 AND NOT e.bad
"""


def upgrade() -> None:
    """Create the table and fill it; `data_access.gate` keeps who may see what."""
    op.create_table(
        "matter",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("node", sa.Text()),
        sa.Column("from_body", sa.Text()),
        sa.Column("to_body", sa.Text()),
        sa.Column("person", sa.Text()),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("outcome", sa.Text()),
        sa.Column("coordinated_at", sa.TIMESTAMP(timezone=True)),
        sa.PrimaryKeyConstraint("ticket", "kind", "number", "part", name=op.f("matter_pkey")),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index("matter_open", "matter", ["kind", "due_at", "ticket"], postgresql_where=still_open)
    op.create_index("matter_to", "matter", ["to_body", "kind", "due_at"], postgresql_where=still_open)
    op.create_index("matter_from", "matter", ["from_body", "kind", "opened_at"])
    op.create_index(
        "matter_person",
        "matter",
        ["person", "kind", "opened_at"],
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.create_index("matter_opened", "matter", ["kind", "opened_at", "ticket"])
    op.execute(WAITING_FOR_A_FOLLOWER)


def downgrade() -> None:
    """Drop the table; the events keep what it said."""
    op.drop_table("matter")
