"""The chips that turn the large map's layers on and off, with how much each of them shows."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from widgets.map.layers import Layers
from widgets.scale import Scale
from widgets.status import mark_icon
from widgets.wording import exact_count_text


class LayerStrip(QWidget):
    """One chip a layer; nothing where no layer is known."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._layers: Layers | None = None
        self._chips: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        scale.factor_changed.connect(self._apply_scale)
        self._apply_scale()

    def follow(self, layers: Layers) -> None:
        """Show what layers there are, and let the hand turn them on and off."""
        self._layers = layers
        layers.changed.connect(self._show)
        self._show()

    def chip(self, key: str) -> QPushButton:
        """Return a layer's chip.

        Raises:
            KeyError: no such layer is known.
        """
        return self._chips[key]

    def _show(self) -> None:
        if self._layers is None:
            return
        for layer in self._layers.known:
            chip = self._chips.get(layer.key)
            if chip is None:
                chip = self._chips[layer.key] = QPushButton(self)
                chip.setObjectName(layer.key)
                chip.setProperty("look", "tab")
                chip.setCheckable(True)
                chip.clicked.connect(self._turn)
                self._row.addWidget(chip)
            text = f"{layer.word} {exact_count_text(layer.count)}"
            if chip.text() != text:
                chip.setText(text)
            if layer.look is not None:
                side, gap = self._scale.size("mark"), self._scale.px(3)
                chip.setIcon(mark_icon(layer.look, side, gap, chip.devicePixelRatioF()))
                chip.setIconSize(QSize(side + gap, side))
            chip.setChecked(layer.key in self._layers.on)
            chip.setVisible(layer.count > 0)

    def _turn(self, on: bool) -> None:
        chip = self.sender()
        if self._layers is not None and chip is not None:
            self._layers.set_on(chip.objectName(), on)

    def _apply_scale(self) -> None:
        self._row.setSpacing(self._scale.px(4))
        self._show()
