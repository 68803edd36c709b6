"""The program's icon: a sentinel's eye, drawn from the tokens at the sizes that desktops ask for."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPen, QPixmap

from widgets.tokens import tokens

SIZES = (16, 24, 32, 48, 64, 128, 256)


def program_icon() -> QIcon:
    """Return the icon; needs a running QApplication."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(_draw(size))
    return icon


def _draw(size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 32, size / 32)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens().qcolor("panel"))
    painter.drawRoundedRect(QRectF(0, 0, 32, 32), 7, 7)
    lids = QPainterPath(QPointF(4, 16))
    lids.quadTo(16, 3, 28, 16)
    lids.quadTo(16, 29, 4, 16)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tokens().qcolor("accent"), 2.6))
    painter.drawPath(lids)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens().qcolor("done"))
    painter.drawEllipse(QPointF(16, 16), 4.6, 4.6)
    painter.end()
    return pixmap
