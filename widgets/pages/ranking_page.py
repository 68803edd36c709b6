"""排名: who is on time, by body, category or area, for one node or all, over a window of days."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from domain.ledger import Colour
from domain.listing import Outcome, TicketFilter
from domain.nodes import Node
from domain.people import Actor
from domain.ranking import MINIMUM_DUE, RankingRow
from domain.ranking_query import FollowUp, RankBy, RankingPage, RankingQuery
from domain.rights import Command
from widgets.arrow_fields import ArrowComboBox
from widgets.directive_basis import about_ranked
from widgets.fact_grid import small_label
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.list_page import ListPage
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import mark_of, rate_mark
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import exact_count_text, local_day_text, node_name, ranked_name, rate_text

DIRECTIVE, RECORD = "directive", "record"
"""The columns that open a directive about their row, and the record of its body."""

_COUNTED: dict[str, Outcome | FollowUp] = {
    "due": Outcome.DUE,
    "on_time": Outcome.ON_TIME,
    "rate": Outcome.NOT_ON_TIME,
    "open_overdue": Outcome.OPEN_OVERDUE,
    "satisfied": FollowUp.SATISFIED,
    "revisited": FollowUp.REVISITED,
    "bounced": FollowUp.BOUNCED,
}
"""What a column's figure counts; of a rate, what spoils it. Any other column opens all that is due."""


