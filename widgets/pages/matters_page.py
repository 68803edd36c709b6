"""案件: what is open in all cases: lists of leads-in-charge, requests, questions, decisions due, transfers,
and the case library. A page of its own: the list of tickets has one line a ticket, this one a line a matter.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from domain.case import MatterKind
from domain.case_events import ResponsibleAs, SubjectResult
from domain.drafts import Choice
from domain.matter_listing import MatterCounts, MatterFilter, MatterRow
from widgets.arrow_fields import ArrowComboBox
from widgets.case_words import ending_name, matter_name, sort_name
from widgets.forms.order_form import indicators
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.list_page import ListPage
from widgets.pages.month_sums_panel import MonthSumsPanel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.lazy import LazyTable
from widgets.table.paged import PagedModel
from widgets.wording import exact_count_text, local_moment_text, minute_text, node_name


class MattersPage(ListPage):
    """A list of any length; its `table` asks for pages.

    Signals: `list_requested()` when the hand asks for another `chosen` filter, `ticket_requested(str)`,
    `sums_requested()` when the sums by month beside it are wanted.
    """

    list_requested = Signal()
    sums_requested = Signal()
    ticket_requested = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("sort", self.tr("类别"), 142, _sort, least=118),
            Column("state", self.tr("状态"), 116, self._state, least=96),
            Column("text", self.tr("事项"), 320, _text, stretch=True, least=160),
            Column("who", self.tr("人员 / 单位"), 270, _who, least=140),
            Column("ticket", self.tr("工单"), 330, _ticket, least=190),
            Column("lead", self.tr("主办"), 150, _lead, least=90),
            Column("coordinated", self.tr("最近调度"), 160, _coordinated, right=True, least=150),
            Column("countdown", self.tr("期限"), 164, _countdown, right=True, least=130),
            Column("opened", self.tr("登记"), 160, _opened, right=True, least=150),
        )
        self.model = PagedModel(columns, _key_of)
        table = LazyTable(self.model, scale)
        super().__init__(self.tr("案件"), table, scale, parent)
        self.table: LazyTable = table
        self.kinds = ChoiceRow(
            [(None, self.tr("全部")), *((kind, matter_name(kind)) for kind in MatterKind)], scale, self
        )
        self.bodies = ArrowComboBox(scale, self)
        self.bodies.addItem(self.tr("全部单位"), "")
        self.bodies.setAccessibleName(self.tr("单位"))
        self.people = ArrowComboBox(scale, self)
        self.people.addItem(self.tr("全部包案领导"), "")
        self.people.setAccessibleName(self.tr("包案领导"))
        self.people.hide()
        self.ended = QCheckBox(self.tr("含已了结"), self)
        self.ended.setStyleSheet(indicators(scale))
        self.panel.bar.insertWidget(1, self.ended, 0, Qt.AlignmentFlag.AlignVCenter)
        self.panel.bar.insertWidget(2, self.bodies)
        self.panel.bar.insertWidget(3, self.people)
        self.add_tools((self.kinds,))
        self.sums = MonthSumsPanel(scale, self)
        self.show_beside(self.sums)
        self.sums.hide()
        self.by_month = QPushButton(self.tr("按月合计"), self)
        self.by_month.setProperty("look", "small")
        self.by_month.setCheckable(True)
        self.by_month.setToolTip(tip(self.tr("立案、处罚、移送，逐月合计")))
        self.by_month.clicked.connect(self._show_sums)
        self.panel.bar.addWidget(self.by_month)
        self.kinds.choice_changed.connect(self._ask)
        self.bodies.activated.connect(self._ask)
        self.people.activated.connect(self._ask)
        self.ended.clicked.connect(self._ask)
        self.table.record_activated.connect(self._open)
        self.table.set_empty_text(self.tr("读取中…"))
        scale.factor_changed.connect(self._dress)

    @property
    def chosen(self) -> MatterFilter:
        """Which matters the hand asks for."""
        kind = self.kinds.value
        in_charge = kind is MatterKind.RESPONSIBILITY
        return MatterFilter(
            kind,
            str(self.bodies.currentData() or "") or None,
            (str(self.people.currentData() or "") or None) if in_charge else None,
            self.ended.isChecked(),
        )

    def show_kind(self, kind: MatterKind | None) -> None:
        """Ask for the matters of one kind, or of all."""
        self.kinds.choose(kind)
        self._ask()

    def show_bodies(self, bodies: Sequence[Choice]) -> None:
        """Offer these bodies; the chosen one stays."""
        self._offer(self.bodies, [(body.name, body.key) for body in bodies])

    def show_counts(self, total: int, counts: MatterCounts, as_of: datetime) -> None:
        """Say how many open matters each kind has; `total` are listed."""
        self.panel.set_fresh(as_of)
        found = [counts.by_kind.get(kind, 0) for kind in MatterKind]
        self.kinds.show_counts([sum(found), *found])
        charges = [(f"{name}（{count}）", name) for name, count in counts.in_charge.items()]
        self._offer(self.people, charges)
        self.people.setVisible(self.chosen.kind is MatterKind.RESPONSIBILITY and bool(charges))
        note = self.tr("{0} 项").format(exact_count_text(total))
        late = self.tr("■ 议定事项逾期 {0}").format(counts.overdue)
        if counts.overdue:
            note = f"{note} · {late}"
        self.panel.set_note(note, tones={late: "overdue"})
        self.table.set_empty_text(self.tr("没有这类事项"))
        if self.model.now is None or self.model.now < as_of:
            self.table.tick(as_of)

    def choose_first(self) -> None:
        """Nothing: no detail waits beside the list."""

    def keys_of(self, tickets: frozenset[str]) -> list[str]:
        """Return the keys in sight that belong to these tickets."""
        first, last = self.table.rows_in_sight()
        rows = (self.model.record(row) for row in range(first, last + 1))
        return [row.key for row in rows if row is not None and row.ticket in tickets]

    def _show_sums(self, wanted: bool) -> None:
        self.sums.setVisible(wanted)
        self.sums_requested.emit()

    def _offer(self, combo: ArrowComboBox, items: Sequence[tuple[str, str]]) -> None:
        there = [(combo.itemText(n), combo.itemData(n)) for n in range(1, combo.count())]
        if there == list(items):
            return
        chosen = combo.currentData()
        while combo.count() > 1:
            combo.removeItem(combo.count() - 1)
        for name, key in items:
            combo.addItem(name, key)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))

    def _ask(self, _choice: object = None) -> None:
        self.model.start_over()
        self.table.set_empty_text(self.tr("读取中…"))
        self.list_requested.emit()

    def _open(self, row: Any, _column: str) -> None:
        if isinstance(row, MatterRow):
            self.ticket_requested.emit(row.ticket)

    def _state(self, row: MatterRow) -> Cell:
        mark = state_mark(row, self.model.now)
        return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)

    def _dress(self) -> None:
        self.ended.setStyleSheet(indicators(self._scale))


_WAITING = {
    MatterKind.REQUEST: QT_TRANSLATE_NOOP("case", "待批准"),
    MatterKind.HELP: QT_TRANSLATE_NOOP("case", "待答复"),
    MatterKind.DECISION: QT_TRANSLATE_NOOP("case", "待落实"),
    MatterKind.TRANSFER: QT_TRANSLATE_NOOP("case", "待回执"),
    MatterKind.RECORD: QT_TRANSLATE_NOOP("case", "待批准"),
    MatterKind.SUBJECT: QT_TRANSLATE_NOOP("case", "未检查"),
    MatterKind.SUPERVISION: QT_TRANSLATE_NOOP("case", "待签结"),
}


def state_mark(row: MatterRow, now: datetime | None) -> Mark:
    """Return how a matter stands."""
    if row.kind is MatterKind.SUBJECT and row.ended_at is not None:
        bad = row.sort == SubjectResult.VIOLATION.value
        return Mark(
            "overdue" if bad else "done", Shape.SQUARE if bad else Shape.CIRCLE, sort_name(row.kind, row.sort)
        )
    if row.ended_at is not None:
        return Mark("text_muted", Shape.CIRCLE, ending_name(row.ending) if row.ending else _word("已了结"))
    if now is not None and row.is_overdue(now):
        return Mark("overdue", Shape.SQUARE, _word("逾期"))
    if row.kind is MatterKind.RESPONSIBILITY and not row.person:
        return Mark("overdue", Shape.SQUARE, _word("待明确"))
    if row.kind in (MatterKind.RESPONSIBILITY, MatterKind.MARK):
        return Mark("on_time", Shape.TRIANGLE, _word("在列"))
    return Mark("due_soon", Shape.DIAMOND, _word(_WAITING[row.kind]))


def _sort(row: MatterRow) -> Cell:
    name = matter_name(row.kind)
    if row.kind not in (MatterKind.SUBJECT, MatterKind.DECISION, MatterKind.TRANSFER):
        name = sort_name(row.kind, row.sort) or name
    return Cell(name, CellLook.CHIP, "accent" if row.ended_at is None else "text_faint")


def _text(row: MatterRow) -> Cell:
    before = node_name(row.node) if row.node is not None else ""
    if row.kind is MatterKind.TRANSFER:
        before = sort_name(row.kind, row.sort)
    text = " · ".join(part for part in (before, " ".join(row.title.split())) if part)
    return Cell(text or "—", tooltip=row.title)


def _who(row: MatterRow) -> Cell:
    if row.kind is MatterKind.RESPONSIBILITY:
        return Cell(row.person or "—", bold=row.sort == ResponsibleAs.LEAD_IN_CHARGE.value)
    ways = [name for name in (row.from_name, row.to_name) if name]
    if len(ways) == 2 and ways[0] == ways[1]:
        ways = ways[:1]
    return Cell(" → ".join(ways), tooltip=" · ".join((*ways, row.person)))


def _ticket(row: MatterRow) -> Cell:
    return Cell(
        f"{row.ticket} {row.ticket_title}", colour="text_muted", tooltip=f"{row.ticket}\n{row.ticket_title}"
    )


def _lead(row: MatterRow) -> Cell:
    return Cell(row.lead_name, tooltip=row.lead_name)


def _coordinated(row: MatterRow) -> Cell:
    return _moment(row.coordinated_at)


def _countdown(row: MatterRow) -> Cell:
    if row.due_at is None:
        return Cell("")
    if row.kind is not MatterKind.DECISION or row.ended_at is not None:
        return _moment(row.due_at)
    return Cell("", CellLook.COUNTDOWN, due=row.due_at, tooltip=local_moment_text(row.due_at))


def _opened(row: MatterRow) -> Cell:
    return _moment(row.opened_at)


def _moment(at: datetime | None) -> Cell:
    if at is None:
        return Cell("")
    return Cell(minute_text(at), colour="text_muted", tooltip=local_moment_text(at))


def _key_of(row: Any) -> str:
    return str(row.key)


def _word(source: str) -> str:
    return QCoreApplication.translate("case", source)
