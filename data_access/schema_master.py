"""The tables of master data and rules: what events name by key, and what judges them."""

from sqlalchemy import Boolean, Column, Date, Float, Integer, Table, Text, false, true
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from data_access.schema_base import metadata, moment

body = Table(
    "body",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

area = Table(
    "area",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("lng", Float),
    Column("lat", Float),
    Column("position", Integer, nullable=False),
)

category = Table(
    "category",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("main_body", Text),
    Column("assisting", ARRAY(Text), nullable=False),
    Column("fast_lane", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
)

channel = Table(
    "channel",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("expected_seconds", Integer),
    Column("proactive", Boolean, nullable=False, server_default=false()),
    Column("position", Integer, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("body", Text),
    Column("title", Text, nullable=False),
    Column("position", Integer, nullable=False),
    # The name of the PostgreSQL role by which the person signs in; None for a name in a list only.
    Column("login", Text, unique=True),
    Column("area", Text),
    Column("active", Boolean, nullable=False, server_default=true()),
)

policy = Table(
    "policy",
    metadata,
    Column("family", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("effective_from", Date, nullable=False),
    Column("toml", Text, nullable=False),
)

scheme = Table(
    "scheme",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("effective_from", Date, nullable=False),
    Column("toml", Text, nullable=False),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("days", JSON, nullable=False),
)

city = Table(  # one row: whose city this store is
    "city",
    metadata,
    Column("only", Boolean, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sample", Boolean, nullable=False),
    moment("created_at", nullable=False),
)
