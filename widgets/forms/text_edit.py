"""A field for a few sentences that says how much room is left, and lets Tab go on to the next field."""

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from domain.orders import LONGEST_TEXT
from widgets.scale import Scale


class SentenceEdit(QPlainTextEdit):
    """Plain text of at most `LONGEST_TEXT` characters; what is pasted beyond is kept, and refused later."""

    def __init__(self, placeholder: str, lines: int, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._lines = lines
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def text(self) -> str:
        """The text without white space around it."""
        return self.toPlainText().strip()

    @property
    def too_long(self) -> bool:
        """Whether the text has more characters than an order may."""
        return len(self.text) > LONGEST_TEXT

    def _rescale(self) -> None:
        self.setFixedHeight(self._lines * self._scale.px(30) + self._scale.px(24))
