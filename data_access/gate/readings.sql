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
    few boolean := false;
    others bigint;
    -- Whose values there are, by one look into the key for each, however many values these are.
    places text := format($places$
        WITH RECURSIVE place AS (
            (SELECT station, factor FROM public.%1$I ORDER BY station, factor LIMIT 1)
            UNION ALL
            SELECT after.* FROM place, LATERAL (
                SELECT r.station, r.factor FROM public.%1$I AS r
                WHERE (r.station, r.factor) > (place.station, place.factor)
                ORDER BY r.station, r.factor LIMIT 1
            ) AS after
        )
        $places$, name);
    fine text := format(
        'FROM public.%I AS r WHERE r.station = place.station AND r.factor = place.factor AND r.span < $1', name
    );
BEGIN
    PERFORM pg_advisory_xact_lock(71230012);
    IF to_regclass('public.' || name) IS NULL THEN
        RETURN 0;
    END IF;
    IF finest_kept IS NOT NULL THEN
        -- Asked of each old month each hour: the month is not read as a whole, and nobody waits.
        EXECUTE places || 'SELECT sum(found), max(found) < 1000 FROM place, LATERAL ('
            || 'SELECT count(*) AS found FROM (SELECT ' || fine || ' LIMIT 1000) AS counting) AS counted'
            INTO gone, few USING finest_kept;
        IF coalesce(gone, 0) = 0 THEN
            RETURN 0;
        END IF;
        IF few THEN
            EXECUTE format('SELECT count(*) FROM (SELECT FROM public.%I LIMIT $1) AS counting', name)
                INTO others USING 50 * gone;
            few := others = 50 * gone;
        END IF;
    END IF;
    EXECUTE format('LOCK TABLE public.%I IN SHARE ROW EXCLUSIVE MODE', name);
    IF NOT few THEN
        EXECUTE format('SELECT count(*) FROM public.%I WHERE $1 IS NULL OR span < $1', name)
            INTO gone USING finest_kept;
        IF gone = 0 THEN
            RETURN 0;
        END IF;
    END IF;
    IF NOT few AND finest_kept IS NOT NULL THEN
        -- What stays is written anew, and the old table dropped as a whole: that leaves no holes behind.
        EXECUTE format('CREATE TABLE public.%I (LIKE public.reading INCLUDING ALL)', young);
        -- By it the table is believed, unread, to be the month's when it is attached.
        EXECUTE format(
            'ALTER TABLE public.%I ADD CONSTRAINT of_month CHECK (at >= %L AND at < %L)',
            young, first, first + interval '1 month'
        );
        EXECUTE format('INSERT INTO public.%I SELECT * FROM public.%I WHERE span >= $1', young, name) USING finest_kept;
    END IF;
    IF finest_kept IS NOT NULL THEN
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
                CASE
                    WHEN bool_or(enough) THEN 'N'
                    -- Of normal ones without a value no flag says why: the device does not do its work.
                    ELSE coalesce(mode() WITHIN GROUP (ORDER BY flag) FILTER (WHERE flag <> 'N'), 'D')
                END,
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
                        SELECT r.station, r.factor, r.span, r.flag, r.received_at,
                            date_trunc('hour', r.at) AS hour,
                            max(r.span) OVER (PARTITION BY r.station, r.factor, date_trunc('hour', r.at)) AS finest,
                            -- What nothing measures is no value: it says no level, and sums of it overflow.
                            CASE
                                WHEN r.factor IN ('LA', 'Leq') AND r.value NOT BETWEEN 0 AND 200 THEN NULL
                                WHEN abs(r.value) <= 1e15 THEN r.value
                            END AS value,
                            CASE WHEN abs(r.low) <= 1e15 THEN r.low END AS low,
                            CASE WHEN abs(r.high) <= 1e15 THEN r.high END AS high,
                            CASE WHEN abs(r.total) <= 1e15 THEN r.total END AS total
                        FROM %s WHERE r.span IN (0, 1)
                    ) AS fine WHERE span = finest
                ) AS weighed
            ) AS judged
            GROUP BY station, factor, hour
            ON CONFLICT DO NOTHING
            $roll$,
            CASE WHEN few THEN name ELSE young END,
            CASE
                -- Only the hours of those that go.
                WHEN few THEN format($late$
                    (%s SELECT DISTINCT place.*, late.hour
                        FROM place, LATERAL (SELECT date_trunc('hour', r.at) AS hour %s) AS late) AS late
                    JOIN public.%I AS r ON r.station = late.station AND r.factor = late.factor
                        AND r.at >= late.hour AND r.at < late.hour + interval '1 hour'
                    $late$, places, fine, name)
                ELSE format('public.%I AS r', name)
            END
        ) USING finest_kept;
    END IF;
    IF few THEN
        -- They came late: they are taken out one by one, and the month stays where it is.
        EXECUTE places || format(
            'DELETE FROM public.%I AS gone USING place WHERE gone.station = place.station'
            ' AND gone.factor = place.factor AND gone.span < $1', name
        ) USING finest_kept;
        GET DIAGNOSTICS gone = ROW_COUNT;
        RETURN gone;
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
        EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT of_month', name);
    END IF;
    RETURN gone;
END
$$;
