-- Who is at the other end: what the database knows of the session, never what a client says of itself.

-- The person who is signed in; no row for the owner of the store and for its engine.
CREATE OR REPLACE FUNCTION me()
    RETURNS TABLE (key text, login text, name text, role text, body text, area text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT p.key, p.login, p.name, p.role, p.body, p.area
    FROM public.person AS p
    WHERE p.login = session_user AND p.active
$$;

CREATE OR REPLACE FUNCTION my_body() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT p.body FROM public.person AS p WHERE p.login = session_user AND p.active
$$;

CREATE OR REPLACE FUNCTION sees_all() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.person AS p WHERE p.login = session_user AND p.active AND p.role <> 'handler'
    )
$$;

CREATE OR REPLACE FUNCTION is_wall() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM public.person AS p WHERE p.login = session_user AND p.role = 'wall')
$$;

CREATE OR REPLACE FUNCTION my_directives() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT r.directive FROM public.directive_receiver AS r WHERE r.body = public.my_body()
$$;

-- Whether this transaction has recorded an event of the stream: only then may its cached rows be written.
CREATE OR REPLACE FUNCTION written_here(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.event AS e
        WHERE e.stream = $1 AND e.xid = pg_current_xact_id_if_assigned()
    )
$$;

CREATE OR REPLACE FUNCTION writing() RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT pg_current_xact_id_if_assigned() IS NOT NULL
$$;

-- Of a handler's own streams; what it means for a ticket or a file to be one's own is said by their policies.
CREATE OR REPLACE FUNCTION sees_stream(stream text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT CASE split_part($1, '/', 1)
        WHEN 'ticket' THEN EXISTS (SELECT FROM public.ticket AS t WHERE t.number = substr($1, 8))
        WHEN 'access' THEN EXISTS (SELECT FROM public.ticket AS t WHERE t.number = substr($1, 8))
        WHEN 'directive' THEN EXISTS (SELECT FROM public.directive AS d WHERE d.number = substr($1, 11))
        WHEN 're_supervision'
            THEN EXISTS (SELECT FROM public.re_supervision AS r WHERE r.number = substr($1, 16))
        WHEN 'item' THEN EXISTS (SELECT FROM public.item AS i WHERE i.number = substr($1, 6))
        ELSE false
    END
$$;

-- How far the log has grown, for a seat that does not see all of it: a number, and nothing of what it says.
CREATE OR REPLACE FUNCTION log_height() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce(max(e.id), 0) FROM public.event AS e
$$;
