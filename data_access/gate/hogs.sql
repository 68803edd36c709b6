-- Whoever has a password can hold a lock for ever, and with it the sweep, the proving of forged rows, or everybody.
-- The engine ends such sessions. A person's program writes for seconds: an order is refused after half a minute.

CREATE OR REPLACE FUNCTION end_hogs() RETURNS TABLE (login text, what text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    alone boolean := (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user);
    hog record;
BEGIN
    FOR hog IN
        SELECT l.pid, a.usename::text AS login,
            -- Locks of the engine, and of tables as a whole, are no person's at any time.
            bool_or(
                l.locktype = 'relation' AND l.mode <> 'RowExclusiveLock'
                OR l.locktype = 'advisory' AND l.classid = 0 AND l.objid::bigint BETWEEN 71230000 AND 71239999
                    AND (l.mode <> 'ShareLock' OR l.objid::bigint = 71230003)
                    AND l.objid::bigint <> 71230009
            ) AS at_once
        FROM pg_locks AS l
        JOIN pg_stat_activity AS a ON a.pid = l.pid
        JOIN public.person AS p ON p.login = a.usename
        JOIN pg_roles AS r ON r.oid = a.usesysid AND NOT r.rolsuper
        WHERE l.granted AND a.pid <> pg_backend_pid()
            AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
            AND (
                l.locktype = 'advisory'
                OR l.locktype = 'relation' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'SIReadLock')
                    AND EXISTS (
                        SELECT FROM pg_class AS c
                        WHERE c.oid = l.relation AND c.relnamespace = 'public'::regnamespace
                    )
            )
        GROUP BY l.pid, a.usename
    LOOP
        login := hog.login;
        what := CASE WHEN hog.at_once THEN 'locked what no person locks' ELSE 'held locks for too long' END;
        BEGIN
            -- Since when a session is at it is told to who has its rights, and so is its end: for this moment,
            -- and never to act as it.
            IF NOT alone THEN
                EXECUTE format(
                    CASE WHEN current_setting('server_version_num')::integer >= 160000
                        THEN 'GRANT %I TO %I WITH INHERIT TRUE, SET FALSE' ELSE 'GRANT %I TO %I' END,
                    hog.login, current_user
                );
            END IF;
            PERFORM pg_stat_clear_snapshot();
            PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity AS a
            WHERE a.pid = hog.pid AND (
                hog.at_once
                OR a.xact_start < clock_timestamp() - interval '30 seconds'
                -- No transaction, and still a lock: one of the session's own, which the program never takes.
                OR a.state = 'idle' AND a.state_change < clock_timestamp() - interval '2 seconds'
            );
            IF FOUND THEN
                RETURN NEXT;
            END IF;
            IF NOT alone THEN
                EXECUTE format('REVOKE %I FROM %I', hog.login, current_user);
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            what := what || ', and may not be ended by ' || current_user;
            RETURN NEXT;
        END;
    END LOOP;
END
$$;
