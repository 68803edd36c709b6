-- Rules that judge tickets: an admin hands a file over, the engine reads it and installs it, or says why not.
-- The text is in the log itself, so that what judged a ticket can always be shown, and by whom it was brought.

CREATE OR REPLACE FUNCTION submit_rule(
    kind text, name text, text text, version integer, effective_from date, retroactive boolean DEFAULT false
) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person := public.administrator('RuleSubmitted');
    rules text := 'rules/' || kind || '-' || public.check_word(name, 'name', 60);
    sum text := encode(sha256(convert_to(text, 'UTF8')), 'hex');
BEGIN
    IF kind IS NULL OR kind NOT IN ('policy', 'calendar', 'scheme') OR coalesce(effective_from NOT BETWEEN '2000-01-01' AND '2999-12-31', true)
        OR version IS NULL OR version NOT BETWEEN 1 AND 1000000 OR text IS NULL
    THEN
        PERFORM public.refuse('bad_data', 'RuleSubmitted');
    ELSIF length(text) > 200000 THEN
        PERFORM public.refuse('text_too_long', '200000');
    ELSIF kind = 'policy' AND EXISTS (
        SELECT FROM public.policy AS p WHERE p.family = name AND p.version = submit_rule.version
    ) OR kind = 'scheme' AND EXISTS (
        SELECT FROM public.scheme AS s WHERE s.key = name AND s.version = submit_rule.version
    ) THEN
        PERFORM public.refuse('known_version', name || ' ' || version);
    END IF;
    PERFORM public.lock_people(rules);
    IF (
        SELECT e.kind FROM public.event AS e WHERE e.stream = rules ORDER BY e.seq DESC LIMIT 1
    ) = 'RuleSubmitted' THEN
        PERFORM public.refuse('rule_waiting', name);
    END IF;
    -- Not by canonical_data: a file is longer than what somebody types. Fields in the order of their names.
    PERFORM public.append_event(
        rules, NULL, 'RuleSubmitted',
        '{"effective_from":' || to_json(to_char(effective_from, 'YYYY-MM-DD')) || ',"kind":' || to_json(kind)
        || CASE WHEN retroactive THEN ',"retroactive":true' ELSE '' END
        || ',"sha256":' || to_json(sum) || ',"text":' || to_json(text) || ',"version":' || version || '}',
        NULL, who
    );
    RETURN sum;
END
$$;
