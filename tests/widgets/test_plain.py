"""Text of others in the real widgets: no markup acts, nothing is fetched, nothing turns a line around."""

import socket
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.case_records import OFFICER, after, ordinary_dossier, warning_row
from tests.widgets.page_records import (
    directive_detail,
    directive_row,
    file_detail,
    file_row,
    ledger_detail,
    ledger_row,
)
from widgets.dossier.page import DossierPage
from widgets.notice import Notice
from widgets.pages.directives_page import DirectiveDetailPanel
from widgets.pages.ledger_page import LedgerDetailPanel
from widgets.pages.re_supervisions_page import FilePanel
from widgets.painting import draw_text
from widgets.plain import MARK, PlainLabel, harmless, tip
from widgets.scale import Scale
from widgets.warning_card import WarningCard


@pytest.fixture
def scale(qapp: object) -> Scale:
    return Scale()


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A server at whose address the pictures are said to be; nobody may come."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.settimeout(0.3)
        yield opened


def hostile(door: socket.socket) -> str:
    address = f"http://127.0.0.1:{door.getsockname()[1]}/"
    return (
        f'<a href="{address}">点此</a><img src="{address}x.png"><img src="file:///etc/passwd">'
        "\u202egnp.exe\u202c\x07<b>粗</b>"
    )


def poisoned(value: Any, text: str) -> Any:
    """Return a record with every text in it replaced; keys of enums, times and numbers stay as they are."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(item, text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: poisoned(getattr(value, f.name), text) for f in fields(value) if f.name in FREE}
        return replace(value, **changed)
    return value


FREE = {
    "title", "text", "problem", "goal", "measures", "note", "notes", "progress", "rule", "cause", "question",
    "explanation", "finding", "facts", "recommendation", "reason", "body_name", "area_name", "address",
    "township", "channel", "category", "area", "lead", "receivers", "receipts", "person", "acknowledged_by",
}  # fmt: skip
"""Fields that hold what somebody wrote."""


def watched(widget: QWidget) -> list[QWidget]:
    return [widget, *widget.findChildren(QWidget)]


def assert_plain(widget: QWidget) -> None:
    for part in watched(widget):
        if isinstance(part, QLabel) and part.textFormat() is not Qt.TextFormat.PlainText:
            assert "passwd" not in part.text()
        if isinstance(part, QLabel):
            assert not part.openExternalLinks()
            assert "\u202e" not in part.text()
        shown = part.toolTip()
        assert "\u202e" not in shown
        if QtText.mightBeRichText(shown):
            assert "<img" not in shown
            assert "<a " not in shown


def assert_nobody_came(door: socket.socket) -> None:
    QApplication.processEvents()
    with pytest.raises(TimeoutError):
        door.accept()


def test_the_dossier(qtbot: QtBot, scale: Scale, door: socket.socket) -> None:
    page = DossierPage(scale)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.set_actor(OFFICER)
    page.show()
    shown = ordinary_dossier(after(hours=6))
    text = hostile(door)
    page.show_dossier(replace(shown, title=text, facts=poisoned(shown.facts, text)))
    page.grab()
    assert any("<img" in part.text() for part in page.findChildren(QLabel)), "the text is not on the page"
    assert_plain(page)
    assert_nobody_came(door)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (DirectiveDetailPanel, directive_detail(directive_row(1))),
        (FilePanel, file_detail(file_row(1))),
        (LedgerDetailPanel, ledger_detail(ledger_row(1))),
    ],
)
def test_the_details_of_the_pages(
    qtbot: QtBot, scale: Scale, door: socket.socket, kind: type[Any], detail: Any
) -> None:
    page = kind(scale)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    page.show_detail(poisoned(detail, hostile(door)))
    page.grab()
    assert_plain(page)
    assert_nobody_came(door)


def test_a_warning_and_its_tool_tip(qtbot: QtBot, scale: Scale, door: socket.socket) -> None:
    card = WarningCard(scale)
    qtbot.addWidget(card)
    card.resize(400, 200)
    card.show()
    card.show_warning(poisoned(warning_row(1), hostile(door)), after(hours=6))
    card.grab()
    assert_plain(card)
    assert "passwd" in card.toolTip()
    assert_nobody_came(door)


def test_a_notice(qtbot: QtBot, scale: Scale, door: socket.socket) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    notice = Notice(scale, window)
    notice.say(hostile(door))
    assert_plain(notice)
    assert_nobody_came(door)


def test_a_label_shows_what_was_written(qtbot: QtBot) -> None:
    label = PlainLabel('<b>1</b>&amp;<a href="x">y</a>')
    qtbot.addWidget(label)
    assert label.text() == '<b>1</b>&amp;<a href="x">y</a>'
    label.linkActivated.connect(pytest.fail)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_tool_tip_says_its_markup() -> None:
    assert tip("普通文字") == "普通文字"
    shown = tip("<img src=x>\n第二行 & 更多")
    assert "<img" not in shown
    assert "&lt;img src=x&gt;<br>" in shown


@pytest.mark.parametrize(
    "odd", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u200f", "\u202e", "\u2066", "\ud800"]
)
def test_what_acts_is_marked(odd: str) -> None:
    assert harmless(f"甲{odd}乙") == f"甲{MARK}乙"


@pytest.mark.parametrize("text", ["", "噪声 71 dB(A)", "第一行\n第二行\t表", "𠮷野家 👨‍👩‍👧 é", "a < b > c"])
def test_what_is_read_stays(text: str) -> None:
    assert harmless(text) == text


def test_painted_text_cannot_turn_its_line(qapp: object, scale: Scale) -> None:
    def painted(text: str) -> QImage:
        image = QImage(300, 40, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        with QPainter(image) as painter:
            draw_text(painter, QRectF(0, 0, 300, 40), text, scale.font("font_small"), "overdue")
        return image

    assert painted("a\u202ebcd") == painted(f"a{MARK}bcd")
    assert painted("abcd") != painted("abdc")
