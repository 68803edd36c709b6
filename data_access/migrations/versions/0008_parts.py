"""Clocks of assisting bodies, several wrong steps at one node, escalated warnings, merged tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CLOCK = ("ticket", "round", "leg", "node")
NOTE = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally_change (day, node, body, category, area, due, on_time, open, revisited, satisfied, bounced,
        rectified, handling)
    SELECT CAST(timezone('UTC', due_at) AS DATE) - DATE '1970-01-01', node, body, category, area,
        {sign} * CAST(ended_at IS NOT NULL AS INTEGER),
        {sign} * CAST(ended IS NOT DISTINCT FROM 'done' AND ended_at <= due_at AS INTEGER),
        {sign} * CAST(ended_at IS NULL AS INTEGER),
        0, 0, 0, 0, 0
    FROM moved
    WHERE due_at IS NOT NULL AND (ended_at IS NULL OR ended = 'done' OR ended_at > due_at)
    UNION ALL
    SELECT CAST(timezone('UTC', ended_at) AS DATE) - DATE '1970-01-01', node, handler, category, area,
        0, 0, 0,
        {sign} * CAST(node = 'revisit' AS INTEGER),
        {sign} * CAST(node = 'revisit' AND passed IS TRUE AS INTEGER),
        {sign} * CAST(passed IS FALSE AS INTEGER),
        0, 0
    FROM moved
    WHERE node IN ('revisit', 'post_check') AND ended = 'done'
    UNION ALL
    SELECT CAST(timezone('UTC', ended_at) AS DATE) - DATE '1970-01-01', node, body, category, area,
        0, 0, 0, 0, 0, 0,
        {sign},
        {sign} * CAST(EXTRACT(epoch FROM ended_at - received_at) * 1000000 AS BIGINT)
    FROM moved
    WHERE node = 'rectify' AND ended = 'done'{lead};
    RETURN NULL;
END
$$
"""
NEXT_DUE = ["ticket", "round", "leg", "node", "body", "area", "started_at", "yellow_at", "paused", "ended_at"]
DONE = ["ticket", "handler", "category", "area", "received_at", "passed"]
IS_DONE = "ended = 'done' AND node IN ('rectify', 'revisit', 'post_check')"
AGAIN = "node = 'rectify' AND ended = 'done' AND (round > 1 OR leg > 1)"


def _indexes(*, part: bool) -> None:
    for name in ("node_state_next_due", "node_state_done", "node_state_again"):
        op.drop_index(name, table_name="node_state")
    lead = "part = 0 AND " if part else ""
    op.create_index(
        "node_state_next_due",
        "node_state",
        ["due_at"],
        postgresql_include=[*NEXT_DUE, "part"] if part else NEXT_DUE,
        postgresql_where=sa.text("ended_at IS NULL AND due_at IS NOT NULL"),
    )
    op.create_index(
        "node_state_done",
        "node_state",
        ["node", "ended_at"],
        postgresql_include=DONE,
        postgresql_where=sa.text(lead + IS_DONE),
    )
    op.create_index(
        "node_state_again",
        "node_state",
        ["ended_at"],
        postgresql_include=["ticket"],
        postgresql_where=sa.text(lead + AGAIN),
    )


def _keys(table: str, *columns: str) -> None:
    op.drop_constraint(f"{table}_pkey", table)
    op.create_primary_key(f"{table}_pkey", table, list(columns))


def _notes(lead: str) -> None:
    for name, sign in (("tally_gained", 1), ("tally_lost", -1)):
        op.execute(NOTE.format(name=name, sign=sign, lead=lead))


def upgrade() -> None:
    """Name a clock by its part, and a warning by its rule, too."""
    op.add_column("node_state", sa.Column("part", sa.SmallInteger(), nullable=False, server_default="0"))
    op.alter_column("node_state", "part", server_default=None)
    _keys("node_state", *CLOCK, "part")
    _indexes(part=True)
    # What an assisting body did is its own; the ticket was rectified when its lead had done so.
    _notes(" AND part = 0")
    for column in (
        sa.Column("part", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("rule_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("facts", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    ):
        op.add_column("warning", column)
        op.alter_column("warning", column.name, server_default=None)
    op.add_column("warning", sa.Column("escalated_to", sa.Text()))
    op.add_column("warning", sa.Column("escalated_step", sa.SmallInteger()))
    op.add_column("warning", sa.Column("escalated_at", sa.TIMESTAMP(timezone=True)))
    _keys("warning", *CLOCK, "kind", "level", "part", "rule_id")
    op.add_column("ticket", sa.Column("merged_into", sa.Text()))
    op.create_index(
        "ticket_merged", "ticket", ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL")
    )


def downgrade() -> None:
    """Forget what the older form cannot hold; the events keep it."""
    op.drop_index("ticket_merged", table_name="ticket")
    op.drop_column("ticket", "merged_into")
    op.execute("DELETE FROM warning WHERE part > 0 OR rule_id <> ''")
    _keys("warning", *CLOCK, "kind", "level")
    for name in ("escalated_at", "escalated_step", "escalated_to", "facts", "rule_id", "part"):
        op.drop_column("warning", name)
    op.execute("DELETE FROM node_state WHERE part > 0")
    _notes("")
    _keys("node_state", *CLOCK)
    _indexes(part=False)
    op.drop_column("node_state", "part")
