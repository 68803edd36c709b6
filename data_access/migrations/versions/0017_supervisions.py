"""Joint supervisions wait for each of their supervisors (Y17): a row of `matter` for each that was opened.
Cases filed and penalised are summed by month from an index of their own (Q19).

Nobody could sign one off before. What a later one replaced has ended, and what was closed has, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSERT = """
INSERT INTO matter (
    ticket, kind, number, part, sort, title, from_body, to_body, person, opened_at, ended_at, outcome
)
WITH opened AS (
    SELECT stream, seq, at, person, body, left(coalesce(data ->> 'reason', ''), 200) AS reason, data
    FROM event WHERE stream LIKE 'ticket/%' AND kind = 'JointSupervisionOpened'
), named AS (
    SELECT DISTINCT ON (o.stream, o.seq, b.key)
        o.stream, o.seq, o.at, o.person, o.body, o.reason, b.key, b.place
    FROM opened AS o, json_array_elements_text(o.data -> 'bodies') WITH ORDINALITY AS b (key, place)
    ORDER BY o.stream, o.seq, b.key, b.place
)
SELECT substr(n.stream, 8), 'supervision',
    row_number() OVER (PARTITION BY n.stream ORDER BY n.at, n.seq, n.place), 0,
    '', n.reason, n.body, n.key, n.person, n.at, e.at,
    CASE e.kind WHEN 'Closed' THEN 'closed' WHEN 'JointSupervisionOpened' THEN 'replaced' END
FROM named AS n
LEFT JOIN LATERAL (
    SELECT x.at, x.kind FROM event AS x
    WHERE x.stream = n.stream AND x.kind IN ('JointSupervisionOpened', 'Closed')
        AND (x.at, x.seq) > (n.at, n.seq)
    ORDER BY x.at, x.seq LIMIT 1
) AS e ON true
"""


def upgrade() -> None:
    """Note what was opened before; the events say it."""
    op.execute(INSERT)
    op.create_index(
        "node_state_case",
        "node_state",
        ["node", "ended_at"],
        postgresql_include=["ticket", "body", "ended"],
        postgresql_where=sa.text("node IN ('file', 'penalise')"),
    )


def downgrade() -> None:
    """Take the rows away; the events keep what they said."""
    op.drop_index("node_state_case", table_name="node_state")
    op.execute("DELETE FROM matter WHERE kind = 'supervision'")
