"""What is on record about one body: its nodes, rules and people, its late nodes and files (T28, X06)."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.ledger import Colour
from domain.listing import Outcome, TicketFilter
from domain.patterns import (
    BodyPattern,
    History,
    HistoryQuery,
    LateNode,
    NodePattern,
    PastFile,
    PatternCounts,
    PersonPattern,
    RulePattern,
    TicketsQuery,
    Trait,
    node_patterns,
    person_patterns,
    rule_patterns,
)
from widgets.fact_grid import small_label
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.list_page import DetailPanel, fit_table
from widgets.pages.pattern_cells import figure_cell, rate_cell, verdict_cell
from widgets.scale import Scale
from widgets.status import file_mark, mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import (
    behaviour_name,
    duration_text,
    exact_count_text,
    kind_name,
    local_moment_text,
    node_name,
    short_moment_text,
)

NODES, RULES, PEOPLE, LATE, FILES = "nodes", "rules", "people", "late", "files"
MOST_ROWS = 16


class BodyPatternPanel(DetailPanel):
    """Signals: as `PatternsPage`."""

    history_requested = Signal(object)
    tickets_requested = Signal(object, str)
    numbers_requested = Signal(object, str)
    ticket_requested = Signal(str)
    file_requested = Signal(str)

    WIDTH = 620

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(scale, parent)
        self._row: BodyPattern | None = None
        self._counts: PatternCounts | None = None
        self._history: History | None = None
        self._person = ""
        self._days = 0
        self._asked: HistoryQuery | None = None
        self.which = ChoiceRow(
            (
                (NODES, self.tr("环节")),
                (RULES, self.tr("规则")),
                (PEOPLE, self.tr("人员")),
                (LATE, self.tr("超期环节")),
                (FILES, self.tr("再监督")),
            ),
            scale,
            self,
        )
        self.content.addWidget(self.which)
        self.whose = QPushButton(self)
        self.whose.setProperty("look", "link")
        self.content.addWidget(self.whose)
        self.tables = {
            NODES: self._table(
                Column("node", self.tr("环节"), 120, _node_cell),
                Column("due", self.tr("应办"), 80, _node_due, right=True),
                Column("late", self.tr("超期率"), 200, _node_rate, stretch=True),
                Column("verdict", self.tr("与同类比"), 172, _node_verdict),
            ),
            RULES: self._table(
                Column("rule", self.tr("预警"), 200, _rule_cell, stretch=True, least=110),
                Column("nodes", self.tr("环节"), 110, _rule_nodes, least=70),
                Column("count", self.tr("次数·每百"), 128, _rule_count, right=True),
                Column("verdict", self.tr("与同类比"), 166, _rule_verdict),
            ),
            PEOPLE: self._table(
                Column("person", self.tr("经办人"), 120, self._person_cell),
                Column("due", self.tr("应办"), 80, _person_due, right=True),
                Column("late", self.tr("超期率"), 200, _person_rate, stretch=True),
                Column("verdict", self.tr("与本单位比"), 172, _person_verdict),
            ),
            LATE: self._table(
                Column("due_at", self.tr("到期"), 150, _late_due),
                Column("ticket", self.tr("工单"), 170, _late_ticket, stretch=True, least=90),
                Column("node", self.tr("环节"), 100, _late_node),
                Column("person", self.tr("经办人"), 90, self._late_person),
                Column("over", self.tr("超期"), 130, self._late_over, right=True),
            ),
            FILES: self._table(
                Column("state", self.tr("状态"), 110, _file_state),
                Column("number", self.tr("编号"), 130, _file_number),
                Column("node", self.tr("环节"), 90, _file_node),
                Column("found", self.tr("认定"), 90, _file_found),
                Column("said", self.tr("依据与建议"), 160, _file_said, stretch=True, least=80),
            ),
        }
        self.remark = small_label(self, "muted")
        for table in self.tables.values():
            self.content.addWidget(table)
        self.content.addWidget(self.remark)
        self.content.addStretch(1)
        self.which.choice_changed.connect(self._show_part)
        self.whose.clicked.connect(self._everybody)
        self.tables[NODES].record_activated.connect(self._open_node)
        self.tables[RULES].record_activated.connect(self._open_rule)
        self.tables[PEOPLE].record_activated.connect(self._open_person)
        self.tables[LATE].record_activated.connect(self._open_late)
        self.tables[FILES].record_activated.connect(self._open_file)
        scale.factor_changed.connect(self._fit)

    def want_person(self, person: str) -> None:
        """Show this person's record with the next body that is shown."""
        self._person = person
        self._asked = None

    def ask_again(self, days: int) -> None:
        """Ask for the record over another window."""
        self._days = days
        self._asked = None

    def show_body(self, row: BodyPattern, counts: PatternCounts, days: int) -> None:
        """Show a body; its history is asked for."""
        if self._row is not None and self._row.body != row.body and self._asked is not None:
            self._person = ""
        if self._row is None or self._row.body != row.body:
            self._history = None
        self._row, self._counts, self._days = row, counts, days
        striking = row.striking
        mark = mark_of(Colour.RED) if striking else mark_of(Colour.GREEN)
        note = self.tr("{0} 项高于同类").format(striking) if striking else self.tr("没有高于同类的项")
        self.show_content(row.name, f"{mark.shape.value} {note}", mark.colour_name)
        self.tables[NODES].show_records(node_patterns(counts, row.body))
        self.tables[RULES].show_records(rule_patterns(counts, row.body))
        self._show_part()
        wanted = HistoryQuery(row.body, self._person, days)
        if wanted != self._asked:
            self._asked = wanted
            self.history_requested.emit(wanted)

    def show_history(self, query: HistoryQuery, history: History) -> None:
        """Show the record that was asked for; an older answer is passed over."""
        if query != self._asked:
            return
        self._history = history
        self.tables[PEOPLE].show_records(person_patterns(history.people))
        self.tables[LATE].show_records(history.nodes)
        self.tables[FILES].show_records(history.files)
        self._show_part()

    def _table(self, *columns: Column) -> RecordTable:
        table = RecordTable(RecordModel(columns, _key_of), self.scale, self, opens_on_click=True)
        table.set_empty_text(self.tr("没有"))
        return table

    def _show_part(self, _choice: object = None) -> None:
        part = self.which.value
        for name, table in self.tables.items():
            table.setVisible(name == part)
        self.whose.setVisible(bool(self._person) and part in (LATE, FILES))
        self.whose.setText(self.tr("{0} 的往来 · 查看全单位 ›").format(self._person))
        self.remark.setText(self._note_of(part))
        self._fit()

    def _note_of(self, part: str) -> str:
        history = self._history
        match part:
            case "rules":
                return self.tr("每百：每百个到期环节的预警次数。")
            case "people":
                return self.tr("按办结人统计；点击查看其超期环节与再监督。")
            case "late" if history is not None and history.late > len(history.nodes):
                count = exact_count_text(history.late)
                return self.tr("共 {0} 个，列出最近 {1} 个。").format(count, len(history.nodes))
            case "files":
                return self.tr("已启动的全部再监督，不限窗口。")
        return ""

    def _fit(self) -> None:
        for table in self.tables.values():
            fit_table(table, max(2, table.model().rowCount()), self.scale, MOST_ROWS)

    # --- what is opened --------------------------------------------------------------------------------

    def _everybody(self) -> None:
        self._ask_person("")

    def _ask_person(self, person: str) -> None:
        self._person = person
        if self._row is not None and self._counts is not None:
            self.show_body(self._row, self._counts, self._days)

    def _open_node(self, row: NodePattern, _column: str) -> None:
        if self._row is not None and self._counts is not None:
            wanted = TicketFilter(
                body=self._row.body,
                node=row.node,
                outcome=Outcome.NOT_ON_TIME if row.late.hits else Outcome.DUE,
                due_from=self._counts.since,
                due_to=self._counts.until,
            )
            word = self.tr("未按期") if row.late.hits else self.tr("应办")
            self.tickets_requested.emit(wanted, f"{self._row.name} · {node_name(row.node)} · {word}")

    def _open_rule(self, row: RulePattern, _column: str) -> None:
        if self._row is not None and self._counts is not None:
            query = TicketsQuery(
                self._row.body,
                Trait.WRONG,
                self._counts.since,
                self._counts.until,
                row.kind,
                row.rule_id,
            )
            self.numbers_requested.emit(query, f"{self._row.name} · {row.rule}")

    def _open_person(self, row: PersonPattern, _column: str) -> None:
        if row.person:
            self.which.choose(LATE)
            self._ask_person(row.person)

    def _open_late(self, row: LateNode, _column: str) -> None:
        self.ticket_requested.emit(row.ticket)

    def _open_file(self, row: PastFile, _column: str) -> None:
        self.file_requested.emit(row.row.number)

    # --- cells -----------------------------------------------------------------------------------------

    def _person_cell(self, row: PersonPattern) -> Cell:
        if not row.person:
            return Cell(self.tr("（无人办结）"), colour="text_muted")
        return Cell(row.person, colour="text_strong")

    def _late_person(self, row: LateNode) -> Cell:
        return Cell(row.person or "—", colour="text" if row.person else "text_faint")

    def _late_over(self, row: LateNode) -> Cell:
        if row.ended_at is None:
            return Cell(self.tr("未办结"), CellLook.MARK, "overdue", mark_of(Colour.RED))
        return Cell(duration_text(row.ended_at - row.due_at))


