"""A row of buttons of which one is on: the filter of a list."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from widgets.scale import Scale
from widgets.status import Mark, mark_icon
from widgets.wording import exact_count_text


class ChoiceRow(QWidget):
    """One of a few values. Signals: `choice_changed(object)` with the value that the hand chose."""

    choice_changed = Signal(object)

    def __init__(
        self,
        choices: Sequence[tuple[Any, str]],
        scale: Scale,
        parent: QWidget | None = None,
        marks: Sequence[Mark | None] = (),
    ) -> None:
        """`marks`: the status mark before each word, None for none."""
        super().__init__(parent)
        self._marks = tuple(marks)
        self._values = [value for value, _ in choices]
        self._words = [word for _, word in choices]
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.buttons: list[QPushButton] = []
        for number, word in enumerate(self._words):
            button = QPushButton(word, self)
            button.setProperty("look", "tab")
            button.setCheckable(True)
            button.setChecked(number == 0)
            self._group.addButton(button, number)
            self._row.addWidget(button)
            self.buttons.append(button)
        self._group.idClicked.connect(self._tell)
        self._scale = scale
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def value(self) -> Any:
        """The chosen value."""
        return self._values[self._group.checkedId()]

    def choose(self, value: Any) -> None:
        """Choose a value without telling.

        Raises:
            ValueError: the value is none of the choices.
        """
        self.buttons[self._values.index(value)].setChecked(True)

    def show_counts(self, counts: Sequence[int | None]) -> None:
        """Write a count behind each word; None leaves the word alone."""
        for button, word, count in zip(self.buttons, self._words, counts, strict=True):
            button.setText(word if count is None else f"{word} {exact_count_text(count)}")

    def _tell(self, number: int) -> None:
        self.choice_changed.emit(self._values[number])

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(4))
        side = self._scale.size("mark")
        for button, mark in zip(self.buttons, self._marks, strict=False):
            if mark is not None:
                gap = self._scale.px(3)
                button.setIcon(mark_icon(mark, side, gap, button.devicePixelRatioF()))
                button.setIconSize(QSize(side + gap, side))
