"""The map as a widget, with a real page: it paints, opens exactly what it shows, and comes back by itself."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from domain.listing import TicketFilter
from domain.nodes import TicketState
from domain.urgency import Urgency
from tests.widgets.map.driving import PATIENCE, click, double_click, place, run, same_view, show
from tests.widgets.map.samples import CODES, areas_of, scattered, ticket, write_boundaries
from widgets.map.channel import FolderOnly
from widgets.map.marks import MarkKind
from widgets.map.view import TicketMap
from widgets.map.words import LEGEND
from widgets.scale import Scale
from widgets.tokens import tokens

LATE = ticket("LATE", 117.05, 34.95, TicketState.OVERDUE, Urgency.CRITICAL)
CITY = [
    *(ticket(f"A{i}", 117.1 + i / 100, 34.2, TicketState.DONE) for i in range(5)),
    *(ticket(f"B{i}", 117.6, 34.1 + i / 100, TicketState.ON_TIME) for i in range(3)),
    LATE,
]


def has_colour(image: QImage, colour: QColor, least: int) -> bool:
    """Whether at least so many pixels have the colour, give or take the smoothing."""
    plain = image.convertToFormat(QImage.Format.Format_RGBX8888)
    pixels = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1, 4)[..., :3].astype(int)
    off = np.abs(pixels - [colour.red(), colour.green(), colour.blue()]).max(axis=2)
    return int((off <= 6).sum()) >= least


def is_running(process: int) -> bool:
    """Whether a process lives; one that has ended but was not yet waited for does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_is_grabbed_is_the_painted_map(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    image = ticket_map.grab().toImage()
    for name in ("done", "on_time", "overdue", "county_fill"):
        assert has_colour(image, tokens().qcolor(name), least=40), name


def test_painted_means_on_screen_even_on_a_large_wall(
    qtbot: QtBot, ticket_map: TicketMap, scale: Scale
) -> None:
    scale.fit(3840, 2160)
    ticket_map.resize(3840, 2160)
    late = [ticket(f"L{i}", 117.75, 34.75, TicketState.OVERDUE) for i in range(400)]
    for _ in range(2):
        for points in (late, []):
            show(qtbot, ticket_map, points)
            image = ticket_map.grab().toImage()
            # A donut's ring, or the legend's square alone.
            assert has_colour(image, tokens().qcolor("overdue"), least=2500) is bool(points)


def test_an_empty_city_paints_its_counties(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, [])
    image = ticket_map.grab().toImage()
    assert has_colour(image, tokens().qcolor("county_fill"), least=1000)
    assert not has_colour(image, tokens().qcolor("done"), least=200)  # the legend has a few


def test_a_click_on_a_donut_opens_its_county(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        click(ticket_map, place(ticket_map, f"c:{CODES[0]}"))
    assert opened.args == [TicketFilter(open_only=True, area=CODES[0]), "甲县 · 在办 5 件"]


def test_a_click_on_a_ring_opens_the_ticket(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    ring = next(m for m in ticket_map.render_state().marks if m.kind is MarkKind.ALERT)
    with qtbot.waitSignal(ticket_map.ticket_requested, timeout=PATIENCE) as opened:
        click(ticket_map, place(ticket_map, ring.id))
    assert opened.args == ["LATE"]


def test_a_click_on_a_cluster_opens_exactly_its_tickets(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    run(ticket_map, "map_tickets.setView([34.12, 117.6], 12); 1")
    qtbot.waitUntil(lambda: ticket_map.render_state().camera.zoom == 12, timeout=PATIENCE)
    qtbot.waitUntil(lambda: ticket_map.render_state().settled, timeout=PATIENCE)
    clusters = [m for m in ticket_map.render_state().marks if m.kind is MarkKind.CLUSTER]
    assert clusters
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        click(ticket_map, place(ticket_map, clusters[0].id))
    wanted, title = opened.args
    assert set(wanted.numbers) <= {"B0", "B1", "B2"}
    assert len(wanted.numbers) == clusters[0].count
    assert title == f"地图聚合 · {clusters[0].count} 件"


def test_an_update_moves_neither_the_view_nor_other_marks(qtbot: QtBot, ticket_map: TicketMap) -> None:
    points = scattered(500)
    show(qtbot, ticket_map, points)
    run(ticket_map, "map_tickets.setView([34.4, 117.4], 11); 1")
    qtbot.waitUntil(lambda: ticket_map.render_state().camera.zoom == 11, timeout=PATIENCE)
    qtbot.waitUntil(lambda: ticket_map.render_state().settled, timeout=PATIENCE)
    before = ticket_map.render_state()
    messages: list[dict[str, object]] = []
    ticket_map._host.bridge.pushed.connect(lambda text: messages.append(json.loads(text)))
    show(qtbot, ticket_map, [*points, ticket("NEW", 117.4, 34.4)])
    after = ticket_map.render_state()
    assert after.camera == before.camera
    assert len(messages) == 1
    # Its place and its county's label.
    assert {row[1] for row in messages[0]["changed"]} <= {"label", "ticket", "cluster"}
    assert len(messages[0]["changed"]) == 2
    assert len({mark.id for mark in after.marks} ^ {mark.id for mark in before.marks}) <= 1
    assert run(ticket_map, "map_tickets.getZoom()") == 11


def test_pushes_that_come_while_one_is_on_its_way_are_merged(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    messages: list[dict[str, object]] = []
    ticket_map._host.bridge.pushed.connect(lambda text: messages.append(json.loads(text)))
    for count in range(1, 51):
        ticket_map.show_points(scattered(count), areas_of(scattered(count)))
    qtbot.waitUntil(lambda: ticket_map.render_state().settled, timeout=PATIENCE)
    assert len(messages) <= 5
    counties = [m.count for m in ticket_map.render_state().marks if m.kind is MarkKind.COUNTY]
    assert sum(counties) == 50


def test_a_large_change_goes_in_pieces_and_is_painted_whole(
    qtbot: QtBot, ticket_map: TicketMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widgets.map.frames.MESSAGE_MARKS", 3)
    messages: list[dict[str, object]] = []
    ticket_map._host.bridge.pushed.connect(lambda text: messages.append(json.loads(text)))
    points = [ticket(f"O{i}", 116.6 + i * 0.05, 33.9) for i in range(20)]  # outside of all counties
    show(qtbot, ticket_map, points)
    assert len(messages) >= 3
    assert sum(message["push"] != 0 for message in messages) < len(messages)
    known = run(ticket_map, "map_tickets.ticketPage.marks.opened().reduce((n, d) => n + d.mark.count, 0)")
    assert known == sum(mark.count for mark in ticket_map.render_state().marks) > 0


def test_keys_move_the_map_and_home_brings_it_back(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    home = ticket_map.render_state().camera
    target = ticket_map.focusProxy().focusProxy() or ticket_map.focusProxy()
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: ticket_map.render_state().camera.zoom > home.zoom, timeout=PATIENCE)
    west = ticket_map.render_state().camera.west
    QTest.keyClick(target, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: ticket_map.render_state().camera.west > west, timeout=PATIENCE)
    QTest.keyClick(target, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: same_view(ticket_map.render_state().camera, home), timeout=PATIENCE)


def test_marks_can_be_opened_by_keys_alone(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    target = ticket_map.focusProxy().focusProxy() or ticket_map.focusProxy()
    target.setFocus()
    with qtbot.waitSignal(ticket_map.ticket_requested, timeout=PATIENCE) as opened:
        QTest.keyClick(target, Qt.Key.Key_PageDown)
        QTest.keyClick(target, Qt.Key.Key_Return)
    assert opened.args == ["LATE"]  # the leftmost of all


def test_a_double_click_opens_a_county_and_a_button_leads_back(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    home = ticket_map.render_state().camera
    target = ticket_map.focusProxy().focusProxy() or ticket_map.focusProxy()
    middle = place(ticket_map, f"c:{CODES[3]}")
    beside = middle + QPoint(60, -60)
    double_click(qtbot, target, beside)
    qtbot.waitUntil(lambda: not ticket_map.render_state().camera.by_county, timeout=PATIENCE)
    camera = ticket_map.render_state().camera
    assert camera.west < 117.5 < camera.east
    assert run(ticket_map, "document.querySelector('.home').offsetParent !== null") is True
    run(ticket_map, "document.querySelector('.home').click(); 1")
    qtbot.waitUntil(lambda: same_view(ticket_map.render_state().camera, home), timeout=PATIENCE)
    qtbot.waitUntil(lambda: ticket_map.render_state().settled, timeout=PATIENCE)
    assert run(ticket_map, "document.querySelector('.home').offsetParent === null") is True


def test_the_page_follows_the_scale(qtbot: QtBot, ticket_map: TicketMap, scale: Scale) -> None:
    show(qtbot, ticket_map, CITY)
    home = ticket_map.render_state().camera
    scale.fit(3840, 2160)
    ticket_map.resize(1600, 1200)
    qtbot.waitUntil(lambda: run(ticket_map, "window.innerWidth") == 800, timeout=PATIENCE)
    qtbot.waitUntil(lambda: ticket_map.render_state().settled, timeout=PATIENCE)
    assert ticket_map.render_state().camera.zoom == pytest.approx(home.zoom, abs=0.01)
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        click(ticket_map, place(ticket_map, f"c:{CODES[1]}"))
    assert opened.args[0] == TicketFilter(open_only=True, area=CODES[1])


@pytest.mark.faults_expected
def test_a_page_whose_process_dies_comes_back_with_all_tickets(
    qtbot: QtBot, ticket_map: TicketMap, caplog: pytest.LogCaptureFixture
) -> None:
    show(qtbot, ticket_map, CITY)
    before = {mark.id: mark for mark in ticket_map.render_state().marks}
    with qtbot.waitSignal(ticket_map.ready_changed, timeout=PATIENCE) as gone:
        os.kill(ticket_map.page.renderProcessPid(), signal.SIGKILL)
    assert gone.args == [False]
    assert "the page's process ended" in caplog.text
    # Meanwhile the counties stand there as a list that can be opened, and news is not lost.
    listed = ticket_map._substitute
    assert listed.isVisible()
    assert "地图暂不可用" in listed.notice
    assert [area.overdue for area in listed.rows()] == [1, 0, 0, 0]
    with qtbot.waitSignal(ticket_map.tickets_requested, timeout=PATIENCE) as opened:
        where = listed.row_rect(0).center().toPoint()
        QTest.mouseClick(listed, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
    assert opened.args == [TicketFilter(open_only=True, area=CODES[2]), "丙区 · 在办 1 件"]
    news = [*CITY, ticket("NEWS", 117.9, 34.9)]
    push = ticket_map.show_points(news, areas_of(news))
    qtbot.waitUntil(lambda: ticket_map.is_ready, timeout=PATIENCE)
    qtbot.waitUntil(lambda: ticket_map.render_state().settled, timeout=PATIENCE)
    after = {mark.id: mark for mark in ticket_map.render_state().marks}
    assert ticket_map.render_state().painted >= push
    assert not listed.isVisible()
    assert {key for key in after if after[key] != before.get(key)} == {f"c:{CODES[3]}"}
    drawn = run(ticket_map, "map_tickets.ticketPage.marks.opened().map(d => d.mark.count).sort().join()")
    assert drawn == "1,1,1,3,5"
    assert has_colour(ticket_map.grab().toImage(), tokens().qcolor("done"), least=100)


@pytest.mark.faults_expected
def test_failures_wait_longer_each_time(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, CITY)
    waits = []
    for _ in range(10):
        ticket_map._host.fail("for the test")
        waits.append(ticket_map._host._retry.interval())
        ticket_map._host._retry.stop()
    assert waits[:4] == [500, 1000, 2000, 4000]
    assert waits[-1] == 60_000


@pytest.mark.faults_expected
def test_the_page_reaches_neither_the_network_nor_other_files(
    qtbot: QtBot, ticket_map: TicketMap, caplog: pytest.LogCaptureFixture
) -> None:
    show(qtbot, ticket_map, CITY)
    assert not ticket_map.page.acceptNavigationRequest(
        QUrl("https://example.org/"), ticket_map.page.NavigationType.NavigationTypeTyped, True
    )
    # PySide 6.9 lets an interceptor be collected though a page uses it; then nothing would be blocked.
    interceptor = ticket_map.page.findChild(FolderOnly)
    assert interceptor is not None
    assert interceptor.allows(QUrl("qrc:///qtwebchannel/qwebchannel.js"))
    assert interceptor.allows(ticket_map.page.url())
    for address in (
        "https://example.org/a.js",
        "ftp://example.org/",
        "file:///etc/passwd",
        "data:text/html,x",
    ):
        assert not interceptor.allows(QUrl(address)), address
    # The page itself cannot either: the policy holds before the interceptor is asked.
    run(
        ticket_map,
        "window.tried = 'waiting'; fetch('https://example.org/').then(() => { window.tried = 'reached'; },"
        " () => { window.tried = 'refused'; }); 1",
    )
    qtbot.waitUntil(lambda: run(ticket_map, "window.tried") != "waiting", timeout=PATIENCE)
    assert run(ticket_map, "window.tried") == "refused"
    assert "violates" in caplog.text
    address = run(
        ticket_map, "location.href = 'https://example.org/'; window.open('https://example.org/'); 1"
    )
    assert address == 1
    qtbot.wait(200)
    assert ticket_map.page.url().isLocalFile()
    assert run(ticket_map, "map_tickets.ticketPage.marks.opened().length") == 4


def test_a_map_that_goes_takes_its_process_along(qtbot: QtBot, scale: Scale, tmp_path: Path) -> None:
    gone = TicketMap(scale, write_boundaries(tmp_path), tmp_path / "page")
    gone.frame_requested.connect(gone.compute_here)
    gone.resize(400, 300)
    gone.show()
    show(qtbot, gone, CITY)
    process = gone.page.renderProcessPid()
    assert is_running(process)
    gone.close()
    gone.deleteLater()
    qtbot.waitUntil(lambda: not is_running(process), timeout=PATIENCE)


def test_two_maps_share_a_folder(qtbot: QtBot, scale: Scale, tmp_path: Path) -> None:
    boundaries = write_boundaries(tmp_path)
    both = [TicketMap(scale, boundaries, tmp_path / "page") for _ in range(2)]
    for shown in both:
        qtbot.addWidget(shown)
        shown.frame_requested.connect(shown.compute_here)
        shown.resize(400, 300)
        shown.show()
    for shown in both:
        show(qtbot, shown, CITY)
    assert both[0].page.profile() is both[1].page.profile()
    assert both[0].page.profile().isOffTheRecord()


def test_the_legend_counts_the_tickets_of_each_state(qtbot: QtBot, ticket_map: TicketMap) -> None:
    show(qtbot, ticket_map, scattered(30))
    counted = run(ticket_map, "[...document.querySelectorAll('.legend b')].map(b => b.textContent).join()")
    states = [point.state for point in scattered(30)]
    assert counted == ",".join(str(states.count(state)) for state in LEGEND)
