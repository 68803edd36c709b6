"""预警: every running warning, red first, with who took note of it and what can be done about it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from domain.acknowledging import MOST_TOGETHER
from domain.directive_orders import MOST_SUBJECTS
from domain.drafts import ReSupervisionSubject, re_supervision_about
from domain.events import WarningKind, WarningLevel
from domain.listing import WarningCounts, WarningFilter, WarningOrder, WarningRow, WarningsBy
from domain.people import Actor
from domain.rights import Command
from domain.warning_causes import CauseRow, CauseSought
from widgets.arrow_fields import ArrowComboBox
from widgets.desk.duty_words import TAKE_NOTE
from widgets.desk.queue_table import letter_of
from widgets.device_strip import DeviceStrip
from widgets.directive_basis import about_warnings
from widgets.pages.cause_cells import cause_cell
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.list_page import ListPage
from widgets.plain import tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.lazy import LazyTable
from widgets.table.paged import PagedModel
from widgets.tickets.columns import urgency_colour
from widgets.warning_words import climbed_text, told_lines
from widgets.wording import (
    exact_count_text,
    kind_name,
    local_moment_text,
    minute_text,
    node_name,
    urgency_name,
)

_SORTED_BY = {
    "level": WarningsBy.WORST,
    "urgency": WarningsBy.URGENCY,
    "area": WarningsBy.AREA,
    "body": WarningsBy.BODY,
    "countdown": WarningsBy.DUE,
    "since": WarningsBy.SINCE,
}
"""What a click on a column's head sorts by."""


