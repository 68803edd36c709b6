"""The keys of a desk as a row that is always in sight: what each does, and why it does nothing now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from widgets.elided_label import ElidedLabel
from widgets.plain import tip
from widgets.scale import Scale


@dataclass(frozen=True, slots=True)
class DeskKey:
    """A key and the word for what it does. `several`: it works on several chosen rows, too; `hint` says more
    than the word where that is not enough."""

    letter: str
    word: str
    several: bool = False
    hint: str = ""


class KeyLegend(QWidget):
    """A button for each key: the hand on the mouse needs no other. None of them takes the keyboard away.

    Signals: `key_requested(str)` with the letter.
    """

    key_requested = Signal(str)

    def __init__(
        self, keys: Sequence[DeskKey], hint: str, scale: Scale, parent: QWidget | None = None
    ) -> None:
        """`hint` says in words what moves the choice, at the right of the keys."""
        super().__init__(parent)
        self._scale = scale
        self.keys = tuple(keys)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.buttons: dict[str, QPushButton] = {}
        for key in self.keys:
            button = QPushButton(f"{key.letter} {key.word}", self)
            button.setProperty("look", "key")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(self.tr("{0}，按键 {1}").format(key.word, key.letter))
            button.setObjectName(key.letter)
            button.clicked.connect(self._clicked)
            self._row.addWidget(button)
            self.buttons[key.letter] = button
        self._hint = ElidedLabel(scale, self, tone="text_faint", font_name="font_dense")
        self._hint.set_text(hint, "")
        self._row.addWidget(self._hint, 1)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    def show_refusals(self, refusals: Mapping[str, str], due: str = "") -> None:
        """Grey the keys that do nothing now, each with its reason; `due` is what the row waits for."""
        for key in self.keys:
            letter, button = key.letter, self.buttons[key.letter]
            reason = refusals.get(letter, "")
            button.setEnabled(not reason)
            button.setToolTip(tip(reason or key.hint))
            button.setAccessibleDescription(reason)
            look = "key_due" if letter == due and not reason else "key"
            if button.property("look") != look:
                button.setProperty("look", look)
                button.style().unpolish(button)
                button.style().polish(button)

    def _clicked(self) -> None:
        pressed = self.sender()
        if isinstance(pressed, QPushButton):
            self.key_requested.emit(pressed.objectName())

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(5))
