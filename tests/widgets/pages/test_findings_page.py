"""The page of findings (T24, T26, Y31): figures, sources, what may be made a clue, and the form for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from domain.drafts import Choice
from domain.findings import ClueDraft, Coverage, Finding, FindingSource, NewFinding
from domain.people import Actor, Role
from domain.urgency import Urgency
from widgets.forms.clue_form import ClueForm
from widgets.map.finding_layers import layers_of
from widgets.pages.findings_page import FindingsPage
from widgets.scale import Scale

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HEAP = NewFinding(FindingSource.DRONE, NOW, 117.2, 34.1, "露天堆场未苫盖", area="320312", is_suspect=True)
HEAP_FOUND = Finding(1, HEAP, "flight.geojson", area_name="铜山区")
FOLLOWED = Finding(2, replace(HEAP, what="工地裸土"), "flight.geojson", "KJ-000002", "铜山区")
RUN = NewFinding(
    FindingSource.VAN,
    NOW,
    117.22,
    34.12,
    "走航",
    160.0,
    "µg/m³",
    NOW + timedelta(minutes=4),
    ((117.2, 34.1, 40.0), (117.22, 34.12, 160.0), (117.24, 34.12, 70.0)),
)
VAN = Finding(3, RUN, "van.csv")
FIGURES = Coverage(NOW - timedelta(days=30), NOW, 3, 2, 1, 38, 412)
DUTY = Actor(Role.DUTY, "王磊")


@pytest.fixture
def page(qtbot: QtBot) -> FindingsPage:
    scale = Scale()
    made = FindingsPage(scale)
    scale.setParent(made)
    qtbot.addWidget(made)
    made.set_actor(DUTY)
    made.show_findings((HEAP_FOUND, FOLLOWED, VAN), FIGURES, NOW)
    return made


def test_figures_stand_with_both_their_numbers(page: FindingsPage) -> None:
    assert page.covered.text() == "疑似问题转线索 50.0%（1 / 2）"
    assert page.own.text() == "自主发现占比 9.2%（38 / 412）"
    page.show_findings((), replace(FIGURES, suspects=0, followed=0), NOW)
    assert "—（0 / 0）" in page.covered.text()


def test_a_source_is_chosen_by_its_chip(page: FindingsPage) -> None:
    assert page.sources[FindingSource.VAN].text() == "走航 1"
    QTest.mouseClick(page.sources[FindingSource.VAN], Qt.MouseButton.LeftButton)
    assert page.table.model().rowCount() == 1
    page.choose_finding(1)
    assert page.table.model().rowCount() == 3
    assert page.table.chosen() == HEAP_FOUND


def test_only_a_duty_officer_makes_a_clue_and_only_once(qtbot: QtBot, page: FindingsPage) -> None:
    assert not page.raise_clue.isEnabled()
    page.choose_finding(2)
    assert "KJ-000002" in page.raise_clue.toolTip()
    page.choose_finding(1)
    with qtbot.waitSignal(page.clue_requested) as asked:
        page.raise_clue.click()
    assert asked.args == [HEAP_FOUND]
    page.set_actor(Actor(Role.LEADER, "李市长"))
    assert not page.raise_clue.isEnabled()
    assert "值班员" in page.raise_clue.toolTip()


def test_the_form_proposes_what_the_source_said(qtbot: QtBot) -> None:
    scale = Scale()
    form = ClueForm(HEAP_FOUND, (Choice("B04", "堆场物料未覆盖"),), scale)
    scale.setParent(form)
    qtbot.addWidget(form)
    draft = form.draft()
    assert isinstance(draft, ClueDraft)
    assert (draft.finding, draft.title) == (1, "铜山区无人机发现：露天堆场未苫盖")
    assert "flight.geojson" in draft.text
    assert (draft.category, draft.urgency) == (None, Urgency.ORDINARY)
    form.kind.choose("B04")
    assert form.draft().category == "B04"
    form.title.setText(" ")
    assert form.problem() is not None


def test_layers_show_marks_and_shaded_tracks() -> None:
    layers = {layer.key: layer for layer in layers_of((HEAP_FOUND, FOLLOWED, VAN))}
    assert [layer.count for layer in layers.values()] == [0, 1, 2, 0]
    assert [mark.colour for mark in layers["drone"].marks] == ["overdue", "done"]
    (track,) = layers["van"].tracks
    assert track.colours == ("heat_high", "paused")
    assert layers["van"].marks == ()
