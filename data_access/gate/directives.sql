-- How far a receiver of a directive has come: what record.sql asks before it lets an answer or a reminder in.

-- 'issued', 'signed', 'fed_back' while the feedback lies with the leader, 'accepted' or 'returned'.
CREATE OR REPLACE FUNCTION directive_turn(stream text, body text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce((
        SELECT CASE e.kind
            WHEN 'DirectiveSigned' THEN 'signed'
            WHEN 'DirectiveFedBack' THEN 'fed_back'
            WHEN 'DirectiveJudged' THEN CASE e.data ->> 'accepted' WHEN 'true' THEN 'accepted' ELSE 'returned' END
        END
        FROM public.event AS e
        WHERE e.stream = $1 AND e.data ->> 'body' = $2
            AND e.kind IN ('DirectiveSigned', 'DirectiveFedBack', 'DirectiveJudged')
        ORDER BY e.seq DESC LIMIT 1
    ), 'issued')
$$;

-- Whether every checksum that a fact names is that of a file kept with the matter.
CREATE OR REPLACE FUNCTION evidence_is_kept(stream text, sums json) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT NOT EXISTS (
        SELECT FROM json_array_elements_text($2) AS said
        WHERE NOT EXISTS (SELECT FROM public.evidence AS e WHERE e.ticket = $1 AND e.sha256 = said)
    )
$$;
