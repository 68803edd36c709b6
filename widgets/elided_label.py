"""A line of text that gives way: it shows the longest of its wordings that fits, and elides the shortest."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.painting import LEFT, RIGHT, draw_text, text_width
from widgets.scale import Scale

BETWEEN = " · "
"""Parts of a wording stand so far apart."""


class ElidedLabel(QWidget):
    """Never makes its panel wider. `tone` is a colour token, `font_name` a size token."""

    def __init__(
        self,
        scale: Scale,
        parent: QWidget | None = None,
        *,
        tone: str = "text",
        font_name: str = "font_small",
        bold: bool = False,
        align: Qt.AlignmentFlag = LEFT,
    ) -> None:
        super().__init__(parent)
        self._scale = scale
        self._tone = tone
        self._font_name = font_name
        self._bold = bold
        self._align = align
        self._wordings: tuple[str, ...] = ("",)
        self._part_tones: Mapping[str, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        scale.factor_changed.connect(self.updateGeometry)

    def set_text(self, *wordings: str) -> None:
        """Take wordings of the same text, the longest first."""
        if wordings != self._wordings:
            before = self.sizeHint().width()
            self._wordings = wordings
            self.setAccessibleName(wordings[0])
            if self.sizeHint().width() != before:
                # A clock's text changes every second, its width hardly ever.
                self.updateGeometry()
            self.update()

    def set_tone(self, tone: str) -> None:
        """Draw in another colour token."""
        if tone != self._tone:
            self._tone = tone
            self.update()

    def set_part_tones(self, tones: Mapping[str, str]) -> None:
        """Draw these parts of a wording, as they stand between " · ", in colour tokens of their own."""
        if tones != self._part_tones:
            self._part_tones = tones
            self.update()

    def text(self) -> str:
        """Return the wording that fits the present width, not elided."""
        return self.fitting(self.width())

    def fitting(self, width: int) -> str:
        """Return the longest wording that fits so many pixels, else the shortest."""
        font = self._font()
        fitting = (words for words in self._wordings if text_width(font, words) <= width)
        return next(fitting, self._wordings[-1])

    def widths(self) -> list[int]:
        """Return the pixels that each wording takes, the longest wording first."""
        return [round(text_width(self._font(), words)) + 1 for words in self._wordings]

    def least_width(self) -> int:
        """Return the pixels that the shortest wording takes."""
        return self.widths()[-1]

    def sizeHint(self) -> QSize:
        height = round(self._scale.size(self._font_name) * 1.45)
        return QSize(round(text_width(self._font(), self._wordings[0])) + 1, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        words, font, room = self.text(), self._font(), QRectF(self.rect())
        taken = text_width(font, words)
        if not self._part_tones or taken > room.width():
            draw_text(painter, room, words, font, self._tone, self._align)
            return
        if self._align is not LEFT:
            room.setLeft(room.left() + (room.width() - taken) / (1 if self._align is RIGHT else 2))
        for position, part in enumerate(words.split(BETWEEN)):
            if position:
                room.setLeft(room.left() + draw_text(painter, room, BETWEEN, font, "text_muted"))
            tone = self._part_tones.get(part, self._tone)
            room.setLeft(room.left() + draw_text(painter, room, part, font, tone))

    def _font(self) -> QFont:
        return self._scale.font(self._font_name, self._bold)
