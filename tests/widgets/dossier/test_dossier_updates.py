"""A dossier that is looked at while its ticket goes on: what somebody reads or holds stays where it is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from domain import events as e
from domain.events import Event
from domain.nodes import Node
from tests.widgets.case_records import (
    HANDLER,
    OFFICER,
    after,
    dossier_of,
    four_round_events,
    ordinary_dossier,
    ordinary_events,
)
from widgets.dossier.page import DossierPage
from widgets.scale import Scale
from widgets.style import apply_style, load_fonts


class Painted(QObject):
    """The widgets that were painted, each with its region in its own pixels."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.regions: dict[QWidget, QRegion] = {}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        if isinstance(watched, QWidget) and isinstance(event, QPaintEvent):
            self.regions[watched] = self.regions.get(watched, QRegion()) + event.region()
        return False


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[DossierPage]:
    scale = Scale()
    scale.glow.enabled = False
    load_fonts()
    apply_style(qapp, scale)
    made = DossierPage(scale)
    qtbot.addWidget(made)
    made.resize(1920, 700)
    made.set_actor(OFFICER)
    made.show()
    made.show_dossier(ordinary_dossier(after(hours=6)))
    settle()
    yield made
    qapp.setStyleSheet("")


@pytest.fixture
def painted(page: DossierPage, qapp: QApplication) -> Iterator[Painted]:
    made = Painted(page)
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def test_an_equal_dossier_paints_nothing(page: DossierPage, painted: Painted) -> None:
    for _ in range(50):
        page.show_dossier(ordinary_dossier(after(hours=6)))
        settle()
    assert painted.regions == {}


def test_a_minute_later_only_the_running_bar_is_painted(page: DossierPage, painted: Painted) -> None:
    page.show_dossier(ordinary_dossier(after(hours=9)))
    settle()
    bars = page.nodes.bars
    running = next(p for p, line in enumerate(bars.lines) if line.node is Node.RECTIFY)
    row = bars._row_rect(running).toAlignedRect()
    assert row.contains(painted.regions[bars].boundingRect())
    assert page.log.table.viewport() not in painted.regions
    assert not any(card in painted.regions for card in page.evidence.cards)
    assert not any(page.case.isAncestorOf(part) for part in painted.regions)
    assert not any(page.actions.isAncestorOf(part) for part in painted.regions)


def test_the_choice_follows_its_node(page: DossierPage) -> None:
    bars = page.nodes.bars
    for node in (Node.SIGN, Node.RECTIFY):
        bars.choose(next(p for p, line in enumerate(bars.lines) if line.node is node))
        done = Event(after(hours=7), HANDLER, e.Rectified("覆盖完毕", ("ef" * 32,)))
        page.show_dossier(dossier_of([*ordinary_events(), done], after(hours=8)))
        chosen = bars.chosen_line
        assert chosen is not None
        assert chosen.node is node
        page.show_dossier(ordinary_dossier(after(hours=6)))


def test_a_node_to_come_stays_chosen_when_it_starts(page: DossierPage) -> None:
    bars = page.nodes.bars
    bars.choose(next(p for p, line in enumerate(bars.lines) if line.node is Node.FEED_BACK))
    done = Event(after(hours=7), HANDLER, e.Rectified("覆盖完毕", ("ef" * 32,)))
    page.show_dossier(dossier_of([*ordinary_events(), done], after(hours=8)))
    assert bars.chosen_line is not None
    assert bars.chosen_line.node is Node.FEED_BACK


def test_who_looks_at_an_earlier_round_stays_there(page: DossierPage) -> None:
    events = four_round_events()
    ends = [event.at for event in events]
    whole = dossier_of(events, max(ends))
    starts = {clock.round: clock.started_at for clock in reversed(whole.clock.trace.nodes)}
    earlier = dossier_of(events, starts[4] - timedelta(seconds=1))
    page.show_dossier(earlier)
    assert page.nodes.round == earlier.clock.trace.round
    page.nodes.round_buttons[0].click()
    page.show_dossier(whole)
    assert page.nodes.round == 1
    page.nodes.round_buttons[-1].click()
    page.show_dossier(whole)
    assert page.nodes.round == whole.clock.trace.round == 4


def test_who_follows_the_last_round_goes_on_with_it(page: DossierPage) -> None:
    events = four_round_events()
    whole = dossier_of(events, max(event.at for event in events))
    starts = {clock.round: clock.started_at for clock in reversed(whole.clock.trace.nodes)}
    page.show_dossier(dossier_of(events, starts[4] - timedelta(seconds=1)))
    page.show_dossier(whole)
    assert page.nodes.round == 4


def test_the_log_stays_where_it_is_read_and_follows_where_it_ends(page: DossierPage) -> None:
    table, events = page.log.table, four_round_events()
    last = max(event.at for event in events)
    shorter = dossier_of(events, sorted(event.at for event in events)[-3])
    page.show_dossier(shorter)
    settle()
    bar = table.verticalScrollBar()
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()
    page.show_dossier(dossier_of(events, last))
    settle()
    assert bar.value() == bar.maximum()
    bar.setValue(bar.maximum() // 2)
    place = bar.value()
    page.show_dossier(shorter)
    page.show_dossier(dossier_of(events, last))
    settle()
    assert bar.value() == place


def test_side_column_slider_and_marked_words_stay(page: DossierPage) -> None:
    page.show_dossier(ordinary_dossier(after(hours=3), replayed=True))
    settle()
    side, replay = page._side_area.verticalScrollBar(), page.nodes.replay
    assert side.maximum() > 0
    side.setValue(side.maximum() // 2)
    words = next(label for label in page.case.findChildren(QLabel) if "荆山路" in label.text())
    words.setSelection(0, 3)
    before = (side.value(), replay.slider.value(), replay.text, words.selectedText())
    page.show_dossier(ordinary_dossier(after(hours=3), replayed=True))
    settle()
    assert (side.value(), replay.slider.value(), replay.text, words.selectedText()) == before
    assert len(before[3]) == 3
