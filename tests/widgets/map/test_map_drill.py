"""Into a county and back, filters and the heat layer: what is chosen holds through updates and a new page."""

import json
import os
import signal
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from domain.listing import TicketFilter
from domain.nodes import TicketState
from domain.overview import MapPoint
from domain.urgency import Urgency
from tests.widgets.map.driving import PATIENCE, click, place, run, same_view, settle, show
from tests.widgets.map.samples import CODES, scattered, ticket
from widgets.map.choice import MapFilter
from widgets.map.frames import FrameJob
from widgets.map.heat import Heat
from widgets.map.marks import MarkKind
from widgets.map.points import STATES
from widgets.map.view import TicketMap

LATE = MapFilter(states=frozenset({TicketState.OVERDUE}))


def into(qtbot: QtBot, shown: TicketMap, code: str) -> None:
    shown.open_county((code,))
    settle(qtbot, shown)


def of_kind(shown: TicketMap, *kinds: MarkKind) -> list[str]:
    return [mark.id for mark in shown.render_state().marks if mark.kind in kinds]


def test_a_click_on_the_land_leads_into_the_county_and_escape_back(
    qtbot: QtBot, ticket_map: TicketMap
) -> None:
    points = scattered(400)
    show(qtbot, ticket_map, points)
    home = ticket_map.render_state().camera
    click(ticket_map, place(ticket_map, f"c:{CODES[3]}") + QPoint(60, -60))
    qtbot.waitUntil(lambda: ticket_map.is_in_county, timeout=PATIENCE)
    settle(qtbot, ticket_map)
    camera = ticket_map.render_state().camera
    # The whole of the county, and nobody else's tickets.
    assert camera.west < 117.5
    assert camera.south < 34.5
    assert camera.east > 118.0
    assert camera.north > 35.0
    assert camera.zoom > home.zoom
    here = [point for point in points if point.area == CODES[3]]
    assert ticket_map.facets.total == len(here)
    assert not of_kind(ticket_map, MarkKind.COUNTY)
    donuts = (MarkKind.CLUSTER, MarkKind.TICKET)
    counted = [mark.count for mark in ticket_map.render_state().marks if mark.kind in donuts]
    assert sum(counted) == len(here)
    named = run(ticket_map, "document.querySelector('.county-name').textContent")
    assert named == f"丁市 · {len(here)} 件"
    target = ticket_map.focusProxy().focusProxy() or ticket_map.focusProxy()
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not ticket_map.is_in_county, timeout=PATIENCE)
    settle(qtbot, ticket_map)
    assert same_view(ticket_map.render_state().camera, home)
    assert len(of_kind(ticket_map, MarkKind.COUNTY)) == 4


def test_the_keyboard_leads_into_a_county_too(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, [ticket("a", 117.1, 34.1), ticket("b", 117.6, 34.6)])
    target = ticket_map.focusProxy().focusProxy() or ticket_map.focusProxy()
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_PageDown)
    QTest.keyClick(target, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: ticket_map.is_in_county, timeout=PATIENCE)
    assert ticket_map.filter.areas == (CODES[0],)
    settle(qtbot, ticket_map)
    QTest.keyClick(target, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: not ticket_map.is_in_county, timeout=PATIENCE)


def test_a_county_in_view_keeps_its_list_within_reach(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, scattered(100))
    into(qtbot, ticket_map, CODES[1])
    total = ticket_map.facets.total
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        run(ticket_map, "document.querySelector('.list').click(); 1")
    assert opened.args == [TicketFilter(open_only=True, area=CODES[1]), f"乙县 · 在办 {total} 件"]


