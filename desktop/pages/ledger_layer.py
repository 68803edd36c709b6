"""Feeds the ledger's layer of the large map: items in the ledger's colours (Q18)."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from data_access.readers.ledger_places import ledger_places
from data_access.rules import Rules
from data_access.store import Connection
from desktop.readings import Readings
from desktop.touched import Touched
from domain.ledger import LedgerPlace
from widgets.map.layers import Layers
from widgets.map.ledger_layer import LEDGER, ledger_layer


class LedgerLayer(QObject):
    """Signals: `item_opened(object)`: an item was clicked on, by its number."""

    item_opened = Signal(object)

    def __init__(self, layers: Layers, readings: Readings, parent: QObject) -> None:
        super().__init__(parent)
        self._layers = layers
        self._readings = readings
        layers.opened.connect(self._open)

    def concerned(self, touched: Touched) -> bool:
        """Whether the layer may look different after these changes: colours change at midnight, too."""
        return touched.everything or touched.new_minute or bool(touched.items)

    async def refresh(self) -> None:
        """Read the items' places, and show them."""
        self._layers.show(ledger_layer(await self._readings.read(_places)))

    def _open(self, layer: str, number: str) -> None:
        if layer == LEDGER:
            self.item_opened.emit(number)


def _places(connection: Connection, rules: Rules, now: datetime) -> tuple[LedgerPlace, ...]:
    return ledger_places(connection, rules, now)
