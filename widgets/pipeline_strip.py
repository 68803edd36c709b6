"""Where the open tickets stand: the eleven nodes in their order, how many wait at each, how many too long."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from domain.nodes import Node, NodeStatus
from domain.overview import PipelineNode
from widgets.painting import CENTRE, draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tile import Tile
from widgets.tokens import tokens
from widgets.wording import count_text, node_name


class PipelineStrip(QWidget):
    """One stop a node, made once; the chevrons between them are painted by the strip."""

    tickets_requested = Signal(object, str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.stops = {node: PipelineStop(node, scale, self) for node in Node}
        for stop in self.stops.values():
            self._layout.addWidget(stop, 1)
            stop.tickets_requested.connect(self.tickets_requested)
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    def show_pipeline(self, nodes: Sequence[PipelineNode]) -> None:
        """Show the counts; a node that is not given has none."""
        given = {entry.node: entry for entry in nodes}
        for node, stop in self.stops.items():
            stop.show_node(given.get(node))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens().qcolor("text_faint"), self._scale.px(1.6)))
        height, width = self._scale.px(10), self._scale.px(5)
        stops = list(self.stops.values())
        for before, after in pairwise(stops):
            x = (before.geometry().right() + after.geometry().left()) / 2 - width / 2
            y = before.geometry().center().y()
            painter.drawPolyline(
                [QPointF(x, y - height / 2), QPointF(x + width, y), QPointF(x, y + height / 2)]
            )

    def _apply_scale(self) -> None:
        self._layout.setSpacing(self._scale.px(10))
        self.setFixedHeight(self._scale.px(98))


class PipelineStop(QWidget):
    """A node: the upper tile opens all its open tickets, the lower one those that are late here."""

    tickets_requested = Signal(object, str)

    def __init__(self, node: Node, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node = node
        self._entry: PipelineNode | None = None
        self.all = _CountTile(node, scale, self)
        self.late = _LateTile(scale, self)
        self.all.clicked.connect(self._request)
        self.late.clicked.connect(self._request_late)
        self.show_node(None)

    def show_node(self, entry: PipelineNode | None) -> None:
        """Show a node's counts, zero when there are none."""
        if entry == self._entry and self.all.text():
            return
        before, self._entry = self._entry, entry
        name = node_name(self._node)
        opened, late = (entry.open, entry.overdue) if entry is not None else (0, 0)
        soon = entry.due_soon if entry is not None else 0
        figures = self.all.text(), self.late.text()
        self.all.show_count(opened)
        self.late.show_counts(opened, soon, late)
        if before is not None:
            for tile, figure in zip((self.all, self.late), figures, strict=True):
                if tile.text() != figure:
                    tile.light()
        spoken = self.tr("{0}：在办 {1} 件，其中临期 {2} 件，超期 {3} 件").format(name, opened, soon, late)
        self.all.setAccessibleName(spoken)
        explained = "\n".join((spoken, self.tr("按工单当前所在环节计，每件工单计一次")))
        self.all.setToolTip(tip(explained))
        self.late.setToolTip(tip(explained))
        self.late.setAccessibleName(self.tr("{0}：{1}").format(name, self.late.text()))
        self.all.setEnabled(opened > 0)
        self.late.setEnabled(late > 0 or soon > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # By hand: a layout would measure the whole page anew for every figure that changes.
        super().resizeEvent(event)
        upper = round(self.height() * 0.7)
        self.all.setGeometry(0, 0, self.width(), upper)
        self.late.setGeometry(0, upper, self.width(), self.height() - upper)

    def _request(self) -> None:
        if self._entry is not None:
            title = self.tr("{0} · 在办").format(node_name(self._node))
            self.tickets_requested.emit(self._entry.filter, title)

    def _request_late(self) -> None:
        if self._entry is None:
            return
        status = NodeStatus.OVERDUE if self._entry.overdue else NodeStatus.DUE_SOON
        title = f"{node_name(self._node)} · {mark_of(status).word}"
        self.tickets_requested.emit(replace(self._entry.filter, node_status=status), title)


class _CountTile(Tile):
    def __init__(self, node: Node, scale: Scale, parent: QWidget) -> None:
        super().__init__(scale, parent)
        self._node = node
        self._count: int | None = None

    def show_count(self, count: int) -> None:
        if count == self._count:
            return
        self._count = count
        self.setText(count_text(count))
        self.update()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        scale = self.scale
        top = QRectF(rect.x(), rect.y() + scale.px(3), rect.width(), scale.px(26))
        rest = QRectF(rect.x(), top.bottom(), rect.width(), rect.bottom() - top.bottom())
        draw_text(painter, top, node_name(self._node), scale.font("font_small"), "text_muted", CENTRE)
        wide = text_width(scale.font("font_header", bold=True), self.text()) > rect.width()
        font = scale.font("font_small" if wide else "font_header", bold=True)
        draw_text(painter, rest, self.text(), font, "text_strong" if self._count else "text_faint", CENTRE)


class _LateTile(Tile):
    """超 2 in red, else 临 3 in yellow, else 按时; each with its shape."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(scale, parent)
        self._status: NodeStatus | None = None
        self._counts: tuple[bool, int, int] | None = None
        self._figure = ""

    def show_counts(self, opened: int, soon: int, late: int) -> None:
        counts = (opened > 0, soon, late)
        if counts == self._counts:
            return
        self._counts = counts
        words = self.text()
        self._figure = count_text(late or soon)
        if late:
            self._status = NodeStatus.OVERDUE
            self.setText(self.tr("超 {0}").format(count_text(late)))
        elif soon:
            self._status = NodeStatus.DUE_SOON
            self.setText(self.tr("临 {0}").format(count_text(soon)))
        else:
            self._status = None
            self.setText(self.tr("按时") if opened else "—")
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if self._status is not None else Qt.CursorShape.ArrowCursor
        )
        if self.text() != words:
            self.update()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        font = self.scale.font("font_small")
        if self._status is None:
            draw_text(painter, rect, self.text(), font, "text_faint", CENTRE)
            return
        mark = mark_of(self._status)
        side, gap = self.scale.px(12), self.scale.px(5)
        text = self.text()
        if side + gap + text_width(font, text) > rect.width():
            # Six figures leave no room for the word; shape, colour and tooltip still say it.
            text = self._figure
        width = side + gap + text_width(font, text)
        x = max(rect.x(), rect.center().x() - width / 2)
        paint_mark(painter, QRectF(x, rect.center().y() - side / 2, side, side), mark)
        box = QRectF(x + side + gap, rect.y(), rect.right() - x - side - gap, rect.height())
        draw_text(painter, box, text, font, mark.colour_name)