def _node_cell(row: NodePattern) -> Cell:
    return Cell(node_name(row.node), colour="text_strong")


def _node_due(row: NodePattern) -> Cell:
    return Cell(exact_count_text(row.late.due))


def _node_rate(row: NodePattern) -> Cell:
    return rate_cell(row.late)


def _node_verdict(row: NodePattern) -> Cell:
    return verdict_cell(row.late)


def _rule_cell(row: RulePattern) -> Cell:
    return Cell(
        f"{kind_name(row.kind)} · {row.rule}", colour="text_strong", tooltip=f"{row.rule_id} {row.rule}"
    )


def _rule_nodes(row: RulePattern) -> Cell:
    names = "、".join(node_name(node) for node in row.nodes)
    return Cell(names, tooltip=names)


def _rule_count(row: RulePattern) -> Cell:
    return figure_cell(row.figure)


def _rule_verdict(row: RulePattern) -> Cell:
    return verdict_cell(row.figure)


def _person_due(row: PersonPattern) -> Cell:
    return Cell(exact_count_text(row.late.due))


def _person_rate(row: PersonPattern) -> Cell:
    return rate_cell(row.late)


def _person_verdict(row: PersonPattern) -> Cell:
    return verdict_cell(row.late)


def _late_due(row: LateNode) -> Cell:
    return Cell(
        short_moment_text(row.due_at)[:-3], colour="text_muted", tooltip=local_moment_text(row.due_at)
    )


