"""The daily seal: chains the heads of all streams that grew on a day (data_access/seal.py, domain/seal.py)."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GUARD = """
CREATE FUNCTION refuse_change_of_seals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$
"""

# A day that is sealed gets no more events. Who began before midnight and comes late is to begin again (40001).
# A transaction whose snapshot is older than the seal does not see it: none is allowed that has lasted as long
# as `seal_days` waits after the end of a day.
LATE = """
CREATE FUNCTION refuse_sealed_day() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    sealed timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
        AND clock_timestamp() > transaction_timestamp() + interval '5 minutes'
    THEN
        RAISE EXCEPTION 'this transaction is too old to see whether its day is sealed'
            USING ERRCODE = 'serialization_failure';
    END IF;
    SELECT s.until INTO sealed FROM public.seal AS s ORDER BY s.day DESC LIMIT 1;
    IF sealed IS NULL OR NOT EXISTS (SELECT FROM added AS a WHERE a.recorded_at < sealed) THEN
        RETURN NULL;
    ELSIF clock_timestamp() < sealed THEN
        RAISE EXCEPTION '数据库服务器的时钟早于最近一次日封的终点 %，请校正时钟', sealed
            USING ERRCODE = 'system_error';
    END IF;
    RAISE EXCEPTION 'the day of this event was sealed meanwhile: begin again'
        USING ERRCODE = 'serialization_failure';
END
$$
"""

# Everything in a few statements over all days at once: years of history, or of standstill, are one pass.
# The lock waits for whoever is writing now, and nobody can begin to write until the seals are committed.
SEAL = """
CREATE FUNCTION seal_days(zone text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    SET lock_timeout = '1500ms'
    SET plan_cache_mode = force_custom_plan
    SET work_mem = '64MB'
    SET jit = off
AS $$
DECLARE
    us constant text := E'\\x1f';
    settling constant interval := '5 minutes';
    last public.seal;
    first_day date;
    last_day date;
    days date[];
    untils timestamptz[];
    counted bigint[];
    lines text;
    grown integer;
    sealed bytea;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'seal_days() must see what is committed while it waits: use READ COMMITTED'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    LOCK TABLE public.event IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO last FROM public.seal AS s ORDER BY s.day DESC LIMIT 1;
    IF FOUND THEN
        first_day := last.day + 1;
        sealed := last.hash;
    ELSE
        SELECT (min(e.recorded_at) AT TIME ZONE zone)::date INTO first_day FROM public.event AS e;
        sealed := decode(repeat('00', 32), 'hex');
    END IF;
    last_day := ((transaction_timestamp() - settling) AT TIME ZONE zone)::date - 1;
    IF first_day IS NULL OR last_day < first_day THEN
        RETURN 0;
    END IF;

    SELECT array_agg(d.day ORDER BY d.day), array_agg(greatest(d.until, last.until) ORDER BY d.day)
    INTO days, untils
    FROM (
        SELECT first_day + n AS day, (first_day + n + 1)::timestamp AT TIME ZONE zone AS until
        FROM generate_series(0, last_day - first_day) AS n
    ) AS d;

    WITH head AS MATERIALIZED (
        SELECT width_bucket(e.recorded_at, untils) + 1 AS n, e.stream, max(e.seq) AS seq, count(*) AS events
        FROM public.event AS e
        WHERE e.recorded_at >= coalesce(last.until, '-infinity') AND e.recorded_at < untils[cardinality(untils)]
        GROUP BY 1, 2
    ), kept AS (
        INSERT INTO public.sealed_head (day, stream, seq, hash)
        SELECT days[h.n], h.stream, h.seq, e.hash
        FROM head AS h JOIN public.event AS e ON e.stream = h.stream AND e.seq = h.seq
    )
    SELECT array_agg(coalesce(c.events, 0) ORDER BY d.n) INTO counted
    FROM generate_series(1, cardinality(days)) AS d (n)
    LEFT JOIN (SELECT h.n, sum(h.events) AS events FROM head AS h GROUP BY h.n) AS c ON c.n = d.n;

    FOR i IN 1 .. cardinality(days) LOOP
        SELECT count(*), coalesce(string_agg(
            E'\\n' || h.stream || us || h.seq || us || encode(h.hash, 'hex'), '' ORDER BY h.stream COLLATE "C"
        ), '')
        INTO grown, lines
        FROM public.sealed_head AS h WHERE h.day = days[i];
        INSERT INTO public.seal (day, until, streams, events, previous, hash)
        VALUES (days[i], untils[i], grown, counted[i], sealed, sha256(convert_to(
            encode(sealed, 'hex') || us || to_char(days[i], 'YYYY-MM-DD')
            || us || (extract(epoch FROM untils[i]) * 1000000)::bigint || us || grown || us || counted[i] || lines,
            'UTF8'
        )))
        RETURNING hash INTO sealed;
    END LOOP;
    RETURN cardinality(days);
END
$$
"""


def upgrade() -> None:
    """Create the seals' tables, empty: the first job seals all of the history at once."""
    op.create_table(
        "seal",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "sealed_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("seal_pkey")),
    )
    op.create_table(
        "sealed_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "stream", name=op.f("sealed_head_pkey")),
    )
    # Events lie nearly in the order of their recording: a day is found by an index of a few kilobytes.
    op.create_index("event_recorded_at", "event", ["recorded_at"], postgresql_using="brin")
    op.execute(GUARD)
    for table in ("seal", "sealed_head"):
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_seals()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_never_truncated BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_seals()"
        )
        for guard in ("is_append_only", "is_never_truncated"):
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{guard}")
        op.execute(f"REVOKE ALL ON {table} FROM PUBLIC")
    op.execute(LATE)
    op.execute(
        "CREATE TRIGGER event_is_of_an_open_day AFTER INSERT ON event"
        " REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_sealed_day()"
    )
    op.execute(SEAL)
    op.execute("REVOKE ALL ON FUNCTION seal_days(text) FROM PUBLIC")
    # What is new is to be granted: the gate is installed again after the migrations.
    op.execute("DELETE FROM gate")


def downgrade() -> None:
    """Take the seals away; the log stays."""
    op.execute("DROP TRIGGER event_is_of_an_open_day ON event")
    op.drop_index("event_recorded_at", table_name="event")
    op.drop_table("sealed_head")
    op.drop_table("seal")
    for function in ("seal_days(text)", "refuse_sealed_day()", "refuse_change_of_seals()"):
        op.execute(f"DROP FUNCTION {function}")
