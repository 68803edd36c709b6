"""A directive and its receivers as their events leave them: caches of the directive/… streams."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from data_access.schema_base import metadata, moment

directive = Table(  # CACHE of directive/… streams
    "directive",
    metadata,
    Column("number", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    moment("issued_at", nullable=False),
    moment("sign_by", nullable=False),
    moment("deadline", nullable=False),
    Column("urgency", Text, nullable=False),
    Column("tickets", ARRAY(Text), nullable=False),
    Column("items", ARRAY(Text), nullable=False),
    Column("areas", ARRAY(Text), nullable=False),
    moment("withdrawn_at"),
    Column("withdrawn_reason", Text),
    Column("version", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Index("directive_issued", "issued_at", "number"),
)

directive_receiver = Table(  # CACHE of directive/… streams
    "directive_receiver",
    metadata,
    Column("directive", Text, primary_key=True),
    Column("body", Text, primary_key=True),
    moment("signed_at"),
    Column("signed_by", Text),
    moment("fed_back_at"),
    Column("feedback", Text),
    moment("judged_at"),
    Column("accepted", Boolean),
    Column("rounds", SmallInteger, nullable=False),
    Column("reminded", SmallInteger, nullable=False),
    moment("reminded_at"),
    moment("warned_unsigned"),
    moment("warned_overdue"),
    # From when on there is a warning that the log does not hold; None while nothing can be late.
    moment("warn_from"),
    Index("directive_receiver_body", "body"),
    Index("directive_receiver_to_warn", "warn_from", postgresql_where=text("warn_from IS NOT NULL")),
)
