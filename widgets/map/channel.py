"""The bridge between the page and Python, and the web page that may reach nothing but its own folder."""

import logging
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QUrl, Signal, Slot
from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from widgets.map.marks import Camera

log = logging.getLogger(__name__)

PROFILE_NAME = "map_profile"

# Chromium loads a worker's file without asking the interceptor (Qt 6.9), and WebRTC asks nobody.
WITHOUT_WAYS_ROUND = """
for (const way of ["Worker", "SharedWorker", "RTCPeerConnection", "webkitRTCPeerConnection"]) {
    delete window[way];
}
"""


class Bridge(QObject):
    """What the page sees of Python: four signals to it, and slots for what happens there.

    Signals:
        pushed(str): to the page, a JSON message.
        layered(str): to the page, one layer beside the tickets as JSON (layers.py).
        layer_looked(str): to the page, the key of the layer to look at.
        looked(str): to the page, where to look: county codes as JSON, none for the whole city.
        camera_changed(Camera): the view after a pan, zoom or resize; the first one says that the page is up.
        push_applied(int), push_painted(int): the page has taken a push, has put it on screen.
        mark_opened(str): the user clicked on a mark.
        layer_opened(str, str): on a mark or track of a layer: the layer's key, its id.
        county_opened(str): on a county's land or name; codes joined by "+".
        home_opened(), list_opened(): the way back to the whole city; the list of the county in view.
        state_toggled(int): an entry of the legend, a position in points.STATES.
        filter_cleared(), heat_opened(): the filter's badge; the heat layer's button.
        aside_opened(str): "unplaced" or "outside", tickets that the map does not show at their place.
    """

    pushed = Signal(str)
    looked = Signal(str)
    layered = Signal(str)
    layer_looked = Signal(str)
    camera_changed = Signal(object)
    push_applied = Signal(int)
    push_painted = Signal(int)
    mark_opened = Signal(str)
    layer_opened = Signal(str, str)
    county_opened = Signal(str)
    home_opened = Signal()
    list_opened = Signal()
    state_toggled = Signal(int)
    filter_cleared = Signal()
    heat_opened = Signal()
    aside_opened = Signal(str)

    @Slot(float, float, float, float, float, float)
    def view_changed(
        self, zoom: float, fit_zoom: float, west: float, south: float, east: float, north: float
    ) -> None:
        """Called by the page: its zoom, the zoom that fits the city, its edges in degrees."""
        self.camera_changed.emit(Camera(zoom, fit_zoom, west, south, east, north))

    @Slot(int)
    def applied(self, push: int) -> None:
        """Called by the page when a push is in its memory."""
        self.push_applied.emit(push)

    @Slot(int)
    def painted(self, push: int) -> None:
        """Called by the page when a push is on screen."""
        self.push_painted.emit(push)

    @Slot(str)
    def mark_clicked(self, mark_id: str) -> None:
        """Called by the page for a click on a mark."""
        self.mark_opened.emit(mark_id)

    @Slot(str, str)
    def layer_clicked(self, layer: str, mark_id: str) -> None:
        """Called by the page for a click on a mark or track of a layer."""
        self.layer_opened.emit(layer, mark_id)

    @Slot(str)
    def county_clicked(self, codes: str) -> None:
        """Called by the page for a click on a county's land or name."""
        self.county_opened.emit(codes)

    @Slot()
    def home_pressed(self) -> None:
        """Called by the page for the way back to the whole city."""
        self.home_opened.emit()

    @Slot()
    def list_pressed(self) -> None:
        """Called by the page for the list of the county in view."""
        self.list_opened.emit()

    @Slot(int)
    def state_pressed(self, state: int) -> None:
        """Called by the page for an entry of the legend."""
        self.state_toggled.emit(state)

    @Slot()
    def clear_pressed(self) -> None:
        """Called by the page to take the filter away."""
        self.filter_cleared.emit()

    @Slot()
    def heat_pressed(self) -> None:
        """Called by the page for the next kind of heat layer."""
        self.heat_opened.emit()

    @Slot(str)
    def aside_pressed(self, which: str) -> None:
        """Called by the page for the tickets without coordinates or outside of the city."""
        self.aside_opened.emit(which)


class FolderOnly(QWebEngineUrlRequestInterceptor):
    """Blocks every request but those for files of one folder and for Qt's own resources."""

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder.resolve()

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Let a request through or block it."""
        info.block(not self.allows(info.requestUrl()))

    def allows(self, url: QUrl) -> bool:
        """Whether the page may load this."""
        if url.scheme() == "qrc":
            return True
        return url.isLocalFile() and Path(url.toLocalFile()).resolve().is_relative_to(self._folder)


class LocalPage(QWebEnginePage):
    """A page that stays where it is: no navigation, no new window, no request outside of its folder."""

    def __init__(self, address: QUrl, parent: QObject) -> None:
        super().__init__(map_profile(), parent)
        self._address = address
        # PySide 6.9 collects an interceptor that Python does not hold, and then nothing is blocked.
        self.interceptor = FolderOnly(Path(address.toLocalFile()).parent, self)
        self.setUrlRequestInterceptor(self.interceptor)
        script = QWebEngineScript()
        script.setSourceCode(WITHOUT_WAYS_ROUND)
        script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
        script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld)
        script.setRunsOnSubFrames(True)
        self.scripts().insert(script)
        settings = self.settings()
        for attribute in (
            QWebEngineSettings.WebAttribute.LocalContentCanAccessRemoteUrls,
            QWebEngineSettings.WebAttribute.PluginsEnabled,
            QWebEngineSettings.WebAttribute.JavascriptCanOpenWindows,
            QWebEngineSettings.WebAttribute.LocalStorageEnabled,
            QWebEngineSettings.WebAttribute.ErrorPageEnabled,
        ):
            settings.setAttribute(attribute, False)
        settings.setAttribute(QWebEngineSettings.WebAttribute.ShowScrollBars, False)

    def open(self) -> None:
        """Load the page, again if need be."""
        self.load(self._address)

    def acceptNavigationRequest(
        self, url: QUrl | str, _type: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        """Refuse to go anywhere but to the page itself."""
        return is_main_frame and QUrl(url) == self._address

    def createWindow(self, _type: QWebEnginePage.WebWindowType) -> None:
        """Refuse to open another window."""

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        """Put what the page reports into our log: an error of a script is an error of ours."""
        severe = level is QWebEnginePage.JavaScriptConsoleMessageLevel.ErrorMessageLevel
        log.log(logging.ERROR if severe else logging.DEBUG, "map page, %s:%d: %s", source, line, message)


def map_profile() -> QWebEngineProfile:
    """Return the profile of all map pages: off the record, kept by the application, so it outlives them."""
    application = QCoreApplication.instance()
    found = application.findChild(QWebEngineProfile, PROFILE_NAME)
    if found is None:
        found = QWebEngineProfile(application)
        found.setObjectName(PROFILE_NAME)
        found.setHttpCacheType(QWebEngineProfile.HttpCacheType.NoCache)
        found.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
        found.setSpellCheckEnabled(False)
    return found
