"""办理: a handler's desk. The own body's tickets by what is due next, and a key for every step (Y06, Y24)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from domain import case_events as c
from domain import events as e
from domain.case_orders import Standing, check_note
from domain.desk_queue import QueueRow, Task
from domain.dossier import Dossier
from domain.events import Fact
from domain.handler_desk import HandlerCounts, HandlerGroup
from domain.people import Actor, Role
from domain.rights import Command, RefusedError
from domain.steps import STEPS, check_step, own_nodes
from widgets.desk.handler_answers import AnswerStrip
from widgets.desk.handler_pane import HandlerPane
from widgets.desk.queue_columns import queue_columns
from widgets.desk.queue_keys import DeskKey
from widgets.desk.queue_page import QueuePage
from widgets.dossier.case_asked import note_asked
from widgets.dossier.step_panel import asked_of
from widgets.forms.asked import Asked
from widgets.refusals import refusal_of, refusal_text
from widgets.scale import Scale
from widgets.wording import node_name

LANES: Mapping[HandlerGroup, str] = {
    HandlerGroup.TO_DO: QT_TRANSLATE_NOOP("desk", "全部待办"),
    HandlerGroup.SIGN: QT_TRANSLATE_NOOP("desk", "待签收"),
    HandlerGroup.ARRIVE: QT_TRANSLATE_NOOP("desk", "待到场"),
    HandlerGroup.RECTIFY: QT_TRANSLATE_NOOP("desk", "待整改"),
    HandlerGroup.CASE: QT_TRANSLATE_NOOP("desk", "立案处罚"),
    HandlerGroup.FEED_BACK: QT_TRANSLATE_NOOP("desk", "待反馈"),
    HandlerGroup.ASSISTING: QT_TRANSLATE_NOOP("desk", "协办"),
    HandlerGroup.WAITING: QT_TRANSLATE_NOOP("desk", "等平台办"),
}
"""The lanes in their order; the digit of each is its place."""

OPEN = "O"
STEP_OF: Mapping[str, type[Fact]] = {
    "S": e.Signed,
    "A": e.Arrived,
    "R": e.Rectified,
    "F": e.Filed,
    "P": e.Penalised,
    "B": e.FedBack,
    "T": e.ReturnedAsWrong,
    "M": c.RecordAdded,
    "X": c.SubjectsListed,
    "H": c.HelpAsked,
    "Z": c.PauseRequested,
    "Y": c.ExtensionRequested,
}
"""What each key does; X lists a ticket's subjects, and once there are some says what was found (B24)."""

_KEY_OF_TASK = {
    Task.SIGN: "S",
    Task.ARRIVE: "A",
    Task.RECTIFY: "R",
    Task.FILE: "F",
    Task.PENALISE: "P",
    Task.FEED_BACK: "B",
}


