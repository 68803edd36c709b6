"""Hourly and daily air quality indices of stations, townships, counties and the city (T01, X04).

They follow from the hour and day values of the air stations that are flagged normal, by `domain.aqi`, under
the edition in force on that day. An hour's index stands as soon as its values are there; a day's once the
day is over.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ARRAY, TIMESTAMP, Connection, bindparam, select, text

from data_access import schema
from data_access.readings import ToWeigh
from data_access.rules import Rules
from data_access.stations import read_stations
from domain.aqi.averages import HOURS, DayValues, day_values
from domain.aqi.editions import Pollutant, edition_on
from domain.aqi.index import AirIndex, Concentrations, daily_index, real_time_index
from domain.aqi.places import FACTORS, Place, in_index_unit, mean_of, members
from domain.stations import DataFlag, Span, Station, StationKind

DAYS_AT_ONCE = 31
"""A long past is worked through in portions: the values of one are in memory."""
LEAST_OF_DAY = 12
"""With fewer hours than this a day follows from what the station sent as the day, if it did."""
OZONE_HOUR = "O3_1h"
"""Under this name a day's greatest hour of ozone stands among its values."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_Hours = dict[datetime, dict[Pollutant, float]]
_Row = dict[str, Any]


def index_touched(connection: Connection, rules: Rules, touched: Sequence[ToWeigh], now: datetime) -> int:
    """Bring the indices up to date with values that came in; return how many are new or changed.

    Only the hours are made that got a value, and their days, each with the day before it: what was lacking of
    that one may never come.
    """
    stations = _air_stations(connection)
    numbers = {station.number for station in stations}
    notes = [
        note
        for note in touched
        if note.station in numbers and note.span in (Span.HOUR, Span.DAY) and note.factor in FACTORS
    ]
    if not notes:
        return 0
    zone = rules.calendar.zone
    hours = {_whole_hour(at) for at in _moments(connection, notes)}
    days = {at.astimezone(zone).date() - timedelta(days=back) for at in hours for back in (0, 1)}
    changed = 0
    for first, last in _runs(days):
        made = _Indexing(connection, stations, zone, first, last)
        changed += _put(connection, [*made.of_hours(hours), *made.of_days(now)])
    return changed


def index_since(connection: Connection, rules: Rules, since: datetime, now: datetime) -> int:
    """Make the indices of all hours from `since` on and all days from the day before it; return as above."""
    stations = _air_stations(connection)
    if not stations:
        return 0
    zone = rules.calendar.zone
    begin = since.astimezone(zone).date() - timedelta(days=1)
    count = (now.astimezone(zone).date() - begin).days + 1
    days = [begin + timedelta(days=offset) for offset in range(count)]
    changed = 0
    for first, last in _runs(days):
        made = _Indexing(connection, stations, zone, first, last)
        hours = [at for at in made.hours if at >= _whole_hour(since)]
        changed += _put(connection, [*made.of_hours(hours), *made.of_days(now)])
    return changed


@dataclass(frozen=True, slots=True)
class IndexThen:
    """A row of the table as it would have been at a past moment."""

    place: str
    at: datetime
    aqi: int | None
    primary_pollutants: Sequence[str]
    values: Mapping[str, float]


def indices_then(
    connection: Connection, rules: Rules, span: Span, since: datetime, now: datetime
) -> Mapping[datetime, Sequence[IndexThen]]:
    """Return the indices since a moment of whose hours, or days, values came in after `now`, without those.

    By their moments; the table has all others as they were.
    """
    stations, reading = _air_stations(connection), schema.reading.c
    late = connection.execute(
        select(reading.at)
        .where(
            reading.station.in_([station.number for station in stations]),
            reading.factor.in_(FACTORS),
            reading.span.in_([Span.HOUR, Span.DAY]),
            reading.at >= since,
            reading.at <= now,
            reading.received_at > now,
        )
        .distinct()
    )
    zone = rules.calendar.zone
    hours = {_whole_hour(at) for at in late.scalars()}
    days = {at.astimezone(zone).date() for at in hours}
    begins = {datetime.combine(day, time(), zone).astimezone(UTC) for day in days}
    found: dict[datetime, list[IndexThen]] = {at: [] for at in (hours if span is Span.HOUR else begins)}
    for first, last in _runs(days):
        made = _Indexing(connection, stations, zone, first, last, until=now)
        for row in made.of_hours(hours) if span is Span.HOUR else made.of_days(now):
            at = datetime.fromisoformat(row["at"]).astimezone(UTC)
            if at in found:
                found[at].append(
                    IndexThen(row["place"], at, row["aqi"], row["primary_pollutants"], row["values"])
                )
    return found


