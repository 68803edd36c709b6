"""The tables of what measures by itself. Readings are kept by month; episodes and states follow from them."""

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from data_access.schema_base import metadata, moment

station = Table(
    "station",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False),
    Column("mn", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("body", Text),
    Column("category", Text),
    Column("area", Text),
    Column("township", Text),
    Column("lng", Float),
    Column("lat", Float),
    Column("every_seconds", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("retired", Date),
    UniqueConstraint("key"),
    UniqueConstraint("mn"),
)

station_secret = Table(
    "station_secret",
    metadata,
    Column("station", Integer, primary_key=True),
    Column("password", Text, nullable=False),
)
"""What a device says with each frame; only the receiver reads it."""

station_factor = Table(
    "station_factor",
    metadata,
    Column("station", Integer, primary_key=True),
    Column("factor", Text, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("factor_to_unit", Float, nullable=False),
    Column("position", Integer, nullable=False),
)

limit_value = Table(
    "limit_value",
    metadata,
    Column("key", Text, primary_key=True),
    Column("station", Text),
    Column("kind", Text),
    Column("factor", Text, nullable=False),
    Column("span", SmallInteger, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("allowed_per_day", Integer, nullable=False),
    Column("from_minute", Integer),
    Column("until_minute", Integer),
    Column("effective_from", Date, nullable=False),
    Column("effective_until", Date),
    Column("source", Text, nullable=False),
    Column("minutes", SmallInteger),
)

station_state = Table(  # CACHE
    "station_state",
    metadata,
    Column("station", Integer, primary_key=True),
    moment("last_seen", nullable=False),
    moment("last_at"),
    Column("edition", SmallInteger),
    Column("address", Text, nullable=False),
)

unknown_device = Table(
    "unknown_device",
    metadata,
    Column("mn", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    moment("first_seen", nullable=False),
    moment("last_seen", nullable=False),
    Column("frames", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
)

reading = Table(
    "reading",
    metadata,
    Column("station", Integer, primary_key=True),
    Column("factor", Text, primary_key=True),
    Column("span", SmallInteger, primary_key=True),
    Column("at", TIMESTAMP(timezone=True), primary_key=True),
    Column("value", Float),
    Column("flag", Text, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("total", Float),
    moment("received_at", nullable=False),
    postgresql_partition_by="RANGE (at)",
)

to_weigh = Table(
    "to_weigh",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("station", Integer, nullable=False),
    Column("factor", Text, nullable=False),
    Column("span", SmallInteger, nullable=False),
    moment("since", nullable=False),
    moment("until"),
)
"""Whose values came in and are not judged yet, from which moment to which: late ones reach back.

`until` is None in a note of an older program: up to the newest value.

A queue, so that the receiver never waits for what weighs: `readings.take_to_weigh`."""

episode = Table(  # CACHE, but for its number and its ticket
    "episode",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("station", Integer, nullable=False),
    Column("factor", Text, nullable=False),
    Column("span", SmallInteger, nullable=False),
    Column("limit_key", Text, nullable=False),
    moment("began_at", nullable=False),
    moment("last_over_at", nullable=False),
    moment("ended_at"),
    Column("over", Integer, nullable=False),
    Column("peak", Float, nullable=False),
    Column("ticket", Text),
    Column("reopened", Integer, nullable=False),
    Index("episode_began", "began_at"),
    Index("episode_of_station", "station", "factor", "began_at"),
    Index("episode_ticket", "ticket", postgresql_where=text("ticket IS NOT NULL")),
    Index("episode_open", "station", postgresql_where=text("ended_at IS NULL")),
)

device_item = Table(
    "device_item",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("station", Integer, nullable=False),
    Column("factor", Text),
    Column("trouble", Text, nullable=False),
    Column("flag", Text),
    moment("opened_at", nullable=False),
    moment("ended_at"),
    Index("device_item_opened", "opened_at"),
    Index("device_item_open", "station", postgresql_where=text("ended_at IS NULL")),
)

air_index = Table(  # CACHE
    "air_index",
    metadata,
    Column("place", Text, primary_key=True),
    Column("span", SmallInteger, primary_key=True),
    Column("edition", SmallInteger, primary_key=True),
    Column("at", TIMESTAMP(timezone=True), primary_key=True),
    Column("aqi", SmallInteger),
    Column("primary_pollutants", ARRAY(Text), nullable=False),
    Column("values", JSONB, nullable=False),
)
"""`place` is "station/KEY", "area/CODE", "township/CODE/NAME" or "city"; `edition` the year of HJ 633."""

finding_file = Table(
    "finding_file",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("crs", Text, nullable=False),
    Column("findings", Integer, nullable=False),
    moment("imported_at", nullable=False),
    UniqueConstraint("sha256"),
)

finding = Table(
    "finding",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("file", Integer, nullable=False),
    Column("source", Text, nullable=False),
    moment("at", nullable=False),
    moment("until"),
    Column("lng", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("track", JSONB),
    Column("what", Text, nullable=False),
    Column("value", Float),
    Column("unit", Text, nullable=False),
    Column("is_clue", Boolean, nullable=False),
    Column("area", Text),
    Index("finding_at", "at"),
)
"""What radar, van, drone and satellite found (T24); `track`: a list of [lng, lat, value] of a moving one.

`is_clue`: its source calls it a suspected problem. The ticket that it became is domain.findings.clue_number.
"""
