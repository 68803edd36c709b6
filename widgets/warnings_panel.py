"""The running warnings, red first, counting down; a fixed pool of cards that scrolls."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from domain.events import WarningLevel
from domain.listing import WarningRow
from domain.urgency import Urgency
from widgets.all_clear import AllClear
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.warning_card import WarningCard
from widgets.wording import count_text

POOL = 30
"""So many cards exist; what is beyond them is counted in the last row."""

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
        self._space()
        scale.factor_changed.connect(self._space)

    def show_warnings(self, rows: Sequence[WarningRow], red: int, yellow: int, now: datetime) -> None:
        """Show warnings; `red` and `yellow` count all of them, also those that `rows` leaves out."""
        ordered = sorted(rows, key=_urgency)
        for position, card in enumerate(self.cards):
            card.show_warning(ordered[position] if position < len(ordered) else None, now)
        total = max(red + yellow, len(rows))
        rest = total - min(total, len(rows), POOL)
        self.more.setVisible(rest > 0)
        self.more.setText(self.tr("还有 {0} 条 ›").format(count_text(rest)))
        self._area.setVisible(total > 0)
        self._calm.setVisible(total == 0)
        self.set_note(self.tr("红 {0} · 黄 {1}").format(count_text(red), count_text(yellow)))
        self.set_fresh(now)

    def tick(self, now: datetime) -> None:
        """Let the cards count on to now (aware)."""
        for card in self.cards:
            card.tick(now)

    def _space(self) -> None:
        self._stack.setSpacing(self.scale.px(7))


def _urgency(row: WarningRow) -> tuple[int, bool, int, datetime]:
    """Red first, unseen first; among red ones the more urgent ticket, among yellow ones the sooner due."""
    rank = _URGENCIES[row.urgency] if row.level is WarningLevel.RED else 0
    return (_LEVELS[row.level], row.acknowledged_by is not None, rank, row.due_at)
