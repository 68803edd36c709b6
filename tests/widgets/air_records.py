"""Stations and indices for tests and pictures: an ordinary evening, and one where nothing can be said."""

import math
from array import array
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from domain.aqi.editions import Edition, Pollutant
from domain.aqi.places import CITY, Place, PlaceKind
from domain.aqi.standing import (
    AirQuery,
    AirRanking,
    AirView,
    PlaceIndex,
    YearFigures,
    YearOnYear,
    with_history,
)
from domain.environment import LastValue, Spark, StationRow
from domain.monitoring import Monitoring, counted
from domain.stations import DataFlag, Measure, Span, Station, StationKind, StationState

VALUES = tuple(zip(Pollutant, (53.0, 100.0, 11.0, 32.0, 0.7, 47.0), strict=True))
COUNTIES = (
    ("320321", "丰县", 58), ("320324", "睢宁县", 61), ("320381", "新沂市", 66), ("320312", "铜山区", 88),
    ("320305", "贾汪区", 112), ("320382", "邳州市", 113), ("320322", "沛县", 113), ("320302", "鼓楼区", None),
    ("320303", "云龙区", 160), ("320311", "泉山区", 301),
)  # fmt: skip
STATIONS = (
    ("dust-35", "金山桥工地", StationKind.DUST, "a34002", "µg/m³", 59.0, 80.0, StationState.ONLINE),
    ("water-01", "荆马河排口", StationKind.WATER, "w01018", "mg/L", 44.0, 40.0, StationState.EXCEEDING),
    ("stack-01", "热电 2# 烟道", StationKind.STACK, "a21002", "mg/m³", 31.0, 50.0, StationState.SILENT),
    ("noise-01", "云龙湖路工地", StationKind.NOISE, "LA", "dB(A)", 51.0, 55.0, StationState.ONLINE),
)


def station_row(
    key: str,
    name: str,
    kind: StationKind,
    factor: str,
    unit: str,
    value: float | None,
    high: float | None,
    state: StationState,
    now: datetime,
) -> StationRow:
    """A station with one value."""
    station = Station(1, key, name, kind, key, (Measure(factor, unit),), area="320312")
    last = LastValue(factor, unit, Span.MINUTE, now, value, DataFlag.NORMAL, high)
    return StationRow(station, state, now, (last,), body="住建局", area="铜山区")


def spark(row: StationRow, now: datetime) -> Spark:
    """The last day of a station, with a hole in it."""
    last = row.worst
    level = 0.0 if last is None or last.value is None else last.value
    mean = array("d", [level + math.sin(step / 5) * level / 9 for step in range(96)])
    for step in range(40, 50):
        mean[step] = math.nan
    factor, unit, high = ("", "", None) if last is None else (last.factor, last.unit, last.high)
    return Spark(row, factor, unit, now - timedelta(days=1), now, mean, high)


def ranking(now: datetime, kind: PlaceKind = PlaceKind.AREA, span: Span = Span.HOUR) -> AirRanking:
    """Ten counties, one of them NA, whose order was another one in the moments before."""
    step = timedelta(hours=1) if span is Span.HOUR else timedelta(days=1)
    newest = now.replace(minute=0, second=0, microsecond=0) - step
    rows = [
        PlaceIndex(Place(f"area/{code}"), name, aqi, (Pollutant.PM10,) if aqi else (), VALUES)
        for code, name, aqi in COUNTIES
    ]
    moments = [newest - step * back for back in range(6, -1, -1)]
    before = [
        {
            row.place: None if row.aqi is None else (row.aqi * (3 + n * k)) % 290 + 20
            for k, row in enumerate(rows)
        }
        for n in range(6)
    ]
    city = PlaceIndex(Place(CITY), "徐州市", 96, (Pollutant.PM25,), VALUES)
    placed = with_history(rows, before)
    return AirRanking(kind, span, newest, Edition.HJ633_2026, placed, tuple(moments), city)


def monitoring(now: datetime, others: Sequence[StationState] = (StationState.ONLINE,) * 70) -> Monitoring:
    """The four stations of the target picture among others."""
    rows = [station_row(*given, now) for given in STATIONS]
    more = [station_row(f"dust-{n}", f"工地 {n}", StationKind.DUST, "a34002", "µg/m³", 40.0, 80.0, state, now)
            for n, state in enumerate(others)]  # fmt: skip
    return Monitoring(counted([*rows, *more]), tuple(spark(row, now) for row in rows), ranking(now))


def view(now: datetime, query: AirQuery | None = None, *, comparable: bool = True) -> AirView:
    """The index part of the environment page."""
    query = query or AirQuery()
    before = YearFigures(300, 240, 40.0) if comparable else None
    year = YearOnYear(
        Place(CITY),
        Edition.HJ633_2026,
        date(2026, 1, 1),
        date(2026, 11, 20),
        YearFigures(320, 272, 35.0),
        before,
    )
    return AirView(query, ranking(now, query.kind, query.span), year)
