"""The bell in the header: it has room beside all pages, gives way in words, and is pressed (Y05)."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.people import Actor, Role
from tests.widgets import samples
from tests.widgets.overview.test_panels import DESK, NOW, Show
from widgets.bell_chip import BellMark, BellShape
from widgets.header import Header
from widgets.scale import Scale
from widgets.style import apply_style

RINGING = BellMark(BellShape.RINGING, "overdue", ("响铃中 · 165 条未确认", "响铃中"), "未确认：红 128 条")
SILENCED = BellMark(
    BellShape.MUTE,
    "paused",
    ("静音至 21:07 · 王磊 · 余 09:25", "静音至 21:07 · 王磊", "静音至 21:07", "至 21:07"),
    "静音",
)
RESTING = BellMark(BellShape.RESTING, "text_faint", ("待命", ""), "没有未确认的预警")


@pytest.fixture
def header(scale: Scale) -> Header:
    made = Header([(f"page{n}", name) for n, name in enumerate(DESK)], scale)
    made.show_overview(samples.ordinary())
    made.show_city("徐州市", sample=True)
    made.set_mark("内置库·示例身份，勿用于生产", "任何人都可以选用", trial=True)
    made.show_actor(Actor(Role.DUTY, "王磊"))
    made.tick(NOW)
    return made


@pytest.mark.parametrize("width", [1152, 1366, 1920, 3840])
@pytest.mark.parametrize("mark", [RINGING, SILENCED, RESTING], ids=["ringing", "silenced", "resting"])
def test_it_has_room_beside_every_page(
    width: int, mark: BellMark, header: Header, scale: Scale, qapp: QApplication, on_screen: Show
) -> None:
    scale.fit(width, width * 9 // 16)
    apply_style(qapp, scale)
    on_screen(header, width, scale.size("header_height"))
    header.bell.show_mark(mark)
    qapp.processEvents()
    assert header.width() == width
    cut = [b.text() for b in header.pages.values() if b.width() < b.sizeHint().width()]
    assert cut == []
    assert header.bell.width() in header.bell.widths()
    assert header.bell.text() in mark.wordings
    assert header.feeds.texts()[0].startswith("◆")


def test_a_wide_screen_shows_the_whole_story(
    header: Header, scale: Scale, qapp: QApplication, on_screen: Show
) -> None:
    scale.fit(1920, 1080)
    apply_style(qapp, scale)
    on_screen(header, 3000, scale.size("header_height"))
    header.bell.show_mark(SILENCED)
    qapp.processEvents()
    assert header.bell.text() == SILENCED.wordings[0]
    before = header.bell.grab().toImage()
    header.bell.show_mark(RINGING)
    qapp.processEvents()
    assert header.bell.text() == RINGING.wordings[0]
    assert header.bell.accessibleName() == RINGING.wordings[0]
    assert header.bell.accessibleDescription() == RINGING.explained
    assert header.bell.grab().toImage() != before
    header.bell.show_mark(None)
    assert not header.bell.isVisible()


def test_it_is_pressed_by_key_and_mouse_but_not_while_the_seat_is_locked(
    header: Header, on_screen: Show, qtbot: QtBot
) -> None:
    on_screen(header, 1920, 68)
    header.bell.show_mark(RINGING)
    with qtbot.waitSignal(header.bell.clicked):
        qtbot.keyClick(header.bell, Qt.Key.Key_Return)
    with qtbot.waitSignal(header.bell.clicked):
        qtbot.mouseClick(header.bell, Qt.MouseButton.LeftButton)
    header.set_locked(True)
    assert header.bell.isVisible()
    with qtbot.assertNotEmitted(header.bell.clicked):
        qtbot.mouseClick(header.bell, Qt.MouseButton.LeftButton)
    header.set_locked(False)
    assert header.bell.isEnabled()
