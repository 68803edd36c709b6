"""Evidence from the dossier: pictures in the window, copies under clean names, nothing opened by itself."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from data_access import evidence
from data_access.store import Store
from desktop.evidence_view import EvidenceView
from desktop.readings import Readings
from desktop.seat import watched_by_engine
from tests.data_access.gate.test_evidence import PDF, png
from tests.widgets.case_records import after, ordinary_dossier
from widgets.dossier.evidence_panel import EvidencePanel
from widgets.evidence_dialog import picture_of
from widgets.scale import Scale


def picture(width: int = 80, height: int = 60) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(Qt.GlobalColor.darkGreen))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


@pytest.fixture
def view(store: Store, qtbot: QtBot) -> tuple[EvidenceView, list[str]]:
    page = QWidget()
    qtbot.addWidget(page)
    made = EvidenceView(Readings(watched_by_engine(store)), Scale(), page, page)
    said: list[str] = []
    made.said.connect(said.append)
    return made, said


async def test_a_picture_is_shown_and_saved(
    store: Store, view: tuple[EvidenceView, list[str]], tmp_path: Path
) -> None:
    shown, said = view
    content = picture()
    first = store.write(lambda c: evidence.keep(c, "T-1", "../现场<b>1</b>.png", content))
    second = store.write(lambda c: evidence.keep(c, "T-1", "通知.exe", PDF))
    await shown.show("T-1", [first, second, "f" * 64])
    dialog: Any = shown.dialog
    assert dialog is not None
    assert dialog.picture.pixmap().toImage().pixelColor(5, 5) == QColor(Qt.GlobalColor.darkGreen)
    assert "第 1 份，共 3 份" in dialog.words.text()
    assert dialog.words.textFormat() is Qt.TextFormat.PlainText
    dialog.later.click()
    assert "另存后打开" in dialog.picture.text()
    assert dialog.save.isEnabled()
    dialog.later.click()
    assert "没有这份文件" in dialog.picture.text()
    assert not dialog.save.isEnabled()
    await shown.save(first, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == content
    assert "已另存" in said[-1]
    await shown.save(first, tmp_path / "no" / "a.png")
    assert "写不了" in said[-1]
    dialog.close()


async def test_a_file_that_was_changed_is_not_shown(
    store: Store, view: tuple[EvidenceView, list[str]]
) -> None:
    shown, _ = view
    checksum = store.write(lambda c: evidence.keep(c, "T-1", "a.png", picture()))
    for statement in (
        "ALTER TABLE evidence DISABLE TRIGGER ALL",
        "ALTER TABLE evidence DROP CONSTRAINT evidence_is_what_its_sum_says",
        "ALTER TABLE evidence DROP CONSTRAINT evidence_has_its_size",
        "UPDATE evidence SET content = content || '\\x00'",
    ):
        store.write(lambda c, statement=statement: c.execute(text(statement)))
    await shown.show("T-1", [checksum])
    dialog: Any = shown.dialog
    assert "校验和不符" in dialog.picture.text()
    assert not dialog.save.isEnabled()
    dialog.close()


@pytest.mark.parametrize("content", [b"", b"MZ", PDF, picture()[:30], png(99_999, 99_999), b"<svg/>"])
def test_what_is_no_picture_is_none(qapp: object, content: bytes) -> None:
    assert picture_of(content) is None


def test_a_large_picture_is_shrunk_as_it_is_read(qapp: object) -> None:
    image = picture_of(picture(5000, 100))
    assert image is not None
    assert (image.width(), image.height()) == (2048, 40)


def test_a_card_asks_for_its_files(qtbot: QtBot) -> None:
    panel = EvidencePanel(Scale())
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    panel.show()
    panel.show_evidence(ordinary_dossier(after(hours=6)).evidence, after(hours=6))
    asked: list[object] = []
    panel.evidence_requested.connect(asked.append)
    QTest.mouseClick(panel.cards[0], Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    panel.cards[0].setFocus()
    QTest.keyClick(panel.cards[0], Qt.Key.Key_Return)
    assert asked == [("ab" * 32, "cd" * 32)] * 2
