-- What a person may note in a ticket's case: by whose body, about a thing that exists, and not twice
-- (domain/case_orders.py says it to the windows). Facts are numbered within their kind, from 1.

-- The tickets about which a body was asked for help, or which it supervises: it sees them from then on.
CREATE OR REPLACE FUNCTION my_questions() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT m.ticket FROM public.matter AS m
    WHERE m.kind IN ('help', 'supervision') AND m.to_body = public.my_body()
$$;

-- The bodies whose word the last joint supervision of a ticket still waits for (Y17).
CREATE OR REPLACE FUNCTION supervisors_left(stream text) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH opened AS (
        SELECT e.at, e.seq, e.data FROM public.event AS e
        WHERE e.stream = $1 AND e.kind = 'JointSupervisionOpened' ORDER BY e.at DESC, e.seq DESC LIMIT 1
    ), found_wanting AS (
        -- Whoever was content with work before that has not seen what is done now.
        SELECT e.at, e.seq FROM public.event AS e
        WHERE e.stream = $1 AND (
            e.kind = 'Revisited' AND e.data ->> 'satisfied' = 'false'
            OR e.kind = 'PostChecked' AND e.data ->> 'passed' = 'false'
        )
    )
    SELECT ARRAY(
        SELECT b FROM opened AS o, json_array_elements_text(o.data -> 'bodies') AS b
        WHERE NOT EXISTS (
            SELECT FROM public.event AS e
            WHERE e.stream = $1 AND e.kind = 'SupervisionSignedOff' AND e.body = b
                AND (e.at, e.seq) > (o.at, o.seq)
                AND NOT EXISTS (SELECT FROM found_wanting AS f WHERE (f.at, f.seq) > (e.at, e.seq))
        )
    )
$$;

-- The how-manieth event of a kind in a stream; no row when there are not so many.
CREATE OR REPLACE FUNCTION nth_of_kind(stream text, kind text, n integer) RETURNS event
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT e FROM public.event AS e
    WHERE e.stream = $1 AND e.kind = $2 AND $3 >= 1
    ORDER BY e.at, e.seq OFFSET greatest($3 - 1, 0) LIMIT 1
$$;

-- Whether some event of a kind in a stream bears this number.
CREATE OR REPLACE FUNCTION said_of(stream text, kind text, number integer) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.event AS e
        WHERE e.stream = $1 AND e.kind = $2 AND (e.data ->> 'number')::bigint = $3
    )
$$;

