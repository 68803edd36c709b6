"""How many stations stand how, each state in its own colour and shape."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.environment import StationRow
from domain.stations import StationState
from widgets.painting import draw_text, text_width
from widgets.scale import Scale
from widgets.status import Mark, mark_of, paint_mark
from widgets.wording import exact_count_text

SIDE = 13


class StateCounts(QWidget):
    """One mark with its word and count after another; states that no station is in are left out."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._parts: tuple[tuple[Mark, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        scale.factor_changed.connect(self.updateGeometry)

    def show_rows(self, rows: Sequence[StationRow]) -> None:
        """Count these stations."""
        counts = [(mark_of(state), sum(row.state is state for row in rows)) for state in StationState]
        parts = tuple((mark, f"{mark.word} {exact_count_text(count)}") for mark, count in counts if count)
        if parts != self._parts:
            self._parts = parts
            self.setAccessibleName("，".join(said for _, said in parts))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        widths = sum(self._width(said) for _, said in self._parts)
        return QSize(round(widths), self._scale.px(26))

    def _width(self, said: str) -> float:
        return self._scale.px(SIDE + 6 + 16) + text_width(self._scale.font("font_small"), said)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, left = QPainter(self), 0.0
        side, font = self._scale.px(SIDE), self._scale.font("font_small")
        for mark, said in self._parts:
            middle = self.height() / 2
            paint_mark(painter, QRectF(left, middle - side / 2, side, side), mark)
            words = QRectF(left + side + self._scale.px(6), 0, self._width(said), self.height())
            draw_text(painter, words, said, font, mark.colour_name)
            left += self._width(said)
        painter.end()
