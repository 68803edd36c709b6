"""What the demo city's stations measured before anybody looked: the readings of a new store.

Hour values of some days, five-minute values of the last hours, day values of a month; of air those of more
than a year, so that this year's index can be held against last year's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np

from data_access import air_index
from data_access.device_items import Standing, weigh_devices, weigh_silence
from data_access.emulating import put_episodes
from data_access.readings import load_samples
from data_access.rules import Rules
from data_access.stations import Refusal, Seen, note_refused, note_seen, put_limits, put_stations
from data_access.store import Connection
from desktop.city_stations import load_limits, load_stations
from desktop.demo.incidents import Incidents, Mishap, written
from desktop.demo.signals import BEIJING_SECONDS, DAY_SECONDS, Signals, Values
from domain.stations import DataFlag, Episode, Sample, Span, Station, StationKind

SEED = 6
EDITION, ADDRESS = 2017, "127.0.0.1"
REFUSED = (("010000A8900016F0EEEEEEEE", "unknown", 38, 12), ("010000A8900016F032300011", "password", 95, 3))
"""Devices that were not let in: the identity, why, so many minutes ago, and how many frames."""
HOURS = 4 * 24
AIR_HOURS = 14 * 24
DAYS = 30
AIR_DAYS = 400
MINUTE_STEP = 300
MINUTE_HOURS, EXCEEDING_HOURS = 3, 24
"""For so many hours minute values are kept, and of stations that exceed at the moment."""
BEATS = 8
"""So many real-time values are kept of each factor."""
AROUND = timedelta(hours=2)
"""So much before and after a mishap is kept by the minute."""
LENGTH = {Span.REAL_TIME: 0.0, Span.MINUTE: float(MINUTE_STEP), Span.HOUR: 3600.0, Span.DAY: DAY_SECONDS}
"""Seconds of a value's period."""
POINTS = {Span.REAL_TIME: 1, Span.MINUTE: 3, Span.HOUR: 12, Span.DAY: 24}
"""Of so many moments is a period's value the mean."""
OZONE_DAY = (Span.DAY, "a05024")
"""A day's value of ozone is its greatest mean of eight hours (HJ 633-2012, 4.2)."""
MOST = 0.5
"""What lasts for this share of a period makes the whole of it invalid."""


def put_measured(
    connection: Connection, rules: Rules, anchor: datetime, episodes: Sequence[Episode] = ()
) -> None:
    """Register the city's stations with their limits, and write what they measured up to a moment.

    What they measured then is not weighed anew: `episodes` are what came of it, by the stations' places in
    the city's file. The air's indices and what is wrong with devices follow from it.
    """
    numbers = put_stations(connection, load_stations())
    put_limits(connection, load_limits())
    stations = [replace(station, number=numbers[station.key]) for station in load_stations()]
    signals = city_signals(anchor)
    load_samples(connection, history(stations, signals, anchor))
    note_seen(connection, [_seen(station, signals, anchor) for station in stations])
    note_refused(connection, _refused(anchor))
    by_place = {station.number: numbers[station.key] for station in load_stations()}
    put_episodes(connection, [replace(one, station=by_place[one.station]) for one in episodes])
    sensors = rules.policies.in_force("standard", anchor).sensors
    faulty = [
        Standing(station.number, measure.factor, Span.REAL_TIME)
        for station in stations
        for measure in station.measures
        if any(
            i.marks(measure.factor) and i.mishap is not Mishap.SILENT
            for i in signals.incidents.at(station, anchor)
        )
    ]
    weigh_devices(connection, sensors, faulty, anchor)
    weigh_silence(connection, sensors, rules.calendar.zone, anchor, anchor - timedelta(days=DAYS))
    air_index.index_since(connection, rules, anchor - timedelta(days=AIR_DAYS), anchor)


def city_signals(anchor: datetime, seed: int = SEED, since: datetime | None = None) -> Signals:
    """Return the curves of the city created at a moment; by chance things go wrong from `since` on."""
    return Signals(load_limits(), Incidents(seed, max(anchor, since or anchor), written(anchor)), seed)


def _seen(station: Station, signals: Signals, anchor: datetime) -> Seen:
    """Return when a station spoke last: within its beat, or before it fell silent."""
    silent = [i.begin for i in signals.incidents.at(station, anchor) if i.mishap is Mishap.SILENT]
    at = min([last_beat(station, anchor), *silent])
    return Seen(station.number, at, at, EDITION, ADDRESS)


def _refused(anchor: datetime) -> list[Refusal]:
    return [
        Refusal(mn, reason, anchor - timedelta(minutes=ago), ADDRESS, frames)
        for mn, reason, ago, frames in REFUSED
    ]


