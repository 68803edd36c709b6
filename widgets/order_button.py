"""A small button of a warning card, painted: there are ninety, and a style sheet takes time over each."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from widgets.painting import CENTRE, draw_text, text_width
from widgets.scale import Scale
from widgets.tile import Tile

_LOOKS = {
    "link": ((None, None, "accent"), (None, None, "text_faint")),
    "plain": ((None, "chip_border", "text"), (None, "panel_border", "text_faint")),
    "cover": (("panel", "chip_border", "text"), ("panel", "panel_border", "text_faint")),
    "danger": (
        ("danger_button", "danger_button_border", "button_text"),
        ("hover", "panel_border", "text_faint"),
    ),
}
"""Fill, border and ink, as colour tokens, of each look: where the button is offered, and where it is not."""


class OrderButton(Tile):
    """A word to press; its `look` is "link", "plain", "cover" (over what is under it) or "danger"."""

    def __init__(self, word: str, look: str, scale: Scale, parent: QWidget) -> None:
        super().__init__(scale, parent)
        self._look = look
        self.setText(word)
        self._ink = ""
        self._dress()

    def sizeHint(self) -> QSize:
        width = text_width(self.scale.font("font_small"), self.text())
        return QSize(round(width) + self.scale.px(20), self.scale.px(26))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._dress()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        draw_text(painter, rect, self.text(), self.scale.font("font_small"), self._ink, CENTRE)

    def _dress(self) -> None:
        offered, withheld = _LOOKS[self._look]
        self.fill, self.border, self._ink = offered if self.isEnabled() else withheld
        shape = Qt.CursorShape
        self.setCursor(shape.PointingHandCursor if self.isEnabled() else shape.ArrowCursor)
        self.update()
