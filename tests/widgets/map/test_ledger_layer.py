"""The ledger on the map (Q18): its colours and shapes, its numbers, and room for each at a county's point."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.ledger import Colour, LedgerPlace
from tests.widgets.page_records import ledger_row
from widgets.map.ledger_layer import ledger_layer

ROW = ledger_row(1)


def place(number: int, colour: Colour, *, exact: bool = False, **parts: object) -> LedgerPlace:
    row = replace(ROW, number=f"I-{number}", colour=colour, **parts)  # type: ignore[arg-type]
    return LedgerPlace(row, 117.2, 34.3, exact)


def test_each_item_has_its_colour_its_shape_and_its_number() -> None:
    closed = datetime(2026, 11, 1, tzinfo=UTC)
    layer = ledger_layer(
        [
            place(1, Colour.RED, exact=True, days_over=3),
            place(2, Colour.YELLOW),
            place(3, Colour.BLUE),
            place(4, Colour.GREEN, closed_out_at=closed),
        ]
    )
    looks = {mark.id: (mark.colour, mark.shape) for mark in layer.marks}
    assert looks == {
        "I-1": ("overdue", "square"),
        "I-2": ("due_soon", "diamond"),
        "I-3": ("on_time", "triangle"),
        "I-4": ("done", "circle"),
    }
    told = {mark.id: mark.lines for mark in layer.marks}
    assert told["I-1"][0].startswith("I-1 ")
    assert "逾期 3 天" in told["I-1"][1]
    assert "已销号" in told["I-4"][1]
    assert "按区划标注" in told["I-2"][3]
    assert "按区划标注" not in told["I-1"][3]
    # What is worst is drawn last, over the others.
    assert layer.marks[-1].id == "I-1"
    assert [mark.urgent for mark in layer.marks] == [False, False, False, True]
    assert [mark.word for mark in layer.legend] == ["红 1", "黄 1", "蓝 1", "绿 1"]


def test_items_of_one_county_stand_apart_around_its_point() -> None:
    marks = ledger_layer([place(n, Colour.BLUE) for n in range(60)]).marks
    spots = {(mark.lng, mark.lat) for mark in marks}
    assert len(spots) == 60
    assert all(abs(lng - 117.2) < 0.08 and abs(lat - 34.3) < 0.06 for lng, lat in spots)
