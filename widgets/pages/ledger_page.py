"""台账: the four-colour ledger with its legend, and beside it an item's plan, progress and colours."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.details import ColourChange, LedgerDetail, ProgressNote
from domain.ledger import (
    Colour,
    ColourCount,
    ColourReason,
    ColourScheme,
    LedgerBy,
    LedgerFilter,
    LedgerOrder,
    LedgerRow,
    Milestone,
)
from domain.people import Actor
from domain.rights import Command
from widgets.arrow_fields import ArrowComboBox
from widgets.directive_basis import about_item
from widgets.fact_grid import FactGrid, small_label
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.list_page import DetailPanel, ListPage, fit_table
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.lazy import LazyTable
from widgets.table.model import RecordModel
from widgets.table.paged import PagedModel
from widgets.table.view import RecordTable
from widgets.tokens import tokens
from widgets.wording import (
    exact_count_text,
    local_moment_text,
    reason_name,
    scheme_text,
    short_moment_text,
)

_SORTED_BY = {
    "colour": LedgerBy.WORST,
    "number": LedgerBy.NUMBER,
    "body": LedgerBy.BODY,
    "deadline": LedgerBy.DEADLINE,
    "progress": LedgerBy.PROGRESS,
}
"""What a click on a column's head sorts by."""


class LedgerPage(ListPage):
    """A list of any length; its `table` asks for pages.

    Signals: `list_requested(LedgerFilter, LedgerOrder)` when the hand asks for others or another order;
    `detail_requested(str)` with an item's number, `ticket_requested(str)`,
    `directive_requested(DirectiveSubject)`.
    """

    list_requested = Signal(object, object)
    detail_requested = Signal(str)
    ticket_requested = Signal(str)
    directive_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("colour", self.tr("颜色"), 74, _colour, sortable=True),
            Column("number", self.tr("编号"), 156, _number, sortable=True),
            Column("problem", self.tr("问题"), 184, _problem, stretch=True),
            Column("body", self.tr("责任主体"), 190, _body, sortable=True),
            Column("deadline", self.tr("期限"), 122, _deadline, right=True, sortable=True),
            Column("progress", self.tr("进度 / 应达"), 262, _progress, sortable=True),
            Column("reason", self.tr("原因"), 130, self._reason),
        )
        self.model = PagedModel(columns, _key_of)
        table = LazyTable(self.model, scale)
        super().__init__(self.tr("四色整改台账"), table, scale, parent)
        self.table: LazyTable = table
        self._order = LedgerOrder()
        self._actor: Actor | None = None
        self.colours = ChoiceRow(
            (
                (None, self.tr("全部")),
                *((c, mark_of(c).word) for c in Colour),
            ),
            scale,
            self,
            (None, *map(mark_of, Colour)),
        )
        self.directive = QPushButton(self.tr("下达指令"), self)
        self.directive.setProperty("look", "primary")
        self.add_tools((self.colours,))
        self.tools.addWidget(self.directive)
        self.body = ArrowComboBox(scale, self)
        self.body.setAccessibleName(self.tr("责任主体"))
        self.panel.bar.insertWidget(1, self.body)
        # The legend is always on screen: four colours have no common meaning.
        self.legend = small_label(self, "muted")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.panel.body.insertWidget(1, self.legend)
        self.item = LedgerDetailPanel(scale, self)
        self.show_beside(self.item)
        self.item.show_nothing(self.tr("选择一个事项"))
        self.item.ticket.clicked.connect(self._open_ticket)
        self.colours.choice_changed.connect(self._ask)
        self.body.activated.connect(self._ask)
        self.table.sort_requested.connect(self._sort)
        self.table.record_chosen.connect(self._chosen)
        self.directive.clicked.connect(self._ask_directive)
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self.show_choices(())
        self._show_order()
        self.table.set_empty_text(self.tr("读取中…"))
        self._offer(None)

    @property
    def chosen(self) -> LedgerFilter:
        """Which items the hand asks for."""
        return LedgerFilter(self.colours.value, self.body.currentData())

    @property
    def order(self) -> LedgerOrder:
        """In which order the hand asks for them."""
        return self._order

    def show_colour(self, colour: Colour | None) -> None:
        """Ask for the items of one colour, of every body."""
        self.colours.choose(colour)
        self.body.setCurrentIndex(0)
        self._ask()

    def show_choices(self, bodies: Sequence[tuple[str, str]]) -> None:
        """Offer to filter by these bodies, keys and names; what is chosen stays so."""
        value = self.body.currentData()
        self.body.clear()
        self.body.addItem(self.tr("全部责任主体"), None)
        for key, name in bodies:
            self.body.addItem(name, key)
        self.body.setCurrentIndex(max(0, self.body.findData(value)))

    def show_counts(
        self, total: int, counts: Sequence[ColourCount], scheme: ColourScheme, as_of: datetime
    ) -> None:
        """Say how many items have each colour by the `scheme`, whatever the filter; `total` are listed."""
        by_colour = {count.colour: count for count in counts}
        found = [by_colour[c].count if c in by_colour else 0 for c in Colour]
        self.colours.show_counts([sum(found), *found])
        self.legend.setText("&nbsp;&nbsp;&nbsp;&nbsp;".join(_legend_html(count) for count in counts))
        self.panel.set_note(self.tr("{0} 项 · {1}").format(exact_count_text(total), scheme_text(scheme)))
        self.panel.set_fresh(as_of)
        self.table.set_empty_text(self.tr("没有这样的事项") if sum(found) else self.tr("台账中没有事项"))

    def show_detail(self, detail: LedgerDetail) -> None:
        """Show what was asked for; an answer about another item is passed over."""
        row = self.table.chosen()
        if row is not None and row.number == detail.row.number:
            self.item.show_detail(detail)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer(self.table.chosen())

    def _ask(self, _choice: object = None) -> None:
        self._show_order()
        self.model.start_over()
        self._chosen(None)
        self.table.set_empty_text(self.tr("读取中…"))
        self.list_requested.emit(self.chosen, self._order)

    def _sort(self, key: str, descending: bool) -> None:
        self._order = LedgerOrder(_SORTED_BY[key], descending)
        self._ask()

    def _show_order(self) -> None:
        key = next(key for key, by in _SORTED_BY.items() if by is self._order.by)
        self.model.show_sorted(key, descending=self._order.descending)

    def _rescale(self) -> None:
        self.body.setFixedWidth(self._scale.px(190))

    def _chosen(self, row: LedgerRow | None) -> None:
        self._offer(row)
        if row is None:
            self.item.show_nothing(self.tr("选择一个事项"))
        else:
            self.detail_requested.emit(row.number)

    def _offer(self, row: LedgerRow | None) -> None:
        reason = self.tr("先选择一个事项") if row is None else ""
        reason = reason or refusal_of(Command.ISSUE_DIRECTIVE, self._actor)
        self.directive.setEnabled(not reason)
        self.directive.setToolTip(tip(reason))

    def _open_ticket(self) -> None:
        if self.item.number_of_ticket is not None:
            self.ticket_requested.emit(self.item.number_of_ticket)

    def _ask_directive(self) -> None:
        row = self.table.chosen()
        if row is not None:
            self.directive_requested.emit(about_item(row))

    def _reason(self, row: LedgerRow) -> Cell:
        mark = mark_of(row.colour)
        if row.reason is ColourReason.OVERDUE and row.days_over > 0:
            return Cell(self.tr("逾期 {0} 天").format(row.days_over), colour=mark.colour_name)
        return Cell(reason_name(row.reason), colour=mark.colour_name)


