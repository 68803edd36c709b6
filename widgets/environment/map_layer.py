"""Stations on the large map, each in the colour and shape of its state (X14)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from domain.environment import StationRow
from domain.stations import StationState
from widgets.environment.value_cards import mark_of_value
from widgets.environment.words import factor_name, station_kind_name, value_text
from widgets.map.layers import LayerMark, MapLayer, layer_shape
from widgets.status import mark_of
from widgets.wording import exact_count_text

STATIONS = "stations"
SIZES = {StationState.EXCEEDING: 8.0, StationState.ONLINE: 3.5, StationState.NOT_CONNECTED: 4.5}
USUAL = 6.0
"""Half the width of a mark: what is well steps back behind what is not."""
SHOWN = 6
"""So many values of a station are in its tip."""


def station_layer(rows: Sequence[StationRow]) -> MapLayer:
    """Return the layer of the stations that have a place; the worst are drawn last, on top."""
    word = QCoreApplication.translate("environment", "监测站点")
    placed = [row for row in reversed(rows) if row.station.lng is not None]
    counts = Counter(row.state for row in placed)
    legend = [
        replace(mark_of(state), word=f"{mark_of(state).word} {exact_count_text(counts[state])}")
        for state in StationState
        if counts[state]
    ]
    return MapLayer(STATIONS, word, tuple(map(_mark, placed)), legend=tuple(legend))


def _mark(row: StationRow) -> LayerMark:
    station, mark = row.station, mark_of(row.state)
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
        layer_shape(mark.shape),
        tuple(lines),
        SIZES.get(row.state, USUAL),
        row.state is StationState.EXCEEDING,
    )
