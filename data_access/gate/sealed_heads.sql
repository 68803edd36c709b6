-- The heads that a day was sealed with: whoever exports a dossier proves by them that nothing is missing.

CREATE OR REPLACE FUNCTION heads_of_day(of_day date) RETURNS SETOF sealed_head
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    -- They name the streams of all tickets, and of people: for who sees these anyway, and for no wall.
    SELECT h.* FROM public.sealed_head AS h
    WHERE h.day = of_day AND public.sees_all() AND NOT public.is_wall()
$$;
