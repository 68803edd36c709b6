"""The tables of the daily seal. Only `seal_days()` writes them (migration 0005); nobody changes them."""

from sqlalchemy import TIMESTAMP, BigInteger, Column, Date, Integer, LargeBinary, Table, Text, text

from data_access.schema_base import metadata, moment

seal = Table(
    "seal",
    metadata,
    Column("day", Date, primary_key=True),
    # The end of the day in the city's zone as it was then: what was recorded before it belongs to the day.
    moment("until", nullable=False),
    Column("streams", Integer, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column(
        "sealed_at",
        TIMESTAMP(timezone=True),
        nullable=False,
        server_default=text("transaction_timestamp()"),
    ),
)

sealed_head = Table(
    "sealed_head",
    metadata,
    Column("day", Date, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
