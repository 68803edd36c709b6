"""Air quality in the words, colours and chips of the screen: levels, pollutants, places, hours and days."""

from datetime import datetime, timedelta

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from domain.aqi.editions import Pollutant
from domain.aqi.index import Level
from domain.aqi.places import PlaceKind
from domain.aqi.standing import PlaceIndex
from domain.stations import Span
from widgets.painting import CENTRE, draw_card, draw_text
from widgets.scale import Scale
from widgets.wording import local_day_text, local_time_text

_LEVELS = {
    Level.EXCELLENT: QT_TRANSLATE_NOOP("air", "优"),
    Level.GOOD: QT_TRANSLATE_NOOP("air", "良"),
    Level.LIGHT: QT_TRANSLATE_NOOP("air", "轻度污染"),
    Level.MODERATE: QT_TRANSLATE_NOOP("air", "中度污染"),
    Level.HEAVY: QT_TRANSLATE_NOOP("air", "重度污染"),
    Level.SEVERE: QT_TRANSLATE_NOOP("air", "严重污染"),
}
_SHORT = {
    Level.EXCELLENT: QT_TRANSLATE_NOOP("air", "优"),
    Level.GOOD: QT_TRANSLATE_NOOP("air", "良"),
    Level.LIGHT: QT_TRANSLATE_NOOP("air", "轻"),
    Level.MODERATE: QT_TRANSLATE_NOOP("air", "中"),
    Level.HEAVY: QT_TRANSLATE_NOOP("air", "重"),
    Level.SEVERE: QT_TRANSLATE_NOOP("air", "严"),
}
_POLLUTANTS = {
    Pollutant.PM25: QT_TRANSLATE_NOOP("air", "PM2.5"),
    Pollutant.PM10: QT_TRANSLATE_NOOP("air", "PM10"),
    Pollutant.SO2: QT_TRANSLATE_NOOP("air", "二氧化硫"),
    Pollutant.NO2: QT_TRANSLATE_NOOP("air", "二氧化氮"),
    Pollutant.CO: QT_TRANSLATE_NOOP("air", "一氧化碳"),
    Pollutant.O3: QT_TRANSLATE_NOOP("air", "臭氧"),
}
_KINDS = {
    PlaceKind.STATION: QT_TRANSLATE_NOOP("air", "站点"),
    PlaceKind.TOWNSHIP: QT_TRANSLATE_NOOP("air", "镇街"),
    PlaceKind.AREA: QT_TRANSLATE_NOOP("air", "区县"),
    PlaceKind.CITY: QT_TRANSLATE_NOOP("air", "全市"),
}
_LIGHT_INK_FROM = Level.MODERATE


def level_name(level: Level | None) -> str:
    """Return the level's name, NA's word for None."""
    return _say(_LEVELS[level]) if level is not None else _say(QT_TRANSLATE_NOOP("air", "数据不足"))


def level_short(level: Level | None) -> str:
    """Return one character for the level, so that a chip is not its colour alone."""
    return _say(_SHORT[level]) if level is not None else ""


def level_colour(level: Level | None) -> str:
    """Return the token of the level's colour."""
    return "track" if level is None else f"air_{int(level)}"


def pollutant_name(pollutant: Pollutant) -> str:
    """Return the pollutant's name on screen."""
    return _say(_POLLUTANTS[pollutant])


def place_kind_name(kind: PlaceKind) -> str:
    """Return what is ranked: 站点, 镇街, 区县 or 全市."""
    return _say(_KINDS[kind])


def primary_text(row: PlaceIndex) -> str:
    """Return the primary pollutants, a dash for none."""
    return "、".join(map(pollutant_name, row.primary)) or "—"


def index_text(aqi: int | None) -> str:
    """Return the index as a figure, NA where none may be published."""
    return "NA" if aqi is None else str(aqi)


def move_text(move: int | None) -> tuple[str, str]:
    """Return how a place moved since the moment before and the token for it: "▲1", "▼2", "—"."""
    if not move:
        return "—", "text_faint"
    return (f"▲{move}", "done") if move > 0 else (f"▼{-move}", "overdue_text")


def period_text(at: datetime, span: Span) -> str:
    """Return which hour or day an index is of: "20–21 时", "11-21"."""
    if span is Span.DAY:
        return local_day_text(at)
    begin, end = local_time_text(at)[:2], local_time_text(at + timedelta(hours=1))[:2]
    return QCoreApplication.translate("air", "{0}–{1} 时").format(begin, "24" if end == "00" else end)


def draw_index_chip(
    painter: QPainter, box: QRectF, scale: Scale, aqi: int | None, level: Level | None
) -> None:
    """Draw an index on its level's colour with the level's character."""
    draw_card(painter, box, scale, level_colour(level))
    dark = level is not None and level < _LIGHT_INK_FROM
    ink = "text_muted" if level is None else "background" if dark else "button_text"
    text = f"{index_text(aqi)} {level_short(level)}".strip()
    draw_text(painter, box, text, scale.font("font_small", bold=True), ink, CENTRE)


def _say(word: str) -> str:
    return QCoreApplication.translate("air", word)