class WarningTable(LazyTable):
    """A table of which one letter is an order.

    Signals: `note_requested()`: the key that acknowledges was pressed.
    """

    note_requested = Signal()

    def __init__(self, model: PagedModel, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(model, scale, parent, multiple=True)
        # An input method would take the letter for the beginning of a word.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if letter_of(event) == TAKE_NOTE:
            self.note_requested.emit()
        else:
            super().keyPressEvent(event)


class WarningsPage(ListPage):
    """A list of any length; its `table` asks for pages. `devices` above it says what devices need.

    Signals: `list_requested(WarningFilter, WarningOrder)` when the hand asks for others or another order;
    `cause_toggled(str)` with the key of a line that is to show its warnings, or no longer;
    `ticket_requested(str)`; `acknowledge_requested(object)` with the WarningRow of one warning, a tuple of
    several, or the CauseSought of a line that stands for many; `directive_requested(object)` with the
    WarningRow of one warning, or the DirectiveSubject of several;
    `re_supervision_requested(ReSupervisionSubject)`.
    """

    list_requested = Signal(object, object)
    cause_toggled = Signal(str)
    ticket_requested = Signal(str)
    acknowledge_requested = Signal(object)
    directive_requested = Signal(object)
    re_supervision_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = self._by_warning_or_cause(
            Column("level", self.tr("级别"), 76, self._level, sortable=True),
            Column("kind", self.tr("类型"), 100, self._kind),
            Column("node", self.tr("环节"), 128, self._node),
            Column("urgency", self.tr("紧急"), 78, self._urgency, sortable=True),
            Column("title", self.tr("工单"), 280, self._title, least=180),
            Column("area", self.tr("区划"), 110, self._area, sortable=True),
            Column("body", self.tr("责任主体"), 170, self._body, sortable=True, least=130),
            Column("rule", self.tr("规则"), 250, self._rule, stretch=True, least=120),
            Column("countdown", self.tr("计时"), 160, self._countdown, right=True, sortable=True),
            Column("since", self.tr("发出"), 172, self._since, right=True, sortable=True),
            Column("acknowledged", self.tr("确认"), 158, self._acknowledged),
        )
        self.model = PagedModel(columns, _key_of)
        table = WarningTable(self.model, scale)
        super().__init__(self.tr("环节预警"), table, scale, parent)
        self.table: WarningTable = table
        self._order = WarningOrder()
        self._actor: Actor | None = None
        self.levels = ChoiceRow(
            ((None, self.tr("全部")), *((level, mark_of(level).word) for level in WarningLevel)),
            scale,
            self,
            (None, *map(mark_of, WarningLevel)),
        )
        self.kinds = ChoiceRow(
            ((None, self.tr("全部类型")), *((kind, kind_name(kind)) for kind in WarningKind)), scale, self
        )
        self.open_only = ChoiceRow(((False, self.tr("含已确认")), (True, self.tr("只看未确认"))), scale, self)
        self.grouping = ChoiceRow(((False, self.tr("逐条")), (True, self.tr("按原因"))), scale, self)
        self.body = self._field("body", self.tr("责任主体"))
        self.area = self._field("area", self.tr("区划"))
        self.acknowledge = QPushButton(self._acknowledge_text(None), self)
        self.directive = QPushButton(self.tr("下达指令"), self)
        self.directive.setProperty("look", "primary")
        self.re_supervision = QPushButton(self.tr("再监督"), self)
        self.re_supervision.setProperty("look", "danger")
        self.add_tools((self.levels, self.kinds, self.open_only))
        self.devices = DeviceStrip(scale, self)
        self.panel.body.insertWidget(1, self.devices)
        for place, field in enumerate((self.grouping, self.body, self.area), start=1):
            self.panel.bar.insertWidget(place, field)
        for button in (self.acknowledge, self.directive, self.re_supervision):
            self.tools.addWidget(button)
        for choice in (self.levels, self.kinds, self.open_only, self.grouping):
            choice.choice_changed.connect(self._ask)
        for field in (self.body, self.area):
            field.activated.connect(self._ask)
        self.table.sort_requested.connect(self._sort)
        self.table.record_activated.connect(self._open)
        self.table.record_chosen.connect(self._offer)
        self.table.choice_changed.connect(self._offer_choice)
        self.acknowledge.clicked.connect(self._ask_acknowledge)
        self.table.note_requested.connect(self.acknowledge.click)
        self.directive.clicked.connect(self._ask_directive)
        self.re_supervision.clicked.connect(self._ask_re_supervision)
        self.show_choices((), ())
        self._show_order()
        self.table.set_empty_text(self.tr("读取中…"))
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self._offer(None)

    @property
    def chosen(self) -> WarningFilter:
        """Which warnings the hand asks for."""
        return WarningFilter(
            self.levels.value,
            self.kinds.value,
            self.open_only.value,
            self.body.currentData(),
            self.area.currentData(),
        )

    @property
    def by_cause(self) -> bool:
        """Whether the hand asks for one line for each cause."""
        return bool(self.grouping.value)

    def show_choices(self, bodies: Sequence[tuple[str, str]], areas: Sequence[tuple[str, str]]) -> None:
        """Offer to filter by these bodies and areas, keys and names; what is chosen stays so."""
        for field, every, choices in (
            (self.body, self.tr("全部责任主体"), bodies),
            (self.area, self.tr("全部区划"), areas),
        ):
            value = field.currentData()
            field.clear()
            field.addItem(every, None)
            for key, name in choices:
                field.addItem(name, key)
            field.setCurrentIndex(max(0, field.findData(value)))

    def show_counts(self, total: int | None, counts: WarningCounts, as_of: datetime) -> None:
        """Say how many warnings there are, and in the list; None while they are being counted."""
        self.panel.set_fresh(as_of)
        if self.model.now is None or self.model.now < as_of:
            self.table.tick(as_of)
        if total is None:
            return
        levels = {WarningLevel.RED: counts.red, WarningLevel.YELLOW: counts.yellow}
        kinds = {
            WarningKind.LATE: counts.late,
            WarningKind.SLOW: counts.slow,
            WarningKind.WRONG: counts.wrong,
        }
        self.levels.show_counts([sum(levels.values()), *(levels[level] for level in WarningLevel)])
        self.kinds.show_counts([None, *(kinds[kind] for kind in WarningKind)])
        if self.chosen != WarningFilter():
            self.table.set_empty_text(self.tr("没有符合条件的预警"))
        else:
            self.table.set_empty_text(self.tr("● 当前没有预警，各环节均在限时内"), "done")
        # Of causes, the opened ones' warnings are rows, too: what is told is how many warnings there are.
        shown = counts.red + counts.yellow if self.by_cause else total
        self.panel.set_note(self.tr("{0} 条").format(exact_count_text(shown)))
        self._offer(self.table.chosen())

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer(self.table.chosen())

    def let_go(self, tickets: Collection[str]) -> None:
        """Select nothing any more, where what is selected are warnings of these tickets."""
        rows = self.table.selected_records()
        if all(isinstance(row, WarningRow) and row.ticket in tickets for row in rows):
            self.table.clearSelection()

    def _ask(self, _choice: object = None) -> None:
        self._show_order()
        self.model.start_over()
        self.table.set_empty_text(self.tr("读取中…"))
        self._offer(None)
        self.list_requested.emit(self.chosen, self._order)

    def _sort(self, key: str, descending: bool) -> None:
        self._order = WarningOrder(_SORTED_BY[key], descending)
        self._ask()

    def _show_order(self) -> None:
        key = next(key for key, by in _SORTED_BY.items() if by is self._order.by)
        self.model.show_sorted(key, descending=self._order.descending)

    def _field(self, name: str, caption: str) -> ArrowComboBox:
        field = ArrowComboBox(self._scale, self)
        field.setObjectName(name)
        field.setAccessibleName(caption)
        return field

    def _rescale(self) -> None:
        for field in (self.body, self.area):
            field.setFixedWidth(self._scale.px(176))

    def _offer_choice(self) -> None:
        self._offer(self.table.chosen())

    def _offer(self, record: WarningRow | CauseRow | None) -> None:
        row = record if isinstance(record, WarningRow) else None
        line = record if isinstance(record, CauseRow) else None
        count = self.table.selected_count()
        none_chosen = self.tr("先选择一条预警") if row is None else ""
        not_noted = none_chosen if line is None else ""
        body = row.body if row is not None else line.cause.body if line is not None else None
        several = self.tr("一次只能办理一条，请只选择一条") if count > 1 else ""
        too_many = ""
        if count > MOST_SUBJECTS:
            too_many = self.tr("一道指令最多涉及 {0} 件").format(MOST_SUBJECTS)
        together, noted = self._together(count)
        if count > 1:
            not_noted = ""
        elif row is not None and row.acknowledged_by is not None:
            noted = self.tr("{0} 已经确认").format(row.acknowledged_by)
        elif line is not None and not line.unacknowledged:
            noted = self.tr("该类预警均已确认")
        self.acknowledge.setText(self._acknowledge_text(line, len(together)))
        bodies = {one.body for one in together} or {body}
        for button, command, own, charged in (
            (self.acknowledge, Command.ACKNOWLEDGE_WARNING, not_noted or noted, bodies),
            (self.directive, Command.ISSUE_DIRECTIVE, none_chosen or too_many, {body}),
            (self.re_supervision, Command.LAUNCH_RE_SUPERVISION, none_chosen or several, {body}),
        ):
            refusals = (refusal_of(command, self._actor, each) for each in charged)
            reason = own or next(filter(None, refusals), "")
            button.setEnabled(not reason)
            button.setToolTip(tip(reason))

    def _together(self, count: int) -> tuple[tuple[WarningRow, ...], str]:
        """Return those of several selected warnings that nobody has acknowledged, or why none can be now."""
        if count < 2:
            return (), ""
        if count > MOST_TOGETHER:
            return (), self.tr("一次最多确认 {0} 条；可按原因分组，逐类确认").format(MOST_TOGETHER)
        records = self.table.selected_records()
        rows = tuple(record for record in records if isinstance(record, WarningRow))
        if len(records) < count:
            return (), self.tr("所选预警还在读取，请稍候")
        if len(rows) < count:
            return (), self.tr("一次只能确认一类，请只选择一行")
        found = tuple(row for row in rows if row.acknowledged_by is None)
        return found, "" if found else self.tr("所选预警均已确认")

    def _acknowledge_text(self, line: CauseRow | None, several: int = 0) -> str:
        if several:
            return self.tr("{0} 确认所选 {1} 条").format(TAKE_NOTE, exact_count_text(several))
        if line is None or not line.unacknowledged:
            return self.tr("{0} 确认预警").format(TAKE_NOTE)
        return self.tr("{0} 确认同类 {1} 条").format(TAKE_NOTE, exact_count_text(line.unacknowledged))

    def _open(self, row: WarningRow | CauseRow, _column: str) -> None:
        if isinstance(row, CauseRow):
            self.cause_toggled.emit(row.key)
        else:
            self.ticket_requested.emit(row.ticket)

    def _ask_acknowledge(self) -> None:
        row = self.table.chosen()
        together, _ = self._together(self.table.selected_count())
        if together:
            self.acknowledge_requested.emit(together)
        elif isinstance(row, WarningRow):
            self.acknowledge_requested.emit(row)
        elif isinstance(row, CauseRow):
            self.acknowledge_requested.emit(CauseSought(row, self.chosen))

    def _ask_directive(self) -> None:
        rows = [row for row in self.table.selected_records() if isinstance(row, WarningRow)]
        if rows:
            self.directive_requested.emit(rows[0] if len(rows) == 1 else about_warnings(rows))

    def _ask_re_supervision(self) -> None:
        row = self.table.chosen()
        if isinstance(row, WarningRow):
            subject: ReSupervisionSubject = re_supervision_about(row)
            self.re_supervision_requested.emit(subject)

    # --- cells -----------------------------------------------------------------------------------------

    @staticmethod
    def _by_warning_or_cause(*columns: Column) -> tuple[Column, ...]:
        """Let the line of a cause have words of its own in each column."""
        return tuple(replace(column, cell=_Words(column.key, column.cell)) for column in columns)

    def _level(self, row: WarningRow) -> Cell:
        mark = mark_of(row.level)
        return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)

    def _kind(self, row: WarningRow) -> Cell:
        return Cell(kind_name(row.kind), colour=mark_of(row.level).colour_name)

    def _node(self, row: WarningRow) -> Cell:
        name = node_name(row.node)
        return Cell(f"{name}·{row.round}" if row.round > 1 else name, bold=True)

    def _urgency(self, row: WarningRow) -> Cell:
        return Cell(urgency_name(row.urgency), CellLook.CHIP, urgency_colour(row.urgency))

    def _title(self, row: WarningRow) -> Cell:
        under = "　└ " if self.by_cause else ""
        return Cell(f"{under}{row.title}", colour="text_strong", tooltip=f"{row.ticket} {row.title}")

    def _area(self, row: WarningRow) -> Cell:
        return Cell(row.area_name)

    def _body(self, row: WarningRow) -> Cell:
        if not row.body_name:
            return Cell(self.tr("待定"), colour="text_faint", tooltip=self.tr("尚无责任主体"))
        return Cell(row.body_name, tooltip=row.body_name)

    def _rule(self, row: WarningRow) -> Cell:
        facts = "；".join(row.facts)
        text = " · ".join(part for part in (row.rule, facts) if part)
        return Cell(text, colour="text_muted", tooltip="\n".join(told_lines(row)))

    def _countdown(self, row: WarningRow) -> Cell:
        colour = mark_of(row.level).colour_name
        if row.kind is WarningKind.WRONG:
            # What was done wrong is so whether or not the node still has time.
            since = local_moment_text(row.since)
            tooltip = self.tr("发出 {0}").format(since)
            return Cell(since, CellLook.COUNTDOWN, colour, since=row.since, tooltip=tooltip, bold=True)
        due = local_moment_text(row.due_at)
        tooltip = self.tr("到期 {0}").format(due)
        return Cell(due, CellLook.COUNTDOWN, colour, due=row.due_at, tooltip=tooltip, bold=True)

    def _since(self, row: WarningRow) -> Cell:
        return Cell(minute_text(row.since), colour="text_muted", tooltip=local_moment_text(row.since))

    def _acknowledged(self, row: WarningRow) -> Cell:
        climbed = climbed_text(row)
        if row.acknowledged_by is None and climbed:
            when = local_moment_text(row.escalated_at) if row.escalated_at else ""
            up = Mark("overdue", Shape.RING, climbed)
            return Cell(climbed, CellLook.MARK, "overdue", up, f"{climbed} {when}")
        if row.acknowledged_by is None:
            open_mark = Mark("text_muted", Shape.RING, self.tr("未确认"))
            return Cell(open_mark.word, CellLook.MARK, "text_muted", open_mark)
        when = local_moment_text(row.acknowledged_at) if row.acknowledged_at else ""
        noted = Mark("done", Shape.CIRCLE, self.tr("已确认"))
        tooltip = " ".join(part for part in (noted.word, row.acknowledged_by, when, climbed) if part)
        return Cell(row.acknowledged_by, CellLook.MARK, "done", noted, tooltip)


@dataclass(frozen=True, slots=True)
class _Words:
    """A column's words: of a warning, or of a cause."""

    column: str
    of_warning: Callable[[WarningRow], Cell]

    def __call__(self, row: WarningRow | CauseRow) -> Cell:
        return cause_cell(row, self.column) if isinstance(row, CauseRow) else self.of_warning(row)


def _key_of(row: WarningRow | CauseRow) -> str:
    return row.key
