"""What devices need: silent ones, those that mark their values as invalid or above their range (X14).

And those whose values are means of another time than the limit that should judge them.

An item opens and ends by itself. Invalid data are no ground to judge an operator by, but somebody has to go
and look at the device.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import TIMESTAMP, Connection, bindparam, insert, or_, select, text, update

from data_access import schema
from data_access.episodes import AHEAD
from data_access.stations import read_limits, serving
from domain.device_trouble import Trouble, interval_trouble_of, is_silent, silence_of, trouble_of
from domain.exceedance import Value, fitting
from domain.sensor_rules import SensorRule
from domain.stations import DataFlag, DeviceItem, DeviceTrouble, Limit, Span

LOOKED_BACK = timedelta(days=3)
"""How far back values are looked at for what is wrong with a device."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A series whose last values say how its device stands."""

    station: int
    factor: str
    span: Span


def item_of(row: Any) -> DeviceItem:
    """Return a row of the table as a record."""
    return DeviceItem(
        row.number,
        row.station,
        DeviceTrouble(row.trouble),
        row.opened_at,
        row.factor,
        DataFlag(row.flag) if row.flag is not None else None,
        row.ended_at,
    )


def weigh_devices(connection: Connection, rule: SensorRule, series: Iterable[Standing], now: datetime) -> int:
    """Open and end items by the flags of the last values; return how many were opened or ended."""
    asked = list(series)
    if not asked:
        return 0
    last = _last_values(connection, rule, asked, now)
    stations = {one.station for one in asked}
    open_items = _open(connection, stations, DeviceTrouble.INVALID, DeviceTrouble.ABOVE_RANGE)
    moved = 0
    for one in asked:
        values = last[one.station, one.factor, one.span]
        found = trouble_of(values, rule.spans[one.span])
        known = open_items.get((one.station, one.factor))
        if known is not None and found is not None and known.trouble is found.trouble:
            continue
        if known is not None and values:
            _end(connection, known.number, max(known.opened_at, values[-1].at))
            moved += 1
        if found is not None:
            _begin(connection, one.station, one.factor, found)
            moved += 1
    return moved


def weigh_intervals(
    connection: Connection,
    rule: SensorRule,
    limits: Mapping[Standing, Sequence[Limit]],
    zone: tzinfo,
    now: datetime,
) -> int:
    """Open and end items of series that no limit made for them fits; return how many were opened or ended.

    One ends with the first value that fits, and where there is no such limit any more.
    """
    asked = [one for one, judging in limits.items() if any(limit.minutes is not None for limit in judging)]
    items = _open(connection, {one.station for one in limits}, DeviceTrouble.INTERVAL)
    if not asked and not items:
        return 0
    last = _last_values(connection, rule, asked, now, more=1)
    moved = 0
    for one, judging in limits.items():
        known = items.get((one.station, one.factor))
        values = last[one.station, one.factor, one.span]
        found = interval_trouble_of(values, judging, rule.spans[one.span], zone)
        if known is None and found is not None:
            _begin(connection, one.station, one.factor, found)
            moved += 1
        elif known is not None and found is None:
            judged = [value for value in fitting(values, judging, zone) if value.judges]
            if one not in asked or judged:
                at = judged[-1].at if judged else now
                _end(connection, known.number, max(known.opened_at, at))
                moved += 1
    return moved


@dataclass(frozen=True, slots=True)
class Judging:
    """What may judge each series at a moment: no limit for a mean of another time than the device's."""

    limits: Sequence[Limit]
    unfit: frozenset[tuple[int, str]]

    def of(self, station: int, factor: str) -> Sequence[Limit]:
        """Return the limits that may judge a station's factor, and others that have nothing to do with it."""
        if (station, factor) not in self.unfit:
            return self.limits
        return [limit for limit in self.limits if limit.minutes is None]


def read_judging(connection: Connection, now: datetime) -> Judging:
    """Return the limits, and of which devices it was known at a moment that they are set to another time."""
    item = schema.device_item.c
    rows = connection.execute(
        select(item.station, item.factor).where(
            item.trouble == DeviceTrouble.INTERVAL.value,
            item.opened_at <= now,
            or_(item.ended_at.is_(None), item.ended_at > now),
        )
    )
    return Judging(read_limits(connection), frozenset((row.station, row.factor) for row in rows))


def end_retired(connection: Connection, zone: tzinfo, now: datetime) -> int:
    """End what is open of stations that are retired, with the day they are; return how many items."""
    item, station = schema.device_item, schema.station
    day = now.astimezone(zone).date()
    rows = connection.execute(
        select(item.c.number, item.c.opened_at, station.c.retired)
        .join_from(item, station, station.c.number == item.c.station)
        .where(item.c.ended_at.is_(None), station.c.retired <= day)
    ).all()
    for row in rows:
        retired_at = datetime.combine(row.retired, time(), zone)
        _end(connection, row.number, max(row.opened_at, retired_at))
    return len(rows)


