"""The web page in the map: loads it, notices when it fails, and loads it again, for ever."""

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from widgets.map.channel import Bridge, LocalPage
from widgets.tokens import tokens

log = logging.getLogger(__name__)

# After a failure the page is loaded again: at once, then after ever longer waits, for ever (a wall is alone).
FIRST_WAIT_MS, LONGEST_WAIT_MS = 500, 60_000
# A page that stood this long was healthy: its next failure starts with the short wait again.
HEALTHY_MS = 60_000
# A page that has not come up, or has not taken a push, in this time is dead though its process may live.
ANSWER_MS = 30_000


class PageHost(QObject):
    """Owns view, page and bridge.

    Signals:
        failed(int): the page is away; the how manieth failure it is.
    """

    failed = Signal(int)

    def __init__(self, path: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = QWebEngineView(parent)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.page = LocalPage(QUrl.fromLocalFile(str(path.resolve())), self.view)
        self.page.setBackgroundColor(tokens().qcolor("panel"))
        self.bridge = Bridge(self)
        channel = QWebChannel(self.page)
        channel.registerObject("bridge", self.bridge)
        self.page.setWebChannel(channel)
        self.page.loadFinished.connect(self._take_load)
        self.page.renderProcessTerminated.connect(self._take_termination)
        self.view.setPage(self.page)
        self.failures = 0
        self.is_up = False
        self._up_since = QElapsedTimer()
        self._retry = self._timer("map_retry", self.load)
        self._watchdog = self._timer("map_watchdog", self._give_up)

    def load(self) -> None:
        """Load the page, again if need be."""
        self.await_answer()
        self.page.open()

    def await_answer(self) -> None:
        """Hold the page for dead if it does not answer in time."""
        self._watchdog.start(ANSWER_MS)

    def take_answer(self) -> None:
        """The page has answered."""
        self._watchdog.stop()

    def came_up(self) -> None:
        """The page is up and takes pushes."""
        self.is_up = True
        self._up_since.start()
        self._watchdog.stop()

    def fail(self, reason: str) -> None:
        """The page is away; it is loaded again after a while."""
        if self._retry.isActive():
            return
        if self._up_since.isValid() and self._up_since.elapsed() > HEALTHY_MS:
            self.failures = 0
        wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** min(self.failures, 16))
        self.failures += 1
        log.warning("ticket map failed (%s), attempt %d in %d ms", reason, self.failures, wait)
        self.is_up = False
        self._up_since.invalidate()
        self._watchdog.stop()
        self._retry.start(wait)
        self.failed.emit(self.failures)

    def _timer(self, name: str, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    def _take_load(self, succeeded: bool) -> None:
        # A navigation that was refused ends as a failed load too; the page that is up stays up.
        if not succeeded and not self.is_up:
            self.fail("the page did not load")

    def _take_termination(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        self.fail(f"the page's process ended: {status.name}, exit code {code}")

    def _give_up(self) -> None:
        self.fail(f"the page gave no answer for {ANSWER_MS // 1000} s")
