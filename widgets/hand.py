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
        self._moved = -REST_SECONDS

    def is_on(self) -> bool:
        """Whether the pointer moves or presses over the widget, or the keyboard has just come into it."""
        now, place, inside = monotonic(), QCursor.pos(), self.is_over()
        pressed = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if inside and (pressed or place != self._place):
            self._moved = now
        focused = QApplication.focusWidget()
        held = focused is not None and self._widget.isAncestorOf(focused)
        if held and focused is not self._focused:
            self._moved = now
        self._place, self._focused = place, focused
        return (inside or held) and now - self._moved < REST_SECONDS

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
