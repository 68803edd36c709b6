"""What stands in the map's place while there is no map: a badge that says so, and the counts by county."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from domain.nodes import TicketState
from domain.overview import AreaCount
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tokens import tokens

COLUMNS = 2


class CountyList(QWidget):
    """Counties with their open and overdue tickets, drawn by Qt alone: a wall without a map is of use still.

    Signals:
        area_opened(str): the user chose a county (its code).
    """

    area_opened = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._areas: tuple[AreaCount, ...] = ()
        self._notice = ""
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scale.factor_changed.connect(self.update)

    def show_areas(self, areas: Sequence[AreaCount]) -> None:
        """Show these counts, those with most overdue tickets first."""
        self._areas = tuple(sorted(areas, key=lambda area: (-area.overdue, -area.open, area.area)))
        self._current = min(self._current, max(0, len(self._areas) - 1))
        self.update()

    def set_notice(self, text: str) -> None:
        """Write the badge: why there is no map."""
        self._notice = text
        self.setAccessibleDescription(text)
        self.update()

    @property
    def notice(self) -> str:
        """The badge on screen."""
        return self._notice

    def rows(self) -> tuple[AreaCount, ...]:
        """Return the counts in the order on screen."""
        return self._areas

    def row_rect(self, index: int) -> QRectF:
        """Return where a row is drawn, in pixels of this widget."""
        height = self._scale.size("row")
        lines = max(1, -(-len(self._areas) // COLUMNS))
        width = (self.width() - self._scale.px(40) * (COLUMNS + 1)) / COLUMNS
        column, line = divmod(index, lines)
        left = self._scale.px(40) + column * (width + self._scale.px(40))
        return QRectF(left, self._scale.px(74) + line * height, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw badge and rows."""
        look = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look.qcolor("panel"))
        self._paint_notice(painter)
        for index, area in enumerate(self._areas):
            self._paint_row(painter, self.row_rect(index), area, index == self._current and self.hasFocus())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the county under the mouse."""
        for index, area in enumerate(self._areas):
            if self.row_rect(index).contains(event.position()):
                self._current = index
                self.area_opened.emit(area.area)
                self.update()
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose a county, Enter opens it."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step and self._areas:
            self._current = (self._current + step) % len(self._areas)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._areas:
            self.area_opened.emit(self._areas[self._current].area)
        else:
            super().keyPressEvent(event)

    def _paint_notice(self, painter: QPainter) -> None:
        if not self._notice:
            return
        look, scale = tokens(), self._scale
        painter.setFont(scale.font("font_small"))
        metrics = painter.fontMetrics()
        box = QRectF(0, scale.px(16), metrics.horizontalAdvance(self._notice) + scale.px(56), scale.px(36))
        box.moveLeft((self.width() - box.width()) / 2)
        painter.setPen(look.qcolor("due_soon"))
        painter.setBrush(look.qcolor("hover"))
        painter.drawRoundedRect(box, scale.size("radius"), scale.size("radius"))
        side = scale.size("mark")
        mark = QRectF(box.left() + scale.px(16), box.center().y() - side / 2, side, side)
        paint_mark(painter, mark, mark_of(TicketState.DUE_SOON))
        painter.setPen(look.qcolor("text"))
        painter.drawText(box.adjusted(scale.px(40), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._notice)

    def _paint_row(self, painter: QPainter, rect: QRectF, area: AreaCount, current: bool) -> None:
        look, scale = tokens(), self._scale
        if current:
            painter.fillRect(rect, look.qcolor("selection"))
        painter.setPen(look.qcolor("row_line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setFont(scale.font("font_body"))
        painter.setPen(look.qcolor("text"))
        painter.drawText(rect.adjusted(scale.px(8), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, area.name)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        middle = rect.adjusted(0, 0, -rect.width() * 0.38, 0)
        painter.setPen(look.qcolor("text_muted"))
        painter.drawText(middle, right, self.tr("在办 {0}").format(area.open))
        if area.overdue:
            late = mark_of(TicketState.OVERDUE)
            text = f"{late.word} {area.overdue}"
            painter.setPen(look.qcolor(late.colour_name))
            painter.drawText(rect.adjusted(0, 0, -scale.px(8), 0), right, text)
            left = rect.right() - scale.px(16) - painter.fontMetrics().horizontalAdvance(text)
            side = scale.size("mark")
            paint_mark(painter, QRectF(left - side, rect.center().y() - side / 2, side, side), late)
