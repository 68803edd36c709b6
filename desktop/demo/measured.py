"""What the demo city's stations measured before anybody looked: the readings of a new store.

Hour values of some days, five-minute values of the last hours, day values of a month; of air a year and more,
so that this year's index can be held against last year's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from data_access import air_index
from data_access.readings import load_samples
from data_access.rules import Rules
from data_access.stations import Seen, note_seen, put_limits, put_stations
from desktop.city_stations import load_limits, load_stations
from desktop.demo.incidents import Incidents, Mishap
from desktop.demo.signals import BEIJING_SECONDS, DAY_SECONDS, Signals, Values
from domain.stations import DataFlag, Sample, Span, Station, StationKind

SEED = 6
EDITION, ADDRESS = 2017, "127.0.0.1"
HOURS = 5 * 24
AIR_HOURS = 14 * 24
YEAR = timedelta(days=364)
"""A year before, on the same day of the week."""
DAYS = 30
MINUTE_STEP = 300
MINUTE_HOURS = 3
LENGTH = {Span.REAL_TIME: 0.0, Span.MINUTE: float(MINUTE_STEP), Span.HOUR: 3600.0, Span.DAY: DAY_SECONDS}
"""Seconds of a value's period."""
POINTS = {Span.REAL_TIME: 1, Span.MINUTE: 3, Span.HOUR: 12, Span.DAY: 24}
"""Of so many moments is a period's value the mean."""
MOST = 0.5
"""What lasts for this share of a period makes the whole of it invalid."""


def put_measured(connection: Connection, rules: Rules, anchor: datetime) -> None:
    """Register the city's stations with their limits, and write what they measured up to a moment.

    What they measured then is not weighed anew; the air's indices follow from it.
    """
    numbers = put_stations(connection, load_stations())
    put_limits(connection, load_limits())
    stations = [replace(station, number=numbers[station.key]) for station in load_stations()]
    signals = city_signals(anchor)
    load_samples(connection, history(stations, signals, anchor))
    seen = [_seen(station, signals, anchor) for station in stations]
    note_seen(connection, seen)
    span = timedelta(hours=AIR_HOURS)
    air_index.index_since(connection, rules, anchor - YEAR - span, anchor - YEAR + timedelta(days=1))
    air_index.index_since(connection, rules, anchor - span, anchor)


def city_signals(anchor: datetime, seed: int = SEED) -> Signals:
    """Return the curves of the city that was created at a moment: chance goes wrong from then on."""
    return Signals(load_limits(), Incidents(seed, anchor, {}), seed)


def _seen(station: Station, signals: Signals, anchor: datetime) -> Seen:
    """Return when a station spoke last: within its beat, or before it fell silent."""
    silent = [i.begin for i in signals.incidents.at(station, anchor) if i.mishap is Mishap.SILENT]
    beat = timedelta(seconds=station.every_seconds)
    at = min([anchor - beat * ((station.number * 7 % 11) / 12), *silent])
    return Seen(station.number, at, at.replace(second=0, microsecond=0), EDITION, ADDRESS)


def history(stations: Sequence[Station], signals: Signals, anchor: datetime) -> Iterator[Sample]:
    """Yield all values up to a moment; `station` of each is the number that the given station has."""
    for station in stations:
        hours = HOURS
        if station.kind is StationKind.AIR:
            hours = AIR_HOURS
            first = last_period(Span.HOUR, anchor - YEAR) - timedelta(hours=hours - 1)
            yield from samples(station, signals, Span.HOUR, first, hours)
        for span, count in (
            (Span.DAY, DAYS),
            (Span.HOUR, hours),
            (Span.MINUTE, MINUTE_HOURS * 3600 // MINUTE_STEP),
        ):
            first = last_period(span, anchor) - (count - 1) * timedelta(seconds=LENGTH[span])
            yield from samples(station, signals, span, first, count)


def last_period(span: Span, moment: datetime) -> datetime:
    """Return the begin of the last period that is over at a moment; days are Beijing's."""
    length = LENGTH[span]
    over = (moment.timestamp() + BEIJING_SECONDS) // length * length
    return datetime.fromtimestamp(over - length - BEIJING_SECONDS, UTC)


def samples(
    station: Station, signals: Signals, span: Span, first: datetime, count: int = 1
) -> Iterator[Sample]:
    """Yield the values of a station's factors for periods one after the other, the first begins at `first`.

    A period in which the station was silent for most of the time has none; one in which it measured badly has
    the flag of that. Real-time values are of the moment `first`.
    """
    length, points = LENGTH[span], POINTS[span]
    begins = first.timestamp() + length * np.arange(count)
    moments = begins[:, None] + length * (np.arange(points) + 0.5)[None, :] / points
    flags = _flags(station, signals, begins, length)
    starts = [datetime.fromtimestamp(begin, UTC) for begin in begins.tolist()]
    for measure in station.measures:
        values = signals.values(station, measure.factor, moments)
        means = np.round(values.mean(axis=1), signals.digits(station, measure.factor)).tolist()
        if span is Span.REAL_TIME:
            lows = highs = [None] * count
        else:
            lows, highs = values.min(axis=1).tolist(), values.max(axis=1).tolist()
        for at, mean, flag, low, high in zip(starts, means, flags, lows, highs, strict=True):
            if flag is not None:
                yield Sample(station.number, measure.factor, span, at, mean, flag, low, high)


def _flags(station: Station, signals: Signals, begins: Values, length: float) -> list[DataFlag | None]:
    """Return each period's flag, None where the station said nothing."""
    flags: list[DataFlag | None] = [DataFlag.NORMAL] * len(begins)
    first = datetime.fromtimestamp(begins[0], UTC)
    last = datetime.fromtimestamp(begins[-1] + length, UTC)
    for incident in signals.incidents.between(station, first, last):
        if incident.mishap is Mishap.EXCEEDS:
            continue
        begin, end = incident.begin.timestamp(), incident.end.timestamp()
        inside = np.minimum(begins + length, end) - np.maximum(begins, begin)
        hit = inside >= MOST * length if length else (begins >= begin) & (begins < end)
        for place in np.flatnonzero(hit):
            flags[place] = None if incident.mishap is Mishap.SILENT else incident.flag
    return flags