def history(stations: Sequence[Station], signals: Signals, anchor: datetime) -> Iterator[Sample]:
    """Yield all values up to a moment; `station` of each is the number that the given station has."""
    for station in stations:
        air = station.kind is StationKind.AIR
        for span, count in ((Span.DAY, AIR_DAYS if air else DAYS), (Span.HOUR, AIR_HOURS if air else HOURS)):
            first = last_period(span, anchor) - (count - 1) * timedelta(seconds=LENGTH[span])
            yield from samples(station, signals, span, first, count)
        first = last_beat(station, anchor) - (BEATS - 1) * timedelta(seconds=station.every_seconds)
        yield from samples(station, signals, Span.REAL_TIME, first, BEATS)
        for first, count in _kept_minutes(station, signals, anchor):
            yield from samples(station, signals, Span.MINUTE, first, count)


def _kept_minutes(station: Station, signals: Signals, anchor: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield the begin and number of minute periods that are kept: the last ones, and those about a mishap."""
    step, newest = timedelta(seconds=MINUTE_STEP), last_period(Span.MINUTE, anchor)
    goes_on = any(i.mishap is Mishap.EXCEEDS for i in signals.incidents.at(station, anchor))
    hours = EXCEEDING_HOURS if goes_on else MINUTE_HOURS
    spans = [(newest - timedelta(hours=hours) + step, newest)]
    for incident in signals.incidents.written.get(station.key, ()):
        if incident.mishap is Mishap.EXCEEDS:
            end = min(newest, last_period(Span.MINUTE, incident.end + AROUND))
            spans.append((last_period(Span.MINUTE, incident.begin - AROUND), end))
    until = None
    for first, last in sorted(spans):
        begin = first if until is None else max(first, until + step)
        if begin <= last:
            yield begin, int((last - begin) / step) + 1
            until = last


def last_period(span: Span, moment: datetime) -> datetime:
    """Return the begin of the last period that is over at a moment; days are Beijing's."""
    length = LENGTH[span]
    over = (moment.timestamp() + BEIJING_SECONDS) // length * length
    return datetime.fromtimestamp(over - length - BEIJING_SECONDS, UTC)


def last_beat(station: Station, moment: datetime) -> datetime:
    """Return when a station spoke last: each has its own second, so that they do not all speak at once."""
    every = station.every_seconds
    phase = crc32(station.mn.encode()) % every
    return datetime.fromtimestamp(int(moment.timestamp() - phase) // every * every + phase, UTC)


def samples(
    station: Station, signals: Signals, span: Span, first: datetime, count: int = 1
) -> Iterator[Sample]:
    """Yield the values of a station's factors for periods one after the other, the first begins at `first`.

    A period in which the station was silent for most of the time has none; one in which it measured badly has
    the flag of that. Real-time values are of the moment `first` and the beats after it.
    """
    length, points = LENGTH[span], POINTS[span]
    begins = first.timestamp() + (length or float(station.every_seconds)) * np.arange(count)
    moments = begins[:, None] + length * (np.arange(points) + 0.5)[None, :] / points
    starts = [datetime.fromtimestamp(begin, UTC) for begin in begins.tolist()]
    for measure in station.measures:
        flags = _flags(station, measure.factor, signals, begins, length)
        values = signals.values(station, measure.factor, moments)
        mean = values.mean(axis=1) if (span, measure.factor) != OZONE_DAY else _greatest_eight_hours(values)
        means = np.round(mean, signals.digits(station, measure.factor)).tolist()
        if span is Span.REAL_TIME:
            lows = highs = [None] * count
        else:
            lows, highs = values.min(axis=1).tolist(), values.max(axis=1).tolist()
        for at, value, flag, low, high in zip(starts, means, flags, lows, highs, strict=True):
            if flag is not None:
                yield Sample(station.number, measure.factor, span, at, value, flag, low, high)


def _greatest_eight_hours(values: Values) -> Values:
    """Return the greatest mean of eight hours of each day, of `POINTS` values a day."""
    sums = np.cumsum(values, axis=1)
    eight = sums[:, 7:].copy()
    eight[:, 1:] -= sums[:, :-8]
    return eight.max(axis=1) / 8


def _flags(
    station: Station, factor: str, signals: Signals, begins: Values, length: float
) -> list[DataFlag | None]:
    """Return the flag of a factor's value in each period, None where the station said nothing."""
    flags: list[DataFlag | None] = [DataFlag.NORMAL] * len(begins)
    first = datetime.fromtimestamp(begins[0], UTC)
    last = datetime.fromtimestamp(begins[-1] + length, UTC)
    for incident in signals.incidents.between(station, first, last):
        if not incident.marks(factor):
            continue
        begin, end = incident.begin.timestamp(), incident.end.timestamp()
        inside = np.minimum(begins + length, end) - np.maximum(begins, begin)
        hit = inside >= MOST * length if length else (begins >= begin) & (begins < end)
        for place in np.flatnonzero(hit):
            flags[place] = None if incident.mishap is Mishap.SILENT else incident.flag
    return flags
