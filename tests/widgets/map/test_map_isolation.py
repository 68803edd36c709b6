"""The map's page reaches nothing but its own folder: all ways out of a browser are tried, and refused.

A server on this machine counts who connects: what is refused has not been sent. The same is tried from a page
without a policy of its own, where the page's class is all that stands between.
"""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QTimer, QUrl
from PySide6.QtWebEngineWidgets import QWebEngineView
from pytestqt.qtbot import QtBot

from tests.widgets.map.driving import PATIENCE, run, show
from tests.widgets.map.samples import ticket
from widgets.map.channel import LocalPage
from widgets.map.view import TicketMap

QUIET_MS = 1_500
"""A page that is let out connects within some tens of milliseconds."""

TRIES = Path(__file__).with_name("ways_out.js").read_text("utf-8")


class Door:
    """A server that lets everybody in and counts them."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._open = True
        self._thread = threading.Thread(target=self._serve, name="door")
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/"

    def _serve(self) -> None:
        while self._open:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(0.2)
                try:
                    self.came.append(connection.recv(200))
                except TimeoutError:
                    self.came.append(b"(said nothing)")
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n"
                )

    def close(self) -> None:
        self._open = False
        self._thread.join()
        self._socket.close()


@pytest.fixture
def door() -> Iterator[Door]:
    opened = Door()
    yield opened
    opened.close()


@pytest.fixture
def secret(tmp_path: Path) -> QUrl:
    file = tmp_path / "secret.html"
    file.write_text("<body>secret", "utf-8")
    (tmp_path / "secret.js").write_text(
        "self.document ? (self.stolen = true) : postMessage('stolen');", "utf-8"
    )
    return QUrl.fromLocalFile(str(file))


def _try_all(shown: LocalPage, door: Door, secret: QUrl) -> dict[str, str]:
    script = secret.toString().replace(".html", ".js")
    arguments = ", ".join(map(json.dumps, (door.address, secret.toString(), script)))
    _run(shown, f"({TRIES.split(chr(10), 1)[1]})({arguments}); true")
    for _ in range(PATIENCE // 200):
        answer = _run(shown, "window.tried || ''")
        if answer:
            return json.loads(str(answer))
        _wait(200)
    raise AssertionError("the page never finished its tries")


def _run(page: LocalPage, script: str) -> object:
    loop, answers = QEventLoop(), []

    def take(answer: object) -> None:
        answers.append(answer)
        loop.quit()

    page.runJavaScript(script, 0, take)
    QTimer.singleShot(PATIENCE, loop, loop.quit)
    loop.exec()
    return answers[0]


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop, loop.quit)
    loop.exec()


def _loaded(tried: dict[str, str]) -> dict[str, str]:
    """Return the tries by which something was read, or may have been."""
    return {way: answer for way, answer in tried.items() if answer.startswith(("loaded", "opened", "opaque"))}


@pytest.mark.faults_expected
def test_the_real_page_has_no_way_out(qtbot: QtBot, ticket_map: TicketMap, door: Door, secret: QUrl) -> None:
    show(qtbot, ticket_map, [ticket("T1", 117.5, 34.5)])
    tried = _try_all(ticket_map.page, door, secret)
    _wait(QUIET_MS)
    assert len(tried) > 30
    assert _loaded(tried) == {}
    assert door.came == []
    assert run(ticket_map, "document.querySelectorAll('.leaflet-container').length") == 1


@pytest.mark.faults_expected
def test_a_page_without_a_policy_has_none_either(
    qtbot: QtBot, tmp_path: Path, door: Door, secret: QUrl
) -> None:
    view, page = _bare_page(qtbot, tmp_path)
    tried = _try_all(page, door, secret)
    _wait(QUIET_MS)
    assert _loaded(tried) == {}
    assert door.came == []
    assert view.page() is page


@pytest.mark.faults_expected
@pytest.mark.parametrize(
    "script",
    [
        "location.href = {0}",
        "location.replace({0})",
        "document.body.innerHTML = '<meta http-equiv=refresh content=\"0;url=' + {0} + '\">'",
    ],
)
def test_a_page_stays_where_it_is(
    qtbot: QtBot, tmp_path: Path, door: Door, secret: QUrl, script: str
) -> None:
    view, page = _bare_page(qtbot, tmp_path)
    for target in (door.address, secret.toString(), "data:text/html,x", "view-source:" + door.address):
        _run(page, script.format(json.dumps(target)) + "; true")
        _wait(200)
        assert page.url().fileName() == "bare.html"
    assert door.came == []
    assert view.page() is page


def _bare_page(qtbot: QtBot, tmp_path: Path) -> tuple[QWebEngineView, LocalPage]:
    folder = tmp_path / "bare"
    folder.mkdir()
    file = folder / "bare.html"
    file.write_text("<!DOCTYPE html><body>bare", "utf-8")
    view = QWebEngineView()
    qtbot.addWidget(view)
    page = LocalPage(QUrl.fromLocalFile(str(file)), view)
    view.setPage(page)
    with qtbot.waitSignal(page.loadFinished, timeout=PATIENCE):
        page.open()
    return view, page
