"""Feeds the stations' layer of the large map (X14)."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from data_access.readers.stations import station_rows
from data_access.rules import Rules
from data_access.store import Connection
from desktop.pages.station_look import StationLook
from desktop.readings import Readings
from domain.environment import StationRow
from widgets.environment.map_layer import STATIONS, station_layer
from widgets.map.layers import Layers


class StationLayer(QObject):
    """Signals: `station_opened(str)`: a station was clicked on, by its key."""

    station_opened = Signal(str)

    def __init__(self, layers: Layers, readings: Readings, parent: QObject) -> None:
        super().__init__(parent)
        self._layers = layers
        self._readings = readings
        self._look = StationLook(readings, self.refresh)
        layers.opened.connect(self._open)

    async def refresh(self) -> None:
        """Read the stations, and show them."""
        past = self._readings.as_of is not None

        def work(connection: Connection, rules: Rules, now: datetime) -> tuple[StationRow, ...]:
            return station_rows(connection, rules, now, past=past)

        self._layers.show(station_layer(await self._readings.read_present(work)))
        self._look.note_shown()

    def tick(self) -> None:
        """Look whether anything has moved."""
        self._look.tick()

    def _open(self, layer: str, key: str) -> None:
        if layer == STATIONS:
            self.station_opened.emit(key)
