-- Readings are kept by month. Only the owner may make a table: the engine asks for a month by these functions.

CREATE OR REPLACE FUNCTION make_reading_month(of timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    first timestamptz := date_trunc('month', of);
    name text := to_char(first, '"reading_"YYYY_MM');
BEGIN
    IF of IS NULL OR of NOT BETWEEN '1990-01-01' AND '2199-12-31' THEN
        RAISE EXCEPTION 'no month of readings: %', of USING ERRCODE = 'datetime_field_overflow';
    END IF;
    -- One at a time: who waits here finds it made.
    PERFORM pg_advisory_xact_lock(71230012);
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Attached, not made as a partition: that would keep all readers and writers of all months waiting.
    EXECUTE format('CREATE TABLE public.%I (LIKE public.reading INCLUDING ALL)', name);
    EXECUTE format(
        'ALTER TABLE public.reading ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        name, first, first + interval '1 month'
    );
END
$$;
