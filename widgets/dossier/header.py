"""The head of a dossier: the way back, number and title, what kind of ticket it is, how it stands now."""

from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from domain.clock import state_of
from domain.dossier import Dossier
from domain.nodes import TicketState
from domain.urgency import Urgency
from widgets.dossier.chip import Chip
from widgets.elided_label import ElidedLabel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, mark_of, merged_mark, paint_mark
from widgets.tokens import tokens
from widgets.wording import countdown_text, local_moment_text, node_name, urgency_name

URGENCY_COLOURS = {
    Urgency.CRITICAL: "danger_button_border",
    Urgency.FIRST: "due_soon",
    Urgency.ORDINARY: "chip_border",
}


class DossierHeader(QWidget):
    """Signals: `back_requested()`, `ticket_requested(str)`: the ticket in which this one is handled."""

    back_requested = Signal()
    ticket_requested = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.back.clicked.connect(self.back_requested)
        self.title = ElidedLabel(scale, self, tone="text_strong", font_name="font_title", bold=True)
        self._urgency = Chip(scale, self)
        self._round = Chip(scale, self)
        self._merged = Chip(scale, self)
        self.main = QPushButton(self)
        self.main.setProperty("look", "small")
        self.main.setAutoDefault(False)
        self.main.clicked.connect(self._ask_main)
        self.main.hide()
        self._main: str | None = None
        self._area = Chip(scale, self)
        self._replayed = Chip(scale, self)
        self.title.set_text(self.tr("尚未选择工单"))
        self.state = StateLine(scale, self)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.back)
        self._row.addWidget(self.title)
        for chip in (self._urgency, self._round, self._merged, self.main, self._area, self._replayed):
            self._row.addWidget(chip)
        self._row.addStretch(1)
        self._row.addWidget(self.state)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    def show_dossier(self, dossier: Dossier, now: datetime) -> None:
        """Show whose dossier this is and how it stands at a moment."""
        facts, trace = dossier.facts, dossier.clock.trace
        words = f"{dossier.number} {dossier.title}"
        self.title.set_text(words)
        self.title.setToolTip(tip(words))
        urgency = trace.received.urgency
        self._urgency.set_text(urgency_name(urgency), URGENCY_COLOURS[urgency])
        self._round.set_text(self.tr("第 {0} 轮").format(trace.round))
        count = dossier.merged_count
        self._merged.set_text(self.tr("含 {0} 件重复").format(count) if count else "", "on_time")
        self._main = dossier.merged_into
        self.main.setText(self.tr("已并入 {0} ›").format(self._main))
        self.main.setToolTip(tip(self.tr("由主单一并办理、一并反馈，点此打开")))
        self.main.setVisible(self._main is not None)
        self._area.set_text(" · ".join(part for part in (facts.area, facts.township) if part))
        past = self.tr("回放 {0}").format(local_moment_text(dossier.clock.as_of)) if dossier.replayed else ""
        self._replayed.set_text(past, "purple_border")
        self.show_state(dossier, now)

    def show_state(self, dossier: Dossier, now: datetime) -> None:
        """Show how the ticket stands at a moment: state, current node, time left or over."""
        trace = dossier.clock.trace
        state = state_of(trace, now)
        mark = mark_of(state)
        current = trace.current
        if trace.merged_into is not None:
            self.state.show_state(merged_mark(), merged_mark().word)
        elif state is TicketState.CLOSED or current is None:
            self.state.show_state(mark, mark.word)
        elif current.due_at is None:
            self.state.show_state(mark, f"{node_name(current.node)} {mark_of(current.status(now)).word}")
        else:
            left = countdown_text(current.due_at, now)
            self.state.show_state(mark, f"{node_name(current.node)} {left}")

    def _ask_main(self) -> None:
        if self._main is not None:
            self.ticket_requested.emit(self._main)

    def _rescale(self) -> None:
        self.setFixedHeight(self._scale.size("header_height"))
        self._row.setContentsMargins(self._scale.px(14), 0, self._scale.px(20), 0)
        self._row.setSpacing(self._scale.px(12))


class StateLine(QWidget):
    """The big state at the right: shape, words and countdown in the state's colour."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._mark: Mark | None = None
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        scale.factor_changed.connect(self.updateGeometry)

    @property
    def text(self) -> str:
        """The words on screen."""
        return self._text

    @property
    def mark(self) -> Mark | None:
        """The mark on screen."""
        return self._mark

    def show_state(self, mark: Mark, text: str) -> None:
        """Show a mark and its words."""
        if (mark, text) == (self._mark, self._text):
            return
        if len(text) != len(self._text):
            self.updateGeometry()
        self._mark, self._text = mark, text
        self.setAccessibleName(f"{mark.word} {text}")
        self.setToolTip(tip(mark.word))
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._scale.font("font_header", bold=True))
        width = metrics.horizontalAdvance(self._text) + self._scale.px(40)
        return QSize(round(width), self._scale.px(40))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._mark is None:
            return
        painter = QPainter(self)
        size = self._scale.px(20)
        paint_mark(painter, QRectF(0, (self.height() - size) / 2, size, size), self._mark)
        painter.setFont(self._scale.font("font_header", bold=True))
        painter.setPen(tokens().qcolor(self._mark.colour_name))
        area = QRectF(self._scale.px(30), 0, self.width() - self._scale.px(30), self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._text)
        painter.end()
