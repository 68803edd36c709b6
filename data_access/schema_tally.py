"""How many nodes fell due, by day and by whom: additions that follow from `node_state` (tallies.py)."""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table, Text

from data_access.schema_base import metadata


def _counts() -> tuple[Column[int], ...]:
    names = ("due", "on_time", "open", "revisited", "satisfied", "bounced", "rectified")
    # The last is microseconds from received to rectified, over those `rectified`.
    return (
        *(Column(name, Integer, nullable=False) for name in names),
        Column("handling", BigInteger, nullable=False),
    )


tally = Table(  # CACHE: node_state counted by day and by blocks of days (data_access/tallies.py)
    "tally",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("node", Text, primary_key=True),
    Column("span", SmallInteger, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("key", Text, primary_key=True),
    *_counts(),
    # Room beside each row for its next sums, or each would be put into the index again.
    postgresql_with={"fillfactor": 70},
)

tally_change = Table(  # what is still to be added to `tally`; triggers of node_state write it, nothing waits
    "tally_change",
    metadata,
    Column("day", Integer, nullable=False),
    Column("node", Text, nullable=False),
    Column("body", Text),
    Column("category", Text),
    Column("area", Text),
    *_counts(),
)
