"""What an update costs: nothing for equal records, and only its own row for a changed one."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from domain.overview import Overview
from tests.widgets import samples
from tests.widgets.samples import NOW
from widgets.glow import MOST, SECONDS
from widgets.header import Header
from widgets.overview_page import OverviewPage
from widgets.scale import Scale

PAGES = [("overview", "总览"), ("map", "地图")]
QUIET = (QEvent.Type.Paint, QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest)


class Watch(QObject):
    """Notes what is painted: the widgets, and each one's region in its own pixels."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.seen: Counter[str] = Counter()
        self.regions: dict[QWidget, QRegion] = {}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        if isinstance(watched, QWidget) and event.type() in QUIET:
            self.seen[f"{event.type().name} {type(watched).__name__}"] += 1
            if isinstance(event, QPaintEvent):
                self.regions[watched] = self.regions.get(watched, QRegion()) + event.region()
        return False


class Wall(QWidget):
    """Header and overview as the window stacks them."""

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header, self.page = Header(PAGES, scale, self), OverviewPage(QWidget(), scale, self)
        column.addWidget(self.header)
        column.addWidget(self.page, 1)

    def show_overview(self, overview: Overview) -> None:
        self.header.show_overview(overview)
        self.page.show_overview(overview)


@pytest.fixture
def wall(scale: Scale, on_screen: Callable[..., QWidget]) -> Wall:
    made = Wall(scale)
    on_screen(made, 1920, 1080)
    scale.glow.enabled = False
    made.header.tick(NOW)
    made.show_overview(samples.ordinary())
    settle()
    return made


@pytest.fixture
def watch(wall: Wall, qapp: QApplication) -> Iterator[Watch]:
    made = Watch(wall)
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def painted_rows(watch: Watch, rows: QWidget) -> QRect:
    return watch.regions.get(rows, QRegion()).boundingRect()


def test_equal_records_paint_and_lay_out_nothing(wall: Wall, watch: Watch):
    for second in range(50):
        wall.show_overview(replace(samples.ordinary(), as_of=NOW + timedelta(seconds=second)))
        settle()
    assert watch.seen == Counter()


def test_one_row_of_a_flood_repaints_its_row_alone(wall: Wall, watch: Watch):
    page, overview = wall.page, samples.ordinary()
    changes = {
        "ranking": (page.ranking.rows, 4),
        "ledger_rows": (page.ledger.rows, 1),
        "directives": (page.directives.rows, 2),
    }
    fields = {"ranking": "on_time", "ledger_rows": "percent", "directives": "signed"}
    for name, (rows, position) in changes.items():
        watch.regions.clear()
        for turn in range(1, 51):
            records = list(getattr(overview, name))
            field = fields[name]
            records[position] = replace(
                records[position], **{field: getattr(records[position], field) + turn % 2}
            )
            wall.show_overview(replace(overview, **{name: tuple(records)}))
            settle()
        row = rows.visualRect(rows.records.index(position))
        assert painted_rows(watch, rows.viewport()) == row, name
        others = [page.ranking, page.ledger, page.directives, page.warnings, page.kpis, page.pipeline]
        untouched = [other for other in others if not other.isAncestorOf(rows)]
        assert not [part for part in watch.regions if any(o.isAncestorOf(part) for o in untouched)]


def test_one_warning_of_a_flood_repaints_its_card_alone(wall: Wall, watch: Watch):
    overview = samples.ordinary()
    cards = wall.page.warnings.cards[:7]
    before = [card.geometry() for card in cards]
    for turn in range(50):
        rows = list(overview.warnings)
        rows[4] = replace(rows[4], title=f"秸秆焚烧{turn}")
        wall.show_overview(replace(overview, warnings=tuple(rows)))
        settle()
    assert [card for card in cards if card in watch.regions] == [cards[4]]
    assert cards[4].toolTip().splitlines()[0].endswith("秸秆焚烧49")
    assert [card.geometry() for card in cards] == before


def test_one_figure_repaints_its_own_tile(wall: Wall, watch: Watch):
    overview = samples.ordinary()
    changed = tuple(replace(k, value=419) if k.value == 418 else k for k in overview.kpis)
    wall.page.show_kpis(changed, NOW)
    settle()
    cards = [card for card in wall.page.kpis.cards.values() if card in watch.regions]
    assert [card.title for card in cards] == ["在办"]
    watch.regions.clear()
    nodes = (*overview.pipeline[:4], replace(overview.pipeline[4], open=188), *overview.pipeline[5:])
    wall.page.show_board(overview.open_tickets, nodes, NOW)
    settle()
    stops = [
        s for s in wall.page.pipeline.stops.values() if s.all in watch.regions or s.late in watch.regions
    ]
    assert [(stop.all.text(), stop.late in watch.regions) for stop in stops] == [("188", False)]


