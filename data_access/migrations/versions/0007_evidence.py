"""Evidence: files by checksum, whose type and size the database checks, and which nobody changes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

# What a file is, is told by how it begins; its name and whoever sent it may say what they like.
BEGINNINGS = r"""
CASE media_type
    WHEN 'image/jpeg' THEN substring(content FROM 1 FOR 3) = '\xffd8ff'
    WHEN 'image/png' THEN substring(content FROM 1 FOR 8) = '\x89504e470d0a1a0a'
    WHEN 'image/heic' THEN substring(content FROM 5 FOR 4) = '\x66747970'
    WHEN 'video/mp4' THEN substring(content FROM 5 FOR 4) = '\x66747970'
    WHEN 'application/pdf' THEN substring(content FROM 1 FOR 5) = '\x255044462d'
    ELSE false
END
"""

GUARD = """
CREATE FUNCTION refuse_change_of_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$
"""


def upgrade() -> None:
    """Create the table; `data_access.gate` keeps who may read and add."""
    op.create_table(
        "evidence",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "kept_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.text("transaction_timestamp()")
        ),
        sa.Column("kept_by", sa.Text(), nullable=False, server_default=sa.text("session_user")),
        sa.PrimaryKeyConstraint("ticket", "sha256", name=op.f("evidence_pkey")),
        sa.CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="evidence_is_what_its_sum_says"),
        sa.CheckConstraint("size = octet_length(content)", name="evidence_has_its_size"),
        sa.CheckConstraint("size BETWEEN 1 AND 104857600", name="evidence_is_not_too_large"),
        sa.CheckConstraint("length(name) <= 200", name="evidence_has_a_short_name"),
        sa.CheckConstraint(BEGINNINGS, name="evidence_is_of_its_type"),
    )
    # Pictures and films are compressed already.
    op.execute("ALTER TABLE evidence ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute(GUARD)
    op.execute(
        "CREATE TRIGGER evidence_is_append_only BEFORE UPDATE OR DELETE ON evidence"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_evidence()"
    )
    op.execute(
        "CREATE TRIGGER evidence_is_not_emptied BEFORE TRUNCATE ON evidence"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_evidence()"
    )


def downgrade() -> None:
    """Drop the files; the events keep their checksums."""
    op.drop_table("evidence")
    op.execute("DROP FUNCTION refuse_change_of_evidence()")