class LedgerDetailPanel(DetailPanel):
    """An item with its plan, its progress notes and the history of its colours."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self.number_of_ticket: str | None = None
        captions = (
            self.tr("问题"),
            self.tr("来源"),
            self.tr("责任主体"),
            self.tr("包案领导"),
            self.tr("目标"),
            self.tr("措施"),
            self.tr("期限"),
        )
        self.facts = FactGrid(captions, scale, self)
        self.ticket = QPushButton(self)
        self.ticket.setProperty("look", "link")
        self.milestones = RecordTable(
            RecordModel(
                (
                    Column("title", self.tr("里程碑"), 260, _milestone_title, stretch=True),
                    Column("weight", self.tr("权重"), 90, _milestone_weight, right=True),
                    Column("due", self.tr("应完成"), 150, _milestone_due, right=True),
                ),
                _milestone_key,
            ),
            scale,
            self,
        )
        self.progress = RecordTable(
            RecordModel(
                (
                    Column("at", self.tr("进展"), 160, _note_at),
                    Column("percent", self.tr("进度"), 80, _note_percent, right=True),
                    Column("note", self.tr("说明"), 240, _note_text, stretch=True),
                ),
                _moment_key,
            ),
            scale,
            self,
        )
        self.history = RecordTable(
            RecordModel(
                (
                    Column("colour", self.tr("颜色"), 80, _change_colour),
                    Column("at", self.tr("自"), 180, _change_at),
                    Column("reason", self.tr("原因"), 240, _change_reason, stretch=True),
                ),
                _moment_key,
            ),
            scale,
            self,
        )
        self.content.addWidget(self.facts)
        self.content.addWidget(self.ticket, 0, Qt.AlignmentFlag.AlignLeft)
        for table, words in (
            (self.milestones, self.tr("没有分阶段计划")),
            (self.progress, self.tr("尚无进展记录")),
            (self.history, self.tr("尚无颜色变化")),
        ):
            table.set_empty_text(words)
            self.content.addWidget(table)
        self.content.addStretch(1)
        scale.factor_changed.connect(self._fit)

    def show_detail(self, detail: LedgerDetail) -> None:
        """Show an item."""
        row = detail.row
        mark = mark_of(row.colour)
        self.number_of_ticket = detail.ticket
        self.show_content(
            row.number, f"{mark.shape.value} {mark.word} · {reason_name(row.reason)}", mark.colour_name
        )
        self.facts.show_values(
            (
                row.problem,
                " · ".join(part for part in (row.source, row.batch) if part),
                " · ".join(part for part in (row.body_name, row.area_name) if part),
                row.lead_in_charge,
                detail.goal,
                detail.measures,
                local_moment_text(row.deadline),
            )
        )
        self.ticket.setVisible(detail.ticket is not None)
        self.ticket.setText(self.tr("工单 {0} ›").format(detail.ticket or ""))
        self.milestones.show_records(detail.milestones)
        self.progress.show_records(detail.progress[::-1])
        self.history.show_records(detail.history[::-1])
        self._fit()

    def _fit(self) -> None:
        for table in (self.milestones, self.progress, self.history):
            fit_table(table, max(1, table.model().rowCount()), self.scale)


def _legend_html(count: ColourCount) -> str:
    mark = mark_of(count.colour)
    shape = f'<span style="color:{tokens().colour(mark.colour_name)}">{mark.shape.value}</span>'
    return f"{shape} {mark.word}：{escape(count.legend)}"


def _colour(row: LedgerRow) -> Cell:
    mark = mark_of(row.colour)
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _number(row: LedgerRow) -> Cell:
    return Cell(row.number, colour="text_muted", tooltip=f"{row.number} · {row.source} {row.batch}")


def _problem(row: LedgerRow) -> Cell:
    return Cell(row.problem, colour="text_strong", tooltip=row.problem)


def _body(row: LedgerRow) -> Cell:
    return Cell(row.body_name, tooltip=" · ".join((row.body_name, row.area_name, row.lead_in_charge)))


def _deadline(row: LedgerRow) -> Cell:
    return Cell(local_moment_text(row.deadline)[:10], tooltip=local_moment_text(row.deadline))


def _progress(row: LedgerRow) -> Cell:
    text = f"{row.percent}% / {row.planned}%"
    return Cell(text, CellLook.BAR, "text", mark_of(row.colour), share=row.percent / 100)


def _milestone_title(milestone: Milestone) -> Cell:
    return Cell(milestone.title, tooltip=milestone.title)


def _milestone_weight(milestone: Milestone) -> Cell:
    return Cell(f"{milestone.weight}%", colour="text_muted")


def _milestone_due(milestone: Milestone) -> Cell:
    return Cell(milestone.due.isoformat())


def _note_at(note: ProgressNote) -> Cell:
    return Cell(short_moment_text(note.at), colour="text_muted", tooltip=local_moment_text(note.at))


def _note_percent(note: ProgressNote) -> Cell:
    return Cell(f"{note.percent}%")


def _note_text(note: ProgressNote) -> Cell:
    text = " · ".join(part for part in (note.note, note.actor) if part)
    return Cell(text, tooltip=text)


def _change_colour(change: ColourChange) -> Cell:
    mark = mark_of(change.colour)
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _change_at(change: ColourChange) -> Cell:
    return Cell(short_moment_text(change.at), colour="text_muted", tooltip=local_moment_text(change.at))


def _change_reason(change: ColourChange) -> Cell:
    return Cell(f"{reason_name(change.reason)} · {change.percent}% / {change.planned}%")


def _key_of(row: LedgerRow) -> str:
    return row.number


def _milestone_key(milestone: Milestone) -> str:
    return f"{milestone.due} {milestone.title}"


def _moment_key(record: ProgressNote | ColourChange) -> str:
    return record.at.isoformat()
