-- Who complained: nobody may read the table. One person at a time is shown, and the log says to whom and why.

CREATE OR REPLACE FUNCTION may_see_complainant(number text, secrecy boolean) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT has_table_privilege(session_user, 'public.complainant', 'SELECT') OR EXISTS (
        SELECT FROM public.me() AS me
        JOIN public.permission AS p ON p.kind = 'ComplainantSeen' AND p.role = me.role
        WHERE p.scope = 'all' OR NOT $2 AND EXISTS (
            SELECT FROM public.ticket AS t
            -- Whoever handles the main ticket tells the complainants of those that were merged into it.
            WHERE t.number IN ($1, (SELECT r.merged_into FROM public.ticket AS r WHERE r.number = $1))
                AND (t.lead = me.body OR me.body = ANY (t.assisting))
        )
    )
$$;

-- 李** 138****5678, as a dossier may show it; nothing but the wish where secrecy was asked; no row for who may not
-- see complainants.
CREATE OR REPLACE FUNCTION masked_complainant(number text) RETURNS TABLE (name text, phone text, secrecy boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT
        CASE WHEN c.secrecy OR c.name = '' THEN '' ELSE left(c.name, 1) || '**' END,
        CASE WHEN c.secrecy OR length(c.phone) < 11 THEN '' ELSE left(c.phone, 3) || '****' || right(c.phone, 4) END,
        c.secrecy
    FROM public.complainant AS c
    WHERE c.ticket = $1 AND public.may_see_complainant($1, false)
$$;

-- To look takes two transactions: what is shown in the one that records the look could be read and then undone, and
-- nobody would know. So this one records, and returns what the look is called; NULL where nobody is named.
CREATE OR REPLACE FUNCTION see_complainant(number text, reason text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who public.person;
    kept public.complainant;
    look uuid := gen_random_uuid();
BEGIN
    SELECT p.* INTO who FROM public.person AS p WHERE p.login = session_user AND p.active;
    IF NOT FOUND THEN
        PERFORM public.refuse('nobody');
    ELSIF btrim(reason, E' \t\r\n　') = '' OR reason IS NULL THEN
        PERFORM public.refuse('no_text');
    ELSIF length(reason) > 200 THEN
        PERFORM public.refuse('text_too_long', '200');
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.permission AS p WHERE p.kind = 'ComplainantSeen' AND p.role = who.role
    ) THEN
        PERFORM public.refuse('role', 'see_complainant');
    END IF;
    SELECT c.* INTO kept FROM public.complainant AS c WHERE c.ticket = number;
    -- Whether one was kept is not for those to know who may not see it.
    IF NOT public.may_see_complainant(number, coalesce(kept.secrecy, false)) THEN
        PERFORM public.refuse('other_body', '');
    ELSIF kept.ticket IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(71230004);
    PERFORM pg_advisory_xact_lock(hashtextextended('access/' || number, 0));
    PERFORM public.check_promptness();
    PERFORM public.append_event(
        'access/' || number, NULL, 'ComplainantSeen',
        public.canonical_data('ComplainantSeen', json_build_object('reason', btrim(reason, E' \t\r\n　'))),
        look, who
    );
    RETURN look;
END
$$;

-- Whom a look of one's own is at, once it is in the log for good, and for a minute.
CREATE OR REPLACE FUNCTION complainant_of(look uuid) RETURNS TABLE (name text, phone text, secrecy boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT c.name, c.phone, c.secrecy
    FROM public.event AS e
    JOIN public.person AS p ON p.login = session_user AND p.active
        AND (p.role, p.name) = (e.role, e.person) AND p.body IS NOT DISTINCT FROM e.body
    JOIN public.complainant AS c ON 'access/' || c.ticket = e.stream
    WHERE e.request = $1 AND e.kind = 'ComplainantSeen'
        AND e.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
        AND e.recorded_at > clock_timestamp() - interval '1 minute'
        AND public.may_see_complainant(c.ticket, c.secrecy)
$$;