def _air_stations(connection: Connection) -> list[Station]:
    return [station for station in read_stations(connection) if station.kind is StationKind.AIR]


def _moments(connection: Connection, notes: Sequence[ToWeigh]) -> set[datetime]:
    """Return the moments of the values that came in: a note only says from which one to which."""
    told: dict[str, Any] = {
        "stations": [note.station for note in notes],
        "factors": [note.factor for note in notes],
        "spans": [int(note.span) for note in notes],
        "moments": [note.since for note in notes],
        "ends": [note.until for note in notes],
    }
    told["earliest"] = min(note.since for note in notes)
    return set(connection.execute(_CAME_IN, told).scalars())


def _runs(days: Collection[date]) -> list[tuple[date, date]]:
    """Return days as first and last ones of those that follow each other, at most DAYS_AT_ONCE in one."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == _DAY and day - found[-1][0] < DAYS_AT_ONCE * _DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


class _Indexing:
    """The indices of some local days, first and last included, from values that are read once."""

    def __init__(
        self,
        connection: Connection,
        stations: Sequence[Station],
        zone: tzinfo,
        first: date,
        last: date,
        until: datetime | None = None,
    ) -> None:
        """With `until` only from what had come in by then."""
        self._zone, self._first, self._last = zone, first, last
        self._stations = {station.number: station for station in stations}
        # Where one station stands for a county, township and station are the same figures.
        self._alike: defaultdict[tuple[int, ...], list[Place]] = defaultdict(list)
        for place, there in members(stations).items():
            self._alike[tuple(station.number for station in there)].append(place)
        self._hours: dict[int, _Hours] = {station.number: {} for station in stations}
        self._days: dict[int, _Hours] = {station.number: {} for station in stations}
        self._read(connection, stations, until)

    @property
    def hours(self) -> set[datetime]:
        """The hours of these days of which there is a value."""
        return {at for there in self._hours.values() for at in there}

    def of_hours(self, wanted: Collection[datetime]) -> list[_Row]:
        """Return the indices of those of the hours that lie in these days."""
        rows: list[_Row] = []
        for at in sorted(self.hours.intersection(wanted)):
            edition = edition_on(at.astimezone(self._zone).date())
            for numbers, places in self._serving(at.astimezone(self._zone).date()):
                values = _place_values([self._hours[number].get(at, {}) for number in numbers])
                if values:
                    index = real_time_index(values, edition)
                    rows += [_row(place, Span.HOUR, at, index, values) for place in places]
        return rows

    def of_days(self, now: datetime) -> list[_Row]:
        """Return the indices of the days that are over."""
        rows: list[_Row] = []
        for offset in range((self._last - self._first).days + 1):
            day = self._first + timedelta(days=offset)
            begin = datetime.combine(day, time(), self._zone)
            if begin + timedelta(days=1) > now:
                break
            edition = edition_on(day)
            known = {number: self._day_of(number, begin) for number in self._hours}
            for numbers, places in self._serving(day):
                values = _place_values([known[number].concentrations for number in numbers])
                ozone = _mean_ozone([known[number].ozone_hour_max for number in numbers])
                if values:
                    index = daily_index(values, edition, ozone_hour_max=ozone)
                    rows += [_row(place, Span.DAY, begin, index, values, ozone) for place in places]
        return rows

    def _serving(self, day: date) -> Iterator[tuple[list[int], Sequence[Place]]]:
        """Yield the places that have a station on a day, with those stations."""
        for numbers, places in self._alike.items():
            there = [number for number in numbers if self._stations[number].serves(day)]
            if there:
                yield there, places

    def _day_of(self, number: int, begin: datetime) -> DayValues:
        """Return a station's day from its hours, or from what it sent as the day where those are too few.

        Hours may be gone by now, because old ones are rolled up. A station's own day value of ozone is taken
        as the greatest mean of 8 hours (assumed).
        """
        moments = [begin.astimezone(UTC) + position * _HOUR for position in range(HOURS)]
        hours = [self._hours[number].get(at, {}) for at in moments]
        day = self._days[number].get(begin.astimezone(UTC))
        if day is None or sum(map(bool, hours)) >= LEAST_OF_DAY:
            return day_values(hours)
        return DayValues(day)

    def _read(self, connection: Connection, stations: Sequence[Station], until: datetime | None) -> None:
        units = {(s.number, measure.factor): measure.unit for s in stations for measure in s.measures}
        reading = schema.reading.c
        begin = datetime.combine(self._first, time(), self._zone)
        end = datetime.combine(self._last + timedelta(days=1), time(), self._zone)
        found = connection.execute(
            select(reading.station, reading.factor, reading.span, reading.at, reading.value).where(
                reading.station.in_([station.number for station in stations]),
                reading.factor.in_(FACTORS),
                reading.span.in_([Span.HOUR, Span.DAY]),
                reading.at >= begin,
                reading.at < end,
                reading.flag == DataFlag.NORMAL.value,
                reading.value >= 0,
                *([reading.received_at <= until] if until is not None else []),
            )
        )
        for number, factor, span, at, value in found:
            pollutant = FACTORS[factor]
            try:
                judged = in_index_unit(pollutant, value, units.get((number, factor), ""))
            except ValueError:
                continue  # a station that is registered in parts by volume has no index
            if span == Span.HOUR:
                self._hours[number].setdefault(_whole_hour(at), {})[pollutant] = judged
            else:
                day = datetime.combine(at.astimezone(self._zone).date(), time(), self._zone)
                self._days[number].setdefault(day.astimezone(UTC), {})[pollutant] = judged


def _place_values(stations: Sequence[Concentrations]) -> Mapping[Pollutant, float]:
    if len(stations) == 1:
        return {pollutant: value for pollutant, value in stations[0].items() if value is not None}
    return mean_of(stations)


def _mean_ozone(stations: Sequence[float | None]) -> float | None:
    there = [value for value in stations if value is not None]
    return sum(there) / len(there) if there else None


def _whole_hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _row(
    place: Place,
    span: Span,
    at: datetime,
    index: AirIndex,
    values: Mapping[Pollutant, float],
    ozone_hour_max: float | None = None,
) -> _Row:
    kept = {pollutant.value: round(value, 3) for pollutant, value in values.items()}
    if ozone_hour_max is not None:
        kept[OZONE_HOUR] = round(ozone_hour_max, 3)
    return {
        "place": place.key,
        "span": int(span),
        "edition": int(index.edition),
        "at": at.isoformat(),
        "aqi": index.aqi,
        "primary_pollutants": [pollutant.value for pollutant in index.primary],
        "values": kept,
    }


def _put(connection: Connection, rows: Sequence[_Row]) -> int:
    if not rows:
        return 0
    return connection.execute(_PUT, {"rows": json.dumps(rows)}).rowcount


_CAME_IN = text(
    """
    WITH asked AS (
        SELECT * FROM unnest(
            CAST(:stations AS integer[]), CAST(:factors AS text[]), CAST(:spans AS smallint[]),
            CAST(:moments AS timestamptz[]), CAST(:ends AS timestamptz[])
        ) AS asked (station, factor, span, since, until)
    ), first AS (
        -- Each note's first value came in with it. Programs do not store quite in the order of their clocks.
        SELECT coalesce(min(r.received_at) - interval '1 hour', '-infinity') AS received_at
        FROM asked CROSS JOIN LATERAL (
            SELECT one.received_at FROM reading AS one
            WHERE one.station = asked.station AND one.factor = asked.factor AND one.span = asked.span
                AND one.at = asked.since AND one.at >= :earliest
            LIMIT 1
        ) AS r
    )
    -- A range of the key for each note: OFFSET keeps the server from reading whole months for many of them.
    SELECT DISTINCT r.at
    FROM asked CROSS JOIN LATERAL (
        SELECT one.at, one.received_at FROM reading AS one
        WHERE one.station = asked.station AND one.factor = asked.factor AND one.span = asked.span
            AND one.at BETWEEN asked.since AND asked.until AND one.at >= :earliest
        OFFSET 0
    ) AS r
    WHERE r.received_at >= (SELECT received_at FROM first)
    """
).bindparams(
    bindparam("moments", type_=ARRAY(TIMESTAMP(timezone=True))),
    bindparam("ends", type_=ARRAY(TIMESTAMP(timezone=True))),
    bindparam("earliest", type_=TIMESTAMP(timezone=True)),
)
_PUT = text(
    """
    INSERT INTO air_index (place, span, edition, at, aqi, primary_pollutants, values)
    SELECT place, span, edition, at, aqi, primary_pollutants, given.values
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given(
        place text, span smallint, edition smallint, at timestamptz, aqi smallint,
        primary_pollutants text[], values jsonb)
    ON CONFLICT (place, span, edition, at) DO UPDATE SET
        aqi = excluded.aqi, primary_pollutants = excluded.primary_pollutants, values = excluded.values
    WHERE (air_index.aqi, air_index.primary_pollutants, air_index.values)
        IS DISTINCT FROM (excluded.aqi, excluded.primary_pollutants, excluded.values)
    """
)
