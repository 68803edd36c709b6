"""A translucent sheet over content that is no longer true, with the time as of which it was."""

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.scale import Scale
from widgets.tokens import tokens
from widgets.wording import local_time_text


class Veil(QWidget):
    """Covers its parent while `since` is set, and lets clicks through."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self._since: datetime | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        parent.installEventFilter(self)

    def set_since(self, since: datetime | None) -> None:
        """Say as of when (aware) the content below is true; None lifts the veil."""
        self._since = since
        self.setVisible(since is not None)
        if since is not None:
            self.raise_()
            self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        elif event.type() == QEvent.Type.ChildAdded and self._since is not None:
            # Children made after the veil would lie above it.
            self.raise_()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._since is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sheet = QColor(tokens().qcolor("background"))
        sheet.setAlphaF(0.5)
        radius = self._scale.size("radius")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(sheet)
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        text = self.tr("数据停留在 {0}").format(local_time_text(self._since))
        painter.setFont(self._scale.font("font_body", bold=True))
        metrics = painter.fontMetrics()
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + self._scale.px(28), metrics.height() * 1.5)
        # Over the freshness note, so that the last good picture stays readable.
        box.moveTopRight(QRectF(self.rect()).topRight() + QPointF(-self._scale.px(8), self._scale.px(6)))
        painter.setBrush(tokens().qcolor("hover"))
        painter.setPen(tokens().qcolor("due_soon"))
        painter.drawRoundedRect(box, radius, radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
