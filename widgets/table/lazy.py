"""The table over a list of any length: asks for what is in sight, holds still when the list is renewed."""

from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QTimer, Signal
from PySide6.QtWidgets import QWidget

from widgets.scale import Scale
from widgets.table.paged import PagedModel, Renewal, Watched
from widgets.table.view import RecordTable

SCROLL_REST_MS = 40
MARGIN = 60
"""So many rows beside those in sight are fetched with them: a page further is there at once."""
MOST_FOLLOWED = 200
"""So many chosen rows are followed to where a renewed list has them; while more are chosen, it is held."""


class LazyTable(RecordTable):
    """A `RecordTable` over a `PagedModel`.

    Signals: `choice_changed()` when the selection, or what is selected, is another.
    """

    choice_changed = Signal()

    def __init__(
        self, model: PagedModel, scale: Scale, parent: QWidget | None = None, *, multiple: bool = False
    ) -> None:
        super().__init__(model, scale, parent, multiple=multiple)
        self.paged = model
        self._rest = QTimer(self)
        self._rest.setObjectName("list scroll rest")
        self._rest.setSingleShot(True)
        self._rest.setInterval(SCROLL_REST_MS)
        self._rest.timeout.connect(self.want_rows)
        self.rows_shown.connect(self._rows_shown)
        self.selectionModel().selectionChanged.connect(self.choice_changed)
        # Another list begins with nothing chosen, of which Qt tells nobody.
        model.modelReset.connect(self.choice_changed)
        model.dataChanged.connect(self._tell_if_other)
        self._told: Any = None
        self.record_chosen.connect(self._remember_told)

    @property
    def held(self) -> bool:
        """Whether so much is chosen that a renewal would lose it: the list must not be renewed."""
        return self.selected_count() > MOST_FOLLOWED

    def want_rows(self) -> None:
        """Ask for what is in sight and not here, and for what is next to it."""
        first, last = self.rows_in_sight()
        if first <= last:
            self.paged.want(first - MARGIN, last + MARGIN)

    def keys_in_sight(self) -> list[str]:
        """Return the keys of the records in sight."""
        first, last = self.rows_in_sight()
        return [key for key in map(self._key, range(first, last + 1)) if key is not None]

    def watched(self) -> Watched:
        """Return what must not jump when the list is renewed.

        The head of a list that nobody points at or has chosen from is watched as such: what is new there
        pushes the rest down.
        """
        first, last = self.rows_in_sight()
        keys = {row: self._key(row) for row in range(first, last + 1)}
        held = self.verticalScrollBar().value() > 0 or self.underMouse() or self._chosen_in_sight(first, last)
        in_sight = {row: key for row, key in keys.items() if key is not None} if held else {}
        if self.held:
            return Watched(in_sight)
        chosen = {row: self._key(row) for row in self._selected_rows()}
        return Watched(
            in_sight,
            tuple(key for key in chosen.values() if key is not None),
            tuple(row for row, key in chosen.items() if key is None),
        )

    def renew(self, renewal: Renewal) -> None:
        """Take in a list settled anew: what was in sight and what was chosen stay so, in their new rows.

        Not for a table that is `held`.
        """
        current, count = self._key(self.currentIndex().row()), self.selected_count()
        bar = self.verticalScrollBar()
        value = bar.value()
        selection = self.selectionModel()
        blocked = selection.blockSignals(True)
        self.paged.renew(renewal)
        # Qt chooses a neighbour of a chosen row that goes; nobody has.
        self._select(renewal, current)
        selection.blockSignals(blocked)
        bar.setValue(value + renewal.shift * self.verticalHeader().defaultSectionSize())
        self.viewport().update()
        self._rest.start()
        if count:
            self.choice_changed.emit()
        self._tell_if_other()

    def choose_row(self, row: int) -> None:
        """Choose a row and bring it into sight; its record is told when it is here."""
        self.selectRow(row)
        self.scrollTo(self.paged.index(row, 0))

    def selected_count(self) -> int:
        """Return how many rows are selected, however many."""
        return sum(block.height() for block in self.selectionModel().selection())

    def _select(self, renewal: Renewal, current: str | None) -> None:
        selection, model = self.selectionModel(), self.paged
        wanted = QItemSelection()
        last_column = model.columnCount() - 1
        for row in renewal.chosen:
            wanted.select(model.index(row, 0), model.index(row, last_column))
        selection.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        for row, record in renewal.chosen.items():
            if model.key_of(record) == current or len(renewal.chosen) == 1:
                selection.setCurrentIndex(model.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate)

    def _tell_if_other(self) -> None:
        # Meanwhile a renewal moves the choice, it is not asked for.
        if not self.selectionModel().signalsBlocked() and self.chosen() != self._told:
            self.record_chosen.emit(self.chosen())

    def _remember_told(self, record: Any) -> None:
        self._told = record

    def _selected_rows(self) -> list[int]:
        blocks = self.selectionModel().selection()
        return sorted({row for block in blocks for row in range(block.top(), block.bottom() + 1)})

    def _chosen_in_sight(self, first: int, last: int) -> bool:
        return any(
            block.top() <= last and block.bottom() >= first for block in self.selectionModel().selection()
        )

    def _key(self, row: int) -> str | None:
        record = self.paged.record(row)
        return None if record is None else self.paged.key_of(record)

    def _rows_shown(self, _first: int, _last: int) -> None:
        # A scroll bar being dragged passes a thousand pages; only where it begins and rests is fetched.
        if not self._rest.isActive():
            self.want_rows()
        self._rest.start()
