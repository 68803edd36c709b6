-- The duty log: lines of this month, each whole (domain/duty_log.py says it to the windows).

CREATE OR REPLACE FUNCTION check_duty_note(month text, data json) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    kind text := data ->> 'note';
BEGIN
    -- The city's month: within a day of the server's clock, whatever the zones of both are.
    IF month NOT IN (
        to_char(transaction_timestamp() - interval '1 day', 'YYYY-MM'),
        to_char(transaction_timestamp() + interval '1 day', 'YYYY-MM')
    ) THEN
        PERFORM public.refuse('bad_data', left(month, 80));
    ELSIF kind IN ('entry', 'hand_over', 'devices') AND coalesce(data ->> 'text', '') !~ '[^[:space:]]' THEN
        PERFORM public.refuse('no_text');
    ELSIF kind IN ('roster', 'hand_over') AND coalesce(json_array_length(data -> 'names'), 0) = 0 THEN
        PERFORM public.refuse('no_names');
    ELSIF kind = 'devices' AND coalesce(json_array_length(data -> 'items'), 0) = 0 THEN
        PERFORM public.refuse('no_devices');
    ELSIF kind = 'roster' AND (
        coalesce(data ->> 'day', '') !~ '^2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
        OR data ->> 'shift' IS NULL
    ) THEN
        PERFORM public.refuse('bad_day', left(coalesce(data ->> 'day', ''), 40));
    END IF;
END
$$;
