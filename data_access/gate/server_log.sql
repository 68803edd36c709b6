-- Who tried to sign in, from the server's own log: the only place where a refused attempt is written down.
-- Only lines about signing in leave this function; the rest of the log is not an admin's to read.

CREATE OR REPLACE FUNCTION sign_in_lines(since timestamptz) RETURNS TABLE (format text, line text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    most constant bigint := 8388608;
    newest text;
    folder text;
    kind text;
    file record;
    pattern text;
BEGIN
    PERFORM public.administrator('PasswordReset');
    IF NOT has_function_privilege('pg_current_logfile(text)', 'EXECUTE')
        OR NOT has_function_privilege('pg_ls_logdir()', 'EXECUTE')
        OR NOT has_function_privilege('pg_read_binary_file(text,bigint,bigint,boolean)', 'EXECUTE')
    THEN
        RETURN QUERY SELECT 'denied', current_user::text;
        RETURN;
    END IF;
    FOREACH kind IN ARRAY ARRAY['jsonlog', 'csvlog', 'stderr'] LOOP
        newest := pg_current_logfile(kind);
        EXIT WHEN newest IS NOT NULL;
    END LOOP;
    IF newest IS NULL THEN
        RETURN QUERY SELECT 'none', '';
        RETURN;
    END IF;
    pattern := CASE kind
        WHEN 'jsonlog' THEN
            '"state_code":"28(P01|000)"|"message":"(connection authorized|connection authenticated): '
        WHEN 'csvlog' THEN ',FATAL,28(P01|000),|,LOG,00000,"connection authorized: '
        ELSE 'FATAL:  |connection (received|authorized): '
    END;
    folder := regexp_replace(newest, E'[^/\\\\]*$', '');
    RETURN QUERY SELECT kind, json_build_object(
        'prefix', current_setting('log_line_prefix'), 'zone', current_setting('log_timezone')
    )::text;
    -- The newest file, and older ones of its form while they fall into the time asked for; the end of each.
    FOR file IN
        SELECT l.name, l.size FROM pg_ls_logdir() AS l
        WHERE l.modification >= date_trunc('second', since)
            AND substring(l.name FROM '[.][^.]*$') IS NOT DISTINCT FROM substring(newest FROM '[.][^.]*$')
        ORDER BY l.modification DESC LIMIT 4
    LOOP
        -- Escaped, since a name in it may be of any bytes: a client says what it likes before it is let in.
        RETURN QUERY
        SELECT kind, found.line
        FROM string_to_table(
            encode(pg_read_binary_file(folder || file.name, greatest(file.size - most, 0), most, true), 'escape'),
            E'\n'
        ) AS found (line)
        WHERE found.line ~ pattern;
    END LOOP;
END
$$;
