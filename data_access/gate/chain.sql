-- The hash chain, computed by the database itself (domain/chain.py has the same, for proofs elsewhere).

CREATE OR REPLACE FUNCTION event_hash(
    previous bytea, stream text, seq integer, kind text, at timestamptz,
    role text, person text, body text, data text, recorded_at timestamptz
) RETURNS bytea
    LANGUAGE sql STABLE
AS $$
    SELECT sha256(convert_to(
        encode(previous, 'hex') || E'\x1f' || stream || E'\x1f' || seq || E'\x1f' || kind
        || E'\x1f' || (extract(epoch FROM at) * 1000000)::bigint
        || E'\x1f' || role || E'\x1f' || person || E'\x1f' || coalesce(body, '') || E'\x1f' || data
        || E'\x1f' || (extract(epoch FROM recorded_at) * 1000000)::bigint,
        'UTF8'
    ))
$$;

-- Whoever writes, and by whatever way: an event continues its stream, is hashed as it stands, and is recorded now.
CREATE OR REPLACE FUNCTION check_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    odd record;
BEGIN
    SELECT n.stream, n.seq,
        CASE
            WHEN n.before IS DISTINCT FROM n.previous THEN 'its predecessor does not stand before it'
            WHEN n.found IS DISTINCT FROM n.hash THEN 'its content does not fit its hash'
            ELSE 'it is not recorded now'
        END AS reason
    INTO odd
    FROM (
        SELECT a.stream, a.seq, a.previous, a.hash, a.recorded_at, a.xid,
            CASE
                WHEN a.seq = 1 THEN decode(repeat('00', 32), 'hex')
                ELSE p.hash
            END AS before,
            public.event_hash(
                a.previous, a.stream, a.seq, a.kind, a.at, a.role, a.person, a.body, a.data::text, a.recorded_at
            ) AS found
        FROM added AS a
        LEFT JOIN public.event AS p ON a.seq > 1 AND p.stream = a.stream AND p.seq = a.seq - 1
    ) AS n
    WHERE n.before IS DISTINCT FROM n.previous
        OR n.found IS DISTINCT FROM n.hash
        OR n.recorded_at IS DISTINCT FROM transaction_timestamp()
        OR n.xid IS DISTINCT FROM pg_current_xact_id()
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % of % is refused: %', odd.seq, odd.stream, odd.reason
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER event_continues_its_stream AFTER INSERT ON event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_chain();

-- Not even with the triggers of a replica switched on by a setting of the session.
ALTER TABLE event ENABLE ALWAYS TRIGGER event_is_append_only;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_is_never_truncated;
