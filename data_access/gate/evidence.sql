-- Evidence: who sees a ticket sees its files, but for the wall; who does the work on site, or keeps the records of
-- the case, adds to them.

DO $$
DECLARE
    found text;
BEGIN
    FOR found IN SELECT polname FROM pg_policy WHERE polrelid = 'evidence'::regclass LOOP
        EXECUTE format('DROP POLICY %I ON evidence', found);
    END LOOP;
END
$$;
ALTER TABLE evidence ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen_by_all ON evidence FOR SELECT
    TO qingshao_duty, qingshao_discipline, qingshao_leader, qingshao_admin USING ((SELECT sees_all()));
-- The rule engine looks whether a picture was handed in before.
CREATE POLICY engine ON evidence FOR SELECT TO qingshao_engine USING (true);
CREATE POLICY seen_by_own ON evidence FOR SELECT
    TO qingshao_handler USING (
        ticket !~ '^(directive|re_supervision)/' AND ticket IN (SELECT t.number FROM ticket AS t)
        -- What came with an answer to a directive or to a file is kept under the name of its stream.
        OR ticket ~ '^(directive|re_supervision)/' AND sees_stream(ticket)
    );

CREATE OR REPLACE FUNCTION keep_evidence(number text, name text, media_type text, content bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who record;
    own boolean;
    total text := encode(sha256(content), 'hex');
BEGIN
    SELECT p.role, p.body INTO who FROM public.person AS p WHERE p.login = session_user AND p.active;
    IF NOT FOUND THEN
        PERFORM public.refuse('nobody');
    ELSIF NOT EXISTS (
        SELECT FROM public.permission AS p
        WHERE p.kind IN ('Arrived', 'Rectified', 'RecordAdded') AND p.role = who.role
    ) THEN
        PERFORM public.refuse('role', 'Arrived');
    END IF;
    IF number ~ '^(directive|re_supervision)/' THEN
        -- `number` is the stream of a directive or of a file that asks this body.
        own := who.role = 'handler' AND public.concerns(number, who.body) AND public.answer_is_open(
            number,
            CASE split_part(number, '/', 1)
                WHEN 'directive' THEN 'DirectiveFedBack' ELSE 'ReSupervisionExplained' END,
            who.body
        );
    ELSE
        SELECT who.role <> 'handler' OR t.lead = who.body OR who.body = ANY (t.assisting) INTO own
        FROM public.ticket AS t WHERE t.number = number;
    END IF;
    IF own IS NULL THEN
        PERFORM public.refuse('unknown_ticket', number);
    ELSIF NOT own THEN
        PERFORM public.refuse('other_body', '');
    ELSIF (SELECT count(*) >= 200 FROM public.evidence AS e WHERE e.ticket = number) THEN
        PERFORM public.refuse('bad_evidence', '200');
    END IF;
    INSERT INTO public.evidence (ticket, sha256, media_type, name, size, content)
    VALUES (number, total, media_type, name, octet_length(content), content)
    ON CONFLICT DO NOTHING;
    RETURN total;
END
$$;
