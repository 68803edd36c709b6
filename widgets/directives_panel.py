"""The directives that need eyes with their receipts, and the button for the next one."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from domain.overview import DirectiveRow, DirectiveState
from domain.people import Actor
from domain.rights import Command
from widgets.painting import CENTRE, draw_text, text_width
from widgets.panel import Panel
from widgets.plain import PlainLabel, tip
from widgets.record_list import RecordDelegate, RecordList, RecordModel
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import mark_of, paint_mark
from widgets.warning_words import climbed_to
from widgets.wording import count_text, countdown_text, local_moment_text, urgency_name

_COUNTING = (
    DirectiveState.UNSIGNED,
    DirectiveState.UNSIGNED_LATE,
    DirectiveState.RUNNING,
    DirectiveState.RETURNED,
    DirectiveState.DUE_SOON,
    DirectiveState.OVERDUE,
)


class DirectivesPanel(Panel):
    """Emits the number of an opened directive; `directive_requested` carries nothing: a new one is wanted."""

    directive_opened = Signal(str)
    directive_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("指令"))
        self.issue = QPushButton(self.tr("下达指令"), self)
        self.issue.setProperty("look", "small")
        self.issue.clicked.connect(self._request_new)
        self.bar.insertWidget(1, self.issue)
        self.model = RecordModel(self._spoken, self._explained, _number_of)
        self._delegate = _DirectiveDelegate(scale)
        self.rows = RecordList(self.model, self._delegate, self)
        self.rows.setAccessibleName(self.title)
        self.rows.record_chosen.connect(self._open)
        self._empty = PlainLabel(self.tr("尚无指令"), self)
        self._empty.setProperty("tone", "muted")
        self._empty.setAlignment(CENTRE)
        self._shown: tuple[tuple[DirectiveRow, ...], int, int, int] | None = None
        self.body.addWidget(self.rows, 1)
        self.body.addWidget(self._empty, 1)
        self.rows.hide()
        self.set_actor(None)

    def show_directives(
        self, rows: Sequence[DirectiveRow], to_sign: int, to_feed_back: int, now: datetime, late: int = 0
    ) -> None:
        """Show directives in their order, and how many receipts are still missing, and late."""
        self._delegate.now = now
        shown = (tuple(rows), to_sign, to_feed_back, late)
        if shown == self._shown:
            self.confirm(now)
            return
        self._shown = shown
        self.rows.show_records(rows)
        self.rows.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        note = self.tr("待签收 {0} · 待反馈 {1}").format(count_text(to_sign), count_text(to_feed_back))
        too_late = self.tr("■ 超时 {0}").format(count_text(late))
        if late:
            self.set_note(f"{note} · {too_late}", shorter=(too_late,), tones={too_late: "overdue"})
        else:
            self.set_note(note)
        self.set_fresh(now)

    def set_actor(self, actor: Actor | None) -> None:
        """Offer a new directive only to who may issue one; to others it says why not."""
        refusal = refusal_of(Command.ISSUE_DIRECTIVE, actor)
        self.issue.setEnabled(not refusal)
        self.issue.setToolTip(tip(refusal))
        self.issue.setAccessibleDescription(refusal)

    def tick(self, now: datetime) -> None:
        """Let the deadlines count on to now (aware)."""
        counting = [row for row in self.model.records if row.state in _COUNTING]
        before = [receipts_text(self._delegate, row) for row in counting]
        self._delegate.now = now
        for row, text in zip(counting, before, strict=True):
            if receipts_text(self._delegate, row) != text:
                self.rows.repaint_key(row.number)

    def _open(self, row: DirectiveRow) -> None:
        self.directive_opened.emit(row.number)

    def _request_new(self) -> None:
        self.directive_requested.emit(None)

    def _spoken(self, row: DirectiveRow) -> str:
        state = mark_of(row.state).word
        return f"{row.number} {row.text} {state} {receipts_text(self._delegate, row)}"

    def _explained(self, row: DirectiveRow) -> str:
        return "\n".join(
            (
                f"{row.number} · {urgency_name(row.urgency)} · {mark_of(row.state).word}",
                row.text,
                self.tr("{0} 于 {1} 下达，限 {2}").format(
                    row.issued_by, local_moment_text(row.issued_at), local_moment_text(row.deadline)
                ),
                self.tr("接收：{0}").format("、".join(row.receiver_names)),
                receipts_text(self._delegate, row),
            )
        )


class _DirectiveDelegate(RecordDelegate):
    def __init__(self, scale: Scale) -> None:
        super().__init__(scale, 55)
        self.now: datetime | None = None

    def paint_record(self, painter: QPainter, rect: QRectF, record: DirectiveRow) -> None:
        scale, row = self.scale, record
        small = scale.font("font_small")
        line = scale.px(26)
        pad = scale.px(4)
        first = QRectF(rect.x() + pad, rect.y() + scale.px(2), rect.width() - 2 * pad, line)
        second = first.translated(0, line)
        width = min(text_width(small, row.number), first.width() * 0.35)
        number = QRectF(first.x(), first.y(), width, line)
        draw_text(painter, number, row.number, small, "text_muted")
        first.setLeft(number.right() + scale.px(12))
        draw_text(painter, first, row.text, small, "text")
        mark = mark_of(row.state)
        side = scale.px(13)
        paint_mark(painter, QRectF(second.x(), second.center().y() - side / 2, side, side), mark)
        second.setLeft(second.x() + side + scale.px(8))
        wordings = receipts_wordings(self, row)
        fits = (text for text in wordings if text_width(small, text) <= second.width())
        draw_text(painter, second, next(fits, wordings[-1]), small, mark.colour_name)


def _number_of(row: DirectiveRow) -> str:
    return row.number


def receipts_text(delegate: _DirectiveDelegate, row: DirectiveRow) -> str:
    """Return 签收 11/12 · 反馈 4/12 · 剩 02:10:00, what is late first, or the final state's words."""
    return receipts_wordings(delegate, row)[0]


def receipts_wordings(delegate: _DirectiveDelegate, row: DirectiveRow) -> tuple[str, ...]:
    """Return what `receipts_text` says, the longest wording first: a narrow line leaves out whole parts."""
    count = len(row.receivers)
    if row.state is DirectiveState.WITHDRAWN:
        return (mark_of(row.state).word,)
    if row.state is DirectiveState.JUDGED:
        return (delegate.tr("已评价 · 属实 {0}/{1}").format(row.accepted, count),)
    late = delegate.tr("{0} {1} 家").format(mark_of(row.state).word, row.late) if row.late else ""
    climbed = climbed_to(row.climbed_to) if row.late and row.climbed_to is not None else ""
    signed = delegate.tr("签收 {0}/{1}").format(row.signed, count)
    if row.state is DirectiveState.UNSIGNED_LATE:
        signed = ""
    fed_back = delegate.tr("反馈 {0}/{1}").format(row.fed_back, count)
    due = ""
    if row.state in _COUNTING and delegate.now is not None:
        due = countdown_text(row.deadline, delegate.now)
    wordings = (
        (late, climbed, signed, fed_back, due),
        (late, climbed, fed_back, due),
        (late, fed_back, due),
        (late or fed_back, due),
    )
    return tuple(" · ".join(part for part in parts if part) for parts in wordings)
