-- The one way in which a person writes: an event is recorded, or refused. Who, when and the hash are the
-- database's own. A refusal's DETAIL is the name of a domain.rights.Reason, and after a blank what is at fault.

CREATE OR REPLACE FUNCTION refuse(reason text, detail text DEFAULT '') RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RAISE EXCEPTION 'refused: %', rtrim(reason || ' ' || detail)
        USING ERRCODE = 'insufficient_privilege', DETAIL = rtrim(reason || ' ' || detail);
END
$$;

-- Numbers are counts, yuan and metres: none is negative.
-- One value of a fact in canonical JSON text (domain/codec.py), or a refusal.
CREATE OR REPLACE FUNCTION canonical_value(f fact_field, value json) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET extra_float_digits = 1
AS $$
#variable_conflict use_variable
DECLARE
    kind text := json_typeof(value);
    said text := value #>> '{}';
    number double precision;
    moment timestamptz;
BEGIN
    CASE rtrim(f.type, '?')
        WHEN 'int' THEN
            -- A round or a leg is kept in a smallint.
            IF kind = 'number' AND said ~ '^([1-9][0-9]{0,11}|0)$'
                AND (f.field NOT IN ('round', 'leg', 'part') OR length(said) <= 4)
            THEN
                RETURN said;
            END IF;
        WHEN 'float' THEN
            IF kind = 'number' THEN
                number := said::double precision;
                IF number = 0 THEN
                    RETURN '0.0';
                ELSIF number BETWEEN 0.001 AND 10000000 THEN
                    RETURN number::text || CASE WHEN number::text ~ '[.]' THEN '' ELSE '.0' END;
                END IF;
            END IF;
        WHEN 'bool' THEN
            IF kind = 'boolean' THEN
                RETURN said;
            END IF;
        WHEN 'moment' THEN
            IF kind = 'string' AND said ~
                '^2[0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$'
            THEN
                moment := said::timestamptz;
                RETURN to_json(
                    to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
                    || CASE WHEN extract(microseconds FROM moment)::bigint % 1000000 = 0 THEN ''
                        ELSE to_char(moment AT TIME ZONE 'UTC', '.US') END
                    || '+00:00'
                )::text;
            END IF;
        WHEN 'body' THEN
            IF kind = 'string' AND EXISTS (SELECT FROM public.body AS b WHERE b.key = said) THEN
                RETURN to_json(said)::text;
            END IF;
            PERFORM public.refuse('unknown_body', coalesce(left(said, 80), ''));
        WHEN 'enum' THEN
            IF kind = 'string' AND said = ANY (f.allowed) THEN
                RETURN to_json(said)::text;
            END IF;
        ELSE
            IF kind = 'string' THEN
                IF length(said) > f.longest THEN
                    PERFORM public.refuse('text_too_long', f.longest::text);
                END IF;
                RETURN to_json(said)::text;
            END IF;
    END CASE;
    PERFORM public.refuse('bad_data', f.kind || '.' || f.field);
END
$$;

-- A fact's data in the one text that is hashed: known fields in their order, what is at its default left out.
CREATE OR REPLACE FUNCTION canonical_data(kind text, data json) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    f public.fact_field;
    value json;
    said text;
    parts text[] := '{}';
    odd text;
BEGIN
    IF json_typeof(data) <> 'object' THEN
        PERFORM public.refuse('bad_data', kind);
    END IF;
    SELECT k INTO odd FROM json_object_keys(data) AS k
    GROUP BY k
    HAVING count(*) > 1 OR NOT EXISTS (
        SELECT FROM public.fact_field AS x WHERE x.kind = canonical_data.kind AND x.field = k
    )
    LIMIT 1;
    IF FOUND THEN
        PERFORM public.refuse('bad_data', kind || '.' || left(odd, 80));
    END IF;
    FOR f IN
        SELECT * FROM public.fact_field AS x WHERE x.kind = canonical_data.kind ORDER BY x.field COLLATE "C"
    LOOP
        value := data -> f.field;
        IF value IS NULL THEN
            said := f.otherwise;
        ELSIF json_typeof(value) = 'null' AND (f.otherwise = 'null' OR f.type LIKE '%?') THEN
            said := 'null';
        ELSIF f.many THEN
            IF json_typeof(value) <> 'array' OR json_array_length(value) > 500 THEN
                PERFORM public.refuse('bad_data', kind || '.' || f.field);
            END IF;
            SELECT '[' || coalesce(string_agg(public.canonical_value(f, e.value), ',' ORDER BY e.n), '') || ']'
            INTO said FROM json_array_elements(value) WITH ORDINALITY AS e (value, n);
        ELSE
            said := public.canonical_value(f, value);
        END IF;
        IF said IS NULL THEN
            PERFORM public.refuse('bad_data', kind || '.' || f.field);
        END IF;
        IF said IS DISTINCT FROM f.otherwise THEN
            parts := parts || (to_json(f.field)::text || ':' || said);
        END IF;
    END LOOP;
    RETURN '{' || array_to_string(parts, ',') || '}';
