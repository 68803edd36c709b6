"""现场监测: what was measured, drawn against the limit that applied then (Y27)."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from domain.dossier import Dossier
from domain.readings import Reading, ReadingRow, readings_of
from widgets.painting import RIGHT, draw_bar, draw_text, text_width
from widgets.panel import Panel
from widgets.plain import tip
from widgets.scale import Scale
from widgets.status import Mark, Shape, paint_mark
from widgets.tokens import tokens
from widgets.wording import exact_count_text, local_moment_text

SHOWN = 6
"""So many of the newest are drawn; the log has the rest."""
FULL = 2.0
"""A bar ends at so many times the limit, which stands in its middle."""


class ReadingsPanel(Panel):
    """Hidden where nothing was measured."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("现场监测"))
        self.bars = ReadingBars(scale, self)
        self.body.addWidget(self.bars)
        self.hide()

    def show_dossier(self, dossier: Dossier) -> None:
        """Show a ticket's readings, the newest first."""
        rows = readings_of(entry.event for entry in dossier.log)
        self.setVisible(bool(rows))
        over = sum(row.reading.exceeds for row in rows)
        count = exact_count_text(len(rows))
        if over:
            self.set_note(self.tr("{0} 项 · ■ {1} 项超标").format(count, exact_count_text(over)), "overdue")
        else:
            self.set_note(self.tr("{0} 项 · ● 均未超标").format(count), "done")
        self.bars.show_rows(tuple(reversed(rows))[:SHOWN])


class ReadingBars(QWidget):
    """Two lines for each reading: what and how much, and a bar with the limit in its middle."""

    LINE = 25

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self._rows: tuple[ReadingRow, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        scale.factor_changed.connect(self.updateGeometry)

    def show_rows(self, rows: Sequence[ReadingRow]) -> None:
        """Show these readings."""
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
        told = [
            f"{local_moment_text(row.at)} {row.actor} {row.reading.item} {value_text(row.reading)}"
            f" {mark_of_reading(row.reading).word}"
            for row in self._rows
        ]
        self.setAccessibleName("；".join(told))
        self.setToolTip(tip("\n".join(told)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._scale.px(200), self._scale.px(self.LINE + 14) * len(self._rows))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, scale = QPainter(self), self._scale
        height, line = scale.px(self.LINE + 14), scale.px(self.LINE)
        for position, row in enumerate(self._rows):
            words = QRectF(0, position * height, self.width(), line)
            self._paint_words(painter, words, row.reading)
            bar = QRectF(0, words.bottom(), self.width(), scale.px(8))
            self._paint_bar(painter, bar, row.reading)
        painter.end()

    def _paint_words(self, painter: QPainter, rect: QRectF, reading: Reading) -> None:
        scale, mark = self._scale, mark_of_reading(reading)
        side, gap = scale.px(13), scale.px(6)
        paint_mark(painter, QRectF(0, rect.center().y() - side / 2, side, side), mark)
        font = scale.font("font_small")
        said = f"{value_text(reading)} {mark.word}"
        draw_text(painter, rect, said, scale.font("font_small", True), mark.colour_name, RIGHT)
        room = rect.adjusted(side + gap, 0, -text_width(scale.font("font_small", True), said) - gap, 0)
        draw_text(painter, room, reading.item, font, "text")

    def _paint_bar(self, painter: QPainter, rect: QRectF, reading: Reading) -> None:
        share = min(reading.value / (FULL * reading.limit), 1.0) if reading.limit else float(reading.exceeds)
        draw_bar(painter, rect, share, mark_of_reading(reading).colour_name)
        middle, reach = rect.center().x(), self._scale.px(3)
        painter.setPen(QPen(tokens().qcolor("text_strong"), self._scale.px(2)))
        painter.drawLine(int(middle), int(rect.top() - reach), int(middle), int(rect.bottom() + reach))


def value_text(reading: Reading) -> str:
    """Return "71 / 55": the value, then its limit."""
    return f"{reading.value:g} / {reading.limit:g}"


def mark_of_reading(reading: Reading) -> Mark:
    """Return colour, shape and word of a reading: over its limit, or not."""
    if not reading.exceeds:
        return Mark("done", Shape.CIRCLE, _word("达标"))
    if not reading.limit:
        return Mark("overdue", Shape.SQUARE, _word("超标"))
    times = f"{reading.value / reading.limit:.1f}"
    return Mark("overdue", Shape.SQUARE, _word("超标，为限值 {0} 倍").format(times))


def _word(source: str) -> str:
    return QCoreApplication.translate("dossier", source)
