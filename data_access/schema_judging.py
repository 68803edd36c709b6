"""What the rule engine keeps for itself: how far it has read, what waits, and where evidence was handed in.

None of it is seen by persons. All but the marks of pictures could be read out of the log again.
"""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from data_access.schema_base import metadata, moment

judging = Table(  # one row: the last event that was taken in (data_access/judging.py)
    "judging",
    metadata,
    Column("only", Boolean, primary_key=True),
    Column("database", Text, nullable=False),
    Column("xid", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
)

to_judge = Table(  # tickets whose rules are to be looked at, from a moment on
    "to_judge",
    metadata,
    Column("ticket", Text, primary_key=True),
    moment("at", nullable=False),
    # When what changed was recorded: nobody can have been warned before.
    moment("known_at", nullable=False),
    Index("to_judge_next", "at"),
)

evidence_use = Table(  # where each file of evidence was handed in first, by ticket
    "evidence_use",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("ticket", Text, primary_key=True),
    moment("at", nullable=False),
)

picture_mark = Table(  # how a picture looks: 256 bits, and their 16 parts to find the like by
    "picture_mark",
    metadata,
    Column("sha256", Text, primary_key=True),
    # None for what cannot be opened as a picture.
    Column("mark", LargeBinary),
    Column("parts", ARRAY(Integer), nullable=False),
    Index("picture_mark_parts", "parts", postgresql_using="gin"),
)
