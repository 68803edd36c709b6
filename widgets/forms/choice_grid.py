"""Choosing several of a few, such as the bodies that receive a directive, with all of them a click away."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from domain.drafts import Choice
from widgets.scale import Scale

COLUMNS = 3


class ChoiceGrid(QWidget):
    """Check boxes in columns, the first of which checks all.

    Signals: `choice_changed()`.
    """

    choice_changed = Signal()

    def __init__(self, choices: Sequence[Choice], scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._choices = tuple(choices)
        self.all_box = QCheckBox(self.tr("全选"), self)
        self.all_box.setTristate(True)
        self.boxes = [QCheckBox(choice.name, self) for choice in self._choices]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self.all_box, 0, 0, 1, COLUMNS)
        for position, box in enumerate(self.boxes):
            self._grid.addWidget(box, 1 + position // COLUMNS, position % COLUMNS)
            box.toggled.connect(self._one_changed)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self.all_box.clicked.connect(self._all_clicked)
        self.setFocusProxy(self.boxes[0] if self.boxes else self.all_box)
        scale.factor_changed.connect(self._rescale)
        self._rescale()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the checked choices, in their order."""
        return tuple(c.key for c, box in zip(self._choices, self.boxes, strict=True) if box.isChecked())

    def choose(self, keys: Collection[str]) -> None:
        """Check exactly these keys; unknown ones are passed over."""
        for choice, box in zip(self._choices, self.boxes, strict=True):
            box.setChecked(choice.key in keys)

    def _all_clicked(self) -> None:
        # From a mixed state the first click checks all: Qt itself would go through "partly" again.
        checked = self.all_box.checkState() is not Qt.CheckState.Unchecked
        for box in self.boxes:
            box.setChecked(checked)
        self._one_changed()

    def _one_changed(self) -> None:
        count = sum(box.isChecked() for box in self.boxes)
        state = Qt.CheckState.PartiallyChecked if count else Qt.CheckState.Unchecked
        if self.boxes and count == len(self.boxes):
            state = Qt.CheckState.Checked
        self.all_box.setCheckState(state)
        self.choice_changed.emit()

    def _rescale(self) -> None:
        self._grid.setHorizontalSpacing(self._scale.px(16))
        self._grid.setVerticalSpacing(self._scale.px(4))
