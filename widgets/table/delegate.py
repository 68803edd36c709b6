"""Paints a `Cell`: words, status marks, chips, bars. No widget per row, so a million rows stay cheap."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.scale import Scale
from widgets.status import paint_mark
from widgets.table.cells import Cell, CellLook
from widgets.table.model import CELL_ROLE
from widgets.tokens import tokens


class CellDelegate(QStyledItemDelegate):
    """One delegate for all columns of a table."""

    def __init__(self, scale: Scale, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._make_fonts()
        scale.factor_changed.connect(self._make_fonts)

    def _make_fonts(self) -> None:
        self._font = self._scale.font("font_small")
        self._bold = self._scale.font("font_small", bold=True)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Rows have one height and columns a set width, so Qt never has to ask the data."""
        return QSize(self._scale.px(80), self._scale.px(38))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        cell = index.data(CELL_ROLE)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, tokens().qcolor("selection"))
        painter.setPen(QPen(tokens().qcolor("row_line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(self._scale.px(8), 0, -self._scale.px(8), 0)
        if isinstance(cell, Cell):
            right = bool(index.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight)
            self._paint_cell(painter, inner, cell, str(index.data() or ""), right=right)
        else:
            painter.setPen(tokens().qcolor("text_faint"))
            painter.setFont(self._font)
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, "…")
        painter.restore()

    def _paint_cell(self, painter: QPainter, rect: QRectF, cell: Cell, text: str, *, right: bool) -> None:
        painter.setFont(self._bold if cell.bold else self._font)
        if cell.look is CellLook.CHIP:
            self._paint_chip(painter, rect, cell, text)
            return
        if cell.look is CellLook.BAR:
            rect = self._paint_bar(painter, rect, cell)
        if cell.mark is not None:
            size = self._scale.px(14)
            spot = QRectF(rect.left(), rect.center().y() - size / 2, size, size)
            paint_mark(painter, spot, cell.mark)
            rect.setLeft(spot.right() + self._scale.px(8))
        painter.setPen(tokens().qcolor(cell.colour))
        metrics = QFontMetricsF(painter.font())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_chip(self, painter: QPainter, rect: QRectF, cell: Cell, text: str) -> None:
        if not text:
            return
        metrics = QFontMetricsF(painter.font())
        pad = self._scale.px(7)
        width = min(rect.width(), metrics.horizontalAdvance(text) + 2 * pad)
        height = min(rect.height() - 4, metrics.height() + self._scale.px(2))
        chip = QRectF(rect.left(), rect.center().y() - height / 2, width, height)
        fill = QColor(tokens().qcolor(cell.colour))
        fill.setAlphaF(0.22)
        painter.setPen(QPen(tokens().qcolor(cell.colour), 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(chip, self._scale.px(4), self._scale.px(4))
        painter.setPen(tokens().qcolor("text"))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, chip.width() - pad)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_bar(self, painter: QPainter, rect: QRectF, cell: Cell) -> QRectF:
        height = self._scale.px(9)
        width = rect.width() * 0.5
        track = QRectF(rect.left(), rect.center().y() - height / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().qcolor("track"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        share = min(1.0, max(0.0, cell.share))
        if share > 0:
            painter.setBrush(tokens().qcolor(cell.mark.colour_name if cell.mark else "accent"))
            painter.drawRoundedRect(
                QRectF(track.left(), track.top(), max(height, track.width() * share), height),
                height / 2,
                height / 2,
            )
        rest = QRectF(rect)
        rest.setLeft(track.right() + self._scale.px(10))
        return rest
