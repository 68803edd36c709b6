"""What was measured, drawn against its limit: over or not by colour, shape and word (Y27)."""

from pytestqt.qtbot import QtBot

from domain import events as e
from domain.events import Event
from domain.readings import Reading
from tests.widgets.case_records import HANDLER, after, dossier_of, ordinary_events
from widgets.dossier.readings_panel import SHOWN, ReadingsPanel, mark_of_reading, value_text
from widgets.scale import Scale
from widgets.status import Shape


def measured(minutes: float, *readings: Reading) -> Event:
    fact = e.Arrived(
        measured=tuple(reading.item for reading in readings),
        values=tuple(reading.value for reading in readings),
        limits=tuple(reading.limit for reading in readings),
    )
    return Event(after(minutes=minutes), HANDLER, fact)


def panel_of(qtbot: QtBot, *events: Event) -> ReadingsPanel:
    panel = ReadingsPanel(Scale())
    qtbot.addWidget(panel)
    panel.show_dossier(dossier_of([*ordinary_events(), *events], after(hours=12)))
    return panel


def test_nothing_measured_takes_no_room(qtbot: QtBot) -> None:
    assert panel_of(qtbot).isHidden()


def test_each_reading_stands_against_its_limit(qtbot: QtBot) -> None:
    noise, again = Reading("噪声（dB(A)）", 71, 55), Reading("噪声（dB(A)）", 48.5, 55)
    panel = panel_of(qtbot, measured(600, noise), measured(660, again))
    assert not panel.isHidden()
    assert panel.note.startswith("2 项 · ■ 1 项超标")
    told = panel.bars.accessibleName().split("；")
    assert "48.5 / 55 达标" in told[0]  # the newest first
    assert "71 / 55 超标，为限值 1.3 倍" in told[1]
    assert (mark_of_reading(noise).shape, mark_of_reading(again).shape) == (Shape.SQUARE, Shape.CIRCLE)
    assert panel.grab().toImage().size() == panel.size()


def test_a_limit_of_nothing_and_many_readings(qtbot: QtBot) -> None:
    assert mark_of_reading(Reading("异味", 0, 0)).word == "达标"
    assert mark_of_reading(Reading("异味", 3, 0)).word == "超标"
    assert value_text(Reading("PM10", 210.0, 150.25)) == "210 / 150.25"
    panel = panel_of(qtbot, measured(600, *(Reading(f"第 {n} 项" * 20, n, 5) for n in range(20))))
    assert panel.bars.sizeHint().height() <= SHOWN * Scale().px(40)
    panel.resize(300, 400)
    assert panel.grab().toImage().width() == 300