def test_a_filter_holds_on_every_figure_and_through_updates(qtbot: QtBot, ticket_map: TicketMap) -> None:
    points = scattered(300)
    show(qtbot, ticket_map, points)
    ticket_map.set_filter(replace(LATE, urgencies=frozenset({Urgency.ORDINARY})))
    settle(qtbot, ticket_map)

    def meant(points: list[MapPoint]) -> int:
        late, plain = TicketState.OVERDUE, Urgency.ORDINARY
        return sum(point.state is late and point.urgency is plain for point in points)

    donuts = [mark for mark in ticket_map.render_state().marks if mark.kind is MarkKind.COUNTY]
    assert sum(mark.count for mark in donuts) == meant(points) == ticket_map.facets.total
    counted = run(ticket_map, "[...document.querySelectorAll('.legend b')].map(b => b.textContent).join()")
    assert sum(map(int, str(counted).split(","))) == meant(points)
    assert run(ticket_map, "document.querySelector('.badge').offsetParent !== null") is True
    assert "普通 · 超期" in str(run(ticket_map, "document.querySelector('.badge').textContent"))
    more = [*points, *(ticket(f"N{i}", 117.2, 34.2, TicketState.OVERDUE) for i in range(7))]
    show(qtbot, ticket_map, more)
    assert ticket_map.facets.total == meant(more) == meant(points) + 7
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        click(ticket_map, place(ticket_map, f"c:{CODES[0]}"))
    expected = TicketFilter(
        open_only=True, area=CODES[0], state=TicketState.OVERDUE, urgency=Urgency.ORDINARY
    )
    assert opened.args[0] == expected
    assert opened.args[1].startswith("甲县 · 普通 · 超期 · 在办 ")
    run(ticket_map, "document.querySelector('.clear').click(); 1")
    qtbot.waitUntil(lambda: not ticket_map.filter, timeout=PATIENCE)


def test_two_states_at_once_open_exactly_their_tickets(qtbot: QtBot, ticket_map: TicketMap) -> None:
    points = scattered(60)
    show(qtbot, ticket_map, points)
    for state in (TicketState.OVERDUE, TicketState.DUE_SOON):
        run(ticket_map, f"map_tickets.ticketPage.bridge.state_pressed({STATES.index(state)}); 1")
    both = {TicketState.OVERDUE, TicketState.DUE_SOON}
    qtbot.waitUntil(lambda: ticket_map.filter.states == both, timeout=PATIENCE)
    settle(qtbot, ticket_map)
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        click(ticket_map, place(ticket_map, f"c:{CODES[2]}"))
    meant = {point.number for point in points if point.area == CODES[2] and point.state in both}
    assert set(opened.args[0].numbers) == meant
    assert opened.args[1] == f"丙区 · 超期/临期 · {len(meant)} 件"


def test_tickets_that_are_on_no_map_have_a_list(qtbot: QtBot, ticket_map: TicketMap) -> None:
    nowhere = MapPoint("N", float("nan"), float("nan"), TicketState.DONE, Urgency.ORDINARY, CODES[0])
    outside = ticket("O", 116.5, 34.2)
    show(qtbot, ticket_map, [*scattered(10), nowhere, outside])
    said = run(ticket_map, "document.querySelector('.aside').innerText.split('\\n').join(' ')")
    assert str(said).split() == ["1", "件无坐标", "1", "件在界外"]
    for index, (number, title) in enumerate((("N", "无坐标工单"), ("O", "界外工单"))):
        with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
            run(ticket_map, f"document.querySelectorAll('.aside button')[{index}].click(); 1")
        assert opened.args == [TicketFilter(numbers=(number,)), f"{title} · 1 件"]


def test_the_heat_layer_lies_under_the_donuts_and_goes_again(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, scattered(500))
    cool = ticket_map.grab().toImage()
    run(ticket_map, "document.querySelector('.heat').click(); 1")
    qtbot.waitUntil(lambda: ticket_map.heat is Heat.OPEN, timeout=PATIENCE)
    settle(qtbot, ticket_map)
    hot = ticket_map.grab().toImage()
    middle = place(ticket_map, f"c:{CODES[0]}")
    beside = middle + QPoint(50, -20)
    assert hot.pixelColor(beside).red() > cool.pixelColor(beside).red() + 20
    # The donut's own ground is as it was.
    assert hot.pixelColor(middle + QPoint(0, 14)) == cool.pixelColor(middle + QPoint(0, 14))
    ticket_map.set_heat(Heat.OFF)
    settle(qtbot, ticket_map)
    assert ticket_map.grab().toImage().pixelColor(beside) == cool.pixelColor(beside)


