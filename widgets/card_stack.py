"""A fixed pool of warning cards under one another, each keeping its warning while it moves.

They are placed by hand: a layout would measure all of them for each.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from domain.listing import WarningRow
from widgets.scale import Scale
from widgets.warning_card import WarningCard
from widgets.warning_order import Key, key_of

POOL = 30
"""So many cards exist and can be scrolled to."""


class CardStack(QWidget):
    """The cards from the top; `gap` pixels between them, `spare` more for every line.

    Signals: `asked(WarningRow, Ask)` and `pressed_down()` of any card, `level_changed()` when one turned red.
    """

    asked = Signal(object, object)
    pressed_down = Signal()
    level_changed = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "clear")
        self.cards = [WarningCard(scale, self) for _ in range(POOL)]
        """The whole pool: the cards on screen in their order from the top, then those in reserve."""
        for card in self.cards:
            card.asked.connect(self.asked)
            card.pressed_down.connect(self.pressed_down)
            card.level_changed.connect(self.level_changed)
        self._gap = self._spare = 0

    def shown(self) -> list[WarningCard]:
        """Return the cards that have a warning, from the top."""
        return [card for card in self.cards if card.row is not None]

    def keys(self) -> list[Key]:
        """Return what the cards on screen are about, from the top."""
        return [key_of(card.row) for card in self.cards if card.row is not None]

    def say(self, rows: Mapping[Key, WarningRow], now: datetime) -> None:
        """Let every card in its place say what is true of its own warning; one that is gone says so."""
        for card, key in zip(self.shown(), self.keys(), strict=True):
            row = rows.get(key)
            if row is None:
                card.end()
            else:
                card.show_warning(row, now)

    def would_move(self, rows: Sequence[WarningRow], bottom: int) -> bool:
        """Whether this order takes a card away that stands above `bottom` (pixels), or makes it taller."""
        seen = [card for card in self.shown() if card.y() < bottom]
        wanted = [key_of(row) for row in rows[: len(seen)]]
        return wanted != self.keys()[: len(seen)] or not all(card.is_settled for card in seen)

    def arrange(self, rows: Sequence[WarningRow], now: datetime) -> list[WarningCard]:
        """Put cards in this order, at most `POOL`; return those that got a warning no card had before."""
        rows = rows[:POOL]
        wanted = {key_of(row) for row in rows}
        having = {key: card for key, card in zip(self.keys(), self.shown(), strict=True) if key in wanted}
        kept = set(having.values())
        spare = [card for card in self.cards if card not in kept]
        order, fresh = [], []
        for row in rows:
            card = having.get(key_of(row))
            if card is None:
                card = spare.pop(0)
                fresh.append(card)
            order.append(card)
        for card in spare:
            card.show_warning(None, now)
        for card, row in zip(order, rows, strict=True):
            card.show_warning(row, now)
            card.settle()
        cards = [*order, *spare]
        if cards != self.cards:
            self.cards = cards
            for before, after in pairwise(part for card in order for part in card.parts):
                QWidget.setTabOrder(before, after)
        self.place()
        return fresh

    def set_spacing(self, gap: int, spare: int) -> None:
        """Set what lies between cards, and how much more than it needs a line gets, in pixels."""
        self._gap, self._spare = gap, spare
        self.place()

    def height_of(self, cards: Sequence[WarningCard]) -> int:
        """Return the height in pixels that cards under one another need, without any spare."""
        return sum(card.height_wanted() for card in cards) + self._gap * max(0, len(cards) - 1)

    def fitting(self, room: int) -> int:
        """Return how many cards from the top stand whole in so many pixels without spare, at least one."""
        taken = 0
        for number, card in enumerate(self.shown()):
            taken += card.height_wanted() + (self._gap if number else 0)
            if taken > room:
                return max(1, number)
        return len(self.shown())

    def place(self) -> None:
        """Put every card where it belongs; only those that move or change their height notice."""
        y, width = 0, self.width()
        for card in self.shown():
            card.set_spare(self._spare)
            height = card.sizeHint().height()
            card.setGeometry(0, y, width, height)
            y += height + self._gap
        self.setMinimumHeight(max(0, y - self._gap))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()
