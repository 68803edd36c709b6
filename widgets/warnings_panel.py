"""The running warnings, red first, counting down; a fixed pool of cards that scrolls."""

from collections.abc import Sequence
from datetime import datetime
from time import monotonic

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QResizeEvent
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QWidget

from domain.environment import DeviceCalls
from domain.events import WarningLevel
from domain.listing import WarningRow
from domain.people import Actor
from widgets.all_clear import AllClear
from widgets.card_stack import POOL, CardStack
from widgets.device_strip import DeviceStrip
from widgets.hand import Aim, Hand
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.warning_card import Ask, WarningCard
from widgets.warning_order import Key, arranged, key_of, next_imminent
from widgets.wording import count_text

MOST_SPARE = 9
"""So many pixels at 1080p the lines of the cards grow at most to use the panel's height."""

HOLD_SECONDS = 15.0
"""So long at the most a hand on the cards keeps them from moving."""

LOOK_MS = 200


class WarningsPanel(Panel):
    """Cards for the reddest warnings, and one row for the rest. `tick` keeps them counting. Below them stands
    what devices need: their silence is a warning, too, though of no ticket.

    While a hand is on the cards they stay where they are, each saying what is true of its own warning: what
    is new is announced in the title row, and takes its place when the hand rests or wants it.
    """

    ticket_requested = Signal(str)
    directive_requested = Signal(object)
    re_supervision_requested = Signal(object)
    acknowledge_requested = Signal(object)
    warnings_requested = Signal()
    environment_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("环节预警"))
        self._stack = CardStack(scale, self)
        self._stack.asked.connect(self._carry_out)
        self._stack.pressed_down.connect(self._note_press)
        self._stack.level_changed.connect(self._make_room_for_red)
        self._area = QScrollArea(self)
        self._area.setWidget(self._stack)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more = QPushButton(self)
        self.more.setProperty("look", "link")
        self.more.clicked.connect(self.warnings_requested)
        self.more.hide()
        self.news = QPushButton(self)
        self.news.setProperty("look", "small_danger")
        self.news.setToolTip(self.tr("正在操作列表，新的预警暂缓排入；点此立即排入"))
        self.news.clicked.connect(self._arrange)
        self.news.hide()
        self.bar.insertWidget(1, self.news)
        self._calm = AllClear(self.tr("没有预警"), self.tr("全部按时"), scale, self)
        self._calm.hide()
        self.body.addWidget(self._area, 1)
        self.body.addWidget(self._calm, 1)
        self.body.addWidget(self.more)
        self.body.addStretch()
        self.devices = DeviceStrip(scale, self)
        self.devices.devices_requested.connect(self.environment_requested)
        self._outer.addWidget(self.devices)
        self._given: tuple[tuple[WarningRow, ...], int, int] | None = None
        self._now: datetime | None = None
        self._order: list[WarningRow] = []
        self._known: frozenset[Key] | None = None
        self._reorder_at: datetime | None = None
        self._taking = False
        self._whole = 0
        self._hand = Hand(self._area)
        self._aim: Aim[tuple[WarningRow, Ask]] | None = None
        self._press_aim: Aim[tuple[WarningRow, Ask]] | None = None
        self._held_since = 0.0
        self._holding = QTimer(self)
        self._holding.setObjectName("warnings held")
        self._holding.setInterval(LOOK_MS)
        self._holding.timeout.connect(self._look_again)
        self._space()
        scale.factor_changed.connect(self._space)

    @property
    def cards(self) -> list[WarningCard]:
        """All cards: those on screen in their order from the top, then those in reserve."""
        return self._stack.cards

    @property
    def is_holding(self) -> bool:
        """Whether the cards stay where they are because of a hand on them."""
        return self._holding.isActive()

    def show_warnings(self, rows: Sequence[WarningRow], red: int, yellow: int, now: datetime) -> None:
        """Show warnings; `red` and `yellow` count all of them, also those that `rows` leaves out."""
        given = (tuple(rows), red, yellow)
        if given == self._given:
            self.confirm(now)
            return
        self._given = given
        self.set_note(self.tr("红 {0} 条 · 黄 {1} 条").format(count_text(red), count_text(yellow)))
        self.set_fresh(now)
        self._take(now)

    def show_devices(self, calls: DeviceCalls) -> None:
        """Show what devices need of people."""
        hidden = self.devices.isHidden()
        self.devices.show_calls(calls)
        if self.devices.isHidden() != hidden:
            self._outer.activate()
            self._fit()

    def set_actor(self, actor: Actor | None) -> None:
        """Tell the cards who is at the screen."""
        for card in self.cards:
            card.set_actor(actor)

    def tick(self, now: datetime) -> None:
        """Let the cards count on to now (aware)."""
        self._now = now
        for card in self._stack.shown():
            card.tick(now)
        if self._reorder_at is not None and now >= self._reorder_at:
            self._take(now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # --- the order of the cards ------------------------------------------------------------------------

    def _take(self, now: datetime) -> None:
        rows = self._rows()
        self._now = now
        self._order = arranged(rows, now)[:POOL]
        self._reorder_at = next_imminent(rows, now)
        self._arrange_or_hold()

    def _arrange_or_hold(self) -> None:
        # The hand is looked at each time, so that it is known where it was.
        if not (self._hand.is_on() or self.is_holding) or self._now is None:
            self._arrange()
            return
        self._taking = True
        self._stack.say({key_of(row): row for row in self._rows()}, self._now)
        self._taking = False
        bottom = self._area.verticalScrollBar().value() + self._area.viewport().height()
        if self._stack.would_move(self._order, bottom):
            self._hold()
        else:
            self._arrange()

    def _hold(self) -> None:
        if not self.is_holding:
            self._held_since = monotonic()
            self._holding.start()
        new = [row for row in self._rows() if self._known is not None and key_of(row) not in self._known]
        red = any(row.level is WarningLevel.RED for row in new)
        shape = mark_of(WarningLevel.RED if red else WarningLevel.YELLOW).shape.value
        self.news.setText(self.tr("{0} {1} 条新预警").format(shape, count_text(len(new))))
        self.news.setVisible(bool(new))
        self._write_rest()

    def _look_again(self) -> None:
        if not self._hand.is_on() or monotonic() - self._held_since >= HOLD_SECONDS:
            self._arrange()

    def _arrange(self) -> None:
        """Put the cards in order; what is new is lit, the red ones more than others."""
        self._holding.stop()
        self.news.hide()
        if self._now is None:
            return
        before = self._stack.keys()
        self._aim = Aim(self._target()) if self._hand.is_over() else None
        top = self._top()
        self._leave_what_goes()
        self._taking = True
        fresh = self._stack.arrange(self._order, self._now)
        self._taking = False
        if before == self._stack.keys():
            self._aim = None
        self._area.setVisible(self._total > 0)
        self._calm.setVisible(self._total == 0)
        self._fit()
        self._scroll_to(top)
        if self._known is not None:
            for card in fresh:
                if key_of(card.row) not in self._known:
                    card.light(urgent=card.level is WarningLevel.RED)
        self._known = frozenset(key_of(row) for row in self._rows())

    def _make_room_for_red(self) -> None:
        if not self._taking:
            self._arrange_or_hold()

    def _leave_what_goes(self) -> None:
        """Take the keyboard off a card whose warning is gone: Qt would hand it on to another one's orders."""
        wanted = {key_of(row) for row in self._order}
        for card in self._stack.shown():
            if card.row is not None and key_of(card.row) not in wanted and card.has_keyboard:
                self._area.setFocus()

    def _top(self) -> WarningCard | None:
        """Return the first whole card in sight of a list that was scrolled."""
        y = self._area.verticalScrollBar().value()
        return next((card for card in self._stack.shown() if y and card.y() >= y), None)

    def _scroll_to(self, card: WarningCard | None) -> None:
        if card is not None and card.row is not None:
            self._area.verticalScrollBar().setValue(card.y())

    # --- what is asked for -----------------------------------------------------------------------------

    def _target(self) -> tuple[WarningRow, Ask] | None:
        """Return what a press at the pointer would ask for."""
        found = self._stack.childAt(self._stack.mapFromGlobal(QCursor.pos()))
        card = found if isinstance(found, WarningCard) else found and found.parentWidget()
        if not isinstance(card, WarningCard) or card.row is None or found is None:
            return None
        ask = card.ask_of(found)
        return None if ask is None else (card.row, ask)

    def _note_press(self) -> None:
        self._hand.is_on()
        by_mouse = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        aim, self._aim = self._aim, None
        self._press_aim = aim if aim is not None and by_mouse and aim.is_meant() else None

    def _carry_out(self, row: WarningRow, ask: Ask) -> None:
        aim, self._press_aim = self._press_aim, None
        if aim is not None:
            if aim.target is None:
                return
            row, ask = aim.target
        match ask:
            case Ask.TICKET:
                self.ticket_requested.emit(row.ticket)
            case Ask.ACKNOWLEDGE:
                self.acknowledge_requested.emit(row)
            case Ask.DIRECTIVE:
                self.directive_requested.emit(row)
            case Ask.RE_SUPERVISION:
                self.re_supervision_requested.emit(row)

    # --- room ------------------------------------------------------------------------------------------

    def _rows(self) -> tuple[WarningRow, ...]:
        return self._given[0] if self._given is not None else ()

    @property
    def _total(self) -> int:
        rows, red, yellow = self._given if self._given is not None else ((), 0, 0)
        return max(red + yellow, len(rows))

    def _fit(self) -> None:
        """Let only whole cards stand in the panel, and count in the last row those that do not fit.

        The rest can be scrolled to; a wall that nobody scrolls still says how many there are.
        """
        stack, shown = self._stack, self._stack.shown()
        room, whole = self.body.geometry().height(), len(shown)
        if self._total > whole or stack.height_of(shown) > room:
            room -= self.more.sizeHint().height() + self.body.spacing()
            whole = stack.fitting(room)
        lines = max(1, sum(card.lines for card in shown[:whole]))
        spare = (room - stack.height_of(shown[:whole])) // lines
        spare = max(0, min(self.scale.px(MOST_SPARE), spare))
        stack.set_spacing(self.scale.px(6), spare)
        self._whole = whole
        self._write_rest()
        self._area.setMaximumHeight(max(1, stack.height_of(shown[:whole]) + spare * lines))

    def _write_rest(self) -> None:
        rest = self._total - self._whole
        words = self.tr("还有 {0} 条 ›").format(count_text(rest))
        if words != self.more.text():
            self.more.setText(words)
        self.more.setVisible(rest > 0)

    def _space(self) -> None:
        self._stack.set_spacing(self.scale.px(6), 0)
        self.body.setSpacing(self.scale.px(4))
        self._fit()
