"""Stations for tests and pictures: one of each state, and as many as are asked for."""

import math
from array import array
from datetime import UTC, datetime, timedelta

from domain.environment import Curve, CurveQuery, FlagRun, LastValue, LimitStep, Spark, StationRow
from domain.stations import DataFlag, Episode, Measure, Span, Station, StationKind, StationState

NOW = datetime(2026, 11, 21, 12, 58, 13, tzinfo=UTC)
STATES = (
    StationState.EXCEEDING,
    StationState.INVALID,
    StationState.SILENT,
    StationState.ONLINE,
    StationState.NOT_CONNECTED,
)


def station_row(
    number: int, state: StationState = StationState.ONLINE, kind: StationKind = StationKind.DUST
) -> StationRow:
    """A station that measures two factors; the first one is beyond its limit where it exceeds."""
    station = Station(
        number,
        f"{kind}-{number:03}",
        f"{number} 号站",
        kind,
        f"MN{number:06}",
        (Measure("a34002", "μg/m³"), Measure("a34004", "μg/m³")),
        enterprise="某建设有限公司",
        lng=117.2,
        lat=34.2,
    )
    if state is StationState.NOT_CONNECTED:
        return StationRow(station, state)
    flag = DataFlag.FAULT if state is StationState.INVALID else DataFlag.NORMAL
    value = 212.0 if state is StationState.EXCEEDING else 96.0
    values = (
        LastValue("a34002", "μg/m³", Span.MINUTE, NOW, value, flag, 150.0),
        LastValue("a34004", "μg/m³", Span.HOUR, NOW, 40.0),
    )
    ticket = "JC-2026-1" if state is StationState.EXCEEDING else None
    return StationRow(station, state, NOW, values, int(ticket is not None), ticket=ticket)


def curve_of(query: CurveQuery, row: StationRow, points: int = 200) -> Curve:
    """A curve that is beyond its limit in its last quarter, with an hour of faults and a hole in it."""
    step = (query.until - query.since) / points
    at = array("d", [(query.since + step * n).timestamp() for n in range(points)])
    mean = array("d", [200.0 if n > points * 0.75 else 90.0 + n % 9 for n in range(points)])
    for numbers in (mean,):
        numbers[points // 3] = math.nan
    least, most = array("d", [v - 5 for v in mean]), array("d", [v + 5 for v in mean])
    middle = query.since + (query.until - query.since) / 3
    began = query.since + (query.until - query.since) * 0.75
    return Curve(
        query,
        row.station,
        "μg/m³",
        at,
        mean,
        least,
        most,
        (FlagRun(middle, middle + timedelta(hours=1), DataFlag.FAULT),),
        (LimitStep(query.since, query.until, 150.0, None, "示例"),),
        (Episode(1, row.station.number, query.factor, query.span, "pm10", began, query.until, 50, 205.0),),
        step,
    )


def spark_of(row: StationRow, points: int = 96) -> Spark:
    """The last day of a station."""
    values = [] if row.state is StationState.NOT_CONNECTED else [90.0 + n % 9 for n in range(points)]
    mean = array("d", values or [math.nan] * points)
    return Spark(row, "a34002", "μg/m³", NOW - timedelta(hours=24), NOW, mean, 150.0)
