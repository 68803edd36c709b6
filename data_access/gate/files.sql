-- The course of a re-supervision: which step of an officer's fits how far the file has come (T08, T10).

CREATE OR REPLACE FUNCTION check_course(stream text, kind text, data json) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    number text := substr(stream, 16);
    kinds text[];
    asked record;
BEGIN
    SELECT coalesce(array_agg(e.kind), '{}') INTO kinds FROM public.event AS e WHERE e.stream = check_course.stream;
    IF kind IN ('ReSupervisionLaunched', 'ReSupervisionDeclined') THEN
        IF kinds && ARRAY['ReSupervisionLaunched', 'ReSupervisionDeclined'] THEN
            PERFORM public.refuse('not_a_draft', number);
        END IF;
    ELSIF kinds && ARRAY['ReSupervisionClosed', 'ReSupervisionDeclined'] THEN
        PERFORM public.refuse('file_ended', number);
    ELSIF NOT 'ReSupervisionLaunched' = ANY (kinds) THEN
        PERFORM public.refuse('not_launched', number);
    ELSIF kind = 'ReSupervisionClosed' THEN
        IF NOT 'ReSupervisionFound' = ANY (kinds) THEN
            PERFORM public.refuse('not_found_yet', number);
        END IF;
    ELSIF 'ReSupervisionFound' = ANY (kinds) THEN
        PERFORM public.refuse('already_found', number);
    ELSE
        -- To ask on, and to find: not while the body has time to explain.
        SELECT e.kind, (e.data ->> 'deadline')::timestamptz AS deadline INTO asked FROM public.event AS e
        WHERE e.stream = check_course.stream
            AND e.kind IN ('ReSupervisionLaunched', 'ReSupervisionAsked', 'ReSupervisionExplained')
        ORDER BY e.seq DESC LIMIT 1;
        IF asked.kind <> 'ReSupervisionExplained' AND asked.deadline >= transaction_timestamp() THEN
            PERFORM public.refuse('explanation_pending', number);
        END IF;
    END IF;
    IF kind IN ('ReSupervisionLaunched', 'ReSupervisionAsked')
        AND (data ->> 'deadline')::timestamptz <= transaction_timestamp()
    THEN
        PERFORM public.refuse('deadline_past');
    ELSIF coalesce(
        data ->> CASE kind
            WHEN 'ReSupervisionDeclined' THEN 'reason'
            WHEN 'ReSupervisionFound' THEN 'text'
            WHEN 'ReSupervisionClosed' THEN 'recommendation'
            ELSE 'question'
        END, ''
    ) !~ '[^[:space:]]' THEN
        PERFORM public.refuse('no_text');
    END IF;
END
$$;
