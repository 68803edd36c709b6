"""A painted thing that can be pressed: by mouse, by Space and by Enter, with a visible focus."""

from collections.abc import Hashable

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.painting import draw_card, draw_focus, draw_text, report_fault
from widgets.scale import Scale


class Tile(QAbstractButton):
    """Subclasses draw their content in `paint`. `fill` and `border` are colour tokens or None.

    While it is painted, `dirty` is the part (pixels) that has to be.
    """

    fill: str | None = None
    border: str | None = None

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = scale
        self.dirty = QRect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        scale.factor_changed.connect(self.updateGeometry)

    def light(self, *, urgent: bool = False) -> None:
        """Light the tile for a moment, because what it shows has changed."""
        self.scale.glow.start(self, self._relight, urgent=urgent)

    def _relight(self, _place: Hashable) -> None:
        self.update()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the content into the rectangle (pixels)."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        return QSize(self.scale.px(40), self.scale.px(26))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.dirty = event.rect()
        painter = QPainter(self)
        try:
            self._paint_all(painter)
        except Exception as error:  # noqa: BLE001 - it would end the process
            report_fault(error)
            font = self.scale.font("font_small")
            draw_text(painter, QRectF(self.rect()), self.accessibleName(), font, "text_muted")
        finally:
            painter.end()

    def _paint_all(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        rect = QRectF(self.rect())
        fill = "hover" if self.underMouse() and self.isEnabled() else self.fill
        draw_card(painter, rect, self.scale, fill, self.border)
        self.scale.glow.paint(painter, rect, self.scale.px(6), self)
        self.paint(painter, rect)
        if self.hasFocus():
            draw_focus(painter, rect, self.scale)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the tile; Qt's buttons know only Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)
