"""Counties or bodies beside the large map: how much each has open and overdue; a click filters by it."""

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from domain.nodes import TicketState
from widgets.map.choice import CountRow
from widgets.painting import CENTRE, RIGHT, draw_card, draw_text, text_width
from widgets.panel import Panel
from widgets.plain import PlainLabel
from widgets.record_list import RecordDelegate, RecordList, RecordModel
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.tokens import tokens
from widgets.wording import count_text, exact_count_text


class CountPanel(Panel):
    """Rows of (name, open, overdue), worst first.

    Signals:
        row_chosen(str): the key of a row that was clicked.
    """

    row_chosen = Signal(str)

    def __init__(self, title: str, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(title, scale, parent)
        self.model = RecordModel(self._spoken, self._explained, _key_of)
        self._delegate = _CountDelegate(scale)
        self.rows = _CalmList(self.model, self._delegate, self)
        self.rows.setAccessibleName(title)
        self.rows.record_chosen.connect(self._choose)
        self._empty = PlainLabel(self.tr("没有在办工单"), self)
        self._empty.setProperty("tone", "muted")
        self._empty.setAlignment(CENTRE)
        self.body.addWidget(self.rows, 1)
        self.body.addWidget(self._empty, 1)
        self.rows.hide()

    def show_rows(self, rows: Sequence[CountRow], chosen: Collection[str]) -> None:
        """Show these rows, those of the chosen keys marked."""
        if self._delegate.prepare(rows, chosen):
            self.rows.viewport().update()
        self.rows.show_records(rows)
        self.rows.setVisible(bool(rows))
        self._empty.setVisible(not rows)

    def _choose(self, row: CountRow) -> None:
        self.row_chosen.emit(row.key)

    def _spoken(self, row: CountRow) -> str:
        late = mark_of(TicketState.OVERDUE)
        return self.tr("{0} 在办 {1} {2} {3}").format(row.name, row.open, late.word, row.overdue)

    def _explained(self, row: CountRow) -> str:
        late = mark_of(TicketState.OVERDUE).word
        share = f"{row.overdue / row.open:.1%}" if row.open else "—"
        return self.tr("{0}：在办 {1} 件，{2} {3} 件（{4}）").format(
            row.name, exact_count_text(row.open), late, exact_count_text(row.overdue), share
        )


class _CalmList(RecordList):
    """Counts that change with every ticket: a light on each change would never go out."""

    def is_news(self, *_states: Any) -> bool:
        return False


class _CountDelegate(RecordDelegate):
    """The bar is as long as the row's share of the largest one; its head is what is overdue."""

    def __init__(self, scale: Scale) -> None:
        super().__init__(scale, 36)
        self._largest = 1
        self._chosen: frozenset[str] = frozenset()
        self._names = self._opens = self._lates = 0.0
        self._rows: tuple[CountRow, ...] = ()
        scale.factor_changed.connect(self._measure)

    def prepare(self, rows: Sequence[CountRow], chosen: Collection[str]) -> bool:
        """Measure the columns for these rows; return whether every row is to be painted anew."""
        before = (self._largest, self._chosen, self._names, self._opens, self._lates)
        self._rows = tuple(rows)
        # In steps, so that a ticket more in the largest row does not repaint all of them.
        most = max((row.open for row in rows), default=1)
        step = max(1, 10 ** (len(str(most)) - 1) // 5)
        self._largest = max(1, -(-most // step) * step)
        self._chosen = frozenset(chosen)
        self._measure()
        return before != (self._largest, self._chosen, self._names, self._opens, self._lates)

    def _measure(self) -> None:
        font, strong = self.scale.font("font_small"), self.scale.font("font_small", bold=True)
        self._names = min(
            self.scale.px(132), max((text_width(font, row.name) for row in self._rows), default=0.0)
        )
        self._opens = max((text_width(strong, count_text(row.open)) for row in self._rows), default=0.0)
        self._lates = max((text_width(font, count_text(row.overdue)) for row in self._rows), default=0.0)

    def paint_record(self, painter: QPainter, rect: QRectF, record: CountRow) -> None:
        scale, gap = self.scale, self.scale.px(10)
        font, strong = scale.font("font_small"), scale.font("font_small", bold=True)
        if record.key in self._chosen:
            draw_card(painter, rect.adjusted(0, 1, 0, -1), scale, "selection")
        inner = rect.adjusted(scale.px(6), 0, -scale.px(6), 0)
        late = mark_of(TicketState.OVERDUE)
        side = scale.px(12)
        right = inner.right()
        if record.overdue:
            box = QRectF(right - self._lates, rect.y(), self._lates, rect.height())
            draw_text(painter, box, count_text(record.overdue), font, late.colour_name, RIGHT)
            width = text_width(font, count_text(record.overdue))
            mark = QRectF(right - width - scale.px(6) - side, rect.center().y() - side / 2, side, side)
            paint_mark(painter, mark, late)
        right -= self._lates + scale.px(6) + side + gap
        box = QRectF(right - self._opens, rect.y(), self._opens, rect.height())
        draw_text(painter, box, count_text(record.open), strong, "text_strong", RIGHT)
        right -= self._opens + gap
        name = QRectF(inner.x(), rect.y(), self._names, rect.height())
        draw_text(painter, name, record.name, font, "text" if record.open else "text_faint")
        left = name.right() + gap
        if right - left > scale.px(20):
            height = scale.px(8)
            bar = QRectF(left, rect.center().y() - height / 2, right - left, height)
            self._paint_bar(painter, bar, record)

    def _paint_bar(self, painter: QPainter, bar: QRectF, record: CountRow) -> None:
        look, radius = tokens(), bar.height() / 2
        painter.setPen(look.qcolor("track"))
        painter.setBrush(look.qcolor("track"))
        painter.drawRoundedRect(bar, radius, radius)
        for share, name in ((record.open, "accent"), (record.overdue, "overdue")):
            if share:
                # One overdue ticket among thousands must still be seen.
                part = QRectF(bar)
                part.setWidth(max(bar.height(), bar.width() * min(1.0, share / self._largest)))
                painter.setPen(look.qcolor(name))
                painter.setBrush(look.qcolor(name))
                painter.drawRoundedRect(part, radius, radius)


def _key_of(row: CountRow) -> str:
    return row.key