def _late_ticket(row: LateNode) -> Cell:
    return Cell(row.title, colour="text_strong", tooltip=f"{row.ticket} {row.title}")


def _late_node(row: LateNode) -> Cell:
    return Cell(node_name(row.node))


def _file_state(row: PastFile) -> Cell:
    mark = file_mark(row.row.state)
    return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)


def _file_number(row: PastFile) -> Cell:
    return Cell(row.row.number, tooltip=f"{row.row.ticket} {row.row.title}")


def _file_node(row: PastFile) -> Cell:
    return Cell(node_name(row.row.node) if row.row.node is not None else "—")


def _file_found(row: PastFile) -> Cell:
    if row.behaviour is None:
        return Cell("—", colour="text_faint")
    return Cell(behaviour_name(row.behaviour), colour="text_strong")


def _file_said(row: PastFile) -> Cell:
    said = " · ".join(part for part in (row.finding, row.recommendation) if part)
    return Cell(said, tooltip=said)


def _key_of(row: object) -> str:
    match row:
        case NodePattern(node=node):
            return node.value
        case RulePattern(kind=kind, rule_id=rule_id):
            return f"{kind} {rule_id}"
        case PersonPattern(person=person):
            return person
        case LateNode():
            return f"{row.ticket} {row.round} {row.node} {row.due_at.isoformat()} {row.person}"
        case PastFile():
            return row.row.number
    return str(row)
