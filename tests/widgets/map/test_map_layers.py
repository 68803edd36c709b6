"""Layers beside the tickets (X14, T24): drawn on the large map while they are on, opened by a click, kept."""

import json
import os
import signal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.widgets.map.driving import PATIENCE, click, run, show
from tests.widgets.map.samples import ticket
from tests.widgets.map.test_map_view import has_colour
from widgets.map.layer_strip import LayerStrip
from widgets.map.layers import LayerMark, LayerTrack, MapLayer
from widgets.map.view import TicketMap
from widgets.scale import Scale
from widgets.tokens import tokens

DRONE = LayerMark("d1", 117.3, 34.3, "heat_middle", "diamond", ("无人机 露天堆场", "11-22 09:40"), 8.0)
VAN = LayerTrack(
    "v1", ((117.2, 34.7), (117.6, 34.7), (117.8, 34.8)), ("purple_border", "heat_high"), ("走航",)
)
FOUND = MapLayer("drone", "无人机", (DRONE,), (VAN,))


def drawn(shown: TicketMap) -> int:
    """Return how many marks and legs of layers the page has drawn."""
    layers = "map_tickets.ticketPage.marks.layers"
    return int(run(shown, f"{layers}.drawn.length + {layers}.legs.length"))


def where(shown: TicketMap, lng: float, lat: float) -> QPoint:
    script = f"(p => JSON.stringify([p.x, p.y]))(map_tickets.latLngToContainerPoint([{lat}, {lng}]))"
    x, y = json.loads(str(run(shown, script)))
    return QPoint(round(x * shown._scale.factor), round(y * shown._scale.factor))


def test_a_layer_is_drawn_only_on_the_large_map_while_it_is_on(qtbot: QtBot, ticket_map: TicketMap) -> None:
    ticket_map.layers.show(FOUND)
    show(qtbot, ticket_map, [ticket("A", 117.1, 34.1)])
    assert drawn(ticket_map) == 0
    ticket_map.layers.set_on("drone", True)
    ticket_map.set_large(True)
    show(qtbot, ticket_map, [])
    assert drawn(ticket_map) == 3
    image = ticket_map.grab().toImage()
    for name in ("heat_middle", "purple_border", "heat_high"):
        assert has_colour(image, tokens().qcolor(name), least=30), name
    # What replaces a layer leaves nothing of it, and a layer that is off is gone.
    ticket_map.layers.show(MapLayer("drone", "无人机", (DRONE,)))
    qtbot.waitUntil(lambda: drawn(ticket_map) == 1, timeout=PATIENCE)
    ticket_map.layers.set_on("drone", False)
    qtbot.waitUntil(lambda: drawn(ticket_map) == 0, timeout=PATIENCE)


def test_a_click_opens_a_mark_and_a_track(qtbot: QtBot, ticket_map: TicketMap) -> None:
    ticket_map.layers.set_on("drone", True)
    ticket_map.layers.show(FOUND)
    ticket_map.set_large(True)
    show(qtbot, ticket_map, [])
    with qtbot.waitSignal(ticket_map.layers.opened, timeout=PATIENCE) as opened:
        click(ticket_map, where(ticket_map, 117.3, 34.3))
    assert opened.args == ["drone", "d1"]
    with qtbot.waitSignal(ticket_map.layers.opened, timeout=PATIENCE) as opened:
        click(ticket_map, where(ticket_map, 117.4, 34.7))
    assert opened.args == ["drone", "v1"]


@pytest.mark.faults_expected
def test_what_is_on_comes_back_with_the_page(qtbot: QtBot, ticket_map: TicketMap) -> None:
    ticket_map.layers.show(FOUND)
    ticket_map.layers.set_on("drone", True)
    ticket_map.set_large(True)
    show(qtbot, ticket_map, [])
    with qtbot.waitSignal(ticket_map.ready_changed, timeout=PATIENCE):
        os.kill(ticket_map.page.renderProcessPid(), signal.SIGKILL)
    qtbot.waitUntil(lambda: ticket_map.is_ready, timeout=PATIENCE)
    show(qtbot, ticket_map, [ticket("A", 117.1, 34.1)])
    qtbot.waitUntil(lambda: drawn(ticket_map) == 3, timeout=PATIENCE)


def test_the_chips_say_how_much_there_is_and_turn_a_layer(
    qtbot: QtBot, ticket_map: TicketMap, scale: Scale
) -> None:
    strip = LayerStrip(scale)
    qtbot.addWidget(strip)
    strip.follow(ticket_map.layers)
    ticket_map.layers.show(FOUND)
    assert strip.chip("drone").text() == "无人机 2"
    QTest.mouseClick(strip.chip("drone"), Qt.MouseButton.LeftButton)
    assert ticket_map.layers.on == {"drone"}
    ticket_map.layers.set_on("drone", False)
    assert not strip.chip("drone").isChecked()


def test_a_track_needs_a_colour_for_each_leg() -> None:
    with pytest.raises(ValueError, match="one colour less"):
        LayerTrack("v", ((117.0, 34.0), (117.1, 34.0)), (), ("走航",))


def test_who_looks_next_sees_nothing_of_the_layers_before(qtbot: QtBot, ticket_map: TicketMap) -> None:
    ticket_map.layers.show(FOUND)
    ticket_map.layers.set_on("drone", True)
    ticket_map.set_large(True)
    show(qtbot, ticket_map, [])
    assert drawn(ticket_map) == 3
    ticket_map.layers.clear()
    qtbot.waitUntil(lambda: drawn(ticket_map) == 0, timeout=PATIENCE)
    assert [layer.count for layer in ticket_map.layers.known] == [0]
    ticket_map.layers.show(FOUND)
    qtbot.waitUntil(lambda: drawn(ticket_map) == 3, timeout=PATIENCE)