END
$$;

-- Whose turn a ticket is: the lead of the last dispatch, unless it was sent back since.
CREATE OR REPLACE FUNCTION holder_of(stream text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH last AS (
        SELECT e.at, e.seq, e.data ->> 'lead' AS lead FROM public.event AS e
        WHERE e.stream = $1 AND e.kind = 'Dispatched'
        ORDER BY e.at DESC, e.seq DESC
        LIMIT 1
    )
    SELECT last.lead FROM last
    WHERE NOT EXISTS (
        SELECT FROM public.event AS e
        WHERE e.stream = $1 AND e.kind = 'ReturnedAsWrong' AND (e.at, e.seq) > (last.at, last.seq)
            -- One that only assisted leaves the ticket where it is.
            AND (e.body IS NULL OR e.body = last.lead)
    )
$$;

-- Whether a ticket is paused, or handled as part of another one.
CREATE OR REPLACE FUNCTION stands_still(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce((
        SELECT e.kind IN ('Paused', 'MergedInto') FROM public.event AS e
        WHERE e.stream = $1 AND e.kind IN ('Paused', 'Resumed', 'MergedInto', 'SplitOff')
        ORDER BY e.seq DESC LIMIT 1
    ), false)
$$;

-- Whether a body's step is to be done now: not yet done since it got the ticket, or since it bounced back.
CREATE OR REPLACE FUNCTION step_is_open(stream text, kind text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH turn AS (
        SELECT coalesce(max(e.seq) FILTER (WHERE
            e.kind = 'Dispatched'
            OR e.kind = 'Revisited' AND e.data ->> 'satisfied' = 'false'
            OR e.kind = 'PostChecked' AND e.data ->> 'passed' = 'false'
        ), 0) AS since
        FROM public.event AS e WHERE e.stream = $1
    ), done AS (
        -- Not what assisting bodies did beside the holder.
        SELECT e.kind, e.data FROM public.event AS e, turn
        WHERE e.stream = $1 AND e.seq > turn.since AND (
            e.role <> 'handler' OR e.body IS NULL OR e.body IS NOT DISTINCT FROM public.holder_of($1)
        )
    )
    SELECT NOT EXISTS (SELECT FROM done WHERE done.kind = $2)
        AND NOT EXISTS (SELECT FROM done WHERE done.kind = 'Closed')
        AND NOT public.stands_still($1)
        AND CASE $2
            WHEN 'Filed' THEN EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = $1 AND e.kind = 'Rectified' AND e.data ->> 'violation' = 'true'
            )
            WHEN 'Penalised' THEN EXISTS (SELECT FROM public.event AS e WHERE e.stream = $1 AND e.kind = 'Filed')
            WHEN 'FedBack' THEN EXISTS (SELECT FROM done WHERE done.kind = 'Rectified')
            WHEN 'ReturnedAsWrong' THEN NOT EXISTS (SELECT FROM done WHERE done.kind = 'Rectified')
            ELSE true
        END
$$;

-- Whether the holder has reported its work done since it got the ticket, or since the ticket bounced back.
CREATE OR REPLACE FUNCTION is_rectified(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.event AS e
        WHERE e.stream = $1 AND e.kind = 'Rectified'
            AND (e.role <> 'handler' OR e.body IS NULL OR e.body IS NOT DISTINCT FROM public.holder_of($1))
            AND NOT EXISTS (
                SELECT FROM public.event AS l
                WHERE l.stream = $1 AND l.seq > e.seq AND (
                    l.kind = 'Dispatched'
                    OR l.kind = 'Revisited' AND l.data ->> 'satisfied' = 'false'
                    OR l.kind = 'PostChecked' AND l.data ->> 'passed' = 'false'
                )
            )
    )
$$;

-- The policy that judges a ticket.
CREATE OR REPLACE FUNCTION policy_text(stream text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT p.toml
    FROM public.event AS e JOIN public.policy AS p
        ON p.family = coalesce(e.data ->> 'policy', 'standard')
        AND p.effective_from <= (
            e.at AT TIME ZONE coalesce(
                substring(p.toml FROM '(?n)^[[:space:]]*zone[[:space:]]*=[[:space:]]*"([^"]+)"'), 'Asia/Shanghai'
            )
        )::date
    WHERE e.stream = $1 AND e.seq = 1 AND e.kind = 'Received'
    ORDER BY p.effective_from DESC, p.version DESC
    LIMIT 1
$$;

-- Whether that policy gives assisting bodies steps of their own: one that does not lets only the holder take them.
CREATE OR REPLACE FUNCTION knows_assisting(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce(public.policy_text($1) ~ '(?n)^[[:space:]]*assisting[[:space:]]*=[[:space:]]*true', false)
$$;

-- Whether that policy has work to be reported done at all.
CREATE OR REPLACE FUNCTION knows_rectify(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce(public.policy_text($1) ~ '(?n)^[[:space:]]*node[[:space:]]*=[[:space:]]*"rectify"', false)
$$;

-- Whether a body assists with a ticket now: named by the last dispatch, and not gone since.
CREATE OR REPLACE FUNCTION assists(stream text, body text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce((
        SELECT e.kind = 'Dispatched' AND e.data ->> 'lead' IS DISTINCT FROM $2
            AND (e.data -> 'assisting')::jsonb ? $2
        FROM public.event AS e
        WHERE e.stream = $1
            AND (e.kind = 'Dispatched' OR e.kind = 'ReturnedAsWrong' AND e.body IS NOT DISTINCT FROM $2)
        ORDER BY e.at DESC, e.seq DESC
        LIMIT 1
    ), false)
$$;

-- Whether a step of an assisting body is to be done: it signs, arrives, rectifies or goes, each once since it was
-- brought in, or since the ticket bounced back.
CREATE OR REPLACE FUNCTION help_is_open(stream text, kind text, body text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH turn AS (
        SELECT coalesce(max(e.seq) FILTER (WHERE
            e.kind = 'Dispatched' AND NOT coalesce((e.data -> 'assisting')::jsonb ? $3, false)
            OR e.kind = 'ReturnedAsWrong' AND e.body IS NOT DISTINCT FROM $3
            OR e.kind = 'Revisited' AND e.data ->> 'satisfied' = 'false'
            OR e.kind = 'PostChecked' AND e.data ->> 'passed' = 'false'
        ), 0) AS since
        FROM public.event AS e WHERE e.stream = $1
    ), done AS (
        SELECT e.kind FROM public.event AS e, turn
        WHERE e.stream = $1 AND e.seq > turn.since AND (e.body = $3 OR e.kind = 'Closed')
    )
    SELECT $2 IN ('Signed', 'Arrived', 'Rectified', 'ReturnedAsWrong')
        AND NOT EXISTS (SELECT FROM done WHERE done.kind IN ($2, 'Closed'))
        AND ($2 <> 'ReturnedAsWrong' OR NOT EXISTS (SELECT FROM done WHERE done.kind = 'Rectified'))
        AND NOT public.stands_still($1)
$$;

-- Whether a body may still answer: to sign and to explain once, to feed back again only after it was sent back.
CREATE OR REPLACE FUNCTION answer_is_open(stream text, kind text, body text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH said AS (
        SELECT e.kind, e.data, e.seq FROM public.event AS e
        WHERE e.stream = $1 AND (e.kind LIKE 'ReSupervision%' OR e.data ->> 'body' = $3)
    )
    SELECT CASE $2
        WHEN 'DirectiveSigned' THEN NOT EXISTS (SELECT FROM said WHERE said.kind = $2)
        WHEN 'DirectiveFedBack' THEN public.directive_turn($1, $3) IN ('signed', 'returned') AND NOT EXISTS (
            SELECT FROM public.event AS e WHERE e.stream = $1 AND e.kind = 'DirectiveWithdrawn'
        )
        -- Once to each question.
        ELSE NOT EXISTS (SELECT FROM said WHERE said.kind IN ('ReSupervisionClosed', 'ReSupervisionDeclined'))
            AND coalesce((
                SELECT said.kind <> $2 FROM said
                WHERE said.kind IN ('ReSupervisionLaunched', 'ReSupervisionAsked', $2)
                ORDER BY said.seq DESC LIMIT 1
            ), false)
    END
$$;

-- Whether a body has to do with a matter: holds a ticket, helps with it, was warned of it or asked about it, got
-- the directive, is asked in a file.
CREATE OR REPLACE FUNCTION concerns(stream text, body text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.event AS e
        WHERE e.stream = $1 AND CASE e.kind
            WHEN 'WarningRaised' THEN e.data ->> 'body' = $2
            WHEN 'HelpAsked' THEN e.data ->> 'to' = $2
            WHEN 'JointSupervisionOpened' THEN (e.data -> 'bodies')::jsonb ? $2
            WHEN 'DirectiveIssued' THEN EXISTS (
                SELECT FROM json_array_elements_text(e.data -> 'receivers') AS r WHERE r = $2
            )
            WHEN 'ReSupervisionLaunched' THEN e.data ->> 'body' = $2
            ELSE false
        END
    ) OR split_part($1, '/', 1) = 'ticket' AND (
        public.holder_of($1) IS NOT DISTINCT FROM $2
        OR EXISTS (
            SELECT FROM public.ticket AS t
            WHERE t.number = substr($1, 8) AND (t.lead = $2 OR $2 = ANY (t.assisting))
        )
    )
$$;

-- The kind of stream that a person's fact stands in; NULL for what only functions of their own record.
CREATE OR REPLACE FUNCTION family_of(kind text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT CASE
        WHEN p.kind IN ('DirectiveReferred', 'ReSupervisionReferred') THEN 'ticket'
        WHEN p.command IN (
            'raise_clue', 'run_platform_nodes', 'run_body_nodes', 'direct_case', 'keep_case', 'ask_office', 'sign_off',
            'acknowledge_warning'
        ) THEN 'ticket'
        WHEN p.command = 'keep_duty_log' THEN 'duty'
        WHEN p.command IN ('issue_directive', 'answer_directive') THEN 'directive'
        WHEN p.command IN ('launch_re_supervision', 'explain_re_supervision') THEN 're_supervision'
    END
    FROM public.permission AS p WHERE p.kind = $1 LIMIT 1
$$;

-- What the event says must fit the stream that it continues, and the body that the person acts for.
CREATE OR REPLACE FUNCTION check_matter(
    stream text, version integer, kind text, data json, who person, scope text
) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    family text := split_part(stream, '/', 1);
    number text := substr(stream, length(split_part(stream, '/', 1)) + 2);
    own boolean := scope = 'own_body';
    seen record;
BEGIN
    IF family IS DISTINCT FROM public.family_of(kind) THEN
        PERFORM public.refuse('bad_data', left(stream, 80));
    ELSIF own AND NOT public.concerns(stream, who.body) THEN
        -- Neither whether there is such a matter nor whose it is: that body does not see it.
        PERFORM public.refuse('other_body');
    ELSIF family = 'ticket' THEN
        IF kind = 'Received' THEN
            PERFORM public.check_clue(number, version, data);
        ELSIF version = 0 THEN
            PERFORM public.refuse('unknown_ticket', left(number, 80));
        ELSIF kind = 'WarningAcknowledged' THEN
            SELECT e.kind, e.data, e.person INTO seen FROM public.event AS e
            WHERE e.stream = check_matter.stream
                AND e.kind IN ('WarningRaised', 'WarningCleared', 'WarningAcknowledged')
                AND e.data ->> 'kind' = data ->> 'kind' AND e.data ->> 'level' = data ->> 'level'
                AND e.data ->> 'node' = data ->> 'node' AND e.data ->> 'round' = data ->> 'round'
                AND e.data ->> 'leg' = data ->> 'leg'
                -- What is at its default is not said.
                AND coalesce(e.data ->> 'part', '0') = coalesce(data ->> 'part', '0')
                AND coalesce(e.data ->> 'rule_id', '') = coalesce(data ->> 'rule_id', '')
            ORDER BY e.at DESC, e.seq DESC LIMIT 1;
            IF seen.kind = 'WarningAcknowledged' THEN
                PERFORM public.refuse('already_acknowledged', seen.person);
            ELSIF seen.kind IS DISTINCT FROM 'WarningRaised' THEN
                PERFORM public.refuse('no_such_warning', number);
            ELSIF own AND seen.data ->> 'body' IS DISTINCT FROM who.body THEN
                PERFORM public.refuse('other_body', coalesce(seen.data ->> 'body', ''));
            END IF;
        ELSIF kind = 'DirectiveReferred' THEN
            -- Together with it, and at a ticket that it is about.
            IF NOT public.written_here('directive/' || (data ->> 'number')) OR NOT EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = 'directive/' || (data ->> 'number') AND e.seq = 1
                    AND (e.data -> 'tickets')::jsonb ? number
            ) THEN
                PERFORM public.refuse('bad_data', kind);
            END IF;
        ELSIF kind = 'ReSupervisionReferred' THEN
            -- Together with it, and at a ticket that it is about.
            IF NOT public.written_here('re_supervision/' || (data ->> 'number')) OR NOT EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = 're_supervision/' || (data ->> 'number') AND e.seq = 1
                    AND e.data ->> 'ticket' = number
            ) THEN
                PERFORM public.refuse('bad_data', kind);
            END IF;
        ELSIF kind = 'Closed' AND cardinality(public.supervisors_left(stream)) > 0 THEN
            PERFORM public.refuse('supervision_open', cardinality(public.supervisors_left(stream))::text);
        ELSIF kind IN ('Paused', 'Extended') AND data ->> 'approved_by' IS DISTINCT FROM who.name THEN
            -- Who approves it is who records it, and nobody else by mere saying so.
            PERFORM public.refuse('bad_data', kind || '.approved_by');
        ELSIF kind IN (
            'SubjectsListed', 'SubjectInspected', 'RecordAdded', 'RecordApproved', 'DecisionDone', 'HelpAsked',
            'HelpAnswered', 'TransferredOut', 'TransferReceipted', 'PauseRequested', 'ExtensionRequested',
            'LeadVolunteered', 'RequestDeclined', 'ResponsibilityNamed', 'CaseMarked', 'SupervisionSignedOff'
        ) THEN
            PERFORM public.check_case(stream, kind, data, who, own);
        ELSIF kind IN ('MergedInto', 'SplitOff', 'TookIn', 'LetGo') THEN
            PERFORM public.check_merger(stream, number, kind, data);
        ELSIF own AND (
            SELECT p.command FROM public.permission AS p WHERE p.kind = check_matter.kind LIMIT 1
        ) = 'run_body_nodes' THEN
            IF public.holder_of(stream) IS NOT DISTINCT FROM who.body THEN
                IF NOT public.step_is_open(stream, kind) THEN
                    PERFORM public.refuse('not_to_do', number);
                ELSIF kind = 'Rectified' AND public.subjects_are_left(stream) THEN
                    PERFORM public.refuse('subjects_left', number);
                END IF;
            ELSIF NOT (public.assists(stream, who.body) AND public.knows_assisting(stream)) THEN
                PERFORM public.refuse('other_body', coalesce(public.holder_of(stream), ''));
            ELSIF NOT public.help_is_open(stream, kind, who.body) THEN
                PERFORM public.refuse('not_to_do', number);
            END IF;
        END IF;
    ELSIF family = 'duty' THEN
        PERFORM public.check_duty_note(number, data);
    ELSIF family = 'directive' THEN
        IF kind = 'DirectiveIssued' THEN
            PERFORM public.check_number('directive', number, version);
            IF json_array_length(data -> 'receivers') = 0 THEN
                PERFORM public.refuse('no_receivers');
            ELSIF (data ->> 'deadline')::timestamptz <= transaction_timestamp() THEN
                PERFORM public.refuse('deadline_past');
            END IF;
        ELSE
            SELECT e.data INTO seen FROM public.event AS e
            WHERE e.stream = check_matter.stream AND e.seq = 1 AND e.kind = 'DirectiveIssued';
            IF NOT FOUND THEN
                PERFORM public.refuse('bad_data', kind);
            ELSIF EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = check_matter.stream AND e.kind = 'DirectiveWithdrawn'
            ) THEN
                PERFORM public.refuse('withdrawn', number);
            ELSIF own AND data ->> 'body' IS DISTINCT FROM who.body THEN
                PERFORM public.refuse('other_body', coalesce(data ->> 'body', ''));
            ELSIF kind <> 'DirectiveWithdrawn' AND NOT EXISTS (
                SELECT FROM json_array_elements_text(seen.data -> 'receivers') AS r WHERE r = data ->> 'body'
            ) THEN
                PERFORM public.refuse('other_body', coalesce(data ->> 'body', ''));
            ELSIF own AND NOT public.answer_is_open(stream, kind, who.body) THEN
                PERFORM public.refuse('not_to_do', number);
            ELSIF kind = 'DirectiveFedBack' AND NOT public.evidence_is_kept(stream, data -> 'evidence') THEN
                PERFORM public.refuse('bad_evidence', '20');
            ELSIF kind = 'DirectiveJudged' AND public.directive_turn(stream, data ->> 'body') <> 'fed_back' THEN
                PERFORM public.refuse('not_fed_back', data ->> 'body');
            ELSIF kind = 'DirectiveReminded'
                AND public.directive_turn(stream, data ->> 'body') IN ('fed_back', 'accepted')
            THEN
                PERFORM public.refuse('nothing_owed', data ->> 'body');
            ELSIF kind = 'DirectiveReminded' AND coalesce(data ->> 'text', '') !~ '[^[:space:]]'
                OR kind = 'DirectiveWithdrawn' AND coalesce(data ->> 'reason', '') !~ '[^[:space:]]'
                OR kind = 'DirectiveJudged' AND data ->> 'accepted' = 'false'
                    AND coalesce(data ->> 'text', '') !~ '[^[:space:]]'
            THEN
                PERFORM public.refuse('no_text');
            END IF;
        END IF;
    ELSIF family = 're_supervision' THEN
        IF kind = 'ReSupervisionDrafted' THEN
            PERFORM public.check_number('re_supervision', number, version);
            IF NOT EXISTS (SELECT FROM public.ticket AS t WHERE t.number = data ->> 'ticket') THEN
                PERFORM public.refuse('unknown_ticket', coalesce(left(data ->> 'ticket', 80), ''));
            END IF;
        ELSIF version = 0 THEN
            PERFORM public.refuse('bad_data', kind);
        ELSE
            SELECT e.data ->> 'body' AS body INTO seen FROM public.event AS e
            WHERE e.stream = check_matter.stream AND e.kind = 'ReSupervisionLaunched' LIMIT 1;
            IF own AND (NOT FOUND OR seen.body IS DISTINCT FROM who.body) THEN
                PERFORM public.refuse('other_body', coalesce(seen.body, ''));
            ELSIF own AND NOT public.answer_is_open(stream, kind, who.body) THEN
                PERFORM public.refuse('not_to_do', number);
            ELSIF kind = 'ReSupervisionExplained' AND NOT public.evidence_is_kept(stream, data -> 'evidence') THEN
                PERFORM public.refuse('bad_evidence', '20');
            ELSIF NOT own THEN
                PERFORM public.check_course(stream, kind, data);
            END IF;
        END IF;
    END IF;
END
$$;

-- A new stream bears a number that was given out (data_access/serials.py), and one that nobody has used.
CREATE OR REPLACE FUNCTION check_number(of text, number text, version integer) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    parts text[] := regexp_match(number, CASE of
        WHEN 'directive' THEN '^D-([0-9]{4})-([0-9]{3,9})$' ELSE '^Z-([0-9]{4})-([0-9]{4,9})$' END);
BEGIN
    IF version > 0 OR parts IS NULL OR NOT EXISTS (
        SELECT FROM public.serial AS s
        WHERE s.kind = of AND s.year = parts[1]::integer AND parts[2]::bigint BETWEEN 1 AND s.last
            -- One spelling: D-2026-0012 beside D-2026-012 would be another one's twin.
            AND parts[2] = lpad((parts[2]::bigint)::text, greatest(
                CASE of WHEN 'directive' THEN 3 ELSE 4 END, length((parts[2]::bigint)::text)
            ), '0')
    ) THEN
        PERFORM public.refuse('bad_data', left(number, 80));
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION next_serial(of text, in_year integer, count integer DEFAULT 1) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    reached integer;
BEGIN
    -- A person takes one number at a time, and only for what that person may open: nobody else uses them up.
    IF EXISTS (SELECT FROM public.person AS p WHERE p.login = session_user) AND NOT EXISTS (
        SELECT FROM public.me() AS me
        JOIN public.permission AS p ON p.role = me.role
            AND p.kind = CASE of WHEN 'directive' THEN 'DirectiveIssued' ELSE 'ReSupervisionDrafted' END
        WHERE count = 1
    ) THEN
        PERFORM public.refuse('role', CASE of WHEN 'directive' THEN 'DirectiveIssued' ELSE 'ReSupervisionDrafted' END);
    ELSIF of NOT IN ('directive', 're_supervision') OR in_year NOT BETWEEN 2000 AND 2999
        OR count NOT BETWEEN 1 AND 100000
    THEN
        PERFORM public.refuse('bad_data', 'serial');
    END IF;
    INSERT INTO public.serial AS s (kind, year, last) VALUES (of, in_year, count)
    ON CONFLICT (kind, year) DO UPDATE SET last = s.last + count
    RETURNING s.last INTO reached;
    RETURN reached;
END
$$;

-- An event bears the time at which its transaction began: nobody keeps one open to be in time later on.
CREATE OR REPLACE FUNCTION check_promptness() RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF clock_timestamp() > transaction_timestamp() + interval '30 seconds' THEN
        PERFORM public.refuse('changed_meanwhile');
    END IF;
END
$$;

-- Put an event behind the last of its stream. For the functions of this file only: nobody may call it.
CREATE OR REPLACE FUNCTION append_event(
    stream text, expected integer, kind text, data text, request uuid, who person
) RETURNS event
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    last record;
    added public.event;
BEGIN
    SELECT e.seq, e.hash INTO last FROM public.event AS e
    WHERE e.stream = append_event.stream ORDER BY e.seq DESC LIMIT 1;
    IF expected IS NOT NULL AND expected <> coalesce(last.seq, 0) THEN
        RAISE EXCEPTION 'somebody else wrote to % since', stream
            USING ERRCODE = 'QS409', DETAIL = coalesce(last.seq, 0)::text;
    END IF;
    INSERT INTO public.event (
        stream, seq, kind, at, role, person, body, data, recorded_at, previous, hash, request
    )
    SELECT n.stream, n.seq, n.kind, n.at, who.role, who.name, who.body, n.data::json, n.now, n.previous,
        public.event_hash(
            n.previous, n.stream, n.seq, n.kind, n.at, who.role, who.name, who.body, n.data, n.now
        ),
        request
    FROM (
        SELECT append_event.stream, coalesce(last.seq, 0) + 1 AS seq, append_event.kind,
            transaction_timestamp() AS now, append_event.data,
            -- Whoever began a transaction before somebody else wrote here answers that, and comes after it:
            -- streams are read in the order of time, and an answer before its question is none.
            greatest(transaction_timestamp(), (
                SELECT max(e.at) FROM public.event AS e
                WHERE e.stream = append_event.stream AND e.at <= clock_timestamp()
            )) AS at,
            coalesce(last.hash, decode(repeat('00', 32), 'hex')) AS previous
    ) AS n
    RETURNING * INTO added;
    INSERT INTO public.unchecked (stream, at) VALUES (added.stream, added.recorded_at);
    RETURN added;
END
$$;

CREATE OR REPLACE FUNCTION record_event(
    stream text, expected integer, kind text, data text, request uuid DEFAULT NULL
) RETURNS event
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who public.person;
    scope text;
    said text;
    version integer;
BEGIN
    SELECT p.* INTO who FROM public.person AS p WHERE p.login = session_user AND p.active;
    IF NOT FOUND THEN
        PERFORM public.refuse('nobody');
    END IF;
    SELECT p.scope INTO scope FROM public.permission AS p
    WHERE p.kind = record_event.kind AND p.role = who.role;
    IF NOT FOUND OR kind = 'ComplainantSeen' THEN
        PERFORM public.refuse('role', left(kind, 80));
    ELSIF scope = 'own_body' AND who.body IS NULL THEN
        PERFORM public.refuse('other_body');
    END IF;
    -- The locks of data_access.log.lock: whoever is not our own program waits its turn, too.
    PERFORM pg_advisory_xact_lock_shared(71230004);
    PERFORM pg_advisory_xact_lock(hashtextextended(stream, 0));
    PERFORM public.check_promptness();
    SELECT coalesce(max(e.seq), 0) INTO version FROM public.event AS e
    WHERE e.stream = record_event.stream;
    said := public.canonical_data(kind, data::json);
    PERFORM public.check_matter(stream, version, kind, said::json, who, scope);
    RETURN public.append_event(stream, expected, kind, said, request, who);
END
$$;
