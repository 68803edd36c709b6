"""Rights in the database: who is who, who may record what, and what the sweep has still to prove."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REMOVE = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT polname, polrelid::regclass AS name FROM pg_policy LOOP
        EXECUTE format('DROP POLICY %I ON %s', found.polname, found.name);
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', found.name);
    END LOOP;
    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND obj_description(oid, 'pg_proc') = 'gate'
    LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', found.name);
    END LOOP;
END
$$
"""
"""Whatever `data_access.gate.install` had put into the database: it marks its functions."""


def upgrade() -> None:
    """Create the tables; `data_access.gate.install` fills them, and keeps functions, grants and policies."""
    op.add_column("person", sa.Column("login", sa.Text()))
    op.add_column("person", sa.Column("area", sa.Text()))
    op.add_column("person", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_unique_constraint(op.f("person_login_key"), "person", ["login"])
    op.create_index("ticket_assisting", "ticket", ["assisting"], postgresql_using="gin")
    op.create_table(
        "permission",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "role", name=op.f("permission_pkey")),
    )
    op.create_table(
        "fact_field",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("many", sa.Boolean(), nullable=False),
        sa.Column("otherwise", sa.Text()),
        sa.Column("allowed", postgresql.ARRAY(sa.Text())),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "field", name=op.f("fact_field_pkey")),
    )
    op.create_table(
        "unchecked",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
    )
    op.create_table(
        "gate",
        sa.Column("only", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("gate_pkey")),
    )


def downgrade() -> None:
    """Take the gate away; the log stays as it is."""
    op.execute(REMOVE)
    for table in ("gate", "unchecked", "fact_field", "permission"):
        op.drop_table(table)
    op.drop_index("ticket_assisting", table_name="ticket")
    op.drop_constraint(op.f("person_login_key"), "person")
    for column in ("active", "area", "login"):
        op.drop_column("person", column)
