-- Mergers and splits: what both tickets must be, and that the log of both says so (domain/merging.py).

-- Whether a ticket is this person's matter: everybody's but a handler's, and the owner's; a handler's own body's.
CREATE OR REPLACE FUNCTION is_my_matter(number text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT public.sees_all()
        OR NOT EXISTS (SELECT FROM public.person AS p WHERE p.login = session_user)
        OR EXISTS (
            SELECT FROM public.ticket AS t JOIN public.me() AS me ON t.lead = me.body OR me.body = ANY (t.assisting)
            WHERE t.number = $1
        )
$$;

-- What was merged into a ticket, for whom that one is a matter: whoever handles it handles these.
CREATE OR REPLACE FUNCTION repeats_held(main text)
    RETURNS TABLE (number text, title text, said text, address text, received_at timestamptz, channel text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT t.number, t.title, t.text, t.address, t.received_at, t.channel FROM public.ticket AS t
    WHERE t.merged_into = $1 AND public.is_my_matter($1)
$$;

-- Whether a ticket holds others that were merged into it, by its own log.
CREATE OR REPLACE FUNCTION holds_merged(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT DISTINCT ON (e.data ->> 'ticket') e.kind FROM public.event AS e
            WHERE e.stream = $1 AND e.kind IN ('TookIn', 'LetGo')
            ORDER BY e.data ->> 'ticket', e.at DESC, e.seq DESC
        ) AS last
        WHERE last.kind = 'TookIn'
    )
$$;

-- Whether this transaction has merged a ticket into another one, or split it off from there, and left it so.
CREATE OR REPLACE FUNCTION merger_is_written_here(kind text, repeat text, main text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce((
        SELECT e.kind = $1 AND e.data ->> 'main' = $3 AND e.xid = pg_current_xact_id_if_assigned()
        FROM public.event AS e
        WHERE e.stream = 'ticket/' || $2 AND e.kind IN ('MergedInto', 'SplitOff')
        ORDER BY e.seq DESC LIMIT 1
    ), false)
$$;

-- Let one of the four facts pass, or refuse it. Looked at anew at the main ticket's own line: it is locked then.
CREATE OR REPLACE FUNCTION check_merger(stream text, number text, kind text, data json) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    main text := CASE WHEN kind = 'TookIn' THEN number ELSE data ->> 'main' END;
BEGIN
    IF kind IN ('MergedInto', 'TookIn') THEN
        IF kind = 'MergedInto' AND main = number THEN
            PERFORM public.refuse('into_itself', number);
        ELSIF NOT EXISTS (SELECT FROM public.event AS e WHERE e.stream = 'ticket/' || main AND e.seq = 1) THEN
            PERFORM public.refuse('unknown_ticket', coalesce(left(main, 80), ''));
        ELSIF public.merged_into('ticket/' || main) IS NOT NULL THEN
            PERFORM public.refuse('merged', public.merged_into('ticket/' || main));
        ELSIF public.is_closed('ticket/' || main) THEN
            PERFORM public.refuse('main_closed', main);
        END IF;
    END IF;
    CASE kind
        WHEN 'MergedInto' THEN
            IF public.merged_into(stream) IS NOT NULL THEN
                PERFORM public.refuse('merged', public.merged_into(stream));
            ELSIF public.is_closed(stream) THEN
                PERFORM public.refuse('ticket_closed');
            ELSIF public.stands_still(stream) THEN
                PERFORM public.refuse('paused');
            ELSIF EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = check_merger.stream AND e.kind IN ('Filed', 'Penalised')
            ) THEN
                PERFORM public.refuse('has_case', number);
            ELSIF public.holds_merged(stream) THEN
                PERFORM public.refuse('has_merged', number);
            END IF;
        WHEN 'SplitOff' THEN
            IF public.merged_into(stream) IS NULL THEN
                PERFORM public.refuse('not_merged', number);
            ELSIF public.merged_into(stream) <> main THEN
                PERFORM public.refuse('bad_data', kind || '.main');
            END IF;
        WHEN 'TookIn' THEN
            IF NOT public.merger_is_written_here('MergedInto', data ->> 'ticket', number) THEN
                PERFORM public.refuse('bad_data', kind);
            END IF;
        WHEN 'LetGo' THEN
            IF NOT public.merger_is_written_here('SplitOff', data ->> 'ticket', number) THEN
                PERFORM public.refuse('bad_data', kind);
            END IF;
    END CASE;
END
$$;

-- When a person's transaction ends, the main ticket's log says what the repeat's does.
CREATE OR REPLACE FUNCTION check_merger_is_whole() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    number text := substr(NEW.stream, 8);
BEGIN
    IF EXISTS (SELECT FROM public.person AS p WHERE p.login = session_user)
        -- One that was taken back in the same transaction leaves nothing to say.
        AND public.merger_is_written_here(NEW.kind, number, NEW.data ->> 'main')
        AND (
            SELECT e.kind FROM public.event AS e
            WHERE e.stream = 'ticket/' || (NEW.data ->> 'main') AND e.kind IN ('TookIn', 'LetGo')
                AND e.data ->> 'ticket' = number
            ORDER BY e.seq DESC LIMIT 1
        ) IS DISTINCT FROM (CASE NEW.kind WHEN 'MergedInto' THEN 'TookIn' ELSE 'LetGo' END)
    THEN
        PERFORM public.refuse('bad_data', NEW.kind);
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER event_merger_is_whole AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind IN ('MergedInto', 'SplitOff')) EXECUTE FUNCTION check_merger_is_whole();
