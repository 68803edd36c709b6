"""The ticket list as a page: what was clicked, how many there are, search, orders about a choice."""

from datetime import datetime

from PySide6.QtCore import QItemSelection, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from domain.drafts import DirectiveSubject
from domain.listing import TicketPage, TicketRow
from domain.people import Actor
from domain.rights import Command
from widgets.panel import Panel
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.table.view import RecordTable
from widgets.tickets.columns import ticket_columns
from widgets.tickets.model import TicketModel
from widgets.wording import exact_count_text

SEARCH_REST_MS = 300
SCROLL_REST_MS = 40
MOST_IN_A_DIRECTIVE = 200
"""More tickets than this in one directive would be a list that nobody reads."""


class TicketListPage(QWidget):
    """A list of tickets, fetched page by page.

    Signals: `page_requested(int)` with the offset of a page (`PAGE_SIZE` rows); `search_requested(str)`;
    `ticket_requested(str)` with a number; `directive_requested(DirectiveSubject)`; `back_requested()`.
    """

    page_requested = Signal(int)
    search_requested = Signal(str)
    ticket_requested = Signal(str)
    directive_requested = Signal(object)
    back_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._scale = scale
        self._refusal = refusal_of(Command.ISSUE_DIRECTIVE, None)
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.count = QLabel(self)
        self.count.setProperty("tone", "muted")
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("搜索工单号、标题、地址"))
        self.search.setClearButtonEnabled(True)
        self.chosen = QLabel(self)
        self.chosen.setProperty("tone", "muted")
        self.chosen.setProperty("textsize", "small")
        self.directive = QPushButton(self.tr("下达指令"), self)
        self.directive.setProperty("look", "primary")
        self.model = TicketModel(ticket_columns(), self)
        self.table = RecordTable(self.model, scale, self, multiple=True)
        self.table.setAccessibleName(self.tr("工单列表"))
        self.panel = Panel("", scale, self)
        # The way back, then the panel's own title, how many, and at the right what can be done.
        self.panel.bar.insertWidget(0, self.back)
        self.panel.bar.insertWidget(2, self.count)
        for widget in (self.chosen, self.directive, self.search):
            self.panel.bar.addWidget(widget)
        self.panel.body.addWidget(self.table)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self.panel)
        self.setFocusProxy(self.table)
        self._search_rest = self._timer("ticket search rest", SEARCH_REST_MS)
        self._scroll_rest = self._timer("ticket scroll rest", SCROLL_REST_MS)
        self._search_rest.timeout.connect(self._search_now)
        self._scroll_rest.timeout.connect(self._want_rows)
        self.back.clicked.connect(self.back_requested)
        self.search.textChanged.connect(self._search_rest.start)
        self.search.returnPressed.connect(self._search_now)
        self.directive.clicked.connect(self._ask_directive)
        self.model.page_requested.connect(self.page_requested)
        self.table.rows_shown.connect(self._rows_shown)
        self.table.record_activated.connect(self._open)
        self.table.selectionModel().selectionChanged.connect(self._selection_changed)
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self._selection_changed()

    # --- data ------------------------------------------------------------------------------------------

    def open_list(self, title: str, text: str = "") -> None:
        """Begin another list under this title, and ask for its first page. `text` is what is searched."""
        self._search_rest.stop()
        self.panel.set_title(title)
        self.search.blockSignals(True)
        self.search.setText(text)
        self.search.blockSignals(False)
        self._begin()

    def show_searched(self) -> None:
        """Begin the same list again, for the text that is being searched."""
        self._begin()

    def refresh(self, first: TicketPage | None = None) -> None:
        """The store changed: ask again for what is in sight, which stays on screen meanwhile.

        `first` is a page that has been read already, so that it is not asked for again.
        """
        self.model.mark_old()
        if first is not None:
            self.set_page(first)
        elif self.model.rowCount() == 0:
            self.page_requested.emit(0)
        self._want_rows()

    def set_page(self, page: TicketPage) -> None:
        """Take in a page that was asked for."""
        self.table.set_empty_text(self._nothing_text())
        self.model.set_page(page)
        self.count.setText(self.tr("{0} 件").format(exact_count_text(page.total)))
        if self.model.now is None or self.model.now < page.as_of:
            self.table.tick(page.as_of)
        self._scroll_rest.start()

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._refusal = refusal_of(Command.ISSUE_DIRECTIVE, actor)
        self._selection_changed()

    def tick(self, now: datetime) -> None:
        """Move the countdowns in sight to a new moment."""
        self.table.tick(now)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the list because it is only true as of `since`; None lifts the veil."""
        self.panel.set_stale(since)

    # --- what the hand does ----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        elif event.key() == Qt.Key.Key_Slash or event.matches(QKeySequence.StandardKey.Find):
            self.search.setFocus()
            self.search.selectAll()
        else:
            super().keyPressEvent(event)

    def _begin(self) -> None:
        self.model.start_over()
        self.count.setText(self.tr("读取中…"))
        self.table.set_empty_text(self.tr("读取中…"))
        self.page_requested.emit(0)

    def _nothing_text(self) -> str:
        if self.search.text().strip():
            return self.tr("没有符合“{0}”的工单").format(self.search.text().strip())
        return self.tr("没有符合条件的工单")

    def _search_now(self) -> None:
        self._search_rest.stop()
        self.search_requested.emit(self.search.text().strip())

    def _rows_shown(self, _first: int, _last: int) -> None:
        # A scroll bar being dragged passes a thousand pages; only where it rests is fetched.
        self._scroll_rest.start()

    def _want_rows(self) -> None:
        self.model.want(*self.table.rows_in_sight())

    def _open(self, row: TicketRow, _column: str) -> None:
        self.ticket_requested.emit(row.number)

    def _selected_count(self) -> int:
        selection: QItemSelection = self.table.selectionModel().selection()
        return sum(block.height() for block in selection)

    def _selection_changed(self) -> None:
        count = self._selected_count()
        reason = self._refusal
        if not reason and count == 0:
            reason = self.tr("先选择工单")
        if not reason and count > MOST_IN_A_DIRECTIVE:
            reason = self.tr("一道指令最多涉及 {0} 件").format(MOST_IN_A_DIRECTIVE)
        self.chosen.setText(
            " · ".join(
                part for part in (self.tr("已选 {0} 件").format(count) if count else "", reason) if part
            )
        )
        self.directive.setEnabled(not reason)
        self.directive.setToolTip(reason)

    def _ask_directive(self) -> None:
        rows = self.table.selected_records()
        if len(rows) < self._selected_count():
            self.chosen.setText(self.tr("所选工单尚未全部载入，请稍候"))
            return
        bodies = tuple(dict.fromkeys(row.body for row in rows if row.body))
        self.directive_requested.emit(DirectiveSubject(tuple(row.number for row in rows), bodies=bodies))

    def _timer(self, name: str, rest_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.setInterval(rest_ms)
        return timer

    def _rescale(self) -> None:
        margin = self._scale.size("margin")
        self._outer.setContentsMargins(margin, margin, margin, margin)
        self.search.setFixedWidth(self._scale.px(340))
