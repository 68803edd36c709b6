"""A station's last values as small cards, one a factor: the chosen one is whose curve is drawn."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.environment import LastValue
from domain.stations import DataFlag, Measure
from widgets.environment.words import factor_name, number_text, value_text
from widgets.painting import RIGHT, draw_card, draw_focus, draw_text, text_width
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape, paint_mark
from widgets.wording import local_moment_text

WIDTH = 250
HEIGHT = 36
GAP = 6


class ValueCards(QWidget):
    """Signals: `factor_chosen(str)`: the hand chose another factor."""

    factor_chosen = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._cards: tuple[tuple[Measure, LastValue | None], ...] = ()
        self.chosen = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        scale.factor_changed.connect(self.updateGeometry)

    def show_values(self, measures: Sequence[Measure], values: Sequence[LastValue]) -> None:
        """Show a card for each factor that the station measures, with its last value where there is one."""
        last = {value.factor: value for value in values}
        cards = tuple((measure, last.get(measure.factor)) for measure in measures)
        if cards == self._cards:
            return
        self._cards = cards
        told = [f"{factor_name(m.factor)} {value_text(v) if v else '—'}" for m, v in cards]
        self.setAccessibleName("；".join(told))
        moments = [
            f"{factor_name(v.factor)} {value_text(v)} · {local_moment_text(v.at)}" for _, v in cards if v
        ]
        self.setToolTip(tip("\n".join(moments)))
        self.updateGeometry()
        self.update()

    def choose(self, factor: str) -> None:
        """Choose a factor without telling."""
        self.chosen = factor
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._scale.px(WIDTH), self.heightForWidth(max(self.width(), self._scale.px(WIDTH))))

    def heightForWidth(self, width: int) -> int:
        rows = -(-len(self._cards) // self._columns(width))
        return rows * self._scale.px(HEIGHT + GAP)

    def _columns(self, width: int) -> int:
        return max(1, min(len(self._cards), width // self._scale.px(WIDTH)))

    def _rect(self, position: int) -> QRectF:
        columns, gap = self._columns(self.width()), self._scale.px(GAP)
        row, column = divmod(position, columns)
        width = (self.width() - gap * (columns - 1)) / columns
        height = self._scale.px(HEIGHT)
        return QRectF(column * (width + gap), row * (height + gap), width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, scale = QPainter(self), self._scale
        pad, side = scale.px(10), scale.px(13)
        for position, (measure, last) in enumerate(self._cards):
            box = self._rect(position)
            on = measure.factor == self.chosen
            draw_card(painter, box, scale, "selection" if on else "card", "accent" if on else None)
            mark = mark_of_value(last)
            left = QRectF(box.x() + pad, box.center().y() - side / 2, side, side)
            paint_mark(painter, left, mark)
            words = box.adjusted(pad + side + pad / 2, 0, -pad, 0)
            name = factor_name(measure.factor)
            room = words.width() - text_width(scale.font("font_small"), name) - pad
            said = _fitting(last, mark, scale, room)
            colour = mark.colour_name if mark.shape is not Shape.CIRCLE else "text_strong"
            bold = scale.font("font_small", bold=True)
            draw_text(painter, words, said, bold, colour, RIGHT)
            words.setRight(words.right() - text_width(bold, said) - pad / 2)
            draw_text(painter, words, name, scale.font("font_small"), "text_title")
            if on and self.hasFocus():
                draw_focus(painter, box, scale)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for position, (measure, _) in enumerate(self._cards):
            if self._rect(position).contains(QPointF(event.position())):
                self._tell(measure.factor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the next factor and back."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        factors = [measure.factor for measure, _ in self._cards]
        if step is None or not factors:
            super().keyPressEvent(event)
            return
        at = factors.index(self.chosen) if self.chosen in factors else 0
        self._tell(factors[(at + step) % len(factors)])

    def _tell(self, factor: str) -> None:
        if factor != self.chosen:
            self.choose(factor)
            self.factor_chosen.emit(factor)


def _fitting(last: LastValue | None, mark: Mark, scale: Scale, room: float) -> str:
    """Return what a card says of a value: the limit is left out where the factor's name would be cut."""
    if last is None:
        return "—"
    said = f"{value_text(last)} {mark.word}".strip()
    if last.value is None or text_width(scale.font("font_small", bold=True), said) <= room:
        return said
    return f"{number_text(last.value)} {mark.word}".strip() if last.flag is DataFlag.NORMAL else said


def mark_of_value(last: LastValue | None) -> Mark:
    """Return how a value stands: beyond its limit, not valid, valid, or not there."""
    if last is None or (last.value is None and last.flag is DataFlag.NORMAL):
        return Mark("text_faint", Shape.RING, "")
    if last.beyond:
        return Mark("overdue", Shape.SQUARE, QCoreApplication.translate("environment", "超标"))
    if last.flag is not DataFlag.NORMAL:
        return Mark("due_soon", Shape.DIAMOND, "")
    return Mark("done", Shape.CIRCLE, "")
