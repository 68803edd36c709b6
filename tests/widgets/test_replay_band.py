"""The band 回放: what has not come yet is refused in words, and what is shown stays (T11)."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDateTimeEdit
from pytestqt.qtbot import QtBot

from widgets.replay_band import REST_MS, ReplayBand
from widgets.scale import Scale

PRESENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PAST = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minute", "field", "said"),
    [
        (None, "2026-11-22 18:00", "2027-11-22 18:00 还没有到，不能回放；仍显示 现在。"),
        (PAST, "2026-03-01 18:00", "2027-03-01 18:00 还没有到，不能回放；仍显示 2026-03-01 18:00。"),
    ],
)
def test_a_minute_to_come_is_refused_in_words(
    qtbot: QtBot, minute: datetime | None, field: str, said: str
) -> None:
    band = ReplayBand(Scale())
    qtbot.addWidget(band)
    band.tick(PRESENT)
    band.show_minute(minute)
    band.show()
    asked: list[object] = []
    refused: list[str] = []
    band.minute_requested.connect(asked.append)
    band.refused.connect(refused.append)
    band.edit.setFocus()
    band.edit.setSelectedSection(QDateTimeEdit.Section.YearSection)
    qtbot.keyClicks(band.edit, "2027")
    qtbot.keyClick(band.edit, Qt.Key.Key_Return)
    qtbot.wait(2 * REST_MS)
    assert refused == [said]
    assert band.edit.text() == field
    assert asked == []
    # A past year is still a matter of typing it.
    band.edit.setSelectedSection(QDateTimeEdit.Section.YearSection)
    qtbot.keyClicks(band.edit, "2025")
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == [(minute or PRESENT).replace(year=2025)]
