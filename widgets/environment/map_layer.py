"""Stations on the large map, each in the colour and shape of its state (X14)."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from domain.environment import StationRow
from widgets.environment.value_cards import mark_of_value
from widgets.environment.words import factor_name, station_kind_name, value_text
from widgets.map.layers import SHAPES, LayerMark, MapLayer
from widgets.status import mark_of

STATIONS = "stations"
SHOWN = 6
"""So many values of a station are in its tip."""


def station_layer(rows: Sequence[StationRow]) -> MapLayer:
    """Return the layer of the stations that have a place; the worst are drawn last, on top."""
    word = QCoreApplication.translate("environment", "监测站点")
    return MapLayer(
        STATIONS, word, tuple(_mark(row) for row in reversed(rows) if row.station.lng is not None)
    )


def _mark(row: StationRow) -> LayerMark:
    station, mark = row.station, mark_of(row.state)
    shape = mark.shape.name.lower()
    lines = [f"{station.name} · {mark.word}"]
    lines.append(" · ".join(filter(None, (station_kind_name(station.kind), station.enterprise))))
    for last in row.values[:SHOWN]:
        said = f"{factor_name(last.factor)} {value_text(last)} {mark_of_value(last).word}"
        lines.append(said.strip())
    return LayerMark(
        station.key,
        station.lng or 0.0,
        station.lat or 0.0,
        mark.colour_name,
        shape if shape in SHAPES else "cross",
        tuple(lines),
    )
