"""Captions with their values under one another: the plain way to show what is known of one thing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from widgets.plain import PlainLabel, tip
from widgets.scale import Scale

LONGEST = 400
"""As much of a value as a detail pane shows."""


def small_label(parent: QWidget, tone: str = "") -> QLabel:
    """Return a wrapping label in the small size; a person can select and copy its text."""
    label = PlainLabel(parent)
    label.setProperty("textsize", "small")
    if tone:
        label.setProperty("tone", tone)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class FactGrid(QWidget):
    """Rows of caption and value, made once. A row without a value is hidden.

    A value longer than `longest` characters is cut, and its tooltip has all of it.
    """

    def __init__(
        self,
        captions: Sequence[str],
        scale: Scale,
        parent: QWidget | None = None,
        *,
        longest: int = LONGEST,
    ) -> None:
        super().__init__(parent)
        self._longest = longest
        self._scale = scale
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._values: tuple[str, ...] | None = None
        for row, caption in enumerate(captions):
            name = small_label(self, "muted")
            name.setWordWrap(False)
            name.setText(caption)
            value = small_label(self)
            self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, row, 1)
            self._rows.append((name, value))
        scale.factor_changed.connect(self._respace)
        self._respace()

    def show_values(self, values: Sequence[str]) -> None:
        """Show one value for each caption.

        Raises:
            ValueError: there are more or fewer values than captions.
        """
        if tuple(values) == self._values:
            return
        self._values = tuple(values)
        for (name, label), value in zip(self._rows, values, strict=True):
            whole = len(value) <= self._longest
            label.setText(value if whole else value[: self._longest] + "…")
            label.setToolTip("" if whole else tip(value))
            name.setVisible(bool(value))
            label.setVisible(bool(value))

    def value(self, row: int) -> str:
        """Return the value on screen in a row, from 0."""
        return self._rows[row][1].text()

    def _respace(self) -> None:
        self._grid.setHorizontalSpacing(self._scale.px(14))
        self._grid.setVerticalSpacing(self._scale.px(4))
