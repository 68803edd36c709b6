-- Which rows whom: everybody but a handler sees all, a handler what is its own body's. A cached row may be
-- written only in a transaction that records an event of its stream; the sweep proves what was written then.

DO $$
DECLARE
    guarded record;
    own text;
    command text;
    everybody constant text := 'qingshao_wall, qingshao_duty, qingshao_discipline, qingshao_leader, qingshao_admin';
    persons constant text := everybody || ', qingshao_handler';
BEGIN
    FOR guarded IN
        SELECT * FROM (VALUES
            ('ticket', '''ticket/'' || number',
                'lead = (SELECT my_body()) OR assisting @> ARRAY[(SELECT my_body())]'
                ' OR number IN (SELECT my_questions())'),
            ('node_state', '''ticket/'' || ticket',
                'body = (SELECT my_body()) OR ticket IN (SELECT t.number FROM ticket AS t)'),
            ('warning', '''ticket/'' || ticket',
                'body = (SELECT my_body()) OR ticket IN (SELECT t.number FROM ticket AS t)'),
            ('matter', '''ticket/'' || ticket',
                'to_body = (SELECT my_body()) OR ticket IN (SELECT t.number FROM ticket AS t)'),
            ('directive', '''directive/'' || number', 'number IN (SELECT my_directives())'),
            ('directive_receiver', '''directive/'' || directive', 'directive IN (SELECT my_directives())'),
            ('re_supervision', '''re_supervision/'' || number',
                'body = (SELECT my_body()) AND launched_at IS NOT NULL'),
            ('item', NULL, 'body = (SELECT my_body())'),
            ('event', NULL, 'sees_stream(stream)'),
            ('tally', NULL, 'dimension = ''body'' AND key = (SELECT my_body())'),
            ('tally_change', NULL, 'body = (SELECT my_body())')
        ) AS t (name, stream, own)
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded.name);
        FOR command IN SELECT polname FROM pg_policy WHERE polrelid = guarded.name::regclass LOOP
            EXECUTE format('DROP POLICY %I ON %I', command, guarded.name);
        END LOOP;
        own := guarded.own;
        IF guarded.stream IS NOT NULL THEN
            -- What a person's order has just moved to another body it must still be able to write.
            own := format('%s OR ((SELECT writing()) AND written_here(%s))', own, guarded.stream);
            EXECUTE format(
                'CREATE POLICY written ON %I FOR INSERT TO %s WITH CHECK (written_here(%s))',
                guarded.name, persons, guarded.stream
            );
            EXECUTE format(
                'CREATE POLICY deleted ON %I FOR DELETE TO %s USING (written_here(%s))',
                guarded.name, persons, guarded.stream
            );
        END IF;
        -- Asked once a statement: a login that somebody put into a group by hand is nobody, and sees nothing.
        EXECUTE format(
            'CREATE POLICY seen_by_all ON %I FOR SELECT TO %s USING ((SELECT sees_all())%s)', guarded.name, everybody,
            -- Who looked at whom and why, and what an admin did, is not for a wall that anybody walks past.
            CASE guarded.name
                WHEN 'event' THEN ' AND (NOT (SELECT is_wall()) OR stream !~ ''^(access|person|body|rules|duty)/'')'
                ELSE ''
            END
        );
        EXECUTE format('CREATE POLICY seen_by_own ON %I FOR SELECT TO qingshao_handler USING (%s)', guarded.name, own);
        EXECUTE format('CREATE POLICY engine ON %I TO qingshao_engine USING (true) WITH CHECK (true)', guarded.name);
    END LOOP;
END
$$;
