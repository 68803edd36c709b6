"""Who has the cleanest air, how that came, and how the year stands beside the one before (T01, X04)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from data_access import schema
from data_access.air_index import IndexThen, indices_then
from data_access.rules import Rules
from data_access.stations import read_stations
from domain.aqi.editions import Edition, Pollutant, edition_on
from domain.aqi.places import CITY, VALID_SHARE, Place, PlaceKind, members, station_place
from domain.aqi.standing import (
    AirQuery,
    AirRanking,
    AirView,
    PlaceIndex,
    YearOnYear,
    a_year_before,
    with_history,
    year_on_year,
)
from domain.stations import Span, Station, StationKind

_HISTORIES = {
    Span.HOUR: (timedelta(hours=1), 12, timedelta(hours=6)),
    Span.DAY: (timedelta(days=1), 14, timedelta(days=4)),
}
"""How far moments lie apart, how many earlier ones are shown, and from which age on the newest is no news."""

LATE = timedelta(hours=1)
"""So long after its end a moment is shown though places lack it; until then one that most places have."""

RECENT = 30
"""Days that are compared with the year before where not the whole year so far can be."""

_CITY = Place(CITY)


def air_ranking(
    connection: Connection, rules: Rules, query: AirQuery, now: datetime, *, past: bool = False
) -> AirRanking:
    """Return the places of a kind by their newest index at `now`, with the ranks that led there.

    Every place of the kind that has an air station then is listed, also while it has no index. `past`: a
    minute that is over, of which no value is taken that came in later.
    """
    zone = rules.calendar.zone
    step, count, oldest = _HISTORIES[query.span]
    edition = edition_on((now - step).astimezone(zone).date())
    today = now.astimezone(zone).date()
    stations = [
        station
        for station in read_stations(connection)
        if station.kind is StationKind.AIR and station.serves(today)
    ]
    places = {place.key: place for place in members(stations)}
    index = schema.air_index.c
    of_kind = [key for key, place in places.items() if place.kind is query.kind]
    late: Mapping[datetime, Sequence[IndexThen]] = {}
    if past:
        late = indices_then(connection, rules, query.span, now - oldest - step * (count + 1), now)
    in_table = connection.execute(
        select(index.at, func.count().filter(index.place.in_(of_kind)).label("places"))
        .where(
            index.place.in_(places),
            index.span == query.span,
            index.edition == edition,
            index.at <= now - step,
            index.at > now - oldest,
        )
        .group_by(index.at)
    )
    there = {row.at: row.places for row in in_table if row.at not in late}
    there |= {
        at: sum(row.place in of_kind for row in rows)
        for at, rows in late.items()
        if rows and now - oldest < at <= now - step
    }
    reported = sorted(there.items(), reverse=True)
    if not reported:
        return AirRanking(query.kind, query.span, None, edition)
    enough = VALID_SHARE * len(of_kind)
    newest = next(
        (at for at, places in reported if places >= enough or at + step + LATE <= now), reported[0][0]
    )
    moments = [newest - step * back for back in range(count, -1, -1)]
    found = connection.execute(
        select(index.place, index.at, index.aqi, index.primary_pollutants, index["values"]).where(
            index.place.in_(places),
            index.span == query.span,
            index.edition.in_(list(Edition)),
            index.at.in_(moments),
        )
    )
    names = _names(connection, stations)
    rows = {
        place: PlaceIndex(place, names.get(key) or key.split("/")[-1], None) for key, place in places.items()
    }
    known: dict[datetime, dict[Place, int | None]] = defaultdict(dict)
    shown: list[Any] = [row for row in found if row.at not in late]
    shown += [row for moment in moments for row in late.get(moment, ()) if row.place in places]
    for row in shown:
        place = places[row.place]
        known[row.at][place] = row.aqi
        if row.at == newest:
            primary = tuple(Pollutant(name) for name in row.primary_pollutants)
            rows[place] = replace(rows[place], aqi=row.aqi, primary=primary, values=_values(row.values))
    ranked = with_history(
        [row for place, row in rows.items() if place.kind is query.kind],
        [_of_kind(known[moment], query.kind) for moment in moments[:-1]],
    )
    return AirRanking(query.kind, query.span, newest, edition, ranked, tuple(moments), rows.get(_CITY))


def air_view(
    connection: Connection, rules: Rules, query: AirQuery, now: datetime, *, past: bool = False
) -> AirView:
    """Return all that the index part of the environment page shows."""
    ranking = air_ranking(connection, rules, query, now, past=past)
    return AirView(query, ranking, city_year(connection, rules, now))


def city_year(connection: Connection, rules: Rules, now: datetime, place: Place = _CITY) -> YearOnYear | None:
    """Return this year's days so far beside those of the year before; None without any day.

    Where one of the years has too few of them, the last RECENT days are compared instead, and where that
    cannot be done either this year's days stand alone. Both are judged from their concentrations by the
    edition in force today, whichever judged them then.
    """
    until = now.astimezone(rules.calendar.zone).date() - timedelta(days=1)
    begun = date(until.year, 1, 1)
    edition = edition_on(until)
    recent = max(begun, until - timedelta(days=RECENT - 1))
    first: YearOnYear | None = None
    for since in (begun, recent):
        this = _days(connection, rules, place, since, until)
        before = _days(connection, rules, place, a_year_before(since), a_year_before(until))
        found = year_on_year(place, edition, since, until, this, before)
        if found.before is not None:
            return found
        first = first or (found if this else None)
    return first


def _days(
    connection: Connection, rules: Rules, place: Place, since: date, until: date
) -> dict[date, Mapping[Pollutant, float]]:
    zone = rules.calendar.zone
    index = schema.air_index.c
    found = connection.execute(
        select(index.at, index["values"]).where(
            index.place == place.key,
            index.span == Span.DAY,
            index.edition.in_(list(Edition)),
            index.at >= datetime.combine(since, time(), zone),
            index.at < datetime.combine(until + timedelta(days=1), time(), zone),
        )
    )
    return {row.at.astimezone(zone).date(): dict(_values(row.values)) for row in found}


def _values(kept: Mapping[str, float]) -> tuple[tuple[Pollutant, float], ...]:
    return tuple((pollutant, kept[pollutant]) for pollutant in Pollutant if pollutant in kept)


def _of_kind(indices: Mapping[Place, int | None], kind: PlaceKind) -> dict[Place, int | None]:
    return {place: aqi for place, aqi in indices.items() if place.kind is kind}


def _names(connection: Connection, stations: Sequence[Station]) -> dict[str, str]:
    """Return names for the screen by the keys of places; a township's is the end of its key."""
    area, city = schema.area.c, schema.city.c
    named = {
        f"{PlaceKind.AREA}/{row.code}": row.name for row in connection.execute(select(area.code, area.name))
    }
    named |= {station_place(station).key: station.name for station in stations}
    return named | {CITY: connection.execute(select(city.name)).scalar() or ""}