def test_under_updates_the_heat_layer_is_sent_calmly_and_not_lost(
    qtbot: QtBot, ticket_map: TicketMap
) -> None:
    ticket_map._heat_rest.setInterval(300)
    show(qtbot, ticket_map, scattered(50))
    ticket_map.set_heat(Heat.OPEN)
    settle(qtbot, ticket_map)
    sent: list[bool] = []
    ticket_map._host.bridge.pushed.connect(lambda text: sent.append("heat" in json.loads(text)))
    for more in range(10):
        show(qtbot, ticket_map, scattered(60 + more))
    qtbot.waitUntil(lambda: len(sent) >= 10 and not ticket_map._heat_old, timeout=PATIENCE)
    assert 1 <= sum(sent) < len(sent) / 2


@pytest.mark.faults_expected
def test_what_is_chosen_survives_the_pages_process(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, scattered(200))
    ticket_map.set_filter(LATE)
    into(qtbot, ticket_map, CODES[2])
    camera, total = ticket_map.render_state().camera, ticket_map.facets.total
    with qtbot.waitSignal(ticket_map.ready_changed, timeout=PATIENCE):
        os.kill(ticket_map.page.renderProcessPid(), signal.SIGKILL)
    # The list that stands in obeys the filter too.
    rows = {row.area: row.open for row in ticket_map._substitute.rows()}
    assert rows[CODES[2]] == total
    qtbot.waitUntil(lambda: ticket_map.is_ready, timeout=PATIENCE)
    qtbot.waitUntil(lambda: same_view(ticket_map.render_state().camera, camera), timeout=PATIENCE)
    settle(qtbot, ticket_map)
    assert ticket_map.facets.total == total
    assert (ticket_map.filter.states, ticket_map.filter.areas) == (LATE.states, (CODES[2],))


def test_a_tip_stays_open_and_counts_on_while_tickets_come(qtbot: QtBot, ticket_map: TicketMap) -> None:
    points = scattered(40)
    show(qtbot, ticket_map, points)
    target = ticket_map.focusProxy().focusProxy() or ticket_map.focusProxy()
    QTest.mouseMove(target, place(ticket_map, f"c:{CODES[0]}"))
    script = "getComputedStyle(document.querySelector('.tip')).display"
    qtbot.waitUntil(lambda: run(ticket_map, script) == "block", timeout=PATIENCE)
    before = sum(point.area == CODES[0] for point in points)
    show(qtbot, ticket_map, [*points, ticket("N", 117.2, 34.2), ticket("M", 117.7, 34.7)])
    assert run(ticket_map, script) == "block"
    assert str(run(ticket_map, "document.querySelector('.tip b').textContent")) == f"甲县 · {before + 1} 件"


def test_one_frame_is_asked_for_at_a_time_and_the_last_one_wins(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, scattered(10))
    ticket_map.frame_requested.disconnect(ticket_map.compute_here)
    jobs: list[FrameJob] = []
    ticket_map.frame_requested.connect(jobs.append)
    for count in range(20, 70):
        last = ticket_map.show_points(scattered(count))
    assert len(jobs) == 1
    ticket_map.show_frame(jobs[0]())
    qtbot.waitUntil(lambda: len(jobs) == 2, timeout=PATIENCE)
    assert jobs[1].number == last
    assert len(jobs[1].columns) == 69
    # A frame that could not be made is not waited for.
    ticket_map.show_frame(None)
    ticket_map.show_points(scattered(3))
    assert len(jobs) == 3
    ticket_map.show_frame(jobs[2]())
    settle(qtbot, ticket_map)
    assert ticket_map.facets.total == 3


def test_the_page_gets_the_text_that_the_job_wrote(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, scattered(10))
    ticket_map.frame_requested.disconnect(ticket_map.compute_here)
    jobs: list[FrameJob] = []
    ticket_map.frame_requested.connect(jobs.append)
    ticket_map.show_points(scattered(30))
    sent: list[str] = []
    ticket_map._host.bridge.pushed.connect(sent.append)
    frame = jobs[0]()
    ticket_map.show_frame(frame)
    assert tuple(sent) == frame.messages
    settle(qtbot, ticket_map)