class HandlerDeskPage(QueuePage):
    """Signals: `step_requested(Asked)` opens a step's form; those of `AnswerStrip` by its name."""

    step_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        lanes = [(group, _word(word)) for group, word in LANES.items()]
        super().__init__(_word("办理"), lanes, _keys(), queue_columns(of_body=True), scale, parent)
        self._actor: Actor | None = None
        self.pane = HandlerPane(scale, self)
        self.pane.set_actor(None)
        self.show_beside(self.pane)
        self.answers = AnswerStrip(scale, self)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("搜索工单号、标题、地址（/）"))
        self.search.setClearButtonEnabled(True)
        # Beside what waits for an answer: the lanes want the whole of their row.
        self._top = QHBoxLayout()
        self._top.addWidget(self.answers, 1)
        self._top.addWidget(self.search)
        self._outer.insertLayout(0, self._top)
        self.search.returnPressed.connect(self._search)
        self.pane.ticket_requested.connect(self.ticket_requested)
        scale.factor_changed.connect(self._widen)
        self._widen()
        self.offer()

    # --- data ------------------------------------------------------------------------------------------

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen."""
        self._actor = actor
        self.pane.set_actor(actor)
        self.offer()

    def show_desk(self, counts: HandlerCounts, as_of: datetime) -> None:
        """Write how many tickets each lane has, and what waits for an answer."""
        self.show_counts([counts.groups.get(group, 0) for group in LANES], as_of)
        late = self.tr("■ 逾期 {0} 件").format(counts.overdue) if counts.overdue else ""
        self.panel.set_note(late, "overdue", shorter=(f"■ {counts.overdue}",) if counts.overdue else ())
        self.answers.show_answers(counts.answers)

    def show_dossier(self, dossier: Dossier) -> None:
        """Show what is known of the chosen ticket."""
        self.pane.show_dossier(dossier)
        self.offer()

    def asked(self, letter: str, dossier: Dossier) -> Asked:
        """Return what the form of a key's step has to know of a ticket."""
        step = step_of(letter, dossier)
        if step in STEPS:
            return asked_of(dossier, step, self._actor)
        preset: dict[str, Any] = {}
        if step is c.RecordAdded:
            preset["record"] = c.RecordKind.ON_SITE_ACT
        body = self._actor.body if self._actor is not None else None
        waiting = [clock.node for clock in own_nodes(body, dossier.clock.trace) if clock.due_at is not None]
        if step is c.ExtensionRequested and waiting:
            preset["node"] = waiting[0]
        return note_asked(dossier, step, self._actor, preset)

    def refusal(self, letter: str, dossier: Dossier) -> str:
        """Return why a key does nothing with a ticket now, empty when it does."""
        step = step_of(letter, dossier)
        if self._actor is None:
            return refusal_of(Command.RUN_BODY_NODES, None)
        if dossier.replayed:
            return self.tr("正在查看过去的时刻，不能办理。")
        try:
            if step in STEPS:
                check_step(step, self._actor, dossier.clock)
            else:
                standing = Standing(self._actor, dossier.case, dossier.clock, {}, dossier.clock.as_of)
                check_note(step, standing)
        except RefusedError as error:
            return refusal_text(error)
        return ""

    # --- QueuePage -------------------------------------------------------------------------------------

    def due_key(self, row: QueueRow) -> str:
        return "" if row.paused or self.lane is HandlerGroup.WAITING else _KEY_OF_TASK.get(row.task, "")

    def refusals(self, rows: Sequence[QueueRow]) -> Mapping[str, str]:
        if self._actor is None or self._actor.role is not Role.HANDLER:
            refusal = refusal_of(Command.RUN_BODY_NODES, self._actor)
            return dict.fromkeys(STEP_OF, refusal)
        dossier = self.pane.dossier
        if len(rows) != 1 or dossier is None or dossier.number != rows[0].ticket:
            return {}
        return {letter: self.refusal(letter, dossier) for letter in STEP_OF}

    def show_line(self, row: QueueRow | None) -> None:
        self.pane.show_row(row)

    def lane_notes(self) -> Mapping[Any, str]:
        if self.search.text().strip():
            return dict.fromkeys(LANES, self.tr("没有符合“{0}”的工单").format(self.search.text().strip()))
        return {
            HandlerGroup.TO_DO: self.tr("● 本单位没有待办的工单"),
            HandlerGroup.FEED_BACK: self.tr("● 没有尚未反馈举报人的工单"),
            HandlerGroup.WAITING: self.tr("没有等平台办办理的工单"),
        }

    def tick(self, now: datetime) -> None:
        super().tick(now)
        self.pane.tick(now)

    def set_stale(self, since: datetime | None) -> None:
        super().set_stale(since)
        self.pane.set_stale(since)

    @property
    def text(self) -> str:
        """What is searched for."""
        return self.search.text().strip()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Slash or event.matches(QKeySequence.StandardKey.Find):
            self.search.setFocus()
            self.search.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.search.hasFocus():
            self.table.setFocus()
        else:
            super().keyPressEvent(event)

    def _search(self) -> None:
        self.begin_list()
        self.list_requested.emit()
        self.table.setFocus()

    def _widen(self) -> None:
        self.search.setFixedWidth(self._scale.size("side_width"))
        self._top.setSpacing(self._scale.size("gap"))


def step_of(letter: str, dossier: Dossier) -> type[Fact]:
    """Return what a key does with a ticket."""
    if letter == "X" and dossier.case.subjects:
        return c.SubjectInspected
    return STEP_OF[letter]


def held_back(row: QueueRow) -> str:
    """Return why a line is not signed for with the others, empty when it is."""
    if row.paused:
        return _word("工单已暂停")
    if row.task is not Task.SIGN:
        return _word("已签收，当前环节：{0}").format(node_name(row.node) if row.node is not None else "—")
    return ""


def _keys() -> tuple[DeskKey, ...]:
    return (
        DeskKey("S", _word("签收"), several=True),
        DeskKey("A", _word("到场")),
        DeskKey("R", _word("整改")),
        DeskKey("F", _word("立案")),
        DeskKey("P", _word("处罚")),
        DeskKey("B", _word("反馈")),
        DeskKey("T", _word("退回")),
        DeskKey("M", _word("现场措施")),
        DeskKey("X", _word("检查对象")),
        DeskKey("H", _word("求助")),
        DeskKey("Z", _word("申请暂停")),
        DeskKey("Y", _word("申请延期")),
        DeskKey(OPEN, _word("档案")),
    )


def _word(source: str) -> str:
    return QCoreApplication.translate("desk", source)
