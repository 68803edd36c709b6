"""Tallies by day, so that a ranking of any window reads what was counted once (data_access/tallies.py)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Indexes = tuple[tuple[str, list[str], list[str], str], ...]

COUNTS = (
    "day, node, body, category, area, due, on_time, open, revisited, satisfied, bounced, rectified, handling"
)

# What each row counts as is `tallies.changes_of`, written down as it is at this revision.
CHANGES = """
SELECT CAST(timezone('UTC', due_at) AS DATE) - DATE '1970-01-01', node, body, category, area,
    {sign} * CAST(ended_at IS NOT NULL AS INTEGER),
    {sign} * CAST(ended IS NOT DISTINCT FROM 'done' AND ended_at <= due_at AS INTEGER),
    {sign} * CAST(ended_at IS NULL AS INTEGER),
    0, 0, 0, 0, 0
FROM {rows}
WHERE due_at IS NOT NULL AND (ended_at IS NULL OR ended = 'done' OR ended_at > due_at)
UNION ALL
SELECT CAST(timezone('UTC', ended_at) AS DATE) - DATE '1970-01-01', node, handler, category, area,
    0, 0, 0,
    {sign} * CAST(node = 'revisit' AS INTEGER),
    {sign} * CAST(node = 'revisit' AND passed IS TRUE AS INTEGER),
    {sign} * CAST(passed IS FALSE AS INTEGER),
    0, 0
FROM {rows}
WHERE node IN ('revisit', 'post_check') AND ended = 'done'
UNION ALL
SELECT CAST(timezone('UTC', ended_at) AS DATE) - DATE '1970-01-01', node, body, category, area,
    0, 0, 0, 0, 0, 0,
    {sign},
    {sign} * CAST(EXTRACT(epoch FROM ended_at - received_at) * 1000000 AS BIGINT)
FROM {rows}
WHERE node = 'rectify' AND ended = 'done'
"""

# What they add up to is `tallies.cells_of`: of each day and block of days, of each node and of all together.
MEASURES = ("due", "on_time", "open", "revisited", "satisfied", "bounced", "rectified", "handling")
SUMS = ", ".join(f"sum({name}) AS {name}" for name in MEASURES)
FILL = f"""
INSERT INTO tally (dimension, node, span, day, key, {", ".join(MEASURES)})
SELECT dimension, CASE WHEN grouping(node) = 0 THEN node ELSE '' END,
    CASE WHEN grouping(day) = 0 THEN 1 ELSE 32 END, coalesce(day, block), key, {SUMS}
FROM (
    SELECT node, day, day & -32 AS block, coalesce(body, category, area) AS key, {SUMS},
        CASE WHEN grouping(body) = 0 THEN 'body' WHEN grouping(category) = 0 THEN 'category'
            WHEN grouping(area) = 0 THEN 'area' END AS dimension
    FROM (
        SELECT day, node, body, coalesce(category, '-') AS category, coalesce(area, '-') AS area,
            {", ".join(MEASURES)}
        FROM ({{changes}}) AS noted ({COUNTS})
    ) AS keyed
    GROUP BY GROUPING SETS ((node, day, body), (node, day, category), (node, day, area))
) AS by_day
WHERE key IS NOT NULL
GROUP BY GROUPING SETS ((node, day, dimension, key), (day, dimension, key), (node, block, dimension, key),
    (block, dimension, key))
"""

NOTE = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {changes};
    RETURN NULL;
END
$$
"""

EMPTIED = """
CREATE FUNCTION tally_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tally_change;
    DELETE FROM tally;
    RETURN NULL;
END
$$
"""

TRIGGERS = (
    ("inserted", "INSERT", "NEW", "tally_gained"),
    ("deleted", "DELETE", "OLD", "tally_lost"),
    ("updated_from", "UPDATE", "OLD", "tally_lost"),
    ("updated_to", "UPDATE", "NEW", "tally_gained"),
)


def _counts() -> list[sa.Column[int]]:
    names = ("due", "on_time", "open", "revisited", "satisfied", "bounced", "rectified")
    return [
        *(sa.Column(name, sa.Integer(), nullable=False) for name in names),
        sa.Column("handling", sa.BigInteger(), nullable=False),
    ]


IS_DONE = "ended = 'done' AND node IN ('rectify', 'revisit', 'post_check')"
BEFORE = (
    ("node_state_due", ["node", "due_at"], ["body", "ended_at", "ended"], "due_at IS NOT NULL"),
    ("node_state_done", ["node", "ended_at"], ["ticket", "handler", "passed"], IS_DONE),
)
AFTER = (
    ("node_state_due", ["node", "due_at"], ["body", "category", "area", "ended_at", "ended"], BEFORE[0][3]),
    (
        "node_state_done",
        ["node", "ended_at"],
        ["ticket", "handler", "category", "area", "received_at", "passed"],
        IS_DONE,
    ),
    (
        "node_state_again",
        ["ended_at"],
        ["ticket"],
        "node = 'rectify' AND ended = 'done' AND (round > 1 OR leg > 1)",
    ),
)


def _indexes(old: Indexes, new: Indexes) -> None:
    for name, *_ in old:
        op.drop_index(name, table_name="node_state")
    for name, columns, included, condition in new:
        op.create_index(
            name, "node_state", columns, postgresql_include=included, postgresql_where=sa.text(condition)
        )


def upgrade() -> None:
    """Create the tallies, count what is there, and let the table itself note what changes."""
    op.add_column("node_state", sa.Column("received_at", sa.TIMESTAMP(timezone=True)))
    op.execute(
        "UPDATE node_state SET received_at = ticket.received_at FROM ticket"
        " WHERE ticket.number = node_state.ticket"
    )
    op.alter_column("node_state", "received_at", nullable=False)
    _indexes(BEFORE, AFTER)
    op.create_table(
        "tally",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        *_counts(),
        sa.PrimaryKeyConstraint("dimension", "node", "span", "day", "key", name=op.f("tally_pkey")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "tally_change",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("category", sa.Text()),
        sa.Column("area", sa.Text()),
        *_counts(),
    )
    # Summed here: noted, ten rows a ticket would wait, and each ranking would read them all.
    op.execute("SET LOCAL work_mem = '128MB'")
    op.execute(FILL.format(changes=CHANGES.format(sign=1, rows="node_state")))
    op.execute("SET LOCAL work_mem TO DEFAULT")
    op.execute("ANALYZE node_state, tally, tally_change")
    for name, sign in (("tally_gained", 1), ("tally_lost", -1)):
        noted = CHANGES.format(sign=sign, rows="moved").strip()
        changes = f"INSERT INTO tally_change ({COUNTS})\n{noted}"
        op.execute(NOTE.format(name=name, changes=changes))
    op.execute(EMPTIED)
    for name, event, table, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER tally_{name} AFTER {event} ON node_state REFERENCING {table} TABLE AS moved"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    op.execute(
        "CREATE TRIGGER tally_truncated AFTER TRUNCATE ON node_state"
        " FOR EACH STATEMENT EXECUTE FUNCTION tally_emptied()"
    )


def downgrade() -> None:
    """Take the tallies away; what they counted stays."""
    for name in (*(name for name, *_ in TRIGGERS), "truncated"):
        op.execute(f"DROP TRIGGER tally_{name} ON node_state")
    for function in ("tally_gained", "tally_lost", "tally_emptied"):
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_table("tally_change")
    op.drop_table("tally")
    _indexes(AFTER, BEFORE)
    op.drop_column("node_state", "received_at")
