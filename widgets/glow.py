"""A soft light on what has just changed, so that the eye sees what moved.

It lasts for a moment, there are only a few at once, and one timer fades them all; it rests while none burns.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic

import shiboken6
from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from widgets.tokens import tokens

SECONDS = 0.6
FRAME_MS = 100
MOST = 6
"""So many lights burn at once; only something urgent is let in beyond them, in the place of another."""

REST_SECONDS = 2.0
"""A figure that changes ten times a second would flicker: it is lit again only after such a pause."""

_FILL, _URGENT_FILL = 0.20, 0.50


@dataclass(slots=True)
class _Light:
    began: float
    urgent: bool
    repaint: Callable[[Hashable], None]


class Glow(QObject):
    """The lights of one window. A widget starts one when a figure changed, and paints it under the figure.

    `enabled` is false from the start where the desktop asks for no animations.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.enabled = _animations_wanted()
        self._lights: dict[tuple[QWidget, Hashable], _Light] = {}
        self._rested: dict[tuple[QWidget, Hashable], float] = {}
        self._fading = QTimer(self)
        self._fading.setObjectName("glow fading")
        self._fading.setInterval(FRAME_MS)
        self._fading.timeout.connect(self._fade)

    @property
    def burning(self) -> int:
        """How many lights there are now."""
        return len(self._lights)

    @property
    def is_resting(self) -> bool:
        """Whether nothing is animated and no timer runs."""
        return not self._fading.isActive()

    def start(
        self,
        widget: QWidget,
        repaint: Callable[[Hashable], None],
        place: Hashable = None,
        *,
        urgent: bool = False,
    ) -> None:
        """Light a place of a widget, whose method `repaint` is called with the place for every frame."""
        key, now = (widget, place), monotonic()
        if not self.enabled or not widget.isVisible():
            return
        if not urgent and (key in self._lights or now - self._rested.get(key, -REST_SECONDS) < REST_SECONDS):
            return
        if len(self._lights) >= MOST and key not in self._lights:
            least = next((other for other, light in self._lights.items() if not light.urgent), None)
            if not urgent or least is None:
                return
            self._end(least)
        self._lights[key] = _Light(now, urgent, repaint)
        repaint(place)
        self._fading.start()

    def paint(
        self, painter: QPainter, rect: QRectF, radius: float, widget: QWidget, place: Hashable = None
    ) -> None:
        """Paint the light of a place, if it burns, into a rounded rectangle (pixels)."""
        light = self._lights.get((widget, place))
        if light is None:
            return
        left = max(0.0, 1 - (monotonic() - light.began) / SECONDS)
        colour = QColor(tokens().qcolor("overdue" if light.urgent else "accent"))
        colour.setAlphaF((_URGENT_FILL if light.urgent else _FILL) * left)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        if light.urgent:
            colour.setAlphaF(left)
            painter.setPen(QPen(colour, max(1.0, radius / 3)))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)
        painter.restore()

    def _fade(self) -> None:
        now = monotonic()
        for key, light in list(self._lights.items()):
            if now - light.began >= SECONDS or not shiboken6.isValid(key[0]):
                self._end(key)
            else:
                light.repaint(key[1])
        self._rested = {key: at for key, at in self._rested.items() if now - at < REST_SECONDS}
        if not self._lights:
            self._fading.stop()

    def _end(self, key: tuple[QWidget, Hashable]) -> None:
        light = self._lights.pop(key)
        if shiboken6.isValid(key[0]):
            self._rested[key] = monotonic()
            light.repaint(key[1])


def _animations_wanted() -> bool:
    """Whether the desktop wants animations: Qt gives them no time where it does not."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return False
    return app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
