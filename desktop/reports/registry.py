"""The registry of stations for a terminal and for programs: who is there, and what judges their values."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from rich.markup import escape

from desktop.city_stations import SPANS
from desktop.reports.tables import new_table, print_parts
from domain.exceedance import limits_of
from domain.factor_names import factor_name
from domain.stations import Limit, Measure, Span, Station, StationKind

_KINDS = {
    StationKind.DUST: "扬尘",
    StationKind.WATER: "废水",
    StationKind.STACK: "废气",
    StationKind.NOISE: "噪声",
    StationKind.AIR: "空气",
}
_SPANS = {Span.REAL_TIME: "实时", Span.MINUTE: "分钟", Span.HOUR: "小时", Span.DAY: "日"}
_SPAN_KEYS = {span: name for name, span in SPANS.items()}


def in_force(station: Station, limits: Sequence[Limit], today: date) -> Iterator[tuple[Measure, Limit]]:
    """Yield what a station's values can be held against today, its own limits before its kind's.

    Nothing judges those of a retired one.
    """
    if not station.serves(today):
        return
    for measure in station.measures:
        for span in Span:
            for limit in limits_of(station, measure.factor, span, limits):
                until = limit.effective_until
                if limit.effective_from <= today and (until is None or today < until):
                    yield measure, limit


def print_registry(stations: Iterable[Station], limits: Sequence[Limit], today: date) -> None:
    """Print the stations, each with the limits in force."""
    table = new_table(
        f"监测点与 {today} 执行的限值", ("编号", "名称", "种类", "设备标识（MN）", "状态", "限值（编号）")
    )
    for station in stations:
        table.add_row(
            escape(station.key),
            escape(station.name),
            _KINDS[station.kind],
            escape(station.mn),
            _state_text(station, today),
            escape("\n".join(_limit_text(*found) for found in in_force(station, limits, today))),
        )
    print_parts(table)


def registry_values(
    stations: Iterable[Station], limits: Sequence[Limit], today: date
) -> list[dict[str, Any]]:
    """Return the same for JSON, with the words of the files that register them; passwords are not in it."""
    return [
        {
            "key": station.key,
            "name": station.name,
            "kind": station.kind.value,
            "mn": station.mn,
            "enterprise": station.enterprise,
            "body": station.body,
            "category": station.category,
            "area": station.area,
            "township": station.township,
            "point": None if station.lng is None else [station.lng, station.lat],
            "every_seconds": station.every_seconds,
            "retired": None if station.retired is None else station.retired.isoformat(),
            "measures": [
                {"factor": m.factor, "unit": m.unit, "factor_to_unit": m.factor_to_unit}
                for m in station.measures
            ],
            "limits": [_limit_values(measure, limit) for measure, limit in in_force(station, limits, today)],
        }
        for station in stations
    ]


def _state_text(station: Station, today: date) -> str:
    if station.retired is None:
        return "在用"
    return f"将于 {station.retired} 停用" if station.serves(today) else f"{station.retired} 起停用"


def _limit_text(measure: Measure, limit: Limit) -> str:
    over = f"{limit.minutes} 分钟均值" if limit.minutes else _SPANS[limit.span]
    low = "" if limit.low is None else f"{limit.low:g} ≤ "
    high = "" if limit.high is None else f" ≤ {limit.high:g}"
    hours = f" {_clock(limit.from_minute)}–{_clock(limit.until_minute)}" if _clock(limit.from_minute) else ""
    often = f"，每日许超 {limit.allowed_per_day} 次" if limit.allowed_per_day else ""
    name = f"{low}{factor_name(limit.factor)} {over}{high} {measure.unit}"
    return f"{name}{hours}{often}（{limit.key}）"


def _limit_values(measure: Measure, limit: Limit) -> dict[str, Any]:
    until = limit.effective_until
    return {
        "key": limit.key,
        "factor": limit.factor,
        "span": _SPAN_KEYS[limit.span],
        "minutes": limit.minutes,
        "low": limit.low,
        "high": limit.high,
        "unit": measure.unit,
        "allowed_per_day": limit.allowed_per_day,
        "from": _clock(limit.from_minute),
        "until": _clock(limit.until_minute),
        "effective_from": limit.effective_from.isoformat(),
        "effective_until": None if until is None else until.isoformat(),
        "source": limit.source,
    }


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02}:{minute % 60:02}"
