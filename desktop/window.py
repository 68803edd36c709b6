"""The bare window, whatever it shows: its name, its sizes, the keys of every page, an end in order."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QMainWindow

from desktop import runtime
from widgets.icon import program_icon

START_SIZE = QSize(1600, 900)
SCREEN_SHARE = 0.85
"""How much of a screen the window takes when it is no longer maximised, at the most."""
SMALLEST_SIZE = QSize(1024, 640)


class Window(QMainWindow):
    """Escape leads back, Ctrl+R to a past minute: the subclass knows the ways. F11 fills the screen."""

    def __init__(self) -> None:
        super().__init__()
        # Qt adds the program's name.
        self.setWindowTitle(self.tr("污染防治综合监管"))
        self.setWindowIcon(program_icon())
        self.setMinimumSize(SMALLEST_SIZE)

    def fill_screen(self) -> None:
        """Open maximised, as a wall does; restored, the window fits the screen that it is on."""
        self.resize(START_SIZE.boundedTo(self.screen().availableSize() * SCREEN_SHARE))
        self.setWindowState(Qt.WindowState.WindowMaximized)

    def picture(self) -> QImage:
        """Return the window as it is painted now."""
        return self.grab().toImage()

    def leads_back(self) -> bool:
        """Whether there is a page before the shown one."""
        raise NotImplementedError

    def go_back(self) -> None:
        """Return to the page before."""
        raise NotImplementedError

    def open_replay(self) -> None:
        """Let a past minute be chosen."""
        raise NotImplementedError

    # --- Qt --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that the widget in focus has no use for."""
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape and self.leads_back():
            self.go_back()
        elif event.key() == Qt.Key.Key_R and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.open_replay()
        elif event.key() == Qt.Key.Key_F11:
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            # Qt presses a button by the space bar only.
            focused.click()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        # The loop ends in order (`runtime.quit`), and the window with it.
        event.accept()
        runtime.quit()
