"""A translucent sheet over content that is no longer true, with the time as of which it was."""

from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.scale import Scale
from widgets.tokens import tokens
from widgets.wording import local_time_text


class Veil(QWidget):
    """Covers its parent while `since` is set, and lets clicks through."""

    def __init__(self, scale: Scale, parent: QWidget, *, narrow: bool = False) -> None:
        """`narrow`: the badge is short, for a parent that has no title row to put it in."""
        super().__init__(parent)
        self._scale = scale
        self._narrow = narrow
        self._since: datetime | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        parent.installEventFilter(self)

    @property
    def badge_width(self) -> int:
        """The width in pixels that the badge takes at the upper right; 0 while there is no veil."""
        return round(self._badge().width()) + self._scale.px(8) if self._since is not None else 0

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
        box = self._badge()
        painter.setFont(self._font())
        painter.setBrush(tokens().qcolor("hover"))
        painter.setPen(tokens().qcolor("due_soon"))
        painter.drawRoundedRect(box, radius, radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.words)

    @property
    def words(self) -> str:
        """What the badge says."""
        time = local_time_text(self._since) if self._since is not None else ""
        return (self.tr("截至 {0}") if self._narrow else self.tr("数据截至 {0}")).format(time)

    def _font(self) -> QFont:
        return self._scale.font("font_small" if self._narrow else "font_body", bold=True)

    def _badge(self) -> QRectF:
        # At the right of the title row, so that the last good picture stays readable.
        metrics = QFontMetricsF(self._font())
        width = metrics.horizontalAdvance(self.words) + self._scale.px(12 if self._narrow else 28)
        box = QRectF(0, 0, width, metrics.height() * (1.25 if self._narrow else 1.5))
        edge = self._scale.px(5 if self._narrow else 8)
        box.moveTopRight(QRectF(self.rect()).topRight() + QPointF(-edge, self._scale.px(6)))
        return box
