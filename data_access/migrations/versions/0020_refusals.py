"""A refused device is listed for each reason it was refused for; a station may be retired from a day on."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a name stand once for each reason: what is listed has one each. No station is retired."""
    op.drop_constraint("unknown_device_pkey", "unknown_device", type_="primary")
    op.create_primary_key("unknown_device_pkey", "unknown_device", ["mn", "reason"])
    op.add_column("station", sa.Column("retired", sa.Date(), nullable=True))


def downgrade() -> None:
    """Keep the reason that each was refused for at last."""
    op.drop_column("station", "retired")
    op.execute(
        "DELETE FROM unknown_device AS d USING unknown_device AS o"
        " WHERE o.mn = d.mn AND (o.last_seen, o.reason) > (d.last_seen, d.reason)"
    )
    op.drop_constraint("unknown_device_pkey", "unknown_device", type_="primary")
    op.create_primary_key("unknown_device_pkey", "unknown_device", ["mn"])
