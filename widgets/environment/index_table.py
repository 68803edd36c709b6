"""The ranking by the air quality index as a table: place, index, who caused it, the six values (X04)."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QWidget

from domain.aqi.editions import Pollutant
from domain.aqi.index import Level, level_of
from domain.aqi.standing import PlaceIndex
from widgets.air_words import (
    index_text,
    level_colour,
    level_name,
    move_text,
    pollutant_name,
    primary_text,
)
from widgets.environment.words import number_text
from widgets.scale import Scale
from widgets.status import Mark, Shape
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable

FULL_BAR = 300
"""An index whose bar is full: the end of 重度污染."""

_HEADS = {
    Pollutant.PM25: QT_TRANSLATE_NOOP("air", "PM2.5"),
    Pollutant.PM10: QT_TRANSLATE_NOOP("air", "PM10"),
    Pollutant.SO2: QT_TRANSLATE_NOOP("air", "SO₂"),
    Pollutant.NO2: QT_TRANSLATE_NOOP("air", "NO₂"),
    Pollutant.CO: QT_TRANSLATE_NOOP("air", "CO"),
    Pollutant.O3: QT_TRANSLATE_NOOP("air", "O₃"),
}
_SHAPES = {
    Level.EXCELLENT: Shape.CIRCLE,
    Level.GOOD: Shape.TRIANGLE,
    Level.LIGHT: Shape.DIAMOND,
    Level.MODERATE: Shape.SQUARE,
    Level.HEAVY: Shape.SQUARE,
    Level.SEVERE: Shape.SQUARE,
}


class IndexTable(RecordTable):
    """Rows are `PlaceIndex`es; signals as of a `RecordTable`."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("rank", self.tr("名次"), 62, _rank, right=True),
            Column("move", self.tr("变化"), 66, _move, right=True),
            Column("name", self.tr("名称"), 150, _name, stretch=True, least=96),
            Column("index", self.tr("AQI"), 272, _index, least=230),
            Column("primary", self.tr("首要污染物"), 156, _primary, least=96),
            *(Column(f"value_{p.name}", _head(p), 68, _value_of(p), right=True) for p in Pollutant),
        )
        super().__init__(RecordModel(columns, key_of_place), scale, parent, stretch=1.35)


def key_of_place(row: PlaceIndex) -> str:
    """Return what names a place in lists."""
    return row.place.key


def _rank(row: PlaceIndex) -> Cell:
    return Cell("–" if row.rank is None else str(row.rank), colour="text_faint", bold=True)


def _move(row: PlaceIndex) -> Cell:
    text, colour = move_text(row.move)
    return Cell(text, colour=colour)


def _name(row: PlaceIndex) -> Cell:
    return Cell(row.name, colour="text_strong", tooltip=row.name)


def _index(row: PlaceIndex) -> Cell:
    if row.aqi is None:
        missing = [pollutant for pollutant in Pollutant if pollutant not in dict(row.values)]
        told = QCoreApplication.translate("air", "NA：缺 {0}，其余不超过 100，不发布指数")
        return Cell(
            index_text(None),
            colour="text_muted",
            tooltip=told.format("、".join(map(pollutant_name, missing))) if row.values else "",
        )
    level = level_of(row.aqi)
    mark = Mark(level_colour(level), _SHAPES[level], level_name(level))
    share = min(1.0, row.aqi / FULL_BAR)
    return Cell(f"{row.aqi} {mark.word}", CellLook.BAR, "text_strong", mark, share=share, bold=True)


def _primary(row: PlaceIndex) -> Cell:
    return Cell(primary_text(row), tooltip=primary_text(row))


def _value(pollutant: Pollutant, row: PlaceIndex) -> Cell:
    value = dict(row.values).get(pollutant)
    if value is None:
        return Cell("—", colour="text_faint")
    unit = "mg/m³" if pollutant is Pollutant.CO else "µg/m³"
    shown = f"{value:.1f}" if pollutant is Pollutant.CO else f"{value:.0f}"
    first = "text_strong" if pollutant in row.primary else "text_muted"
    return Cell(shown, colour=first, tooltip=f"{pollutant_name(pollutant)} {number_text(value)} {unit}")


def _value_of(pollutant: Pollutant) -> Callable[[PlaceIndex], Cell]:
    return partial(_value, pollutant)


def _head(pollutant: Pollutant) -> str:
    return QCoreApplication.translate("air", str(_HEADS[pollutant]))