class RankingsPage(ListPage):
    """Signals: `ranking_requested(RankingQuery)`; `tickets_requested(TicketFilter, str)` with a title;
    `directive_requested(SubjectSought)` about a row; `history_requested(str)`: the record of a body.
    """

    ranking_requested = Signal(object)
    tickets_requested = Signal(object, str)
    directive_requested = Signal(object)
    history_requested = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("rank", self.tr("名次"), 110, self._rank),
            Column("move", self.tr("升降"), 84, self._move),
            Column("name", self.tr("名称"), 260, self._name, stretch=True),
            Column("rate", self.tr("按期办结率"), 300, self._rate),
            Column("on_time", self.tr("按期办结"), 124, self._on_time, right=True),
            Column("due", self.tr("应办结"), 110, self._due, right=True),
            Column("low", self.tr("威尔逊下限"), 136, self._low, right=True),
            Column("open_overdue", self.tr("在办超期"), 124, self._open_overdue, right=True),
            Column("satisfied", self.tr("回访满意"), 150, self._satisfied, right=True),
            Column("revisited", self.tr("回访"), 84, self._revisited, right=True),
            Column("bounced", self.tr("打回"), 90, self._bounced, right=True),
            Column(RECORD, self.tr("往来"), 84, self._record),
            Column(DIRECTIVE, self.tr("督办"), 108, self._directive),
        )
        self.model = RecordModel(columns, _key_of)
        table = RecordTable(self.model, scale, opens_on_click=True, stretch=1.5)
        super().__init__(self.tr("时效排名"), table, scale, parent)
        self._page: RankingPage | None = None
        self._refusal = refusal_of(Command.ISSUE_DIRECTIVE, None)
        self._secret = refusal_of(Command.SEE_HISTORY, None)
        self.by = ChoiceRow(
            (
                (RankBy.BODY, self.tr("责任主体")),
                (RankBy.CATEGORY, self.tr("类别")),
                (RankBy.AREA, self.tr("区划")),
            ),
            scale,
            self,
        )
        self.days = ChoiceRow(
            tuple((days, self.tr("近 {0} 日").format(days)) for days in (7, 30, 90)), scale, self
        )
        self.days.choose(RankingQuery().days)
        self.node = ArrowComboBox(scale, self)
        self.node.setAccessibleName(self.tr("环节"))
        self.node.addItem(self.tr("全部环节"), None)
        for node in Node:
            self.node.addItem(node_name(node), node.value)
        self.add_tools((self.by, self.days, self.node))
        self.formula = small_label(self, "muted")
        self.panel.body.addWidget(self.formula)
        self.formula.setText(
            self.tr(
                "按期办结率 = 按期办结 ÷ 应办结（窗口内到期的环节，含在办超期）；按 95% 威尔逊区间下限排序，"
                "应办结不足 {0} 的标为样本不足，不参加排名。点击任一数字查看对应工单。"
            ).format(MINIMUM_DUE)
        )
        self.table.set_empty_text(self.tr("该窗口内没有到期的环节"))
        self.by.choice_changed.connect(self.ask)
        self.days.choice_changed.connect(self.ask)
        self.node.activated.connect(self.ask)
        self.table.record_activated.connect(self._open)

    @property
    def query(self) -> RankingQuery:
        """What is chosen."""
        value = self.node.currentData()
        return RankingQuery(self.by.value, Node(value) if value else None, self.days.value)

    def ask(self, _choice: object = None) -> None:
        """Ask for the ranking that is chosen."""
        self.panel.set_note(self.tr("读取中…"))
        self.ranking_requested.emit(self.query)

    def show_ranking(self, page: RankingPage) -> None:
        """Show an answer; one to an older question is passed over."""
        if page.query != self.query:
            return
        self._page = page
        self.table.show_records(page.rows)
        start, end = local_day_text(page.due_from), local_day_text(page.due_to)
        self.panel.set_note(self.tr("{0} 项 · {1} 至 {2}").format(len(page.rows), start, end))
        self.panel.set_fresh(page.as_of)

    def set_actor(self, actor: Actor | None) -> None:
        """Offer a directive about a row, and the record of its body, only to who may; others read why not."""
        refusals = refusal_of(Command.ISSUE_DIRECTIVE, actor), refusal_of(Command.SEE_HISTORY, actor)
        if refusals == (self._refusal, self._secret):
            return
        self._refusal, self._secret = refusals
        self.model.forget_cells()
        self.table.viewport().update()

    def _open(self, row: RankingRow, column: str) -> None:
        if self._page is None:
            return
        if column == DIRECTIVE:
            if not self._refusal:
                self.directive_requested.emit(about_ranked(self._page, row))
            return
        if column == RECORD:
            if not self._secret and self._page.query.by is RankBy.BODY:
                self.history_requested.emit(row.key)
            return
        counted = _COUNTED.get(column, Outcome.DUE)
        word = {
            Outcome.DUE: self.tr("应办结"),
            Outcome.ON_TIME: self.tr("按期办结"),
            Outcome.NOT_ON_TIME: self.tr("未按期"),
            Outcome.OPEN_OVERDUE: self.tr("在办超期"),
            FollowUp.SATISFIED: self.tr("回访满意"),
            FollowUp.REVISITED: self.tr("回访"),
            FollowUp.BOUNCED: self.tr("打回"),
        }[counted]
        wanted: TicketFilter = self._page.tickets_of(row, counted)
        node = self._page.query.node
        where = node_name(node) if node is not None else self.tr("全部环节")
        # Follow-ups are of the whole ticket, whichever node the ranking is of.
        parts = (word,) if isinstance(counted, FollowUp) else (where, word)
        self.tickets_requested.emit(wanted, " · ".join((ranked_name(row), *parts)))

    # --- cells -----------------------------------------------------------------------------------------

    def _rank(self, row: RankingRow) -> Cell:
        if row.rank is None:
            return Cell(self.tr("样本不足"), colour="text_faint", tooltip=self.tr("应办结不足，不参加排名"))
        return Cell(str(row.rank), bold=True)

    def _move(self, row: RankingRow) -> Cell:
        if not row.move:
            return Cell("—", colour="text_faint")
        if row.move > 0:
            return Cell(f"▲ {row.move}", colour="done", tooltip=self.tr("较上一窗口上升"))
        return Cell(f"▼ {-row.move}", colour="overdue_text", tooltip=self.tr("较上一窗口下降"))

    def _name(self, row: RankingRow) -> Cell:
        name = ranked_name(row)
        return Cell(name, colour="text_strong" if row.name else "text_muted", tooltip=name)

    def _rate(self, row: RankingRow) -> Cell:
        if row.rate is None:
            return Cell("—", colour="text_faint")
        mark = rate_mark(row.rate)
        sure = row.low if row.low is not None else row.rate
        return Cell(
            rate_text(row.rate), CellLook.BAR, "text_strong", mark, share=row.rate, sure=sure, bold=True
        )

    def _on_time(self, row: RankingRow) -> Cell:
        return Cell(exact_count_text(row.on_time))

    def _due(self, row: RankingRow) -> Cell:
        return Cell(exact_count_text(row.due))

    def _low(self, row: RankingRow) -> Cell:
        return Cell(rate_text(row.low), colour="text_muted")

    def _open_overdue(self, row: RankingRow) -> Cell:
        if not row.open_overdue:
            return Cell("0", colour="text_muted")
        return Cell(exact_count_text(row.open_overdue), CellLook.MARK, "overdue", mark_of(Colour.RED))

    def _satisfied(self, row: RankingRow) -> Cell:
        if not row.revisited:
            return Cell(self.tr("无回访"), colour="text_faint")
        return Cell(f"{rate_text(row.satisfied / row.revisited)}  {exact_count_text(row.satisfied)}")

    def _revisited(self, row: RankingRow) -> Cell:
        return Cell(exact_count_text(row.revisited), colour="text" if row.revisited else "text_muted")

    def _directive(self, row: RankingRow) -> Cell:
        if self._refusal:
            return Cell(self.tr("下达指令"), colour="text_faint", tooltip=self._refusal)
        said = self.tr("就 {0} 的超期环节下达指令").format(ranked_name(row))
        return Cell(self.tr("下达指令"), colour="accent", tooltip=said)

    def _record(self, row: RankingRow) -> Cell:
        if self._secret:
            return Cell(self.tr("查看"), colour="text_faint", tooltip=self._secret)
        if self._page is None or self._page.query.by is not RankBy.BODY:
            return Cell("—", colour="text_faint", tooltip=self.tr("按责任主体排名时查看"))
        said = self.tr("{0}的往来与规律").format(ranked_name(row))
        return Cell(self.tr("查看"), colour="accent", tooltip=said)

    def _bounced(self, row: RankingRow) -> Cell:
        return Cell(exact_count_text(row.bounced), colour="text" if row.bounced else "text_muted")


def _key_of(row: RankingRow) -> str:
    return row.key
