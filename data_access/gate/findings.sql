-- Clues that a person makes of what radar, van, drone or satellite found (domain/findings.py): nothing else comes in
-- by a person's word, and it says where it came from.

CREATE OR REPLACE FUNCTION check_clue(number text, version integer, data json) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    named text := (regexp_match(number, '^KJ-([0-9]{6,15})$'))[1];
    found record;
BEGIN
    SELECT f.number, f.lng, f.lat, f.area INTO found FROM public.finding AS f WHERE f.number = named::bigint;
    -- One spelling: KJ-0000012 beside KJ-000012 would be another one's twin.
    IF found.number IS NULL OR named <> lpad(found.number::text, greatest(6, length(found.number::text)), '0') THEN
        PERFORM public.refuse('unknown_finding', left(number, 80));
    ELSIF version > 0 THEN
        PERFORM public.refuse('already_a_clue', number);
    ELSIF data ->> 'channel' <> 'tracing' OR data ->> 'external_id' IS DISTINCT FROM 'finding/' || found.number
        OR (data ->> 'lng')::double precision IS DISTINCT FROM found.lng
        OR (data ->> 'lat')::double precision IS DISTINCT FROM found.lat
        OR data ->> 'area' IS DISTINCT FROM found.area
        OR coalesce(data ->> 'policy', 'standard') <> 'standard' OR data ->> 'urgency_as_written' IS NOT NULL
    THEN
        PERFORM public.refuse('bad_data', 'Received');
    ELSIF data ->> 'category' IS NOT NULL
        AND NOT EXISTS (SELECT FROM public.category AS c WHERE c.code = data ->> 'category')
    THEN
        PERFORM public.refuse('bad_data', 'Received.category');
    ELSIF btrim(data ->> 'title') = '' THEN
        PERFORM public.refuse('no_text');
    END IF;
END
$$;
