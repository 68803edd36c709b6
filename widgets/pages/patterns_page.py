"""规律: where supervision fails, body by body, and the record of the chosen one (T12, T28, X05, X06).

Restricted to discipline officers and leaders. Each number opens its tickets.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from domain.listing import Outcome, TicketFilter
from domain.patterns import (
    MINIMUM,
    WINDOWS,
    BodyPattern,
    History,
    HistoryQuery,
    PatternCounts,
    PatternQuery,
    TicketsQuery,
    Trait,
    body_patterns,
)
from widgets.fact_grid import small_label
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.hand_over_table import BODY, STRIKING, HandOverTable, Line
from widgets.pages.list_page import ListPage
from widgets.pages.pattern_cells import figure_cell, rate_cell, trait_name, trait_text
from widgets.pages.pattern_detail import BodyPatternPanel
from widgets.scale import Scale
from widgets.table.cells import Cell, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import exact_count_text, local_day_text

_COLUMNS = (Trait.OPEN, Trait.SLOW, Trait.WRONG, Trait.THIN, Trait.PUSHED, Trait.BOUNCED)


class PatternsPage(ListPage):
    """Signals: `patterns_requested(PatternQuery)`, `history_requested(HistoryQuery)`;
    `tickets_requested(TicketFilter, str)` with a title, `numbers_requested(TicketsQuery, str)` for tickets
    that no filter can name; `ticket_requested(str)`, `file_requested(str)`; `back_requested()`.
    """

    patterns_requested = Signal(object)
    history_requested = Signal(object)
    tickets_requested = Signal(object, str)
    numbers_requested = Signal(object, str)
    ticket_requested = Signal(str)
    file_requested = Signal(str)
    back_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("name", self.tr("责任主体"), 180, _name, stretch=True, least=110),
            Column("due", self.tr("应办"), 88, _due, right=True),
            Column(Trait.LATE, self.tr("超期率"), 230, _late, least=172),
            *(
                Column(trait, trait_name(trait), 132, self._cell_of(trait), right=True, least=126)
                for trait in _COLUMNS
            ),
            Column("files", self.tr("再监督"), 90, _files, right=True),
        )
        table = RecordTable(RecordModel(columns, _key_of), scale, opens_on_click=True, stretch=1.5)
        super().__init__(self.tr("规律"), table, scale, parent)
        self.counts: PatternCounts | None = None
        self._wanted = ""
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.panel.bar.insertWidget(0, self.back)
        self.days = ChoiceRow(
            tuple((days, self.tr("近 {0} 日").format(days)) for days in WINDOWS), scale, self
        )
        self.days.choose(PatternQuery().days)
        self.view = ChoiceRow(((False, self.tr("各单位")), (True, self.tr("移交关系"))), scale, self)
        self.view.choose(False)
        self.add_tools((self.days, self.view))
        self.flow = HandOverTable(scale, self)
        self.flow.setAccessibleName(self.tr("移交关系"))
        self.panel.body.addWidget(self.flow, 1)
        self.flow.hide()
        self.formula = small_label(self, "muted")
        self.formula.setText(
            self.tr(
                "数字为次数·每百个到期环节的次数；条长以中位数的三倍为满。"
                "■ 高于同类：本单位 95% 威尔逊区间整个高于各单位中位数；"
                "应办不足 {0} 的标为样本不足，不作比较。点击数字查看对应工单。"
            ).format(MINIMUM)
        )
        self.panel.body.addWidget(self.formula)
        self.legend = small_label(self, "muted")
        self.legend.setText(
            self.tr(
                "格内为移交次数 / 协办件数。"
                "黄色加粗：移交次数达到全表最多一格的 {0}% 以上。点击数字查看对应工单。"
            ).format(round(100 * STRIKING))
        )
        self.panel.body.addWidget(self.legend)
        self.legend.hide()
        self.record = BodyPatternPanel(scale, self)
        self.show_beside(self.record)
        self.record.show_nothing(self.tr("选择一个责任主体"))
        self.table.set_empty_text(self.tr("统计中…"))
        self.days.choice_changed.connect(self.ask)
        self.view.choice_changed.connect(self._turn_view)
        self.flow.record_activated.connect(self._open_flow)
        self.back.clicked.connect(self.back_requested)
        self.table.record_chosen.connect(self._chosen)
        self.table.record_activated.connect(self._open)
        self.record.history_requested.connect(self._ask_history)
        self.record.tickets_requested.connect(self.tickets_requested)
        self.record.numbers_requested.connect(self.numbers_requested)
        self.record.ticket_requested.connect(self.ticket_requested)
        self.record.file_requested.connect(self.file_requested)

    @property
    def query(self) -> PatternQuery:
        """What is chosen."""
        return PatternQuery(self.days.value)

    def ask(self, _choice: object = None) -> None:
        """Ask for the counts of the chosen window, and for the record of the chosen body over it."""
        self.panel.set_note(self.tr("统计中…"))
        self.patterns_requested.emit(self.query)
        self.record.ask_again(self.days.value)

    def show_body(self, body: str, person: str = "") -> None:
        """Choose a body, at once or when it is listed, and a person of it."""
        self._wanted = body
        self.record.want_person(person)
        row = self.table.chosen()
        if row is not None and row.body == body:
            self._chosen(row)
        else:
            self.table.choose(body)

    def show_counts(self, query: PatternQuery, counts: PatternCounts) -> None:
        """Show an answer; one to an older question is passed over."""
        if query != self.query:
            return
        self.counts = counts
        rows = body_patterns(counts)
        self.table.show_records(rows)
        self.table.set_empty_text(self.tr("没有责任主体"))
        self.flow.show_flows(counts.flows, counts.names)
        striking = sum(bool(row.striking) for row in rows)
        since, until = local_day_text(counts.since), local_day_text(counts.until)
        said = self.tr("{0} 个主体，{1} 个高于同类 · {2} 至 {3}").format(len(rows), striking, since, until)
        self.panel.set_note(said)
        self.panel.set_fresh(counts.until)
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self.table.choose(wanted)
        self.choose_first()
        self._chosen(self.table.chosen())

    def show_history(self, query: HistoryQuery, history: History) -> None:
        """Show the record of a body; an answer about another one is passed over."""
        self.record.show_history(query, history)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def _turn_view(self, flows: bool) -> None:
        """Show the bodies, or what went between them (T22)."""
        for widget in (self.table, self.formula, self.record):
            widget.setVisible(not flows)
        self.flow.setVisible(flows)
        self.legend.setVisible(flows)

    def _open_flow(self, line: Line, column: str) -> None:
        giver, name, found = line
        taker = column.removeprefix(BODY)
        flow = next((f for f in found if f is not None and f.taker == taker), None)
        if self.counts is None or flow is None or not flow.times:
            return
        query = TicketsQuery(giver, Trait.PUSHED, self.counts.since, self.counts.until, to=taker)
        title = self.tr("{0} 移交 {1}").format(name, self.counts.names.get(taker, taker))
        self.numbers_requested.emit(query, title)

    def _chosen(self, row: BodyPattern | None) -> None:
        if row is None or self.counts is None:
            self.record.show_nothing(self.tr("选择一个责任主体"))
        else:
            self.record.show_body(row, self.counts, self.days.value)

    def _ask_history(self, query: HistoryQuery) -> None:
        self.history_requested.emit(query)

    def _open(self, row: BodyPattern, column: str) -> None:
        counts = self.counts
        if counts is None:
            return
        due = TicketFilter(body=row.body, due_from=counts.since, due_to=counts.until)
        match column:
            case "name" | "files":
                return
            case "due":
                self._filter(row, Outcome.DUE, due, self.tr("应办"))
            case Trait.LATE:
                self._filter(row, Outcome.NOT_ON_TIME, due, trait_name(Trait.LATE))
            case Trait.OPEN:
                self._filter(row, Outcome.OPEN_OVERDUE, due, trait_name(Trait.OPEN))
            case Trait.BOUNCED:
                done = TicketFilter(body=row.body, bounced=True, done_from=counts.since, done_to=counts.until)
                self.tickets_requested.emit(done, f"{row.name} · {trait_name(Trait.BOUNCED)}")
            case _:
                trait = Trait(column)
                if row.figures[trait].hits:
                    query = TicketsQuery(row.body, trait, counts.since, counts.until)
                    self.numbers_requested.emit(query, f"{row.name} · {trait_name(trait)}")

    def _filter(self, row: BodyPattern, outcome: Outcome, of: TicketFilter, word: str) -> None:
        wanted = TicketFilter(body=of.body, outcome=outcome, due_from=of.due_from, due_to=of.due_to)
        self.tickets_requested.emit(wanted, f"{row.name} · {word}")

    def _cell_of(self, trait: Trait) -> Callable[[BodyPattern], Cell]:
        said = trait_text(trait)

        def cell(row: BodyPattern) -> Cell:
            return figure_cell(row.figures[trait], said)

        return cell


def _name(row: BodyPattern) -> Cell:
    return Cell(row.name, colour="text_strong", tooltip=row.name)


def _due(row: BodyPattern) -> Cell:
    return Cell(exact_count_text(row.due))


def _late(row: BodyPattern) -> Cell:
    return rate_cell(row.figures[Trait.LATE], trait_text(Trait.LATE))


def _files(row: BodyPattern) -> Cell:
    if not row.files.launched:
        return Cell("0", colour="text_faint")
    return Cell(f"{row.files.faults} / {row.files.launched}")


def _key_of(row: BodyPattern) -> str:
    return row.body
