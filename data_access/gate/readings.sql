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

-- Which values came into a month while it was being written anew: they are taken in before that is in its place.
CREATE OR REPLACE FUNCTION note_late_reading() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO public.%I (station, factor, span, at) VALUES ($1, $2, $3, $4)', 'late_' || TG_TABLE_NAME
    ) USING NEW.station, NEW.factor, NEW.span, NEW.at;
    RETURN NULL;
END
$$;

-- How many went; -1: late values are noted from now on, and the month is written anew by the next call, which must
-- be another transaction. Nobody waits for longer than it takes to put what was written into its place.
CREATE OR REPLACE FUNCTION roll_up_readings(of timestamptz, finest_kept integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    first timestamptz := date_trunc('month', of);
    name text := to_char(first, '"reading_"YYYY_MM');
    young text := 'young_' || name;
    late text := 'late_' || name;
    most_few constant integer := 20000;
    most_late constant integer := 1000;
    gone bigint;
    few boolean;
    others bigint;
    came bigint;
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
    -- Into which table hours are made, and of which readings r.
    roll constant text := $roll$
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
        $roll$;
BEGIN
    PERFORM pg_advisory_xact_lock(71230013);
    IF to_regclass('public.' || name) IS NULL THEN
        RETURN 0;
    END IF;
    IF finest_kept IS NULL THEN
        EXECUTE format('SELECT count(*) FROM public.%I', name) INTO gone;
        IF gone = 0 THEN
            RETURN 0;
        END IF;
    ELSE
        -- Asked of each old month each hour: the month is not read as a whole, and nobody waits.
        EXECUTE places || 'SELECT sum(found), max(found) < 1000 FROM place, LATERAL ('
            || 'SELECT count(*) AS found FROM (SELECT ' || fine || ' LIMIT 1000) AS counting) AS counted'
            INTO gone, few USING finest_kept;
        IF coalesce(gone, 0) = 0 THEN
            RETURN 0;
        END IF;
        few := few AND gone <= most_few;
        IF few THEN
            EXECUTE format('SELECT count(*) FROM (SELECT FROM public.%I LIMIT $1) AS counting', name)
                INTO others USING 50 * gone;
            few := others = 50 * gone;
        END IF;
        IF few THEN
            -- They came late: they are taken out one by one, and the month stays where it is.
            EXECUTE format('LOCK TABLE public.%I IN SHARE ROW EXCLUSIVE MODE', name);
            EXECUTE format(roll, name, format($late$
                (%s SELECT DISTINCT place.*, late.hour
                    FROM place, LATERAL (SELECT date_trunc('hour', r.at) AS hour %s) AS late) AS late
                JOIN public.%I AS r ON r.station = late.station AND r.factor = late.factor
                    AND r.at >= late.hour AND r.at < late.hour + interval '1 hour'
                $late$, places, fine, name)) USING finest_kept;
            EXECUTE places || format(
                'DELETE FROM public.%I AS gone USING place WHERE gone.station = place.station'
                ' AND gone.factor = place.factor AND gone.span < $1', name
            ) USING finest_kept;
            GET DIAGNOSTICS gone = ROW_COUNT;
            RETURN gone;
        END IF;
        IF NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.' || name) AND tgname = 'note_late'
        ) THEN
            -- Once this is committed, whatever is written is seen by what follows, or noted.
            PERFORM set_config('lock_timeout', '500ms', true);
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS public.%I (station integer NOT NULL, factor text NOT NULL,'
                ' span smallint NOT NULL, at timestamptz NOT NULL, taken boolean NOT NULL DEFAULT false)', late
            );
            EXECUTE format('TRUNCATE public.%I', late);
            EXECUTE format(
                'CREATE TRIGGER note_late AFTER INSERT OR UPDATE ON public.%I'
                ' FOR EACH ROW EXECUTE FUNCTION note_late_reading()', name
            );
            RETURN -1;
        END IF;
        EXECUTE format('SELECT count(*) FROM public.%I WHERE span < $1', name) INTO gone USING finest_kept;
        -- What stays is written anew, and the old table dropped as a whole: that leaves no holes behind.
        EXECUTE format('CREATE TABLE public.%I (LIKE public.reading INCLUDING ALL)', young);
        -- By it the table is believed, unread, to be the month's when it is attached.
        EXECUTE format(
            'ALTER TABLE public.%I ADD CONSTRAINT of_month CHECK (at >= %L AND at < %L)',
            young, first, first + interval '1 month'
        );
        EXECUTE format('INSERT INTO public.%I SELECT * FROM public.%I WHERE span >= $1', young, name) USING finest_kept;
        EXECUTE format(roll, young, format('public.%I AS r', name));
    END IF;
    -- Twice: what came in until now is taken in while nobody waits, and the few that come meanwhile while all do.
    FOR pass IN 1..2 LOOP
        IF pass = 2 THEN
            -- Readers come and go: wait for a moment without one, but let none wait behind this for long.
            FOR attempt IN 1..8 LOOP
                BEGIN
                    PERFORM set_config('lock_timeout', '500ms', true);
                    PERFORM pg_advisory_xact_lock(71230012);
                    LOCK TABLE public.reading IN ACCESS EXCLUSIVE MODE;
                    EXIT;
                EXCEPTION WHEN lock_not_available THEN
                    IF attempt = 8 THEN
                        RAISE;
                    END IF;
                    PERFORM pg_sleep(0.5);
                END;
            END LOOP;
        END IF;
        CONTINUE WHEN finest_kept IS NULL;
        EXECUTE format('DELETE FROM public.%I WHERE taken', late);
        EXECUTE format('UPDATE public.%I SET taken = true', late);
        GET DIAGNOSTICS came = ROW_COUNT;
        CONTINUE WHEN came = 0;
        IF pass = 2 AND came > most_late THEN
            RAISE EXCEPTION 'too much comes late into %', name USING ERRCODE = 'lock_not_available';
        END IF;
        EXECUTE format($kept$
            INSERT INTO public.%1$I SELECT r.* FROM public.%2$I AS r
            WHERE r.span >= $1 AND EXISTS (
                SELECT FROM public.%3$I AS late WHERE late.taken AND late.station = r.station
                    AND late.factor = r.factor AND late.span = r.span AND late.at = r.at
            )
            ON CONFLICT (station, factor, span, at) DO UPDATE SET value = excluded.value, flag = excluded.flag,
                low = excluded.low, high = excluded.high, total = excluded.total, received_at = excluded.received_at
            $kept$, young, name, late) USING finest_kept;
        -- Hours that were made before the late values had come are made again; a device's own stand.
        EXECUTE format($made$
            DELETE FROM public.%1$I AS made USING public.%3$I AS late
            WHERE late.taken AND late.span < $1 AND made.station = late.station AND made.factor = late.factor
                AND made.span = 2 AND made.at = date_trunc('hour', late.at) AND NOT EXISTS (
                    SELECT FROM public.%2$I AS own WHERE own.station = made.station AND own.factor = made.factor
                        AND own.span = made.span AND own.at = made.at
                )
            $made$, young, name, late) USING finest_kept;
        EXECUTE format(roll, young, format($late$
            (SELECT DISTINCT late.station, late.factor, date_trunc('hour', late.at) AS hour
                FROM public.%I AS late WHERE late.taken AND late.span < $1) AS late
            JOIN public.%I AS r ON r.station = late.station AND r.factor = late.factor
                AND r.at >= late.hour AND r.at < late.hour + interval '1 hour'
            $late$, late, name)) USING finest_kept;
    END LOOP;
    EXECUTE format('ALTER TABLE public.reading DETACH PARTITION public.%I', name);
    EXECUTE format('DROP TABLE public.%I', name);
    EXECUTE format('DROP TABLE IF EXISTS public.%I', late);
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