def test_a_second_repaints_clock_and_countdowns_alone(wall: Wall, watch: Watch):
    wall.header.tick(NOW + timedelta(seconds=1))
    wall.page.tick(NOW + timedelta(seconds=1))
    settle()
    first = wall.page.warnings.cards[0]
    assert first in watch.regions
    assert watch.regions[first].boundingRect().width() < first.width() / 2
    assert first.directive not in watch.regions
    assert wall.page.ranking.rows.viewport() not in watch.regions
    assert not [card for card in wall.page.kpis.cards.values() if card in watch.regions]
    assert all("LayoutRequest" not in seen for seen in watch.seen)


def test_the_keyboard_stays_on_its_record_when_that_moves(wall: Wall):
    overview, rows = samples.ordinary(), wall.page.ranking.rows
    key = overview.ranking[3].key
    rows.setCurrentIndex(rows.records.index(3))
    swapped = (*overview.ranking[:2], overview.ranking[3], overview.ranking[2], *overview.ranking[4:])
    wall.show_overview(replace(overview, ranking=swapped))
    assert rows.currentIndex().row() == 2
    assert rows.records.key_of(rows.records.records[2]) == key
    wall.show_overview(replace(overview, ranking=(*overview.ranking[:3], *overview.ranking[4:])))
    assert not rows.currentIndex().isValid()


def test_a_click_counts_for_the_row_that_was_pressed(wall: Wall, qtbot: QtBot):
    overview, rows = samples.ordinary(), wall.page.directives.rows
    first, second, third = overview.directives
    place = rows.visualRect(rows.records.index(0)).center()
    qtbot.mousePress(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    new = replace(first, number="督字 47 号")
    wall.show_overview(replace(overview, directives=(new, first, second, third)))
    with qtbot.waitSignal(wall.page.directive_opened) as caught:
        qtbot.mouseRelease(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert caught.args == [first.number]
    with qtbot.waitSignal(wall.page.directive_opened) as caught:
        qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert caught.args == [new.number]


def test_an_unchanged_panel_says_within_a_minute_that_it_is_still_true(wall: Wall, watch: Watch):
    for second in (10, 59, 60, 61):
        wall.page.set_fresh(NOW + timedelta(seconds=second))
        settle()
        shown = "20:59:13" if second >= 60 else "20:58:13"
        assert wall.page.ledger.note.endswith(shown)
    assert watch.seen["Paint ElidedLabel"] == 6  # each panel's note, once
    assert "LayoutRequest" not in "".join(watch.seen)


def test_changes_are_lit_for_a_moment_and_a_few_at_once(wall: Wall, scale: Scale, qtbot: QtBot):
    scale.glow.enabled = True
    overview = samples.ordinary()
    rows = tuple(replace(row, on_time=row.on_time - 1) for row in overview.ranking)
    wall.show_overview(replace(overview, ranking=rows))
    assert scale.glow.burning == MOST
    wall.show_overview(overview)
    assert scale.glow.burning == MOST  # no second light for what burns
    new = replace(overview.warnings[1], ticket="XZ-20261121-0999")
    wall.show_overview(replace(overview, warnings=(*overview.warnings, new)))
    assert scale.glow.burning == MOST  # the red one took the place of another
    card = next(c for c in wall.page.warnings.cards if c.row == new)
    settle()
    lit = card.grab().toImage()
    qtbot.waitUntil(lambda: scale.glow.burning == 0, timeout=round(SECONDS * 1000) + 500)
    assert scale.glow.is_resting
    settle()
    assert card.grab().toImage() != lit
    scale.glow.enabled = False
    wall.show_overview(samples.overfull())
    assert scale.glow.is_resting


def test_a_figure_that_never_rests_does_not_flicker(wall: Wall, scale: Scale, qtbot: QtBot):
    scale.glow.enabled = True
    overview = samples.ordinary()
    started = 0
    for turn in range(12):
        before = scale.glow.burning
        wall.page.show_kpis(
            tuple(replace(k, value=420 + turn) if k.value == 418 else k for k in overview.kpis), NOW
        )
        started += scale.glow.burning > before
        qtbot.wait(100)
    assert started == 1


def test_updates_leave_nothing_behind(wall: Wall, scale: Scale, qtbot: QtBot):
    scale.glow.enabled = True
    overview = samples.ordinary()
    before = len(wall.findChildren(QObject))
    for turn in range(200):
        rows = tuple(replace(row, ticket=f"{row.ticket}-{turn}") for row in overview.warnings)
        directives = tuple(replace(row, number=f"{row.number}-{turn}") for row in overview.directives)
        wall.show_overview(replace(overview, warnings=rows, directives=directives, open_tickets=turn))
        QApplication.processEvents()
    assert len(wall.findChildren(QObject)) == before
    qtbot.waitUntil(lambda: scale.glow.is_resting, timeout=3000)
    running = [timer.objectName() for timer in wall.findChildren(QTimer) if timer.isActive()]
    assert running == []
