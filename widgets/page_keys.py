"""The keys that lead to the pages from wherever the focus is: a number for each tab, and to the next one."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

NUMBERED = 10
"""So many tabs have a key of their own: Alt+1 … Alt+9, and Alt+0 for the tenth."""
NEXT, PREVIOUS = "Ctrl+PgDown", "Ctrl+PgUp"


class PageKeys(QObject):
    """Counts the tabs that are in sight: a hidden one has no key. Letters and digits alone are the pages'.

    Signals: `page_wanted(str)` with the tab's object name.
    """

    page_wanted = Signal(str)

    def __init__(self, tabs: Sequence[QPushButton], parent: QWidget) -> None:
        super().__init__(parent)
        self._tabs = tuple(tabs)
        for number in range(NUMBERED):
            self._key(number_key(number), parent).activated.connect(self._choose)
        self._key(NEXT, parent).activated.connect(self._next)
        self._key(PREVIOUS, parent).activated.connect(self._previous)

    def keys(self) -> dict[str, str]:
        """Return the key of each tab that has one, by the tab's object name."""
        return {tab.objectName(): number_key(n) for n, tab in enumerate(self._shown()[:NUMBERED])}

    def _key(self, key: str, parent: QWidget) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), parent)
        shortcut.setObjectName(key)
        # A key held down would build page after page.
        shortcut.setAutoRepeat(False)
        return shortcut

    def _shown(self) -> list[QPushButton]:
        return [tab for tab in self._tabs if not tab.isHidden()]

    def _choose(self) -> None:
        pressed = self.sender()
        wanted = [tab for tab, key in self.keys().items() if pressed and key == pressed.objectName()]
        if wanted:
            self.page_wanted.emit(wanted[0])

    def _next(self) -> None:
        self._step(1)

    def _previous(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        shown = self._shown()
        here = next((n for n, tab in enumerate(shown) if tab.isChecked()), None)
        if not shown:
            return
        if here is None:  # a page without a tab is left for the first one, or the last
            here = -1 if by > 0 else len(shown)
        self.page_wanted.emit(shown[(here + by) % len(shown)].objectName())


def number_key(place: int) -> str:
    """Return the key of the tab at a place, counted from 0."""
    return f"Alt+{(place + 1) % 10}"
