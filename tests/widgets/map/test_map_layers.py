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
from widgets.status import Mark, Shape
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


def test_a_layer_says_what_its_marks_mean_and_is_brought_into_view(
    qtbot: QtBot, ticket_map: TicketMap
) -> None:
    """Q05: a sector of some kilometres would be a few pixels of the whole city."""
    seen = Mark("heat_middle", Shape.DIAMOND, "疑似问题 1")
    ticket_map.set_large(True)
    show(qtbot, ticket_map, [])
    before = ticket_map.render_state().camera
    assert before is not None
    ticket_map.layers.show(MapLayer("drone", "无人机", (DRONE,), (VAN,), legend=(seen,)))
    legend = "document.querySelector('.layers').textContent"
    assert run(ticket_map, legend) == ""
    ticket_map.layers.look("drone")
    qtbot.waitUntil(lambda: ticket_map.render_state().camera != before, timeout=PATIENCE)
    near = ticket_map.render_state().camera
    assert near is not None
    assert near.zoom > near.fit_zoom
    assert near.west < 117.2 < 117.8 < near.east
    assert run(ticket_map, legend) == "无人机疑似问题 1"
    # The way back is offered, and taken by Home.
    assert run(ticket_map, "map_tickets.getContainer().classList.contains('away')")
    ticket_map.go_home()
    qtbot.waitUntil(lambda: ticket_map.render_state().camera == before, timeout=PATIENCE)
    ticket_map.layers.set_on("drone", False)
    qtbot.waitUntil(lambda: run(ticket_map, legend) == "", timeout=PATIENCE)


def test_what_is_urgent_is_not_hidden_by_a_count_and_hides_none(qtbot: QtBot, ticket_map: TicketMap) -> None:
    ticket_map.set_large(True)
    show(qtbot, ticket_map, [ticket(f"A{n}", 117.2, 34.25) for n in range(9)])
    script = "JSON.stringify(map_tickets.ticketPage.marks._drawn.filter(isDonut).map(d => [d.x, d.y, d.r]))"
    (x, y, r), *_ = sorted(json.loads(str(run(ticket_map, script))), key=lambda donut: -donut[2])
    script = f"(p => JSON.stringify([p.lng, p.lat]))(map_tickets.containerPointToLatLng([{x + 3}, {y}]))"
    lng, lat = json.loads(str(run(ticket_map, script)))
    red = LayerMark("s1", lng, lat, "overdue", "square", ("某工地",), 8.0, urgent=True)
    ticket_map.layers.show(MapLayer("stations", "监测站点", (red,)))
    ticket_map.layers.set_on("stations", True)
    qtbot.waitUntil(lambda: drawn(ticket_map) == 1, timeout=PATIENCE)
    at = json.loads(
        str(
            run(ticket_map, "(d => JSON.stringify([d.x, d.y]))(map_tickets.ticketPage.marks.layers.drawn[0])")
        )
    )
    assert at == pytest.approx([x + r + 5, y], abs=1.5)
    with qtbot.waitSignal(ticket_map.layers.opened, timeout=PATIENCE) as opened:
        click(ticket_map, QPoint(*(round(value * ticket_map._scale.factor) for value in at)))
    assert opened.args == ["stations", "s1"]
