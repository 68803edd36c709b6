"""The text of a complaint with the words marked that led to a suggestion."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from domain.suggesting import Span
from widgets.plain import harmless
from widgets.scale import Scale
from widgets.tokens import tokens

_Selection = QTextEdit.ExtraSelection
MARKED_ALPHA = 0.28
LEAST_LINES = 3
"""What is beside it in a low window needs room, too: the rest is scrolled."""


class MarkedText(QPlainTextEdit):
    """Foreign text, shown plain and never taken for markup. Words that speak for a kind are underlined and
    light; denied ones are struck through: never by colour alone."""

    def __init__(self, scale: Scale, parent: QWidget | None = None, *, lines: int = 7) -> None:
        super().__init__(parent)
        self._scale = scale
        self._lines = lines
        self.setReadOnly(True)
        self.setProperty("textsize", "dense")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("举报内容"))
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    def show_text(self, text: str, spans: Sequence[Span] = ()) -> None:
        """Show a text. Spans count the text's own characters; a text that was made harmless has none."""
        shown = harmless(text)
        if shown != self.toPlainText():
            self.setPlainText(shown)
        self.setExtraSelections([self._marked(span) for span in spans] if len(shown) == len(text) else [])

    @property
    def marked(self) -> tuple[str, ...]:
        """The marked words, as they stand in the text."""
        return tuple(
            selection.cursor.selectedText()  # type: ignore[attr-defined]
            for selection in self.extraSelections()
        )

    def _marked(self, span: Span) -> _Selection:
        made = _Selection()
        cursor = QTextCursor(self.document())
        # Qt counts in UTF-16: a character beyond its plane is two.
        text = self.toPlainText()
        begin = _utf16(text[: span.begin])
        cursor.setPosition(begin)
        cursor.setPosition(begin + _utf16(text[span.begin : span.end]), QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        if span.denied:
            look.setFontStrikeOut(True)
            look.setForeground(tokens().qcolor("text_faint"))
        else:
            ground = QColor(tokens().qcolor("due_soon"))
            ground.setAlphaF(MARKED_ALPHA)
            look.setBackground(ground)
            look.setFontUnderline(True)
            look.setForeground(tokens().qcolor("text_strong"))
        made.cursor, made.format = cursor, look  # type: ignore[attr-defined]
        return made

    def _rescale(self) -> None:
        line = round(self._scale.size("font_dense") * 1.5)
        self.setMaximumHeight(self._lines * line + self._scale.px(18))
        self.setMinimumHeight(min(self._lines, LEAST_LINES) * line + self._scale.px(18))


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