def weigh_silence(
    connection: Connection, rule: SensorRule, zone: tzinfo, now: datetime, listening_since: datetime
) -> int:
    """Open and end items of stations that say nothing; return how many were opened or ended.

    What nobody listened to is nobody's silence: it counts from `listening_since` on. And when not one station
    speaks it is the receiver's line or the program's own standstill, not theirs. A retired one may be silent.
    """
    state, station = schema.station_state.c, schema.station.c
    seen = connection.execute(
        select(station.number, station.every_seconds, state.last_seen)
        .join_from(schema.station, schema.station_state, state.station == station.number)
        .where(serving(now.astimezone(zone).date()))
    ).all()
    item = schema.device_item
    known = {
        row.station: row
        for row in connection.execute(
            select(item).where(item.c.ended_at.is_(None), item.c.trouble == DeviceTrouble.SILENT.value)
        )
    }
    silent = {
        row.number: row.last_seen
        for row in seen
        if is_silent(max(row.last_seen, listening_since), row.every_seconds, rule, now)
    }
    spoke = {
        row.number: row.last_seen
        for row in seen
        if row.number in known and row.last_seen > known[row.number].opened_at
    }
    for number, at in spoke.items():
        _end(connection, known[number].number, at)
    hears = any(not is_silent(row.last_seen, row.every_seconds, rule, now) for row in seen)
    new = [number for number in silent if number not in known] if hears else []
    for number in new:
        every = next(row.every_seconds for row in seen if row.number == number)
        at = min(silent[number] + silence_of(every, rule), now)
        _begin(connection, number, None, Trouble(DeviceTrouble.SILENT, at, DataFlag.NORMAL))
    return len(spoke) + len(new)


def _open(
    connection: Connection, stations: set[int], *troubles: DeviceTrouble
) -> Mapping[tuple[int, str | None], DeviceItem]:
    item = schema.device_item
    rows = connection.execute(
        select(item).where(
            item.c.ended_at.is_(None),
            item.c.station.in_(stations),
            item.c.trouble.in_([trouble.value for trouble in troubles]),
        )
    )
    return {(row.station, row.factor): item_of(row) for row in rows}


def _begin(connection: Connection, station: int, factor: str | None, found: Trouble) -> None:
    flagged = found.trouble in (DeviceTrouble.INVALID, DeviceTrouble.ABOVE_RANGE)
    flag = found.flag.value if flagged else None
    connection.execute(
        insert(schema.device_item).values(
            station=station, factor=factor, trouble=found.trouble.value, flag=flag, opened_at=found.since
        )
    )


def _end(connection: Connection, number: int, at: datetime) -> None:
    item = schema.device_item
    connection.execute(update(item).where(item.c.number == number).values(ended_at=at))


def _last_values(
    connection: Connection, rule: SensorRule, asked: list[Standing], now: datetime, more: int = 0
) -> defaultdict[tuple[int, str, Span], list[Value]]:
    found: defaultdict[tuple[int, str, Span], list[Value]] = defaultdict(list)
    rows = connection.execute(
        _LAST,
        {
            "stations": [one.station for one in asked],
            "factors": [one.factor for one in asked],
            "spans": [int(one.span) for one in asked],
            "counts": [rule.spans[one.span].invalid_after + more for one in asked],
            "earliest": now - LOOKED_BACK,
            "until": now + AHEAD,
        },
    )
    for row in rows:
        found[row.station, row.factor, Span(row.span)].append(Value(row.at, row.value, DataFlag(row.flag)))
    return found


# So many as decide, and no more: from when on a trouble is, is told when it opens.
_LAST = text(
    """
    SELECT * FROM (
        SELECT asked.station, asked.factor, asked.span, r.at, r.value, r.flag
        FROM unnest(
            CAST(:stations AS integer[]), CAST(:factors AS text[]), CAST(:spans AS smallint[]),
            CAST(:counts AS integer[])
        ) AS asked (station, factor, span, many) JOIN LATERAL (
            SELECT one.at, one.value, one.flag FROM reading AS one
            WHERE one.station = asked.station AND one.factor = asked.factor AND one.span = asked.span
                AND one.at > :earliest AND one.at <= :until
            ORDER BY one.at DESC
            LIMIT asked.many
        ) AS r ON true
    ) AS newest
    ORDER BY station, factor, span, at
    """
).bindparams(
    bindparam("earliest", type_=TIMESTAMP(timezone=True)), bindparam("until", type_=TIMESTAMP(timezone=True))
)
