"""A sentence over the bottom of the window that goes by itself: why something was not possible."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from widgets.plain import PlainLabel
from widgets.scale import Scale

SHOWN_MS = 8000


class Notice(PlainLabel):
    """Shows one sentence at a time; a newer one takes the place of the last."""

    def __init__(self, scale: Scale, window: QWidget) -> None:
        super().__init__(window)
        self._scale = scale
        self._page = ""
        self.setProperty("look", "notice")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._rest = QTimer(self)
        self._rest.setObjectName("notice rest")
        self._rest.setSingleShot(True)
        self._rest.setInterval(SHOWN_MS)
        self._rest.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str) -> None:
        """Show a sentence for a while."""
        self.setText(text)
        self.setAccessibleName(text)
        self.place()
        self.show()
        self.raise_()
        self._rest.start()

    def stand_over(self, page: str) -> None:
        """Go when another page is shown: what was said of the one before would be read of this one."""
        if page != self._page:
            self.hide()
        self._page = page

    def place(self) -> None:
        """Stand in the middle of the window's lower edge."""
        window = self.parentWidget()
        self.adjustSize()
        left = (window.width() - self.width()) // 2
        self.move(max(0, left), window.height() - self.height() - self._scale.px(48))
