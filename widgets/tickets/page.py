"""The ticket list as a page: what was clicked, how many there are, search, orders about a choice."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from domain.directive_orders import MOST_SUBJECTS
from domain.drafts import DirectiveSubject
from domain.listing import TicketFilter, TicketOrder, TicketRow
from domain.people import Actor
from domain.rights import Command
from widgets.directive_basis import most_urgent
from widgets.panel import Panel
from widgets.plain import PlainLabel, tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.table.lazy import LazyTable
from widgets.table.paged import PagedModel
from widgets.tickets.columns import SORTED_BY, number_of, ticket_columns
from widgets.tickets.filter_bar import FilterBar, FilterChoices, list_title
from widgets.wording import exact_count_text

SEARCH_REST_MS = 300


class TicketListPage(QWidget):
    """A list of tickets of any length; its `table` asks for pages.

    Signals: `list_requested(TicketFilter, TicketOrder)` when the hand asks for others or another order;
    `ticket_requested(str)` with a number; `directive_requested(DirectiveSubject)`; `back_requested()`;
    `repeats_requested()`: the places that were reported twice or more.
    """

    list_requested = Signal(object, object)
    ticket_requested = Signal(str)
    directive_requested = Signal(object)
    back_requested = Signal()
    repeats_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._scale = scale
        self._refusal = refusal_of(Command.ISSUE_DIRECTIVE, None)
        self._order = TicketOrder()
        self._given = ""
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.count = PlainLabel(self)
        self.count.setProperty("tone", "muted")
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("搜索工单号、标题、地址"))
        self.search.setClearButtonEnabled(True)
        self.chosen = PlainLabel(self)
        self.chosen.setProperty("tone", "muted")
        self.chosen.setProperty("textsize", "small")
        self.directive = QPushButton(self.tr("下达指令"), self)
        self.directive.setProperty("look", "primary")
        self.filters = FilterBar(scale, self)
        self.model = PagedModel(ticket_columns(), number_of, self)
        self.table = LazyTable(self.model, scale, self, multiple=True)
        self.table.setAccessibleName(self.tr("工单列表"))
        self.panel = Panel("", scale, self)
        # The way back, then the panel's own title, how many, and at the right what can be done.
        self.panel.bar.insertWidget(0, self.back)
        self.panel.bar.insertWidget(2, self.count)
        self.repeats = QPushButton(self.tr("重复点位"), self)
        self.repeats.setProperty("look", "small")
        self.repeats.setToolTip(tip(self.tr("近期被反映两次及以上的点位，及其全部工单")))
        self.repeats.clicked.connect(self.repeats_requested)
        for widget in (self.chosen, self.repeats, self.directive, self.search):
            self.panel.bar.addWidget(widget)
        self.panel.body.addWidget(self.filters)
        self.panel.body.addWidget(self.table)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self.panel)
        self.setFocusProxy(self.table)
        self._search_rest = QTimer(self)
        self._search_rest.setObjectName("ticket search rest")
        self._search_rest.setSingleShot(True)
        self._search_rest.setInterval(SEARCH_REST_MS)
        self._search_rest.timeout.connect(self._search_now)
        self.back.clicked.connect(self.back_requested)
        self.search.textChanged.connect(self._search_rest.start)
        self.search.returnPressed.connect(self._search_now)
        self.directive.clicked.connect(self._ask_directive)
        self.filters.filter_changed.connect(self._filter_changed)
        self.table.sort_requested.connect(self._sort)
        self.table.record_activated.connect(self._open)
        self.table.choice_changed.connect(self._selection_changed)
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self._selection_changed()
        self._show_order()

    # --- data ------------------------------------------------------------------------------------------

    def open_list(self, title: str, chosen: TicketFilter) -> None:
        """Begin another list under this title, worst first."""
        self._order, self._given = TicketOrder(), title
        self.panel.set_title(title)
        self.filters.show_filter(chosen, title)
        self._begin()

    def show_choices(self, choices: FilterChoices) -> None:
        """Offer to filter by what the store knows."""
        self.filters.show_choices(choices)

    def show_count(self, total: int | None, as_of: datetime) -> None:
        """Say how many tickets the list has, None while they are being counted, and as of when it is true."""
        self.table.set_empty_text(self.tr("读取中…") if total is None else self._nothing_text())
        if total is None:
            self.count.setText(self.tr("计数中…"))
        else:
            self.count.setText(self.tr("{0} 件").format(exact_count_text(total)))
        self.panel.confirm(as_of)
        if self.model.now is None or self.model.now < as_of:
            self.table.tick(as_of)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._refusal = refusal_of(Command.ISSUE_DIRECTIVE, actor)
        self._selection_changed()

    def let_go(self, tickets: Collection[str]) -> None:
        """Select nothing any more, where what is selected are these tickets."""
        if {row.number for row in self.table.selected_records()} <= set(tickets):
            self.table.clearSelection()

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
        self._search_rest.stop()
        text = self.filters.chosen.text or ""
        if text != self.search.text().strip():
            self.search.blockSignals(True)
            self.search.setText(text)
            self.search.blockSignals(False)
        self._show_order()
        self.model.start_over()
        waiting = self.tr("正在搜索全部工单…") if text else self.tr("读取中…")
        self.count.setText(waiting)
        self.table.set_empty_text(waiting)

    def _show_order(self) -> None:
        key = next(key for key, by in SORTED_BY.items() if by is self._order.by)
        self.model.show_sorted(key, descending=self._order.descending)

    def _nothing_text(self) -> str:
        text = self.filters.chosen.text
        return self.tr("没有符合“{0}”的工单").format(text) if text else self.tr("没有符合条件的工单")

    def _search_now(self) -> None:
        self._search_rest.stop()
        text = self.search.text().strip() or None
        if text != self.filters.chosen.text:
            self._ask(replace(self.filters.chosen, text=text))

    def _filter_changed(self, chosen: TicketFilter) -> None:
        # A list narrowed by hand is no longer what its title says.
        self.panel.set_title(list_title())
        self._ask(chosen)

    def _sort(self, key: str, descending: bool) -> None:
        self._order = TicketOrder(SORTED_BY[key], descending)
        self._ask(self.filters.chosen)

    def _ask(self, chosen: TicketFilter) -> None:
        self.filters.show_filter(chosen, self._given)
        self._begin()
        self.list_requested.emit(chosen, self._order)

    def _open(self, row: TicketRow, _column: str) -> None:
        self.ticket_requested.emit(row.number)

    def _selection_changed(self) -> None:
        count = self.table.selected_count()
        reason = self._refusal
        if not reason and count == 0:
            reason = self.tr("先选择工单")
        if not reason and count > MOST_SUBJECTS:
            reason = self.tr("一道指令最多涉及 {0} 件").format(MOST_SUBJECTS)
        self.chosen.setText(
            " · ".join(
                part for part in (self.tr("已选 {0} 件").format(count) if count else "", reason) if part
            )
        )
        self.directive.setEnabled(not reason)
        self.directive.setToolTip(tip(reason))

    def _ask_directive(self) -> None:
        rows = self.table.selected_records()
        if len(rows) < self.table.selected_count():
            self.chosen.setText(self.tr("所选工单尚未全部载入，请稍候"))
            return
        bodies = tuple(dict.fromkeys(row.body for row in rows if row.body))
        urgency, title = most_urgent(row.urgency for row in rows), rows[0].title if len(rows) == 1 else ""
        numbers = tuple(row.number for row in rows)
        unled = tuple(row.number for row in rows if not row.body)
        self.directive_requested.emit(
            DirectiveSubject(numbers, bodies=bodies, title=title, urgency=urgency, unled=unled)
        )

    def _rescale(self) -> None:
        margin = self._scale.size("margin")
        self._outer.setContentsMargins(margin, margin, margin, margin)
        self.search.setFixedWidth(self._scale.px(340))
        self.panel.body.setSpacing(self._scale.px(6))
