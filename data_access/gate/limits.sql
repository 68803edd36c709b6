-- What a person may write into a cached row at all, be it true or not: until the engine has proved it, every seat and
-- the sweep read it. So no moment without end, no text of a gigabyte, no word that no program knows, and no more
-- rows than a stream can have. These policies come on top of those of rows.sql.

DO $$
DECLARE
    cached record;
    said text;
BEGIN
    FOR cached IN
        SELECT c.oid, c.relname AS name FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN (
            'ticket', 'node_state', 'warning', 'matter', 'directive', 'directive_receiver', 're_supervision'
        )
    LOOP
        SELECT string_agg(format('(%1$I IS NULL OR %2$s)', a.attname, format(
            CASE
                WHEN a.atttypid = 'timestamptz'::regtype
                    THEN '%1$I BETWEEN ''1900-01-01 00:00:00+00'' AND ''3000-12-31 00:00:00+00'''
                WHEN a.atttypid = 'float8'::regtype THEN '%1$I BETWEEN -180 AND 180'
                WHEN a.atttypid = 'int2'::regtype THEN '%1$I BETWEEN 0 AND 9999'
                WHEN a.atttypid = 'bytea'::regtype THEN 'octet_length(%1$I) = 32'
                WHEN a.atttypid = 'text[]'::regtype
                    THEN 'cardinality(%1$I) <= 500 AND octet_length(array_to_string(%1$I, '''')) <= 8000000'
                WHEN cached.name = 'matter' AND a.attname = 'number' THEN '%1$I BETWEEN 1 AND 9999'
                WHEN a.atttypid <> 'text'::regtype THEN 'true'
                WHEN a.attname = 'urgency' THEN '%1$I IN (''critical'', ''first'', ''ordinary'')'
                WHEN a.attname = 'node' THEN '%1$I IN (''accept'', ''dispatch'', ''sign'', ''arrive'', ''rectify'', '
                    '''file'', ''penalise'', ''feed_back'', ''revisit'', ''post_check'', ''close'')'
                WHEN a.attname = 'ended' THEN '%1$I IN (''done'', ''handed_over'', ''skipped'')'
                WHEN a.attname = 'due_source' THEN '%1$I IN (''policy'', ''source'', ''extension'', ''none'')'
                WHEN a.attname = 'kind' AND cached.name = 'matter' THEN '%1$I IN (''request'', ''help'', '
                    '''transfer'', ''record'', ''decision'', ''responsibility'', ''mark'', ''subject'', '
                    '''supervision'')'
                WHEN a.attname = 'kind' THEN '%1$I IN (''late'', ''slow'', ''wrong'')'
                WHEN a.attname = 'level' THEN '%1$I IN (''red'', ''yellow'')'
                WHEN a.attname = 'state' THEN '%1$I IN (''drafted'', ''launched'', ''explained'', ''found'', '
                    '''closed'', ''declined'')'
                WHEN a.attname = 'behaviour' THEN '%1$I IN (''inaction'', ''slowness'', ''laxity'', ''misconduct'', '
                    '''no_fault'')'
                WHEN a.attname = 'policy_family'
                    THEN 'EXISTS (SELECT FROM public.policy AS p WHERE p.family = %1$I)'
                WHEN cached.name = 'directive_receiver' AND a.attname = 'body'
                    THEN 'EXISTS (SELECT FROM public.body AS b WHERE b.key = directive_receiver.body)'
                WHEN cached.name IN ('node_state', 'warning', 'matter') AND a.attname NOT IN ('rule', 'note')
                    THEN 'octet_length(%1$I) <= 800'
                ELSE 'octet_length(%1$I) <= 16000000'
            END, a.attname)), ' AND ' ORDER BY a.attnum)
            || CASE WHEN cached.name IN ('node_state', 'warning') THEN ' AND round + leg + part <= 300' ELSE '' END
        INTO said
        FROM pg_attribute AS a
        WHERE a.attrelid = cached.oid AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format(
            'CREATE POLICY possible ON %I AS RESTRICTIVE FOR INSERT TO qingshao_wall, qingshao_duty, qingshao_discipline,'
            ' qingshao_leader, qingshao_admin, qingshao_handler WITH CHECK (%s)', cached.name, said
        );
    END LOOP;
END
$$;
