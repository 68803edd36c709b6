"""The files that show what was found on site: kept by checksum, never changed."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from data_access.schema_base import metadata, moment

evidence = Table(
    "evidence",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),  # in hex; the database proves it
    Column("media_type", Text, nullable=False),
    Column("name", Text, nullable=False),  # as its sender called it: shown, and never a path
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    moment("kept_at", nullable=False),
    Column("kept_by", Text, nullable=False),
)
