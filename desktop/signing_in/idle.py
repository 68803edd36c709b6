"""Notices that nobody is at the seat any more, and the keys that work in every window, forms included."""

import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from desktop.seat import Seat
from desktop.signing_in.entrances import ServerEntrance
from domain.people import Role

LOOK_MS = 1000
LOCK_AFTER_MINUTES = 15
"""Without any input a seat at a named server is locked after so long, unless the settings say otherwise."""
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


def seconds_until_lock(minutes: int | None, seat: Seat) -> float | None:
    """Return after how many seconds without input a seat is to be locked; None: never.

    Args:
        minutes: as the settings say; 0 is never, None what is right for the store.
        seat: whoever sits there. A wall is never locked.
    """
    if minutes is None and isinstance(seat.entrance, ServerEntrance):
        minutes = LOCK_AFTER_MINUTES
    if not minutes or seat.sitter is None or seat.sitter.actor.role is Role.WALL:
        return None
    return minutes * 60.0


class IdleWatch(QObject):
    """Sees the input of all this program's windows before their widgets do: Qt hands it to the window first.

    Signals: `idle()` once after so long without input; `lock_pressed()` by Ctrl+L and `silence_pressed()` by
    Ctrl+M, a form being open or not.
    """

    idle = Signal()
    lock_pressed = Signal()
    silence_pressed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._seconds: float | None = None
        self._touched = time.monotonic()
        self._told = False
        self._clock = QTimer(self)
        self._clock.setObjectName("idle watch")
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self._look)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self.watch)

    def tell_after(self, seconds: float | None) -> None:
        """Tell when nothing was touched for so long; None: never."""
        self._seconds = seconds
        self._touched, self._told = time.monotonic(), False
        if seconds is None:
            self._clock.stop()
        else:
            self._clock.start()

    def watch(self, window: QWindow | None) -> None:
        """See what is put into this window, too."""
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        if event.type() in _INPUT:
            self._touched, self._told = time.monotonic(), False
            if isinstance(event, QKeyEvent) and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
                pressed = {Qt.Key.Key_L: self.lock_pressed, Qt.Key.Key_M: self.silence_pressed}
                if event.key() in pressed:
                    pressed[event.key()].emit()
                    return True
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        if self._seconds is not None and not self._told and time.monotonic() - self._touched >= self._seconds:
            self._told = True
            self.idle.emit()
