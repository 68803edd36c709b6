"""值班日志: who is on duty now and in the coming days, what shifts left to each other, who did not report.

T05, T19. The desk of the duty officer leads here.
"""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from domain.day_report import BodySilent, Reporting
from domain.duty_events import DutyNote, DutyNoted, ShiftTime
from domain.duty_log import DutyEntryDraft, DutyLog, HandOverDraft, RosterDraft, Turn
from domain.events import Event
from domain.listing import TicketFilter
from domain.people import Actor
from domain.rights import Command
from widgets.duty_words import note_name, note_text, shift_name
from widgets.forms.asked import Asked
from widgets.panel import Panel
from widgets.plain import PlainLabel, tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import local_time_text, minute_text, short_moment_text

ROSTER_WIDTH = 860
_COLOURS = {
    DutyNote.ENTRY: "text_muted",
    DutyNote.HAND_OVER: "accent",
    DutyNote.ROSTER: "on_time",
    DutyNote.DEVICES: "due_soon",
}


class DutyLogPage(QWidget):
    """Signals: `step_requested(Asked)`: a line is to be noted. `tickets_requested(TicketFilter, str)`: the
    open tickets of a body that did not report. `back_requested()`.
    """

    step_requested = Signal(object)
    tickets_requested = Signal(object, str)
    back_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setProperty("look", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._actor: Actor | None = None
        self._log: DutyLog | None = None
        self.roster, self.notes, self.silent = (Panel("", scale, self) for _ in range(3))
        self.roster.set_title(self.tr("值班表"))
        self.notes.set_title(self.tr("值班日志"))
        self.silent.set_title(self.tr("今日未报"))
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.back.clicked.connect(self.back_requested)
        self.roster.bar.insertWidget(0, self.back)
        self.now = PlainLabel(self)
        self.now.setProperty("tone", "strong")
        self.handed_over = PlainLabel(self)
        self.handed_over.setWordWrap(True)
        self.days = RecordTable(RecordModel(_day_columns(), _day_key), scale, self)
        self.lines = RecordTable(RecordModel(_line_columns(), _line_key), scale, self)
        self.bodies = RecordTable(RecordModel(_body_columns(), _body_key), scale, self)
        self.whole = PlainLabel(self)
        self.whole.setWordWrap(True)
        self.whole.setProperty("tone", "muted")
        self.rule = QFrame(self)
        self.rule.setProperty("look", "line")
        self.hand_over, self.entry, self.to_roster = (QPushButton(self) for _ in range(3))
        for button, word, panel, slot in (
            (self.to_roster, self.tr("排班"), self.roster, self._ask_roster),
            (self.entry, self.tr("记一笔"), self.notes, self._ask_entry),
            (self.hand_over, self.tr("交接班"), self.notes, self._ask_hand_over),
        ):
            button.setText(word)
            button.setProperty("look", "small")
            button.clicked.connect(slot)
            panel.bar.addWidget(button)
        for panel, widgets in (
            (self.roster, (self.now, self.handed_over, self.days)),
            (self.silent, (self.bodies,)),
            (self.notes, (self.lines, self.rule, self.whole)),
        ):
            for widget in widgets:
                panel.body.addWidget(widget, 1 if isinstance(widget, RecordTable) else 0)
        self._left = QVBoxLayout()
        self._left.addWidget(self.roster, 3)
        self._left.addWidget(self.silent, 2)
        self._row = QHBoxLayout(self)
        self._row.addLayout(self._left)
        self._row.addWidget(self.notes, 1)
        self.lines.record_chosen.connect(self._tell)
        self.bodies.record_activated.connect(self._open_body)
        self.lines.set_empty_text(self.tr("上月以来还没有记事\n交接班、值班记事和排班都记在这里"))
        scale.factor_changed.connect(self._respace)
        self._respace()
        self.set_actor(None)

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._actor = actor
        reason = refusal_of(Command.KEEP_DUTY_LOG, actor)
        for button in (self.to_roster, self.entry, self.hand_over):
            button.setEnabled(not reason)
            button.setToolTip(tip(reason))

    def show_log(self, log: DutyLog, as_of: datetime) -> None:
        """Show who is on, the coming days, and the lines."""
        self._log = log
        who = "、".join(log.now.names) or self.tr("未排班")
        self.now.setText(self.tr("现在值班：{0} · {1}").format(shift_name(log.now.shift), who))
        if log.handed_over is None:
            said, tone = self.tr("■ 本班（{0} 起）尚未交接").format(local_time_text(log.begun)[:5]), "overdue"
        else:
            at = local_time_text(log.handed_over.at)[:5]
            said, tone = self.tr("● {0} 已交接：{1}").format(at, log.handed_over.actor.name), "done"
        self.handed_over.setText(said)
        self.handed_over.setProperty("tone", tone)
        self.handed_over.style().polish(self.handed_over)
        _records(self.days).show_records([_Day(turns, log.now) for turns in log.days])
        _records(self.lines).show_records(log.lines)
        self.roster.set_fresh(as_of)
        self.notes.set_note(self.tr("{0} 条").format(len(log.lines)))
        if self.lines.chosen() is None:
            self._tell(log.lines[0] if log.lines else None)

    def show_reporting(self, found: Reporting) -> None:
        """Show which bodies with open tickets have not said a word today (T19)."""
        if found.bodies:
            self.bodies.set_empty_text(self.tr("● 有在办工单的单位今天都有办理记录"), "done")
        else:
            self.bodies.set_empty_text(self.tr("没有单位有在办工单"))
        _records(self.bodies).show_records(found.silent)
        said = found.bodies - len(found.silent)
        self.silent.set_note(self.tr("应报 {0} 家 · 已报 {1} 家").format(found.bodies, said))

    def tick(self, now: datetime) -> None:
        """Move to a new moment."""
        for table in (self.days, self.lines, self.bodies):
            table.tick(now)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the page because it is only true as of `since`; None lifts the veil."""
        for panel in (self.roster, self.notes, self.silent):
            panel.set_stale(since)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    # --- what the hand does ----------------------------------------------------------------------------

    def _ask_hand_over(self) -> None:
        self._ask(HandOverDraft, {"names": self._next_names()})

    def _ask_entry(self) -> None:
        self._ask(DutyEntryDraft, {})

    def _ask_roster(self) -> None:
        turn = self._unrostered()
        preset = {"day": turn.day.isoformat(), "shift": turn.shift.value} if turn is not None else {}
        self._ask(RosterDraft, preset)

    def _ask(self, kind: type, preset: dict[str, object]) -> None:
        about = self.now.text() or self.tr("值班日志")
        self.step_requested.emit(Asked(kind, about, preset=preset))

    def _next_names(self) -> tuple[str, ...]:
        """Return who is on after the present shift, where that is rostered."""
        if self._log is None:
            return ()
        turns = [turn for day in self._log.days for turn in day]
        place = next((n for n, turn in enumerate(turns) if _same(turn, self._log.now)), None)
        return turns[place + 1].names if place is not None and place + 1 < len(turns) else ()

    def _unrostered(self) -> Turn | None:
        """Return the first shift to come that nobody is rostered for."""
        if self._log is None:
            return None
        turns = [turn for day in self._log.days for turn in day]
        begun = next((n for n, turn in enumerate(turns) if _same(turn, self._log.now)), 0)
        return next((turn for turn in turns[begun:] if not turn.names), None)

    def _tell(self, event: object) -> None:
        told = ""
        if isinstance(event, Event) and isinstance(event.fact, DutyNoted):
            who = f"{short_moment_text(event.at)} {event.actor.name} {note_name(event.fact.note)}"
            told = f"{who}\n{note_text(event.fact)}"
        self.whole.setText(told)
        self.rule.setVisible(bool(told))

    def _open_body(self, row: BodySilent, _column: str) -> None:
        wanted = TicketFilter(body=row.key, open_only=True)
        self.tickets_requested.emit(wanted, self.tr("{0}：在办工单").format(row.name))

    def _respace(self) -> None:
        margin, gap = self._scale.size("margin"), self._scale.size("gap")
        self._row.setContentsMargins(margin, margin, margin, margin)
        self._row.setSpacing(gap)
        self._left.setSpacing(gap)
        self.notes.body.setSpacing(self._scale.px(8))
        self.roster.body.setSpacing(self._scale.px(4))
        for panel in (self.roster, self.silent):
            panel.setFixedWidth(self._scale.px(ROSTER_WIDTH))


def _records(table: RecordTable) -> RecordModel:
    model = table.model()
    assert isinstance(model, RecordModel)
    return model


def _same(one: Turn, other: Turn) -> bool:
    return (one.day, one.shift) == (other.day, other.shift)


def _day_columns() -> tuple[Column, ...]:
    return (
        Column("day", _word("日期"), 150, _day),
        *(
            Column(shift.value, shift_name(shift), 220, cell, stretch=shift is ShiftTime.DAY)
            for shift, cell in zip(ShiftTime, (_night, _daytime, _evening), strict=True)
        ),
    )


_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class _Day:
    """A line of the roster: the shifts of a day, and which shift of all runs now."""

    turns: tuple[Turn, ...]
    now: Turn


def _day(row: _Day) -> Cell:
    day = row.turns[0].day
    return Cell(_word("{0} 周{1}").format(f"{day:%m-%d}", _WEEKDAYS[day.weekday()]))


def _night(row: _Day) -> Cell:
    return _on(row, 0)


def _daytime(row: _Day) -> Cell:
    return _on(row, 1)


def _evening(row: _Day) -> Cell:
    return _on(row, 2)


def _on(row: _Day, shift: int) -> Cell:
    turn = row.turns[shift]
    names = "、".join(turn.names)
    if not names:
        return Cell(_word("◆ 未排"), colour="due_soon")
    if _same(turn, row.now):
        return Cell(_word("▲ {0}").format(names), colour="on_time", bold=True, tooltip=names)
    return Cell(names, tooltip=names)


def _day_key(row: _Day) -> str:
    return row.turns[0].day.isoformat()


def _line_columns() -> tuple[Column, ...]:
    return (
        Column("at", _word("时间"), 176, _at),
        Column("kind", _word("类别"), 110, _kind),
        Column("who", _word("记录人"), 110, _who),
        Column("text", _word("内容"), 300, _said, stretch=True),
    )


def _at(event: Event) -> Cell:
    return Cell(minute_text(event.at), colour="text_muted")


def _kind(event: Event) -> Cell:
    fact = _fact(event)
    return Cell(note_name(fact.note), CellLook.CHIP, _COLOURS[fact.note])


def _who(event: Event) -> Cell:
    return Cell(event.actor.name)


def _said(event: Event) -> Cell:
    text = note_text(_fact(event))
    return Cell(" ".join(text.split()), tooltip=text)


def _fact(event: Event) -> DutyNoted:
    assert isinstance(event.fact, DutyNoted)
    return event.fact


def _line_key(event: Event) -> str:
    return f"{event.at.isoformat()}/{event.actor.name}/{note_text(_fact(event))[:40]}"


def _body_columns() -> tuple[Column, ...]:
    return (
        Column("name", _word("责任主体"), 260, _name, stretch=True),
        Column("tickets", _word("在办工单"), 120, _tickets, right=True),
        Column("last", _word("最后一次办理"), 200, _last, right=True),
    )


def _name(row: BodySilent) -> Cell:
    return Cell(row.name, tooltip=row.name)


def _tickets(row: BodySilent) -> Cell:
    return Cell(str(row.tickets))


def _last(row: BodySilent) -> Cell:
    if row.last_word is None:
        return Cell(_word("近 30 日没有"), colour="overdue")
    return Cell(minute_text(row.last_word), colour="text_muted")


def _body_key(row: BodySilent) -> str:
    return row.key


def _word(source: str) -> str:
    return QCoreApplication.translate("duty", source)
