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

CREATE OR REPLACE FUNCTION roll_up_readings(of timestamptz, finest_kept integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    first timestamptz := date_trunc('month', of);
    name text := to_char(first, '"reading_"YYYY_MM');
    young text := 'young_' || name;
    gone bigint;
    fine boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(71230012);
    IF to_regclass('public.' || name) IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format('LOCK TABLE public.%I IN SHARE MODE', name);
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM public.%I WHERE $1 IS NULL OR span < $1)', name
    ) INTO fine USING finest_kept;
    IF NOT fine THEN
        RETURN 0;
    END IF;
    EXECUTE format('SELECT count(*) FROM public.%I WHERE $1 IS NULL OR span < $1', name) INTO gone USING finest_kept;
    IF finest_kept IS NOT NULL THEN
        -- What stays is written anew, and the old table dropped as a whole: that leaves no holes behind.
        EXECUTE format('CREATE TABLE public.%I (LIKE public.reading INCLUDING ALL)', young);
        EXECUTE format('INSERT INTO public.%I SELECT * FROM public.%I WHERE span >= $1', young, name) USING finest_kept;
        EXECUTE format(
            $roll$
            INSERT INTO public.%I (station, factor, span, at, value, flag, low, high, total, received_at)
            SELECT
                station, factor, 2, hour,
                CASE
                    WHEN count(value) FILTER (WHERE counts) = 0 THEN NULL
                    WHEN factor IN ('LA', 'Leq')
                        THEN 10 * log((avg(power(10, value / 10)) FILTER (WHERE counts))::numeric)::float8
                    WHEN factor = 'a01008' THEN mod(
                        (atan2d(
                            avg(sind(value)) FILTER (WHERE counts), avg(cosd(value)) FILTER (WHERE counts)
                        ) + 360)::numeric, 360)::float8
                    ELSE avg(value) FILTER (WHERE counts)
                END,
                CASE WHEN bool_or(enough) THEN 'N' ELSE mode() WITHIN GROUP (ORDER BY flag) FILTER (WHERE flag <> 'N') END,
                min(coalesce(low, value)) FILTER (WHERE counts),
                max(coalesce(high, value)) FILTER (WHERE counts),
                sum(total) FILTER (WHERE counts),
                max(received_at)
            FROM (
                SELECT *, enough AND flag = 'N' OR NOT enough AS counts
                FROM (
                    SELECT *,
                        avg((flag = 'N' AND value IS NOT NULL)::int) OVER (PARTITION BY station, factor, hour) >= 0.75
                            AS enough
                    FROM (
                        -- Of minutes, where there are any in the hour: real-time values come between them.
                        SELECT r.*, date_trunc('hour', r.at) AS hour,
                            max(r.span) OVER (PARTITION BY r.station, r.factor, date_trunc('hour', r.at)) AS finest
                        FROM public.%I AS r WHERE r.span < 2
                    ) AS fine WHERE span = finest
                ) AS weighed
            ) AS judged
            GROUP BY station, factor, hour
            ON CONFLICT DO NOTHING
            $roll$, young, name
        );
    END IF;
    -- Readers come and go: wait for a moment without one, but let none wait behind this for long.
    FOR attempt IN 1..8 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '500ms', true);
            LOCK TABLE public.reading IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 8 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
    EXECUTE format('ALTER TABLE public.reading DETACH PARTITION public.%I', name);
    EXECUTE format('DROP TABLE public.%I', name);
    IF finest_kept IS NOT NULL THEN
        EXECUTE format('ALTER TABLE public.%I RENAME TO %I', young, name);
        EXECUTE format('ALTER INDEX public.%I RENAME TO %I', young || '_pkey', name || '_pkey');
        EXECUTE format(
            'ALTER TABLE public.reading ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            name, first, first + interval '1 month'
        );
    END IF;
    RETURN gone;
END
$$;