-- Whether a ticket was closed, and has not bounced back since.
CREATE OR REPLACE FUNCTION is_closed(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce((
        SELECT e.kind = 'Closed' FROM public.event AS e
        WHERE e.stream = $1 AND (
            e.kind = 'Closed'
            OR e.kind = 'Revisited' AND e.data ->> 'satisfied' = 'false'
            OR e.kind = 'PostChecked' AND e.data ->> 'passed' = 'false'
        )
        ORDER BY e.at DESC, e.seq DESC LIMIT 1
    ), false)
$$;

-- The ticket that this one was merged into; NULL when it stands for itself.
CREATE OR REPLACE FUNCTION merged_into(stream text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT CASE e.kind WHEN 'MergedInto' THEN e.data ->> 'main' END FROM public.event AS e
    WHERE e.stream = $1 AND e.kind IN ('MergedInto', 'SplitOff') ORDER BY e.at DESC, e.seq DESC LIMIT 1
$$;

-- Whether a listed subject has no result yet.
CREATE OR REPLACE FUNCTION subjects_are_left(stream text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT s FROM public.event AS e, json_array_elements_text(e.data -> 'subjects') AS s
        WHERE e.stream = $1 AND e.kind = 'SubjectsListed'
        EXCEPT
        SELECT e.data ->> 'subject' FROM public.event AS e
        WHERE e.stream = $1 AND e.kind = 'SubjectInspected'
    )
$$;

-- Let a fact of the case pass, or refuse it. `own` is whether the person acts for a body's own tickets only.
CREATE OR REPLACE FUNCTION check_case(stream text, kind text, data json, who person, own boolean) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    named integer := CASE WHEN length(data ->> 'number') <= 9 THEN (data ->> 'number')::integer END;
    inside integer := CASE WHEN length(data ->> 'decision') <= 9 THEN (data ->> 'decision')::integer END;
    seen public.event;
    ticket text := substr(stream, 8);
BEGIN
    IF own AND kind NOT IN ('HelpAnswered', 'SupervisionSignedOff') AND public.holder_of(stream) IS DISTINCT FROM who.body
        AND NOT public.assists(stream, who.body)
    THEN
        -- Who was asked, or was warned once, sees the ticket, and keeps nothing of its case.
        PERFORM public.refuse('other_body', coalesce(public.holder_of(stream), ''));
    ELSIF kind NOT IN ('DecisionDone', 'HelpAnswered', 'TransferReceipted', 'CaseMarked')
        AND public.merged_into(stream) IS NOT NULL
    THEN
        PERFORM public.refuse('merged', public.merged_into(stream));
    ELSIF (
        kind IN (
            'SubjectsListed', 'SubjectInspected', 'PauseRequested', 'ExtensionRequested', 'LeadVolunteered',
            'RequestDeclined', 'HelpAsked', 'SupervisionSignedOff'
        ) OR kind = 'ResponsibilityNamed' AND data ->> 'responsible' <> 'lead_in_charge'
    ) AND public.is_closed(stream) THEN
        PERFORM public.refuse('ticket_closed');
    END IF;
    CASE kind
        WHEN 'SubjectInspected' THEN
            IF NOT EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = check_case.stream AND e.kind = 'SubjectsListed'
                    AND (e.data -> 'subjects')::jsonb ? (data ->> 'subject')
            ) THEN
                PERFORM public.refuse('unknown_subject', left(data ->> 'subject', 80));
            END IF;
        WHEN 'RecordAdded' THEN
            IF coalesce(json_array_length(data -> 'decisions'), 0)
                <> coalesce(json_array_length(data -> 'deadlines'), 0)
            THEN
                PERFORM public.refuse('deadlines_unpaired');
            ELSIF EXISTS (
                SELECT FROM json_array_elements_text(data -> 'deadlines') AS d
                WHERE d::timestamptz <= transaction_timestamp()
            ) THEN
                PERFORM public.refuse('deadline_past');
            END IF;
        WHEN 'RecordApproved' THEN
            seen := public.nth_of_kind(stream, 'RecordAdded', named);
            IF seen.id IS NULL THEN
                PERFORM public.refuse('unknown_record', data ->> 'number');
            ELSIF seen.data ->> 'record' <> 'plan' OR public.said_of(stream, kind, named) OR EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = check_case.stream AND e.kind = 'RecordAdded' AND e.data ->> 'record' = 'plan'
                    AND (e.at, e.seq) > (seen.at, seen.seq)
            ) THEN
                PERFORM public.refuse('already_approved', data ->> 'number');
            ELSIF seen.person = who.name AND seen.body IS NOT DISTINCT FROM who.body THEN
                -- Four eyes: whoever wrote it does not approve it.
                PERFORM public.refuse('own_record');
            END IF;
        WHEN 'DecisionDone' THEN
            seen := public.nth_of_kind(stream, 'RecordAdded', named);
            IF seen.id IS NULL THEN
                PERFORM public.refuse('unknown_record', data ->> 'number');
            ELSIF inside IS NULL OR inside NOT BETWEEN 1 AND coalesce(json_array_length(seen.data -> 'decisions'), 0) THEN
                PERFORM public.refuse('unknown_decision', data ->> 'decision');
            ELSIF EXISTS (
                SELECT FROM public.event AS e
                WHERE e.stream = check_case.stream AND e.kind = 'DecisionDone'
                    AND (e.data ->> 'number')::bigint = named AND (e.data ->> 'decision')::bigint = inside
            ) THEN
                PERFORM public.refuse('decision_done', data ->> 'decision');
            END IF;
        WHEN 'HelpAsked' THEN
            IF data ->> 'to' IS NOT DISTINCT FROM who.body THEN
                PERFORM public.refuse('own_help');
            END IF;
        WHEN 'HelpAnswered' THEN
            seen := public.nth_of_kind(stream, 'HelpAsked', named);
            IF seen.id IS NULL THEN
                PERFORM public.refuse('unknown_question', data ->> 'number');
            ELSIF own AND seen.data ->> 'to' IS DISTINCT FROM who.body THEN
                PERFORM public.refuse('other_body', coalesce(seen.data ->> 'to', ''));
            ELSIF public.said_of(stream, kind, named) THEN
                PERFORM public.refuse('already_answered', data ->> 'number');
            END IF;
        WHEN 'TransferReceipted' THEN
            seen := public.nth_of_kind(stream, 'TransferredOut', named);
            IF seen.id IS NULL THEN
                PERFORM public.refuse('unknown_transfer', data ->> 'number');
            ELSIF public.said_of(stream, kind, named) THEN
                PERFORM public.refuse('already_receipted', data ->> 'number');
            END IF;
        WHEN 'PauseRequested', 'ExtensionRequested', 'LeadVolunteered' THEN
            IF kind <> 'LeadVolunteered' AND public.stands_still(stream) THEN
                PERFORM public.refuse('paused');
            ELSIF kind = 'ExtensionRequested' AND (data ->> 'due')::timestamptz <= transaction_timestamp() THEN
                PERFORM public.refuse('deadline_past');
            ELSIF EXISTS (
                SELECT FROM public.matter AS m
                WHERE m.ticket = ticket AND m.kind = 'request' AND m.ended_at IS NULL AND m.from_body = who.body
                    AND m.sort = CASE kind
                        WHEN 'PauseRequested' THEN 'pause' WHEN 'ExtensionRequested' THEN 'extension' ELSE 'lead'
                    END
                    AND m.node IS NOT DISTINCT FROM (data ->> 'node')
            ) THEN
                PERFORM public.refuse('already_asked');
            END IF;
        WHEN 'SupervisionSignedOff' THEN
            IF who.body IS NULL OR who.body <> ALL (public.supervisors_left(stream)) THEN
                PERFORM public.refuse('no_supervision');
            ELSIF public.stands_still(stream) THEN
                PERFORM public.refuse('paused');
            ELSIF public.knows_rectify(stream) AND NOT public.is_rectified(stream) THEN
                -- Nobody is content with work that has not been reported done.
                PERFORM public.refuse('not_yet', 'rectify');
            ELSIF coalesce(data ->> 'text', '') !~ '[^[:space:]]' THEN
                PERFORM public.refuse('no_text');
            END IF;
        WHEN 'RequestDeclined' THEN
            IF NOT EXISTS (
                SELECT FROM public.matter AS m
                WHERE m.ticket = ticket AND m.kind = 'request' AND m.ended_at IS NULL
                    AND m.from_body = data ->> 'body'
            ) THEN
                PERFORM public.refuse('no_open_request');
            END IF;
        ELSE
            NULL;
    END CASE;
END
$$;
