"""The running warnings, red first, counting down; a fixed pool of cards that scrolls."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from domain.events import WarningKind, WarningLevel
from domain.listing import WarningRow
from domain.people import Actor
from domain.urgency import Urgency
from widgets.all_clear import AllClear
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.warning_card import WarningCard
from widgets.wording import count_text

MOST_SPARE = 9
"""So many pixels at 1080p the lines of the cards grow at most to use the panel's height."""

POOL = 30
"""So many cards exist and can be scrolled to."""

LEAD_CARDS, IMMINENT_CARDS = 3, 3
IMMINENT = timedelta(minutes=15)

_LEVELS = {level: position for position, level in enumerate(WarningLevel)}
_URGENCIES = {urgency: position for position, urgency in enumerate(Urgency)}


class WarningsPanel(Panel):
    """Cards for the reddest warnings, and one row for the rest. `tick` keeps them counting."""

    ticket_requested = Signal(str)
    directive_requested = Signal(object)
    re_supervision_requested = Signal(object)
    acknowledge_requested = Signal(object)
    warnings_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("环节预警"))
        content = QWidget(self)
        content.setProperty("look", "clear")
        self._stack = QVBoxLayout(content)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.cards = [WarningCard(scale, content) for _ in range(POOL)]
        for card in self.cards:
            self._stack.addWidget(card)
            card.ticket_requested.connect(self.ticket_requested)
            card.directive_requested.connect(self.directive_requested)
            card.re_supervision_requested.connect(self.re_supervision_requested)
            card.acknowledge_requested.connect(self.acknowledge_requested)
            card.level_changed.connect(self._fit)
        self._stack.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setWidget(content)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more = QPushButton(self)
        self.more.setProperty("look", "link")
        self.more.clicked.connect(self.warnings_requested)
        self.more.hide()
        self._calm = AllClear(self.tr("没有预警"), self.tr("全部按时"), scale, self)
        self._calm.hide()
        self.body.addWidget(self._area, 1)
        self.body.addWidget(self._calm, 1)
        self.body.addWidget(self.more)
        self.body.addStretch()
        self._total = 0
        self._space()
        scale.factor_changed.connect(self._space)

    def show_warnings(self, rows: Sequence[WarningRow], red: int, yellow: int, now: datetime) -> None:
        """Show warnings; `red` and `yellow` count all of them, also those that `rows` leaves out."""
        ordered = _arranged(rows, now)
        for position, card in enumerate(self.cards):
            card.show_warning(ordered[position] if position < len(ordered) else None, now)
        self._total = max(red + yellow, len(rows))
        total = self._total
        self._area.setVisible(total > 0)
        self._calm.setVisible(total == 0)
        self.set_note(self.tr("红 {0} · 黄 {1}").format(count_text(red), count_text(yellow)))
        self.set_fresh(now)
        self._fit()

    def set_actor(self, actor: Actor | None) -> None:
        """Tell the cards who is at the screen."""
        for card in self.cards:
            card.set_actor(actor)

    def tick(self, now: datetime) -> None:
        """Let the cards count on to now (aware)."""
        for card in self.cards:
            card.tick(now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Let only whole cards stand in the panel, and count in the last row those that do not fit.

        The rest can be scrolled to; a wall that nobody scrolls still says how many there are.
        """
        shown = [card for card in self.cards if not card.isHidden()]
        room, gap = self.body.geometry().height(), self._stack.spacing()
        if self._total <= len(shown) and _height(shown, gap) <= room:
            whole = len(shown)
        else:
            room -= self.more.sizeHint().height() + self.body.spacing()
            whole = len(shown)
            while whole > 1 and _height(shown[:whole], gap) > room:
                whole -= 1
        rest = self._total - whole
        lines = max(1, sum(card.lines for card in shown[:whole]))
        spare = (room - _height(shown[:whole], gap)) // lines
        spare = max(0, min(self.scale.px(MOST_SPARE), spare))
        for card in self.cards:
            card.set_spare(spare)
        self.more.setVisible(rest > 0)
        self.more.setText(self.tr("还有 {0} 条 ›").format(count_text(rest)))
        self._area.setMaximumHeight(max(1, _height(shown[:whole], gap) + spare * lines))

    def _space(self) -> None:
        self._stack.setSpacing(self.scale.px(6))
        self.body.setSpacing(self.scale.px(4))
        self._fit()


def _height(cards: Sequence[WarningCard], gap: int) -> int:
    return sum(card.height_wanted() for card in cards) + gap * max(0, len(cards) - 1)


def _arranged(rows: Sequence[WarningRow], now: datetime) -> list[WarningRow]:
    """The worst red ones, then what turns red within minutes, then the rest.

    A wall that shows only what is lost hides what can still be saved in the next five minutes.
    """
    ordered = sorted(rows, key=_urgency)
    imminent = [
        row
        for row in ordered
        # What was done wrong stays yellow when its node falls due.
        if row.level is WarningLevel.YELLOW
        and row.kind is not WarningKind.WRONG
        and row.due_at - now <= IMMINENT
    ][:IMMINENT_CARDS]
    lead = [row for row in ordered if row.level is WarningLevel.RED][:LEAD_CARDS]
    first = [*lead, *imminent]
    return [*first, *(row for row in ordered if row not in first)]


def _urgency(row: WarningRow) -> tuple[int, bool, int, datetime]:
    """Red first, unseen first; among red ones the more urgent ticket, among yellow ones the sooner due."""
    rank = _URGENCIES[row.urgency] if row.level is WarningLevel.RED else 0
    return (_LEVELS[row.level], row.acknowledged_by is not None, rank, row.due_at)
