"""Whether a web page really works on this machine: `python -m widgets.map.self_test`.

Loads a local page off-screen, runs a script in it and prints one JSON line. Chromium aborts its process for
many reasons (sandbox, libraries, shared memory), so the doctor asks a process of its own.
"""

import json
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, qWebEngineChromiumVersion
from PySide6.QtWidgets import QApplication

PAGE = '<!doctype html><meta charset="utf-8"><title>0</title><canvas id="c" width="8" height="8"></canvas>'
SCRIPT = (
    "(function () { const g = document.getElementById('c').getContext('2d');"
    " g.fillRect(0, 0, 8, 8); return g.getImageData(4, 4, 1, 1).data[3]; })()"
)
OPAQUE = 255
MILLISECONDS = 30_000


class SelfTest(QObject):
    """Loads the page, draws on a canvas, reads a pixel back; ends the application with 0 or 1."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        super().__init__(app)
        self._app = app
        self.said = "the page did not load in time"
        self._profile = QWebEngineProfile(self)
        self._page = QWebEnginePage(self._profile, self)
        self._page.loadFinished.connect(self._look)
        self._page.renderProcessTerminated.connect(self._died)
        patience = QTimer(self)
        patience.setObjectName("patience")
        patience.setSingleShot(True)
        patience.timeout.connect(self._give_up)
        patience.start(MILLISECONDS)
        file = folder / "page.html"
        file.write_text(PAGE, encoding="utf-8")
        self._page.load(QUrl.fromLocalFile(str(file)))

    def _look(self, loaded: bool) -> None:
        if loaded:
            self._page.runJavaScript(SCRIPT, 0, self._answered)
        else:
            self._end("the page did not load", 1)

    def _answered(self, pixel: object) -> None:
        if pixel == OPAQUE:
            self._end(f"Chromium {qWebEngineChromiumVersion()}", 0)
        else:
            self._end(f"a script in the page answered {pixel!r}", 1)

    def _died(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        self._end(f"the web process ended: {status.name}, code {code}", 1)

    def _give_up(self) -> None:
        self._end(self.said, 1)

    def _end(self, said: str, code: int) -> None:
        self.said = said
        # The page must go before its profile does.
        self._page.deleteLater()
        self._app.exit(code)


def main() -> int:
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        test = SelfTest(app, Path(folder))
        code = app.exec()
    sys.stdout.write(json.dumps({"ok": code == 0, "said": test.said}) + "\n")
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
