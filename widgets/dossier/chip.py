"""A small framed word, such as 特急 or 第 1 轮; an empty one takes no room."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.scale import Scale
from widgets.tokens import tokens


class Chip(QWidget):
    """A word in a frame of a token's colour; hidden while it has none."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._text = ""
        self._colour = "chip_border"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()
        scale.factor_changed.connect(self.updateGeometry)

    @property
    def text(self) -> str:
        """The word on screen."""
        return self._text

    def set_text(self, text: str, colour: str = "chip_border") -> None:
        """Show a word in a token's colour, or hide with an empty one."""
        if (text, colour) == (self._text, self._colour):
            return
        self._text, self._colour = text, colour
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._scale.font("font_small"))
        return QSize(
            round(metrics.horizontalAdvance(self._text)) + self._scale.px(18),
            round(metrics.height()) + self._scale.px(2),
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = tokens().qcolor(self._colour)
        fill = QColor(edge)
        fill.setAlphaF(0.0 if self._colour == "chip_border" else 0.3)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(fill)
        radius = self._scale.px(5)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(tokens().qcolor("text"))
        painter.setFont(self._scale.font("font_small"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()
