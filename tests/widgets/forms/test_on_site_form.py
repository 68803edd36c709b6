"""Arriving: a position in the datum of the map at hand, photos that propose, moments (Y06, Y21, Y28)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain import events as e
from domain.coordinates import Datum, Point, wgs84_of
from domain.drafts import StepDraft
from domain.evidence import PhotoFacts
from tests.widgets.case_records import START, after, calendar
from widgets.forms.asked import Asked
from widgets.forms.on_site_form import OnSiteForm
from widgets.scale import Scale

POINT = Point(117.1846, 34.2612)


def opened(qtbot: QtBot, kind: type = e.Arrived, point: Point | None = POINT) -> OnSiteForm:
    asked = Asked(kind, "XZ-1 夜间施工噪声扰民", {"ticket": "XZ-1"}, body="housing", point=point)
    form = OnSiteForm(asked, (), START, calendar(2026), Scale())
    form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(form)
    form.open()
    return form


def sent(form: OnSiteForm) -> Any:
    drafts: list[Any] = []
    form.submitted.connect(drafts.append)
    form.submit()
    return drafts[0].fact if drafts else None


def test_nothing_has_to_be_said_to_have_arrived(qtbot: QtBot) -> None:
    assert sent(opened(qtbot)) == e.Arrived()


@pytest.mark.parametrize("datum", Datum)
def test_a_position_is_told_in_wgs84_with_its_source(qtbot: QtBot, datum: Datum) -> None:
    form = opened(qtbot)
    assert form.position is not None
    form.position.datum.choose(datum)
    QTest.keyClicks(form.position.typed, "34.2612, 117.1846")
    there = wgs84_of(datum, 117.1846, 34.2612)
    fact = sent(form)
    assert (fact.lng, fact.lat) == (there.lng, there.lat)
    assert fact.source == f"手工填写（{datum}）"
    assert f"折合 WGS-84 {there.lng:.6f}, {there.lat:.6f}" in form.position.words.text()


def test_the_distance_follows_and_is_not_typed_beside_it(qtbot: QtBot) -> None:
    form = opened(qtbot)
    assert form.position is not None
    distance = form.edits["distance_m"]
    form.position.typed.setText("117.185, 34.2612")
    assert (distance.text(), distance.isEnabled()) == ("37", False)
    assert "距工单点位 37 米" in form.position.words.text()
    form.position.typed.setText("")
    assert (distance.text(), distance.isEnabled()) == ("", True)


def test_what_is_no_position_is_said_and_not_sent(qtbot: QtBot) -> None:
    form = opened(qtbot)
    assert form.position is not None
    form.position.typed.setText("泰山路 1 号")
    assert sent(form) is None
    assert "不是一对经纬度" in form.message.text()
    form.position.typed.setText("117.1846, 34.2612")
    form.position.datum.choose("")
    form.submit()
    assert "请选择坐标系" in form.message.text()


def test_a_ticket_without_a_point_takes_a_position_all_the_same(qtbot: QtBot) -> None:
    form = opened(qtbot, point=None)
    assert form.position is not None
    assert "距离无从计算" in form.position.words.text()
    form.position.typed.setText("117.1846, 34.2612")
    assert form.edits["distance_m"].isEnabled()
    assert sent(form).lng == 117.1846


def test_a_photo_proposes_and_somebody_takes_it_over(qtbot: QtBot, tmp_path: Path) -> None:
    form = opened(qtbot)
    asked: list[Any] = []
    form.photos_added.connect(asked.append)
    path = str(tmp_path / "1.jpg")
    form.files.add([path])
    assert asked == [(path,)]
    taken = START - timedelta(minutes=5)
    form.show_photos([PhotoFacts(path, "1.jpg", taken, False, Point(117.185, 34.2612), "WGS-84")])
    line = form.lines[0]
    assert line.isVisible()
    whole = line.words.accessibleName()
    assert "拍摄于 2026-11-21 20:12（EXIF，未注明时区，按本市时间）" in whole
    assert "位置 117.185000, 34.261200（EXIF，WGS-84），距点位 37 米" in whole
    assert "距点位 37 米" in line.words.text()  # however narrow the form is
    # Nothing is taken over by itself.
    assert form.draft() == StepDraft(form.request_id, "XZ-1", e.Arrived(), files=(path,))
    line.button.setFocus()
    QTest.keyClick(line.button, Qt.Key.Key_Space)
    fact = sent(form)
    assert (fact.lng, fact.lat, fact.source) == (117.185, 34.2612, "照片“1.jpg”的 EXIF（WGS-84）")
    assert fact.on_site_at == taken.replace(second=0)


def test_what_is_typed_over_a_proposal_is_ones_own(qtbot: QtBot, tmp_path: Path) -> None:
    form = opened(qtbot)
    assert form.position is not None
    form.position.adopt(Point(117.185, 34.2612), "照片“1.jpg”的 EXIF（WGS-84）")
    form.position.typed.setText("117.186, 34.2612")
    assert form.position.source == "手工填写（WGS-84）"


def test_photos_that_say_nothing_and_many_photos(qtbot: QtBot, tmp_path: Path) -> None:
    form = opened(qtbot)
    paths = [str(tmp_path / f"{n}.jpg") for n in range(5)]
    form.files.add(paths)
    form.show_photos(
        [PhotoFacts(path, Path(path).name, problem="照片没有拍摄时间和位置（EXIF）") for path in paths]
    )
    assert [line.isVisible() for line in form.lines] == [True] * 3
    assert not form.lines[0].button.isVisible()
    assert form.rest.text().startswith("另有 2 份")
    form.files.clear()
    assert not any(line.isVisible() for line in form.lines)
    assert not form.rest.isVisible()


def test_a_result_shows_where_its_photos_were_taken(qtbot: QtBot, tmp_path: Path) -> None:
    form = opened(qtbot, e.Rectified)
    path = str(tmp_path / "1.jpg")
    form.files.add([path])
    form.show_photos([PhotoFacts(path, "1.jpg", None, True, Point(117.185, 34.2612), "WGS-84")])
    assert "距点位 37 米" in form.lines[0].words.text()
    assert not form.lines[0].button.isVisible()


def test_a_moment_is_that_of_recording_unless_another_is_said(qtbot: QtBot) -> None:
    form = opened(qtbot)
    assert form.moment is not None
    assert form.moment.value is None
    form.moment.set_moment(after(minutes=-30))
    assert form.moment.value == after(minutes=-30).replace(second=0)
    form.moment.set_moment(after(minutes=30))
    assert sent(form) is None
    assert "不能晚于现在" in form.message.text()


def test_files_are_dropped_anywhere_on_the_form(qtbot: QtBot, tmp_path: Path) -> None:
    form = opened(qtbot)
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(b"\xff\xd8")
    data = QMimeData()
    data.setUrls(
        [QUrl.fromLocalFile(str(photo)), QUrl("https://example.org/1.jpg"), QUrl.fromLocalFile(str(tmp_path))]
    )
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(form, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(form, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))
    assert form.files.value == (str(photo),)
    words = QMimeData()
    words.setText("拖来的字")
    refused = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, words, buttons, keys)
    QApplication.sendEvent(form, refused)
    assert not refused.isAccepted()


def test_what_was_measured_is_written_a_line_each(qtbot: QtBot) -> None:
    """Y27."""
    form = opened(qtbot)
    form.edits["readings"].setPlainText("噪声 71 / 55 dB(A)\n\nPM10 210 限 150")
    fact = sent(form)
    assert fact.measured == ("噪声（dB(A)）", "PM10")
    assert (fact.values, fact.limits) == ((71.0, 210.0), (55.0, 150.0))
    done = opened(qtbot, e.Rectified)
    done.edits["measures"].setPlainText("已停工")
    done.edits["violation"].answer(False)
    done.edits["readings"].setPlainText("噪声很大")
    assert sent(done) is None
    assert "“噪声很大”看不懂" in done.message.text()
    done.edits["readings"].setPlainText("")
    done.submit()
    assert done.draft().fact == e.Rectified("已停工")
