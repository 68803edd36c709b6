"""预警: every running warning, red first, with who took note of it and what can be done about it."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from domain.drafts import DirectiveSubject, ReSupervisionSubject, directive_about, re_supervision_about
from domain.events import WarningKind, WarningLevel
from domain.listing import RunningWarnings, WarningRow
from domain.people import Actor
from domain.rights import Command
from widgets.pages.choice_row import ChoiceRow
from widgets.pages.list_page import ListPage
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.tickets.columns import urgency_colour
from widgets.wording import (
    kind_name,
    local_moment_text,
    minute_text,
    node_name,
    urgency_name,
)


class WarningsPage(ListPage):
    """Signals: `ticket_requested(str)`, `acknowledge_requested(WarningRow)`,
    `directive_requested(DirectiveSubject)`, `re_supervision_requested(ReSupervisionSubject)`.
    """

    ticket_requested = Signal(str)
    acknowledge_requested = Signal(object)
    directive_requested = Signal(object)
    re_supervision_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        columns = (
            Column("level", self.tr("级别"), 76, self._level),
            Column("kind", self.tr("类型"), 100, self._kind),
            Column("node", self.tr("环节"), 128, self._node),
            Column("urgency", self.tr("紧急"), 78, self._urgency),
            Column("title", self.tr("工单"), 300, self._title, stretch=True),
            Column("area", self.tr("区划"), 110, self._area),
            Column("body", self.tr("责任主体"), 210, self._body),
            Column("rule", self.tr("规则"), 250, self._rule),
            Column("countdown", self.tr("计时"), 160, self._countdown, right=True),
            Column("since", self.tr("发出"), 172, self._since, right=True),
            Column("acknowledged", self.tr("确认"), 120, self._acknowledged),
        )
        table = RecordTable(RecordModel(columns, _key_of), scale)
        super().__init__(self.tr("环节预警"), table, scale, parent)
        self._rows: tuple[WarningRow, ...] = ()
        self._left_out = 0
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
        self.acknowledge = QPushButton(self.tr("确认预警"), self)
        self.directive = QPushButton(self.tr("下达指令"), self)
        self.directive.setProperty("look", "primary")
        self.re_supervision = QPushButton(self.tr("再监督"), self)
        self.re_supervision.setProperty("look", "danger")
        self.add_tools((self.levels, self.kinds, self.open_only))
        for button in (self.acknowledge, self.directive, self.re_supervision):
            self.tools.addWidget(button)
        for choice in (self.levels, self.kinds, self.open_only):
            choice.choice_changed.connect(self._show_filtered)
        self.table.record_activated.connect(self._open)
        self.table.record_chosen.connect(self._offer)
        self.acknowledge.clicked.connect(self._ask_acknowledge)
        self.directive.clicked.connect(self._ask_directive)
        self.re_supervision.clicked.connect(self._ask_re_supervision)
        self._offer(None)

    def show_warnings(self, running: RunningWarnings, as_of: datetime) -> None:
        """Show the running warnings, in their order; the filters count also those that were cut off."""
        self._rows = running.rows
        self._left_out = running.red + running.yellow - len(running.rows)
        self.panel.set_fresh(as_of)
        levels = {WarningLevel.RED: running.red, WarningLevel.YELLOW: running.yellow}
        kinds = {
            WarningKind.LATE: running.late,
            WarningKind.SLOW: running.slow,
            WarningKind.WRONG: running.wrong,
        }
        self.levels.show_counts([sum(levels.values()), *(levels[level] for level in WarningLevel)])
        self.kinds.show_counts([None, *(kinds[kind] for kind in WarningKind)])
        self._show_filtered(None)
        self.table.tick(as_of)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        self._offer(self.table.chosen())

    def _show_filtered(self, _value: object) -> None:
        level, kind, open_only = self.levels.value, self.kinds.value, self.open_only.value
        shown = [
            row
            for row in self._rows
            if (level is None or row.level is level)
            and (kind is None or row.kind is kind)
            and not (open_only and row.acknowledged_by is not None)
        ]
        if self._rows:
            self.table.set_empty_text(self.tr("没有符合条件的预警"))
        else:
            self.table.set_empty_text(self.tr("● 当前没有预警，各环节均在限时内"), "done")
        self.table.show_records(shown)
        note = self.tr("{0} 条").format(len(shown))
        if self._left_out:
            note += self.tr(" · 只列最急的 {0} 条，另有 {1} 条").format(len(self._rows), self._left_out)
        self.panel.set_note(note)
        self._offer(self.table.chosen())

    def _offer(self, row: WarningRow | None) -> None:
        none_chosen = self.tr("先选择一条预警") if row is None else ""
        body = row.body if row is not None else None
        noted = ""
        if row is not None and row.acknowledged_by is not None:
            noted = self.tr("{0} 已经确认").format(row.acknowledged_by)
        for button, command, own in (
            (self.acknowledge, Command.ACKNOWLEDGE_WARNING, none_chosen or noted),
            (self.directive, Command.ISSUE_DIRECTIVE, none_chosen),
            (self.re_supervision, Command.LAUNCH_RE_SUPERVISION, none_chosen),
        ):
            reason = own or refusal_of(command, self._actor, body)
            button.setEnabled(not reason)
            button.setToolTip(reason)

    def _open(self, row: WarningRow, _column: str) -> None:
        self.ticket_requested.emit(row.ticket)

    def _ask_acknowledge(self) -> None:
        row = self.table.chosen()
        if row is not None:
            self.acknowledge_requested.emit(row)

    def _ask_directive(self) -> None:
        row = self.table.chosen()
        if row is not None:
            subject: DirectiveSubject = directive_about(row)
            self.directive_requested.emit(subject)

    def _ask_re_supervision(self) -> None:
        row = self.table.chosen()
        if row is not None:
            subject: ReSupervisionSubject = re_supervision_about(row)
            self.re_supervision_requested.emit(subject)

    # --- cells -----------------------------------------------------------------------------------------

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
        return Cell(row.title, colour="text_strong", tooltip=f"{row.ticket} {row.title}")

    def _area(self, row: WarningRow) -> Cell:
        return Cell(row.area_name)

    def _body(self, row: WarningRow) -> Cell:
        if not row.body_name:
            return Cell(self.tr("待定"), colour="text_faint", tooltip=self.tr("尚无责任主体"))
        return Cell(row.body_name, tooltip=row.body_name)

    def _rule(self, row: WarningRow) -> Cell:
        return Cell(row.rule, colour="text_muted", tooltip=row.rule)

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
        if row.acknowledged_by is None:
            open_mark = Mark("text_muted", Shape.RING, self.tr("未确认"))
            return Cell(open_mark.word, CellLook.MARK, "text_muted", open_mark)
        when = local_moment_text(row.acknowledged_at) if row.acknowledged_at else ""
        noted = Mark("done", Shape.CIRCLE, self.tr("已确认"))
        tooltip = f"{noted.word} {row.acknowledged_by} {when}"
        return Cell(row.acknowledged_by, CellLook.MARK, "done", noted, tooltip)


def _key_of(row: WarningRow) -> str:
    return f"{row.ticket}/{row.node}/{row.round}/{row.leg}/{row.kind}/{row.level}"
