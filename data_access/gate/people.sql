-- What an admin does: people with their login roles, and bodies. Each function changes the roles, the row and
-- the log together, so that none of them is true without the others. A password never comes here: only its
-- SCRAM verifier, which the client computes.

-- The admin at the other end, or the owner of the store, who is named as the program with the role's name.
CREATE OR REPLACE FUNCTION administrator(kind text) RETURNS person
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person;
BEGIN
    SELECT p.* INTO who FROM public.person AS p WHERE p.login = session_user AND p.active;
    IF FOUND THEN
        IF NOT EXISTS (
            SELECT FROM public.permission AS p WHERE p.kind = administrator.kind AND p.role = who.role
        ) THEN
            PERFORM public.refuse('role', 'administer');
        END IF;
    ELSIF session_user = current_user
        OR (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = session_user)
    THEN
        who.role := 'system';
        who.name := session_user;
    ELSE
        PERFORM public.refuse('nobody');
    END IF;
    RETURN who;
END
$$;

-- One change of people at a time: whether somebody is the last admin must not change meanwhile.
CREATE OR REPLACE FUNCTION lock_people(stream text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- The locks of data_access.log.lock, after the one of all people.
    PERFORM pg_advisory_xact_lock_shared(71230004);
    PERFORM pg_advisory_xact_lock(71230009);
    PERFORM pg_advisory_xact_lock(hashtextextended(stream, 0));
END
$$;

CREATE OR REPLACE FUNCTION check_word(said text, field text, longest integer, empty boolean DEFAULT false)
    RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    word text := btrim(coalesce(said, ''), E' \t\r\n　');
BEGIN
    IF word = '' AND NOT empty THEN
        PERFORM public.refuse('no_text', field);
    ELSIF length(word) > longest THEN
        PERFORM public.refuse('text_too_long', longest::text);
    ELSIF word ~ '[[:cntrl:]]' THEN
        PERFORM public.refuse('bad_data', field);
    END IF;
    RETURN word;
END
$$;

-- The row of a person with these particulars, or a refusal; the body follows from the role where it can.
CREATE OR REPLACE FUNCTION check_particulars(
    login text, name text, role text, body text, area text, title text
) RETURNS person
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    held public.person;
    -- Whose people bear the body of an office need not name it.
    office text := CASE role WHEN 'duty' THEN 'platform' WHEN 'discipline' THEN 'discipline' END;
BEGIN
    held.login := login;
    held.name := public.check_word(name, 'name', 40);
    held.title := public.check_word(title, 'title', 40, true);
    IF role IS NULL OR role NOT IN ('wall', 'duty', 'handler', 'discipline', 'leader', 'admin') THEN
        PERFORM public.refuse('unknown_role', coalesce(left(role, 40), ''));
    END IF;
    held.role := role;
    held.body := coalesce(nullif(body, ''), office);
    IF (CASE
        WHEN role = 'handler' THEN NOT EXISTS (
            SELECT FROM public.body AS b WHERE b.key = held.body AND b.kind = 'responsible'
        )
        WHEN office IS NULL THEN held.body IS DISTINCT FROM NULL AND held.body <> 'platform'
        ELSE held.body <> office
    END) THEN
        PERFORM public.refuse('body_of_role', coalesce(left(held.body, 80), ''));
    END IF;
    held.area := nullif(area, '');
    IF held.area IS NOT NULL AND NOT EXISTS (SELECT FROM public.area AS a WHERE a.code = held.area) THEN
        PERFORM public.refuse('unknown_area', left(held.area, 40));
    END IF;
    RETURN held;
END
$$;

-- What PostgreSQL keeps instead of a password (RFC 5803); anything else it would take for a password.
CREATE OR REPLACE FUNCTION check_verifier(verifier text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    parts text[] := regexp_match(
        verifier, '^SCRAM-SHA-256[$]([0-9]{4,7}):([A-Za-z0-9+/]{22,86}={0,2})[$]([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$'
    );
BEGIN
    IF parts IS NULL OR parts[1]::integer < 4096 THEN
        PERFORM public.refuse('bad_verifier');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION person_data(kind text, p person) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT public.canonical_data($1, json_build_object(
        'name', $2.name, 'role', $2.role, 'body', $2.body, 'area', $2.area, 'title', $2.title
    ))
$$;

-- Whether nobody else could undo what is about to be done to this admin.
CREATE OR REPLACE FUNCTION is_last_admin(p person) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT $1.role = 'admin' AND $1.active AND NOT EXISTS (
        SELECT FROM public.person AS o
        WHERE o.role = 'admin' AND o.active AND o.login IS NOT NULL AND o.login <> $1.login
    )
$$;

-- The person of a login, locked; the roles of the owner and of the engine are nobody's.
CREATE OR REPLACE FUNCTION known_person(login text) RETURNS person
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    held public.person;
BEGIN
    SELECT p.* INTO held FROM public.person AS p WHERE p.login = known_person.login FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM public.refuse('unknown_person', coalesce(left(login, 63), ''));
    END IF;
    PERFORM public.check_role_is_plain(login);
    RETURN held;
END
$$;

-- A person's role has no power of its own; one that has was given it by hand, and is left to that hand.
CREATE OR REPLACE FUNCTION check_role_is_plain(login text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_roles AS r
        WHERE r.rolname = login
            AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
                OR r.rolname = current_user
                -- Nor by way of others: who could give it a password would have what they have.
                OR EXISTS (
                    SELECT FROM pg_roles AS g
                    WHERE pg_has_role(r.oid, g.oid, 'MEMBER') AND (
                        g.rolsuper OR g.rolcreaterole OR g.rolcreatedb OR g.rolreplication OR g.rolbypassrls
                        OR g.rolname IN (current_user, 'qingshao_engine') OR starts_with(g.rolname, 'pg_')
                    )
                ))
    ) THEN
        PERFORM public.refuse('role_has_power', left(login, 63));
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION add_person(
    login text, name text, role text, body text DEFAULT NULL, area text DEFAULT NULL, title text DEFAULT '',
    verifier text DEFAULT NULL
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person := public.administrator('PersonAdded');
    added public.person;
BEGIN
    IF login IS NULL OR octet_length(login) NOT BETWEEN 1 AND 63 OR login ~ E'[[:cntrl:][:space:]''"\\\\/]'
        OR lower(login) ~ '^(pg_|qingshao_)'
        OR lower(login) IN ('public', 'none', 'current_user', 'current_role', 'session_user', 'user')
    THEN
        PERFORM public.refuse('bad_login', coalesce(left(login, 63), ''));
    END IF;
    IF verifier IS NOT NULL THEN
        PERFORM public.check_verifier(verifier);
    END IF;
    added := public.check_particulars(login, name, role, body, area, title);
    PERFORM public.lock_people('person/' || login);
    IF EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = add_person.login)
        OR EXISTS (SELECT FROM public.person AS p WHERE p.login = add_person.login)
    THEN
        PERFORM public.refuse('login_taken', login);
    END IF;
    INSERT INTO public.person (key, login, name, role, body, area, title, position, active)
    SELECT 'person/' || added.login, added.login, added.name, added.role, added.body, added.area, added.title,
        coalesce(max(p.position), 0) + 1, true
    FROM public.person AS p;
    PERFORM public.append_event(
        'person/' || login, NULL, 'PersonAdded', public.person_data('PersonAdded', added), NULL, who
    );
    EXECUTE format(
        'CREATE ROLE %I LOGIN IN ROLE %I PASSWORD %L', login, 'qingshao_' || added.role, verifier
    );
END
$$;

CREATE OR REPLACE FUNCTION change_person(
    login text, name text, role text, body text DEFAULT NULL, area text DEFAULT NULL, title text DEFAULT ''
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person := public.administrator('PersonChanged');
    held public.person;
    wanted public.person;
BEGIN
    wanted := public.check_particulars(login, name, role, body, area, title);
    PERFORM public.lock_people('person/' || login);
    held := public.known_person(login);
    IF (held.name, held.role, held.body, held.area, held.title)
        IS NOT DISTINCT FROM (wanted.name, wanted.role, wanted.body, wanted.area, wanted.title)
    THEN
        RETURN;
    ELSIF wanted.role <> 'admin' AND public.is_last_admin(held) THEN
        PERFORM public.refuse('last_admin', login);
    END IF;
    UPDATE public.person AS p
    SET name = wanted.name, role = wanted.role, body = wanted.body, area = wanted.area, title = wanted.title
    WHERE p.login = change_person.login;
    PERFORM public.append_event(
        'person/' || login, NULL, 'PersonChanged', public.person_data('PersonChanged', wanted), NULL, who
    );
    IF held.active AND held.role <> wanted.role THEN
        EXECUTE format('REVOKE %I FROM %I', 'qingshao_' || held.role, login);
        EXECUTE format('GRANT %I TO %I', 'qingshao_' || wanted.role, login);
    END IF;
END
$$;

-- End what a person has open in this store and in all others of the server, but for the session that asks.
CREATE OR REPLACE FUNCTION end_sessions_of(login text) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    alone boolean := (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user);
    ended integer;
BEGIN
    -- Whoever ends another's session must have that one's rights: for this moment, and never to act as them.
    IF NOT alone THEN
        EXECUTE format(
            CASE WHEN current_setting('server_version_num')::integer >= 160000
                THEN 'GRANT %I TO %I WITH INHERIT TRUE, SET FALSE' ELSE 'GRANT %I TO %I' END,
            login, current_user
        );
    END IF;
    SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) INTO ended
    FROM pg_stat_activity AS a WHERE a.usename = login AND a.pid <> pg_backend_pid();
    IF NOT alone THEN
        EXECUTE format('REVOKE %I FROM %I', login, current_user);
    END IF;
    RETURN ended;
END
$$;

-- Sessions that came in while a person was being revoked; ask it once more when the revocation is committed.
CREATE OR REPLACE FUNCTION end_sessions_of_revoked(login text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM public.administrator('PersonRevoked');
    IF NOT EXISTS (
        SELECT FROM public.person AS p WHERE p.login = end_sessions_of_revoked.login AND NOT p.active
    ) THEN
        PERFORM public.refuse('unknown_person', coalesce(left(login, 63), ''));
    END IF;
    PERFORM public.check_role_is_plain(login);
    RETURN public.end_sessions_of(login);
END
$$;

CREATE OR REPLACE FUNCTION revoke_person(login text, reason text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person := public.administrator('PersonRevoked');
    held public.person;
    why text := public.check_word(reason, 'reason', 200);
BEGIN
    PERFORM public.lock_people('person/' || login);
    held := public.known_person(login);
    IF NOT held.active THEN
        PERFORM public.refuse('already_revoked', login);
    ELSIF public.is_last_admin(held) THEN
        PERFORM public.refuse('last_admin', login);
    END IF;
    UPDATE public.person AS p SET active = false WHERE p.login = revoke_person.login;
    PERFORM public.append_event(
        'person/' || login, NULL, 'PersonRevoked',
        public.canonical_data('PersonRevoked', json_build_object('reason', why)), NULL, who
    );
    EXECUTE format('ALTER ROLE %I NOLOGIN', login);
    EXECUTE format('REVOKE %I FROM %I', 'qingshao_' || held.role, login);
    RETURN public.end_sessions_of(login);
END
$$;

CREATE OR REPLACE FUNCTION restore_person(login text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person := public.administrator('PersonRestored');
    held public.person;
BEGIN
    PERFORM public.lock_people('person/' || login);
    held := public.known_person(login);
    IF held.active THEN
        PERFORM public.refuse('not_revoked', login);
    END IF;
    UPDATE public.person AS p SET active = true WHERE p.login = restore_person.login;
    PERFORM public.append_event('person/' || login, NULL, 'PersonRestored', '{}', NULL, who);
    EXECUTE format('GRANT %I TO %I', 'qingshao_' || held.role, login);
    EXECUTE format('ALTER ROLE %I LOGIN', login);
END
$$;

-- A new password ends what was opened with the old one; who changes the own one goes on.
CREATE OR REPLACE FUNCTION reset_password(login text, verifier text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person := public.administrator('PasswordReset');
BEGIN
    IF verifier IS NULL THEN
        PERFORM public.refuse('bad_verifier');
    END IF;
    PERFORM public.check_verifier(verifier);
    PERFORM public.lock_people('person/' || login);
    PERFORM public.known_person(login);
    PERFORM public.append_event('person/' || login, NULL, 'PasswordReset', '{}', NULL, who);
    EXECUTE format('ALTER ROLE %I PASSWORD %L', login, verifier);
    IF login <> session_user THEN
        PERFORM public.end_sessions_of(login);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION put_body(key text, name text, short_name text DEFAULT '') RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    who public.person := public.administrator('BodyAdded');
    known public.body;
    whole text := public.check_word(name, 'name', 80);
    short text := coalesce(nullif(public.check_word(short_name, 'short_name', 40, true), ''), whole);
    said json := json_build_object('name', whole, 'short_name', short);
BEGIN
    IF key IS NULL OR octet_length(key) NOT BETWEEN 1 AND 63 OR key ~ '[[:cntrl:][:space:]]' THEN
        PERFORM public.refuse('bad_key', coalesce(left(key, 63), ''));
    END IF;
    PERFORM public.lock_people('body/' || key);
    SELECT b.* INTO known FROM public.body AS b WHERE b.key = put_body.key FOR UPDATE;
    IF FOUND AND (known.name, known.short_name) = (whole, short) THEN
        RETURN;
    ELSIF FOUND THEN
        UPDATE public.body AS b SET name = whole, short_name = short WHERE b.key = put_body.key;
    ELSE
        INSERT INTO public.body (key, name, short_name, kind, position)
        SELECT put_body.key, whole, short, 'responsible', coalesce(max(b.position), 0) + 1
        FROM public.body AS b;
    END IF;
    PERFORM public.append_event(
        'body/' || key, NULL, CASE WHEN known.key IS NULL THEN 'BodyAdded' ELSE 'BodyChanged' END,
        public.canonical_data('BodyAdded', said), NULL, who
    );
END
$$;
