"""Fits everything on screen to the window's size."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from widgets.scale import Scale
from widgets.style import apply_style, load_fonts

REST_MS = 120
"""Styling everything anew takes a third of a second: a window being dragged is styled at rest only."""


class Fitting(QObject):
    """Keeps a scale at the window's size, and the whole application dressed for it."""

    def __init__(self, scale: Scale, window: QWidget) -> None:
        super().__init__(window)
        self._scale = scale
        self._window = window
        self._resting = QTimer(self)
        self._resting.setObjectName("window resized")
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        self._resting.timeout.connect(self.fit)
        load_fonts()
        scale.factor_changed.connect(self._restyle)
        self._restyle()

    def fit(self) -> None:
        """Fit at once."""
        self._resting.stop()
        self._scale.fit(self._window.width(), self._window.height())

    def fit_soon(self) -> None:
        """Fit when the window has rested."""
        self._resting.start()

    def stop(self) -> None:
        """Fit no more by itself."""
        self._resting.stop()

    def _restyle(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_style(app, self._scale)
