"""指令: every directive as a list or as a matrix of its receivers, and beside it one with its thread."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.directive_listing import (
    DirectiveCounts,
    DirectiveDetail,
    DirectiveFilter,
    DirectiveGroup,
    DirectiveOrder,
    DirectiveReceipts,
)
from domain.drafts import DirectiveSubject
from domain.overview import DirectiveState
from domain.people import Actor, Role
from domain.rights import Command
from widgets.arrow_fields import ArrowComboBox
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.directive_cells import (
    countdown_cell,
    fed_back_cell,
    issued_cell,
    key_of,
    number_cell,
    signed_cell,
    state_cell,
    text_cell,
    urgency_cell,
)
from widgets.pages.directive_matrix import MatrixTable, body_of_column
from widgets.pages.directive_thread import DirectiveDetailPanel, mark_cell
from widgets.pages.list_page import ListPage
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.table.cells import Cell, Column
from widgets.table.lazy import LazyTable
from widgets.table.paged import PagedModel
from widgets.wording import exact_count_text

_GROUPS: dict[DirectiveGroup, str] = {
    DirectiveGroup.OPEN: QT_TRANSLATE_NOOP("directive", "未办结"),
    DirectiveGroup.LATE: QT_TRANSLATE_NOOP("directive", "超时"),
    DirectiveGroup.UNSIGNED: QT_TRANSLATE_NOOP("directive", "未签收"),
    DirectiveGroup.UNANSWERED: QT_TRANSLATE_NOOP("directive", "未反馈"),
    DirectiveGroup.TO_JUDGE: QT_TRANSLATE_NOOP("directive", "待评价"),
    DirectiveGroup.JUDGED: QT_TRANSLATE_NOOP("directive", "已评价"),
    DirectiveGroup.WITHDRAWN: QT_TRANSLATE_NOOP("directive", "已撤回"),
}


class View(Enum):
    """How the directives are laid out."""

    LIST = "list"
    MATRIX = "matrix"


class DirectivesPage(ListPage):
    """A list of any length, and the same lines as a matrix of receivers; both ask for pages.

    Signals: `list_requested(DirectiveFilter, DirectiveOrder)` when the hand asks for others;
    `detail_requested(str)` with a number, `ticket_requested(str)`, `item_requested(str)`,
    `tickets_requested(TicketFilter, str)`, `directive_requested(DirectiveSubject)` for a new one about
    nothing yet, `step_requested(Asked)` for an answer to the chosen one,
    `remind_all_requested(DirectiveFilter)` for all who owe something there,
    `evidence_requested(str, object)` with a number and checksums.
    """

    list_requested = Signal(object, object)
    detail_requested = Signal(str)
    ticket_requested = Signal(str)
    item_requested = Signal(str)
    tickets_requested = Signal(object, str)
    directive_requested = Signal(object)
    step_requested = Signal(object)
    remind_all_requested = Signal(object)
    evidence_requested = Signal(str, object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("state", self.tr("状态"), 136, self._state),
            Column("number", self.tr("编号"), 140, number_cell, least=124),
            Column("urgency", self.tr("紧急"), 78, urgency_cell),
            Column("text", self.tr("内容"), 260, text_cell, stretch=True, least=110),
            Column("signed", self.tr("签收"), 90, signed_cell, least=70, right=True),
            Column("fed_back", self.tr("反馈"), 90, fed_back_cell, least=70, right=True),
            Column("countdown", self.tr("期限"), 160, countdown_cell, right=True),
            Column("issued", self.tr("下达"), 200, issued_cell, least=100),
        )
        self._own: str | None = None
        self.model = PagedModel(columns, key_of)
        table = LazyTable(self.model, scale)
        super().__init__(self.tr("指令"), table, scale, parent)
        self.table: LazyTable = table
        self.matrix = MatrixTable(scale, self)
        self.matrix.setAccessibleName(self.tr("签收反馈"))
        self.matrix.hide()
        self.panel.body.addWidget(self.matrix, 1)
        self._actor: Actor | None = None
        self._counts = DirectiveCounts()
        self.views = ChoiceRow(
            ((View.LIST, self.tr("列表")), (View.MATRIX, self.tr("签收反馈"))), scale, self
        )
        self.groups = ChoiceRow(
            ((None, self.tr("全部")), *((group, _word(_GROUPS[group])) for group in DirectiveGroup)),
            scale,
            self,
            (None, None, mark_of(DirectiveState.OVERDUE)),
        )
        self.body = self._field("body", self.tr("接收单位"))
        self.year = self._field("year", self.tr("年度"))
        self.remind_all = QPushButton(self.tr("全部催办"), self)
        self.new = QPushButton(self.tr("下达指令"), self)
        self.new.setProperty("look", "primary")
        self.add_tools((self.body, self.year))
        self.tools.addWidget(self.remind_all)
        self.tools.addWidget(self.new)
        self.panel.bar.insertWidget(1, self.views)
        self.panel.body.insertWidget(1, self.groups, 0, Qt.AlignmentFlag.AlignLeft)
        self.directive = DirectiveDetailPanel(scale, self)
        self.show_beside(self.directive)
        self.fold = QPushButton(self.tr("收起"), self.directive)
        self.fold.setToolTip(self.tr("收起往来，矩阵占满整页"))
        self.fold.hide()
        self.fold.clicked.connect(self._fold)
        self.directive.bar.addWidget(self.fold)
        self.directive.show_nothing(self.tr("选择一道指令"))
        self.directive.ticket_requested.connect(self.ticket_requested)
        self.directive.item_requested.connect(self.item_requested)
        self.directive.tickets_requested.connect(self.tickets_requested)
        self.directive.step_requested.connect(self.step_requested)
        self.directive.evidence_requested.connect(self.evidence_requested)
        self.views.choice_changed.connect(self._turn)
        self.groups.choice_changed.connect(self._ask)
        for field in (self.body, self.year):
            field.activated.connect(self._ask)
        for lines in (self.table, self.matrix):
            lines.record_chosen.connect(self._chosen)
        self.matrix.record_activated.connect(self._cell_opened)
        self.new.clicked.connect(self._ask_new)
        self.remind_all.clicked.connect(self._ask_remind_all)
        self.show_choices((), ())
        for lines in (self.table, self.matrix):
            lines.set_empty_text(self.tr("读取中…"))
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self.set_actor(None)

    @property
    def view(self) -> View:
        """How the directives are laid out."""
        found: View = self.views.value
        return found

    @property
    def shown_table(self) -> LazyTable:
        """The table on screen."""
        return self.table if self.view is View.LIST else self.matrix

    @property
    def chosen(self) -> DirectiveFilter:
        """Which directives the hand asks for."""
        body = self._own or self.body.currentData()
        return DirectiveFilter(self.groups.value, body, self.year.currentData())

    @property
    def order(self) -> DirectiveOrder:
        """The list is by age; the matrix has who is late first."""
        return DirectiveOrder.NEWEST if self.view is View.LIST else DirectiveOrder.WORST

    def show_view(self, view: View) -> None:
        """Lay the directives out so."""
        self.views.choose(view)
        self._turn(view)

    def show_all(self) -> None:
        """Drop the filter."""
        self.groups.choose(None)
        for field in (self.body, self.year):
            field.setCurrentIndex(0)

    def show_choices(self, bodies: Sequence[tuple[str, str]], years: Sequence[int]) -> None:
        """Offer to filter by these bodies, keys and short names, and years; what is chosen stays so."""
        found: list[tuple[str, object]] = [(name, key) for key, name in bodies]
        of_years: list[tuple[str, object]] = [(self.tr("{0} 年").format(year), year) for year in years]
        for field, every, choices in (
            (self.body, self.tr("全部接收单位"), found),
            (self.year, self.tr("全部年度"), of_years),
        ):
            value = field.currentData()
            field.clear()
            field.addItem(every, None)
            for name, key in choices:
                field.addItem(name, key)
            field.setCurrentIndex(max(0, field.findData(value)))

    def show_bodies(self, bodies: Sequence[tuple[str, str]]) -> bool:
        """Have a column of the matrix for each of these; return whether its lines are to be read anew."""
        return self.matrix.show_bodies(bodies)

    def show_counts(self, total: int, counts: DirectiveCounts, as_of: datetime) -> None:
        """Say how many directives there are of each group, and that `total` are listed."""
        self._counts = counts
        self.panel.set_fresh(as_of)
        self.groups.show_counts([counts.all, *counts.groups])
        nothing = self.tr("没有这样的指令") if counts.all else self.tr("尚未下达指令")
        if counts.all and self.chosen.group in (DirectiveGroup.LATE, DirectiveGroup.UNSIGNED):
            nothing = self.tr("● 没有超时或未签收的指令")
        for lines in (self.table, self.matrix):
            lines.set_empty_text(nothing)
            lines.tick(as_of)
        note = self.tr("{0} 道").format(exact_count_text(total))
        late = self.tr("■ 超时 {0} 家次").format(exact_count_text(counts.late_receipts))
        if counts.late_receipts:
            note = f"{note} · {late}"
        self.panel.set_note(note, tones={late: "overdue"})
        self._offer()

    def show_detail(self, detail: DirectiveDetail) -> None:
        """Show what was asked for; an answer about another directive is passed over."""
        line: DirectiveReceipts | None = self.shown_table.chosen()
        if line is not None and line.row.number == detail.row.number:
            self.directive.show_detail(detail)

    def choose_first(self) -> None:
        """Choose the first line where none is chosen, so that the thread beside it is not empty."""
        lines = self.shown_table
        if lines.chosen() is None and lines.model().rowCount():
            lines.selectRow(0)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self.directive.set_actor(actor)
        if actor is not None and actor.role is Role.HANDLER:
            # A body's own directives are all that its handlers see: what is counted is what it owes itself.
            self._own = actor.body
        self.body.setVisible(self._own is None)
        self._offer()

    def tick(self, now: datetime) -> None:
        self.shown_table.tick(now)
        self.directive.tick(now)

    def _state(self, line: DirectiveReceipts) -> Cell:
        receipt = line.of(self._own) if self._own is not None else None
        return state_cell(line) if receipt is None else mark_cell(mark_of(receipt.state))

    def _turn(self, view: object) -> None:
        matrix = view is View.MATRIX
        self.table.setVisible(not matrix)
        self.matrix.setVisible(matrix)
        self.setFocusProxy(self.shown_table)
        self.shown_table.setFocus()
        self.directive.show_receiver(None)
        # The matrix has the whole width until a cell is opened.
        self.directive.setVisible(not matrix)
        self.fold.setVisible(matrix)
        self._ask()

    def _fold(self) -> None:
        self.directive.hide()
        self.shown_table.setFocus()

    def _ask(self, _choice: object = None) -> None:
        self.shown_table.paged.start_over()
        self.shown_table.set_empty_text(self.tr("读取中…"))
        self._chosen(None)
        self.list_requested.emit(self.chosen, self.order)

    def _offer(self) -> None:
        reason = refusal_of(Command.ISSUE_DIRECTIVE, self._actor)
        self.new.setEnabled(not reason)
        self.new.setToolTip(tip(reason))
        owing = self._counts.groups[list(DirectiveGroup).index(DirectiveGroup.UNANSWERED)]
        reason = reason or ("" if owing else self.tr("没有未签收或未反馈的单位"))
        self.remind_all.setEnabled(not reason)
        self.remind_all.setToolTip(tip(reason or self.tr("催办所列指令中未签收、未反馈的各单位")))

    def _chosen(self, line: DirectiveReceipts | None) -> None:
        if line is None:
            self.directive.show_nothing(self.tr("选择一道指令"))
        else:
            self.detail_requested.emit(line.row.number)

    def _cell_opened(self, line: DirectiveReceipts, column: str) -> None:
        body = body_of_column(column)
        self.directive.show()
        self.directive.show_receiver(body if body is not None and line.of(body) is not None else None)
        self.detail_requested.emit(line.row.number)

    def _ask_new(self) -> None:
        self.directive_requested.emit(DirectiveSubject())

    def _ask_remind_all(self) -> None:
        self.remind_all_requested.emit(self.chosen)

    def _field(self, name: str, caption: str) -> ArrowComboBox:
        field = ArrowComboBox(self._scale, self)
        field.setObjectName(name)
        field.setAccessibleName(caption)
        return field

    def _rescale(self) -> None:
        self.body.setFixedWidth(self._scale.px(176))
        self.year.setFixedWidth(self._scale.px(136))


def _word(source: str) -> str:
    return QCoreApplication.translate("directive", source)
