"""Paints a `Cell`: words, status marks, chips, bars. No widget per row, so a million rows stay cheap."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.painting import CENTRE, LEFT, RIGHT, draw_bar, draw_text, report_fault
from widgets.scale import Scale
from widgets.status import paint_mark
from widgets.table.cells import Cell, CellLook
from widgets.table.model import CellModel
from widgets.tokens import tokens

BAR_SHARE = 0.42
"""A bar takes this share of its cell; the rest is for mark and words."""


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
        self._line = QPen(tokens().qcolor("row_line"), 1)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Rows have one height and columns a set width, so Qt never has to ask the data."""
        return QSize(self._scale.px(80), self._scale.px(38))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        rect = QRectF(option.rect)
        inner = rect.adjusted(self._scale.px(8), 0, -self._scale.px(8), 0)
        painter.save()
        try:
            self._paint_ground(painter, rect, option)
            self._paint_index(painter, inner, index)
        except Exception as error:  # noqa: BLE001 - it would end the process
            report_fault(error)
            draw_text(painter, inner, str(index.data() or "?"), self._font, "text_muted")
        finally:
            painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRectF, option: QStyleOptionViewItem) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, tokens().qcolor("selection"))
        painter.setPen(self._line)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _paint_index(
        self, painter: QPainter, rect: QRectF, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        # Straight to the model: through QModelIndex.data each question would cost as much as the painting.
        model = index.model()
        cells = model.cells(index.row()) if isinstance(model, CellModel) else None
        if cells is None:
            draw_text(painter, rect, "…", self._font, "text_faint")
            return
        cell, right = cells[index.column()], model.columns[index.column()].right
        late = cell.due is not None and model.now is not None and model.now > cell.due
        colour = "overdue" if late else cell.colour
        self._paint_cell(painter, rect, cell, model.text_of(cell), colour, right=right)

    def _paint_cell(
        self, painter: QPainter, rect: QRectF, cell: Cell, text: str, colour: str, *, right: bool
    ) -> None:
        painter.setFont(self._bold if cell.bold else self._font)
        if cell.look is CellLook.CHIP:
            self._paint_chip(painter, rect, cell, text)
            return
        if cell.look is CellLook.BAR:
            rect = self._paint_bar(painter, rect, cell)
        if cell.mark is not None:
            size, gap = self._scale.px(14), self._scale.px(8)
            left = rect.left()
            if right:
                left = max(
                    left, rect.right() - QFontMetricsF(painter.font()).horizontalAdvance(text) - gap - size
                )
            spot = QRectF(left, rect.center().y() - size / 2, size, size)
            paint_mark(painter, spot, cell.mark)
            rect.setLeft(spot.right() + gap)
        draw_text(painter, rect, text, painter.font(), colour, RIGHT if right else LEFT)

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
        draw_text(painter, chip.adjusted(pad / 2, 0, -pad / 2, 0), text, painter.font(), "text", CENTRE)

    def _paint_bar(self, painter: QPainter, rect: QRectF, cell: Cell) -> QRectF:
        height = self._scale.px(9)
        width = rect.width() * BAR_SHARE
        track = QRectF(rect.left(), rect.center().y() - height / 2, width, height)
        draw_bar(painter, track, cell.share, cell.mark.colour_name if cell.mark else "accent", cell.sure)
        rest = QRectF(rect)
        rest.setLeft(track.right() + self._scale.px(10))
        return rest
