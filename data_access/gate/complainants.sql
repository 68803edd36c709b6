-- Who complained: nobody may read the table. One person at a time is shown, and the log says to whom and why.

CREATE OR REPLACE FUNCTION may_see_complainant(number text, secrecy boolean) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT has_table_privilege(session_user, 'public.complainant', 'SELECT') OR EXISTS (
        SELECT FROM public.me() AS me
        JOIN public.permission AS p ON p.kind = 'ComplainantSeen' AND p.role = me.role
        WHERE p.scope = 'all' OR NOT $2 AND EXISTS (
            SELECT FROM public.ticket AS t
            WHERE t.number = $1 AND (t.lead = me.body OR me.body = ANY (t.assisting))
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

CREATE OR REPLACE FUNCTION see_complainant(number text, reason text)
    RETURNS TABLE (name text, phone text, secrecy boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who public.person;
    kept public.complainant;
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
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(71230004);
    PERFORM pg_advisory_xact_lock(hashtextextended('access/' || number, 0));
    PERFORM public.check_promptness();
    PERFORM public.append_event(
        'access/' || number, NULL, 'ComplainantSeen',
        public.canonical_data('ComplainantSeen', json_build_object('reason', btrim(reason, E' \t\r\n　'))),
        NULL, who
    );
    RETURN QUERY SELECT kept.name, kept.phone, kept.secrecy;
END
$$;
