"""Stations, their readings by month, and what follows from them: episodes, device items, air indices, findings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = (
    "finding",
    "finding_file",
    "air_index",
    "device_item",
    "episode",
    "to_weigh",
    "reading",
    "unknown_device",
    "station_state",
    "limit_value",
    "station_factor",
    "station_secret",
    "station",
)


def upgrade() -> None:
    """Create them; a month of readings gets its partition when the first of it comes."""
    op.create_table(
        "station",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mn", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("township", sa.Text(), nullable=True),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("station_pkey")),
        sa.UniqueConstraint("key", name=op.f("station_key_key")),
        sa.UniqueConstraint("mn", name=op.f("station_mn_key")),
    )
    op.create_table(
        "station_secret",
        sa.Column("station", sa.Integer(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station", name=op.f("station_secret_pkey")),
    )
    op.create_table(
        "station_factor",
        sa.Column("station", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("factor_to_unit", sa.Float(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station", "factor", name=op.f("station_factor_pkey")),
    )
    op.create_table(
        "limit_value",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("allowed_per_day", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("until_minute", sa.Integer(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("limit_value_pkey")),
    )
    op.create_table(
        "station_state",
        sa.Column("station", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("edition", sa.SmallInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station", name=op.f("station_state_pkey")),
    )
    op.create_table(
        "unknown_device",
        sa.Column("mn", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_seen", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mn", name=op.f("unknown_device_pkey")),
    )
    op.create_table(
        "reading",
        sa.Column("station", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("station", "factor", "span", "at", name=op.f("reading_pkey")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_table(
        "to_weigh",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("station", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("to_weigh_pkey")),
    )
    op.create_table(
        "episode",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("station", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("limit_key", sa.Text(), nullable=False),
        sa.Column("began_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_over_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("peak", sa.Float(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("episode_pkey")),
    )
    op.create_index("episode_began", "episode", ["began_at"], unique=False)
    op.create_index("episode_of_station", "episode", ["station", "factor", "began_at"], unique=False)
    op.create_index(
        "episode_open", "episode", ["station"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(
        "episode_ticket", "episode", ["ticket"], unique=False, postgresql_where=sa.text("ticket IS NOT NULL")
    )
    op.create_table(
        "device_item",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("station", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("device_item_pkey")),
    )
    op.create_index(
        "device_item_open",
        "device_item",
        ["station"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("device_item_opened", "device_item", ["opened_at"], unique=False)
    op.create_table(
        "air_index",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("span", sa.SmallInteger(), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("aqi", sa.SmallInteger(), nullable=True),
        sa.Column("primary_pollutants", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("place", "span", "edition", "at", name=op.f("air_index_pkey")),
    )
    op.create_table(
        "finding_file",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("finding_file_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("finding_file_sha256_key")),
    )
    op.create_table(
        "finding",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lng", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("track", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("is_clue", sa.Boolean(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("finding_pkey")),
    )
    op.create_index("finding_at", "finding", ["at"], unique=False)


def downgrade() -> None:
    """Drop them, with all readings."""
    for table in TABLES:
        op.drop_table(table)
