"""How tests drive a map: hand tickets in, wait for the paint, look and click into the page."""

import json
from dataclasses import astuple

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from domain.overview import MapPoint
from tests.widgets.map.samples import areas_of
from widgets.map.marks import Camera
from widgets.map.view import TicketMap

PATIENCE = 20_000


def settle(qtbot: QtBot, shown: TicketMap) -> None:
    """Wait until all that was asked of the map is on screen."""
    qtbot.waitUntil(lambda: shown.render_state().settled, timeout=PATIENCE)


def show(qtbot: QtBot, shown: TicketMap, points: list[MapPoint]) -> int:
    """Hand the tickets in and wait until they are on screen."""
    push = shown.show_points(points, areas_of(points))
    qtbot.waitUntil(lambda: shown.render_state().settled, timeout=PATIENCE)
    assert shown.render_state().painted >= push
    return push


def run(shown: TicketMap, script: str) -> object:
    """Run a script in the page and return its value."""
    loop, answers = QEventLoop(), []

    def take(answer: object) -> None:
        answers.append(answer)
        loop.quit()

    shown.page.runJavaScript(script, 0, take)
    QTimer.singleShot(PATIENCE, loop, loop.quit)
    while not answers:
        loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    return answers[0]


def place(shown: TicketMap, mark_id: str) -> QPoint:
    """Return where a mark is drawn, in pixels of the widget."""
    script = f"(d => JSON.stringify([d.x, d.y]))(map_tickets.ticketPage.marks.place({json.dumps(mark_id)}))"
    x, y = json.loads(str(run(shown, script)))
    factor = shown._scale.factor
    return QPoint(round(x * factor), round(y * factor))


def same_view(a: Camera, b: Camera) -> bool:
    """Whether two cameras show the same, to a thousandth of a degree (a page pixel here)."""
    return astuple(a) == pytest.approx(astuple(b), abs=1e-3)


def click(shown: TicketMap, where: QPoint) -> None:
    """Click into the page as the window system would."""
    target = shown.focusProxy().focusProxy() or shown.focusProxy()
    QTest.mouseMove(target, where)
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


def double_click(qtbot: QtBot, target: QWidget, where: QPoint) -> None:
    """Click twice within a double click's time; QTest's own keeps its clicks too far apart for Chromium."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    kinds = (
        (QEvent.Type.MouseButtonPress, left),
        (QEvent.Type.MouseButtonRelease, none),
        (QEvent.Type.MouseButtonDblClick, left),
        (QEvent.Type.MouseButtonRelease, none),
    )
    for step, (kind, held) in enumerate(kinds):
        at, away = QPointF(where), QPointF(target.mapToGlobal(where))
        event = QMouseEvent(kind, at, away, left, held, Qt.KeyboardModifier.NoModifier)
        event.setTimestamp(1_000_000 + 40 * step)
        QApplication.sendEvent(target, event)
        qtbot.wait(40)
