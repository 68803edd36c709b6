"""The common shape of a desk: lanes with counts, the queue, what is known of the chosen line, the keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from domain.desk_queue import QueueRow
from widgets.desk.queue_keys import DeskKey, KeyLegend
from widgets.desk.queue_table import QueueTable, letter_of
from widgets.pages.choice_row import ChoiceRow
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.table.cells import Column
from widgets.table.paged import PagedModel

MOST_IN_A_BATCH = 200
"""More lines than this at once would be a table that nobody reads before it is done."""


class QueuePage(QWidget):
    """A desk's page. The subclass gives lanes, keys, columns and the pane of the chosen line.

    Signals: `list_requested()` when another lane was chosen; `detail_requested(str)` with the ticket of the
    chosen line; `ticket_requested(str)` to open its dossier; `order_requested(str, tuple)` with a key's
    letter and the lines that were selected when it was pressed, top to bottom; `said(str)` why a key did
    nothing.
    """

    list_requested = Signal()
    detail_requested = Signal(str)
    ticket_requested = Signal(str)
    order_requested = Signal(str, object)
    said = Signal(str)

    def __init__(
        self,
        title: str,
        lanes: Sequence[tuple[Any, str]],
        keys: Sequence[DeskKey],
        columns: Sequence[Column],
        scale: Scale,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._names = [name for _, name in lanes]
        self._values = [value for value, _ in lanes]
        self.lanes = ChoiceRow([(v, f"{n + 1} {w}") for n, (v, w) in enumerate(lanes)], scale, self)
        for button in self.lanes.buttons:
            button.setProperty("look", "lane")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.model = PagedModel(columns, key_of_row, self)
        self.table = QueueTable(self.model, scale, self)
        self.table.setAccessibleName(title)
        self.table.set_empty_text(self.tr("读取中…"))
        self.panel = Panel(title, scale, self)
        self.panel.bar.insertWidget(1, self.lanes)
        self.panel.body.addWidget(self.table)
        self._keys = {key.letter: key for key in keys}
        self.lineless: frozenset[str] = frozenset()
        """Keys that are about no line: what they do does not depend on what is chosen."""
        hint = self.tr("↑↓ 或 J K 选行 · Home End 首尾 · Shift+↑↓ 多选 · 数字换列表 · Enter 办理 · Esc 离开")
        self.legend = KeyLegend(keys, hint, scale, self)
        digits = [str(number + 1) for number in range(min(len(lanes), 9))]
        self.table.letters = frozenset((*self._keys, *digits))
        self._row = QHBoxLayout()
        self._row.addWidget(self.panel, 1)
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self._row, 1)
        self._outer.addWidget(self.legend)
        self.setFocusProxy(self.table)
        self.lanes.choice_changed.connect(self._lane_chosen)
        self.table.key_requested.connect(self.press)
        self.legend.key_requested.connect(self.press)
        self.table.record_activated.connect(self._enter)
        self.table.record_chosen.connect(self._chosen)
        self.table.choice_changed.connect(self.offer)
        scale.factor_changed.connect(self._respace)
        self._respace()

    # --- for the subclass ------------------------------------------------------------------------------

    def show_beside(self, pane: Panel) -> None:
        """Put the pane of the chosen line at the right of the queue."""
        self._row.addWidget(pane)

    def due_key(self, row: QueueRow) -> str:  # noqa: ARG002 - the subclass knows
        """Return the letter that does what a line waits for, which Enter stands for; empty for none."""
        return ""

    def refusals(self, rows: Sequence[QueueRow]) -> Mapping[str, str]:  # noqa: ARG002 - the subclass knows
        """Return why keys do nothing with these lines, by letter."""
        return {}

    def show_line(self, row: QueueRow | None) -> None:
        """Show at once what the chosen line itself tells; the rest is on its way."""

    def lane_notes(self) -> Mapping[Any, str]:
        """Return what an empty lane says, by its value."""
        return {}

    # --- data ------------------------------------------------------------------------------------------

    @property
    def lane(self) -> Any:
        """The chosen lane."""
        return self.lanes.value

    def begin_list(self) -> None:
        """Forget the lines: another list begins."""
        self.model.start_over()
        self.table.set_empty_text(self.tr("读取中…"))

    def show_counts(self, counts: Sequence[int | None], as_of: datetime) -> None:
        """Write how many lines each lane has."""
        self.lanes.show_counts(counts)
        nothing = self.lane_notes().get(self.lane, self.tr("这里没有要办的"))
        self.table.set_empty_text(nothing, "done")
        self.panel.confirm(as_of)
        if self.model.now is None or self.model.now < as_of:
            self.table.tick(as_of)

    def choose_first(self) -> None:
        """Choose the first line where none is chosen."""
        self.table.choose_some()

    def rows(self) -> tuple[QueueRow, ...]:
        """Return the selected lines, top to bottom."""
        return tuple(self.table.selected_records())

    def tick(self, now: datetime) -> None:
        """Move the countdowns in sight to a new moment."""
        self.table.tick(now)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the page because it is only true as of `since`; None lifts the veil."""
        self.panel.set_stale(since)

    # --- what the hand does ----------------------------------------------------------------------------

    def press(self, letter: str) -> None:
        """Do what a key says with the lines that are selected now."""
        if letter.isdigit():
            self._press_digit(int(letter))
            return
        rows = () if letter in self.lineless else self.rows()
        if not self.table.aimed and letter not in self.lineless:
            self.said.emit(self.tr("列表刚刚移动，请看清所选工单后再按一次。"))
            return
        reason = self._refusal(letter, rows)
        if reason:
            self.said.emit(reason)
        else:
            self.order_requested.emit(letter, rows)

    def offer(self) -> None:
        """Say which keys do something with what is chosen."""
        rows = self.rows()
        due = self.due_key(rows[0]) if len(rows) == 1 else ""
        self.legend.show_refusals({letter: self._refusal(letter, rows) for letter in self._keys}, due)

    def _refusal(self, letter: str, rows: Sequence[QueueRow]) -> str:
        if letter in self.lineless:
            return self.refusals(()).get(letter, "")
        if not rows:
            return self.tr("先选择一行")
        if len(rows) < self.table.selected_count():
            return self.tr("所选工单尚未全部载入，请稍候")
        if len(rows) > MOST_IN_A_BATCH:
            return self.tr("一次最多办理 {0} 件").format(MOST_IN_A_BATCH)
        if len(rows) > 1 and not self._keys[letter].several:
            return self.tr("“{0}”一次只办一件，先只选一行").format(self._keys[letter].word)
        return self.refusals(rows).get(letter, "")

    def _press_digit(self, digit: int) -> None:
        if 1 <= digit <= len(self._values):
            self.lanes.choose(self._values[digit - 1])
            self._lane_chosen(self._values[digit - 1])

    def _lane_chosen(self, _lane: object) -> None:
        self.begin_list()
        self.list_requested.emit()

    def _enter(self, row: QueueRow, _column: str) -> None:
        key = self.due_key(row)
        if key:
            self.press(key)
        else:
            self.ticket_requested.emit(row.ticket)

    def _chosen(self, row: QueueRow | None) -> None:
        self.show_line(row)
        self.offer()
        if row is not None:
            self.detail_requested.emit(row.ticket)

    # --- Qt --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.choose_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys from wherever on the page the focus is."""
        letter = letter_of(event)
        if letter and letter in self.table.letters:
            self.press(letter)
        else:
            super().keyPressEvent(event)

    def _respace(self) -> None:
        margin, gap = self._scale.size("margin"), self._scale.px(6)
        self._outer.setContentsMargins(margin, gap, margin, gap)
        self._outer.setSpacing(gap)
        self._row.setSpacing(self._scale.size("gap"))
        self.panel.body.setSpacing(gap)


def key_of_row(row: QueueRow) -> str:
    """Return what names a line."""
    return row.key
