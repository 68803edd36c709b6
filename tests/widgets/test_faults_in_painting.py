"""A fault while Qt paints ends the process: it is reported, plain words stand there, the rest as ever."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from domain.nodes import TicketState
from widgets.record_list import RecordDelegate, RecordList
from widgets.record_list import RecordModel as ListModel
from widgets.scale import Scale
from widgets.status import Mark, Shape, file_mark, mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.tile import Tile
from widgets.wording import kind_name, node_name, urgency_name


@dataclass(frozen=True)
class _Row:
    number: str
    state: str


ROWS = [_Row("Z-1", "drafted"), _Row("Z-2", "handed up"), _Row("Z-3", "drafted")]


def _number(row: _Row) -> Cell:
    return Cell(row.number)


def _state(row: _Row) -> Cell:
    return Cell({"drafted": "草稿"}[row.state])


def _mark(row: _Row) -> Cell:
    colour = {"drafted": "done"}.get(row.state, "a colour that no token names")
    return Cell(row.state, CellLook.MARK, "text", Mark(colour, Shape.CIRCLE, row.state))


def _key(row: _Row) -> str:
    return row.number


def painted(widget: QWidget, rect: QRectF) -> bool:
    """Whether something stands in this part of a widget (pixels)."""
    picture: QImage = widget.grab().toImage()
    inner = rect.toRect().adjusted(2, 2, -2, -2)
    colours = {
        QColor(picture.pixel(x, y)).rgb()
        for x in range(inner.left(), inner.right())
        for y in range(inner.top(), inner.bottom())
    }
    return len(colours) > 1


def table_of(qtbot: QtBot, *columns: Column) -> RecordTable:
    table = RecordTable(RecordModel(columns, _key), Scale())
    qtbot.addWidget(table)
    table.resize(500, 300)
    return table


def test_a_cell_without_a_word_stands_as_it_is_written(qtbot: QtBot) -> None:
    table = table_of(qtbot, Column("number", "Number", 150, _number), Column("state", "State", 150, _state))
    with qtbot.capture_exceptions() as faults:
        table.show_records(ROWS)
        table.grab()
        table.grab()
    assert [kind for kind, *_ in faults] == [KeyError]  # worded once, reported once
    model = table.model()
    assert [model.index(row, 1).data() for row in range(3)] == ["草稿", "handed up", "草稿"]
    assert model.index(1, 0).data() == "Z-2"


def test_a_cell_that_cannot_be_painted_shows_its_words(qtbot: QtBot) -> None:
    table = table_of(qtbot, Column("state", "State", 150, _mark))
    table.show_records(ROWS)
    places = [QRectF(table.visualRect(table.model().index(row, 0))) for row in range(3)]
    with qtbot.capture_exceptions() as faults:
        assert [painted(table.viewport(), place) for place in places] == [True, True, True]
    assert {kind for kind, *_ in faults} == {KeyError}


class _Delegate(RecordDelegate):
    def paint_record(self, painter: QPainter, rect: QRectF, record: _Row) -> None:
        painter.drawText(rect, {"drafted": "草稿"}[record.state])


def test_a_row_that_cannot_be_painted_shows_its_key(qtbot: QtBot) -> None:
    scale = Scale()
    rows = RecordList(ListModel(_key, _key, _key), _Delegate(scale, 38))
    qtbot.addWidget(rows)
    rows.resize(300, 200)
    rows.show_records(ROWS)
    with qtbot.capture_exceptions() as faults:
        places = [QRectF(rows.visualRect(rows.model().index(row, 0))) for row in range(3)]
        assert [painted(rows.viewport(), place) for place in places] == [True, True, True]
    assert {kind for kind, *_ in faults} == {KeyError}


class _Card(Tile):
    def paint(self, painter: QPainter, rect: QRectF) -> None:
        painter.drawText(rect, {}["weight"])


def test_a_card_that_cannot_be_painted_shows_its_spoken_words(qtbot: QtBot) -> None:
    card = _Card(Scale())
    qtbot.addWidget(card)
    card.resize(200, 60)
    card.setAccessibleName("处置 红色预警")
    with qtbot.capture_exceptions() as faults:
        assert painted(card, QRectF(card.rect()))
    assert {kind for kind, *_ in faults} == {KeyError}


def test_words_that_are_not_known_are_what_is_written(qapp: object) -> None:
    for name in (node_name, urgency_name, kind_name):
        assert name("a newer word") == "a newer word"  # type: ignore[arg-type]
    assert mark_of("a newer state").word == "a newer state"  # type: ignore[arg-type]
    assert file_mark("a newer state").word == "a newer state"
    assert file_mark("drafted").word == "草稿"
    assert mark_of(TicketState.OVERDUE).word == "超期"
