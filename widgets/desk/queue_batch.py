"""Several orders at once: each line with what will be done stands there first, then what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from domain.batch import BatchDraft, Outcome, count_outcomes
from widgets.fact_grid import small_label
from widgets.forms.order_form import OrderForm
from widgets.refusals import refusal_text
from widgets.scale import Scale
from widgets.status import Mark, Shape
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable

MOST_ROWS = 16
WIDTH = 1400


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of a batch. `order` is its draft, None where nothing is done, for the reason `refusal`.

    `says` is what will be done, with its rule where there is one.
    """

    ticket: str
    title: str
    says: str
    order: Any = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    line: BatchLine
    outcome: Outcome | None = None


class BatchForm(OrderForm):
    """The table of a batch. Enter gives the orders; then each line says what became of it, and all stays.

    What could not be written is given again by the same request ids, so that nothing is done twice.
    """

    def __init__(
        self, title: str, submit: str, lines: Sequence[BatchLine], scale: Scale, parent: QWidget | None = None
    ) -> None:
        super().__init__(scale, parent)
        self._name = title
        self.set_titles(title, submit)
        self._outcomes: dict[str, Outcome] = {}
        self.lines = tuple(lines)
        self.summary = small_label(self)
        self.table = RecordTable(RecordModel(_columns(), _key, self), scale, self, row_height=30)
        self.table.setAccessibleName(title)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.table)
        self._show()
        self._grow()
        scale.factor_changed.connect(self._grow)
        self.submit_button.setFocus()

    @property
    def orders(self) -> tuple[Any, ...]:
        """The orders that are still to be given: all, then those that could not be written."""
        return tuple(line.order for line in self.lines if line.order is not None and self._is_open(line))

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of the orders that were given."""
        return tuple(self._outcomes.values())

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.orders:
            return self.tr("没有可以办理的工单"), self.table
        return None

    def draft(self) -> BatchDraft:
        return BatchDraft(self.request_id, self.orders)

    def submit(self) -> None:
        """Give the orders; when all is decided, Enter closes the form."""
        if self._outcomes and not self.orders:
            self.accept()
        else:
            super().submit()

    def show_carried(self, found: Any) -> None:
        """Say on each line what became of it."""
        self._set_busy(False)
        for outcome in found if isinstance(found, tuple) else ():
            if isinstance(outcome, Outcome):
                self._outcomes[outcome.request_id] = outcome
        self._show()
        self.cancel_button.setVisible(bool(self.orders))
        again = self.tr("重试未写入的") if self.orders else self.tr("完成")
        self.set_titles(self._name, again)
        self.submit_button.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.cancel_button.hasFocus():
                self.reject()
            else:
                self.submit()
        else:
            super().keyPressEvent(event)

    def _is_open(self, line: BatchLine) -> bool:
        outcome = self._outcomes.get(line.order.request_id)
        return outcome is None or not outcome.written

    def _show(self) -> None:
        shown = [
            _Shown(line, self._outcomes.get(line.order.request_id) if line.order is not None else None)
            for line in self.lines
        ]
        self.table.show_records(shown)
        held = sum(line.order is None for line in self.lines)
        if not self._outcomes:
            text = self.tr("将办理 {0} 件").format(len(self.orders))
            if held:
                text += self.tr("，{0} 件不办（见各行理由）").format(held)
            self.summary.setText(self.tr("{0}。每件都是一道单独的指令，一件不成不影响其他。").format(text))
            return
        done, refused, open_ = count_outcomes(self._outcomes.values())
        parts = [self.tr("● 已办 {0} 件").format(done)]
        if refused:
            parts.append(self.tr("■ 被拒 {0} 件").format(refused))
        if open_:
            parts.append(self.tr("◆ 未写入 {0} 件（数据库无法访问，可重试，不会重复）").format(open_))
        if held:
            parts.append(self.tr("未办 {0} 件").format(held))
        self.summary.setText("　".join(parts))

    def _grow(self) -> None:
        rows = min(len(self.lines), MOST_ROWS) + 1
        self.table.setMinimumHeight(self._scale.px(31) * rows + self._scale.px(10))
        self.setMinimumWidth(self._scale.px(WIDTH))


def _columns() -> tuple[Column, ...]:
    return (
        Column("ticket", _word("工单"), 200, _ticket, least=150),
        Column("title", _word("标题"), 220, _title, least=120),
        Column("says", _word("将办理"), 560, _says, stretch=True, least=260),
        Column("outcome", _word("结果"), 300, _outcome, least=160),
    )


def _key(shown: _Shown) -> str:
    return shown.line.ticket


def _ticket(shown: _Shown) -> Cell:
    return Cell(shown.line.ticket, colour="text_muted", tooltip=shown.line.ticket)


def _title(shown: _Shown) -> Cell:
    return Cell(shown.line.title, tooltip=shown.line.title)


def _says(shown: _Shown) -> Cell:
    colour = "text_faint" if shown.line.order is None else "text_strong"
    return Cell(shown.line.says, colour=colour, tooltip=shown.line.says)


def _outcome(shown: _Shown) -> Cell:
    line, outcome = shown.line, shown.outcome
    if line.order is None:
        return _told("text_faint", Shape.DIAMOND, _word("不办：{0}").format(line.refusal))
    if outcome is None:
        return Cell(_word("待办"), colour="text_faint")
    if not outcome.written:
        return _told("due_soon", Shape.DIAMOND, _word("未写入"))
    if outcome.refusal is not None:
        return _told("overdue", Shape.SQUARE, _word("被拒：{0}").format(refusal_text(outcome.refusal)))
    return _told("done", Shape.CIRCLE, _word("已办"))


def _told(colour: str, shape: Shape, text: str) -> Cell:
    return Cell(text, CellLook.MARK, colour, Mark(colour, shape, text), tooltip=text)


def _word(source: str) -> str:
    return QCoreApplication.translate("desk", source)
