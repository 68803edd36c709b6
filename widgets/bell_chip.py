"""The bell of the header: colour, shape and word of whether the alarm rings, is silenced, or is not heard."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.painting import draw_text, text_width
from widgets.plain import harmless, tip
from widgets.scale import Scale
from widgets.tile import Tile
from widgets.tokens import tokens


class BellShape(Enum):
    """How the bell is drawn: at rest an outline, ringing full and with waves, mute struck through."""

    RESTING = "resting"
    RINGING = "ringing"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class BellMark:
    """What the bell shows: shape, colour token, wordings with the longest first, and the whole story."""

    shape: BellShape
    colour_name: str
    wordings: tuple[str, ...]
    explained: str


class BellChip(Tile):
    """Pressed, it is to be silenced, or to ring again: `clicked`. Hidden until it is told what to show."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.mark: BellMark | None = None
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_mark(self, mark: BellMark | None) -> None:
        """Show the bell so; None puts it away."""
        if mark == self.mark:
            return
        before = self.widths()
        self.mark = mark
        self.setVisible(mark is not None)
        if mark is None:
            return
        self.border = mark.colour_name if mark.shape is BellShape.RINGING else "chip_border"
        self.setToolTip(tip(mark.explained))
        self.setAccessibleName(mark.wordings[0])
        self.setAccessibleDescription(mark.explained)
        # A time that runs changes every second, its width hardly ever.
        if self.widths() != before:
            self.updateGeometry()
        self.update()

    def text(self) -> str:
        """Return the wording that fits the present width."""
        if self.mark is None:
            return ""
        widths = zip(self.mark.wordings, self.widths(), strict=True)
        return next((words for words, width in widths if width <= self.width()), self.mark.wordings[-1])

    def widths(self) -> list[int]:
        """Return the pixels that the chip takes with each wording, the longest first."""
        if self.mark is None:
            return [0]
        font = self.scale.font("font_small")
        return [round(text_width(font, _widest(words))) + 1 + self._edges() for words in self.mark.wordings]

    def sizeHint(self) -> QSize:
        return QSize(self.widths()[0], self.scale.px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.widths()[-1], self.scale.px(32))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the bell and the word beside it."""
        if self.mark is None:
            return
        side, pad = self.scale.px(20), self.scale.px(8)
        box = QRectF(rect.x() + pad, rect.center().y() - side / 2, side, side)
        paint_bell(painter, box, self.mark.shape, self.mark.colour_name)
        inner = rect.adjusted(pad + side + self.scale.px(6), 0, -pad, 0)
        draw_text(painter, inner, self.text(), self.scale.font("font_small"), self.mark.colour_name)

    def _edges(self) -> int:
        return self.scale.px(20) + 2 * self.scale.px(8) + self.scale.px(6)


def paint_bell(painter: QPainter, box: QRectF, shape: BellShape, colour_name: str) -> None:
    """Draw a bell into a square (pixels), on a grid of twenty."""
    colour = tokens().qcolor(colour_name)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / 20, box.height() / 20)
    body = QPainterPath(QPointF(4.2, 14.4))
    body.cubicTo(6.2, 12.8, 5.2, 8.6, 6.2, 6.4)
    body.cubicTo(7.2, 4.2, 8.8, 3.4, 10, 3.4)
    body.cubicTo(11.2, 3.4, 12.8, 4.2, 13.8, 6.4)
    body.cubicTo(14.8, 8.6, 13.8, 12.8, 15.8, 14.4)
    body.closeSubpath()
    pen = QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(colour if shape is BellShape.RINGING else Qt.BrushStyle.NoBrush)
    painter.drawPath(body)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(10, 17), 1.5, 1.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if shape is BellShape.RINGING:
        for left, begin in ((0.4, 130), (14.6, -50)):
            painter.drawArc(QRectF(left, 4.6, 5, 8), begin * 16, 100 * 16)
    elif shape is BellShape.MUTE:
        painter.drawLine(QPointF(3, 3), QPointF(17, 17))
    painter.restore()


def _widest(words: str) -> str:
    """Return a wording as wide as any with other digits: a running time must not push its neighbours."""
    return "".join("0" if letter.isdigit() else letter for letter in harmless(words))
