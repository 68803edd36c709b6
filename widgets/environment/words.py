"""Stations, factors, flags and troubles in the words of the screen."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from domain import factor_names
from domain.environment import LastValue
from domain.stations import DataFlag, DeviceTrouble, Span, StationKind

_KINDS = {
    StationKind.DUST: QT_TRANSLATE_NOOP("environment", "扬尘"),
    StationKind.WATER: QT_TRANSLATE_NOOP("environment", "废水"),
    StationKind.STACK: QT_TRANSLATE_NOOP("environment", "废气"),
    StationKind.NOISE: QT_TRANSLATE_NOOP("environment", "噪声"),
    StationKind.AIR: QT_TRANSLATE_NOOP("environment", "空气"),
}

_SPANS = {
    Span.REAL_TIME: QT_TRANSLATE_NOOP("environment", "实时"),
    Span.MINUTE: QT_TRANSLATE_NOOP("environment", "分钟"),
    Span.HOUR: QT_TRANSLATE_NOOP("environment", "小时"),
    Span.DAY: QT_TRANSLATE_NOOP("environment", "日"),
}

_AVERAGED = {
    Span.REAL_TIME: QT_TRANSLATE_NOOP("environment", "实时值"),
    Span.MINUTE: QT_TRANSLATE_NOOP("environment", "分钟值"),
    Span.HOUR: QT_TRANSLATE_NOOP("environment", "小时值"),
    Span.DAY: QT_TRANSLATE_NOOP("environment", "日均值"),
}

_FLAGS = {
    DataFlag.NORMAL: QT_TRANSLATE_NOOP("environment", "正常"),
    DataFlag.STOPPED: QT_TRANSLATE_NOOP("environment", "停运"),
    DataFlag.MAINTENANCE: QT_TRANSLATE_NOOP("environment", "维护"),
    DataFlag.SET_BY_HAND: QT_TRANSLATE_NOOP("environment", "手工"),
    DataFlag.FAULT: QT_TRANSLATE_NOOP("environment", "故障"),
    DataFlag.CALIBRATION: QT_TRANSLATE_NOOP("environment", "校准"),
    DataFlag.ABOVE_RANGE: QT_TRANSLATE_NOOP("environment", "超量程"),
    DataFlag.NO_LINK: QT_TRANSLATE_NOOP("environment", "通讯异常"),
}

_TROUBLES = {
    DeviceTrouble.SILENT: QT_TRANSLATE_NOOP("environment", "失联"),
    DeviceTrouble.INVALID: QT_TRANSLATE_NOOP("environment", "数据无效"),
    DeviceTrouble.ABOVE_RANGE: QT_TRANSLATE_NOOP("environment", "超出量程"),
    DeviceTrouble.INTERVAL: QT_TRANSLATE_NOOP("environment", "时长不符"),
}


def station_kind_name(kind: StationKind) -> str:
    """Return what a station watches: 扬尘, 废水, 废气, 噪声 or 空气."""
    return _known(_KINDS, kind)


def span_name(span: Span) -> str:
    """Return 实时, 分钟, 小时 or 日."""
    return _known(_SPANS, span)


def averaged_name(span: Span, minutes: int | None = None) -> str:
    """Return which time a value stands for: 实时值, 5 分钟均值, 分钟值, 小时值 or 日均值."""
    if minutes is not None and span is Span.MINUTE:
        return QCoreApplication.translate("environment", "{0} 分钟均值").format(minutes)
    return _known(_AVERAGED, span)


def flag_name(flag: DataFlag) -> str:
    """Return what a device says of its value."""
    return _known(_FLAGS, flag)


def trouble_name(trouble: DeviceTrouble) -> str:
    """Return why somebody has to look at a device."""
    return _known(_TROUBLES, trouble)


def factor_name(code: str) -> str:
    """Return a factor's name on screen, its code where it has none here."""
    return QCoreApplication.translate("environment", factor_names.factor_name(code))


def number_text(value: float) -> str:
    """Return a measured number as it is read: "152", "12.4", "0.083"."""
    size = abs(value)
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.3g}"


def value_text(last: LastValue) -> str:
    """Return "152 / 150 μg/m³": the value, the limit where there is one, and the unit; or the flag's word."""
    if last.flag is not DataFlag.NORMAL:
        return flag_name(last.flag)
    if last.value is None:
        return "—"
    bounds = bounds_text(last.low, last.high)
    said = f"{number_text(last.value)} / {bounds}" if bounds else number_text(last.value)
    return f"{said} {last.unit}".strip()


def bounds_text(low: float | None, high: float | None) -> str:
    """Return a limit's numbers: "150", "6–9", "≥ 5"; empty for none."""
    if low is not None and high is not None:
        return f"{number_text(low)}–{number_text(high)}"
    if high is not None:
        return number_text(high)
    return "" if low is None else f"≥ {number_text(low)}"


def _known(words: Mapping[Any, str], value: Any) -> str:
    return QCoreApplication.translate("environment", words[value]) if value in words else str(value)
