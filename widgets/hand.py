"""Whether somebody's hand is on a widget, so that nothing slides away from under a click."""

from time import monotonic
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

REST_SECONDS = 5.0
"""A pointer that lies still for so long is not about to click; on a wall it may lie there for hours."""


class Hand(QObject):
    """Looks when it is asked; between two looks it costs nothing."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._place: QPoint | None = None
        self._focused: QWidget | None = None
        self._pointed = self._typed = -REST_SECONDS
        self.is_on()  # from here on it is known what moves

    def is_on(self) -> bool:
        """Whether the pointer moves or presses over the widget, or the keyboard has just come into it."""
        now, place, inside = monotonic(), QCursor.pos(), self.is_over()
        pressed = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if inside and (pressed or place != self._place):
            self._pointed = now
        focused, before = QApplication.focusWidget(), self._focused
        held = focused is not None and self._widget.isAncestorOf(focused)
        # A click takes the keyboard along, and a window that comes up puts it somewhere: nobody typed.
        if held and not inside and before is not None and focused is not before:
            self._typed = now
        self._place, self._focused = place, focused
        return (inside and now - self._pointed < REST_SECONDS) or (held and now - self._typed < REST_SECONDS)

    def is_over(self) -> bool:
        """Whether the pointer is over the widget, moving or not."""
        widget = self._widget
        return widget.isVisible() and widget.rect().contains(widget.mapFromGlobal(QCursor.pos()))


AIM_SECONDS = 0.7
"""A press so soon after things moved was aimed at what stood there before."""


Target = TypeVar("Target")


class Aim(Generic[Target]):
    """What a press meant, if anything, where the pointer was when things moved away from under it."""

    def __init__(self, target: Target | None) -> None:
        self.target = target
        self._place = QCursor.pos()
        self._made = monotonic()

    def is_meant(self) -> bool:
        """Whether a press right now was aimed before things moved: soon, and with the pointer at rest."""
        return QCursor.pos() == self._place and monotonic() - self._made < AIM_SECONDS
