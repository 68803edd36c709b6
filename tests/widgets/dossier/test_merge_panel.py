"""What a dossier says of repeats: none, candidates, many merged ones, or where it went itself (B09)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from domain.case_events import MergedInto
from domain.dossier import Dossier, SeenComplainant
from domain.drafts import ComplainantDraft
from domain.events import Event
from domain.listing import TicketFilter
from domain.merging import MergeDraft, MergedRow, SplitDraft
from tests.widgets.case_records import DUTY, HANDLER, START, after, dossier_of, ordinary_events
from tests.widgets.forms.test_merge_form import row
from widgets.dossier.merge_panel import LINES, MergePanel
from widgets.scale import Scale

NOW = after(hours=3)
NUMBER = "XZ-20261121-0132"


@pytest.fixture
def panel(qtbot: QtBot) -> MergePanel:
    made = MergePanel(Scale())
    qtbot.addWidget(made)
    made.resize(480, 300)
    made.show()
    made.set_actor(DUTY)
    return made


def plain(**values: object) -> Dossier:
    return replace(dossier_of(ordinary_events(), NOW), **({"merged_count": 0} | values))  # type: ignore[arg-type]


def shown(panel: MergePanel) -> list[str]:
    lines = (panel.main, *panel.merged, *panel.candidates)
    return [line.link.text() for line in lines if line.isVisible()]


def test_a_ticket_without_any_says_so_and_can_still_be_merged(panel: MergePanel, qtbot: QtBot) -> None:
    panel.show_dossier(plain())
    assert shown(panel) == []
    assert panel.note == "附近没有同类在办工单"
    with qtbot.waitSignal(panel.step_requested) as asked:
        panel.merge.click()
    assert (asked.args[0].kind, asked.args[0].fixed) == (MergeDraft, {"ticket": NUMBER})


def test_candidates_are_compared_with_a_click(panel: MergePanel, qtbot: QtBot) -> None:
    many = tuple(row(f"C-{n}", hours=n) for n in range(1, 13))
    panel.show_dossier(plain(candidates=many))
    assert shown(panel) == [f"C-{n}" for n in range(1, LINES + 1)]
    assert panel.note == "可能重复 12 件"
    assert "文字相似" in panel.candidates[0].words.toolTip()
    with qtbot.waitSignal(panel.step_requested) as asked:
        panel.candidates[1].button.click()
    assert asked.args[0].preset == {"chosen": ("C-2",)}
    with qtbot.waitSignal(panel.ticket_requested) as opened:
        panel.candidates[0].link.click()
    assert opened.args == ["C-1"]


def test_a_main_ticket_lists_what_it_holds_and_how_many_wait(panel: MergePanel, qtbot: QtBot) -> None:
    merged = tuple(MergedRow(f"R-{n}", "噪声", "还在打桩", "荆山路", NOW, "12345") for n in range(5))
    panel.show_dossier(plain(merged=merged, merged_count=5))
    assert shown(panel) == ["R-0", "R-1", "R-2"]
    assert panel.note == "含 5 件，须反馈 6 人"
    with qtbot.waitSignal(panel.tickets_requested) as opened:
        panel.all.click()
    assert opened.args[0] == TicketFilter(numbers=tuple(r.number for r in merged))
    with qtbot.waitSignal(panel.step_requested) as asked:
        panel.merged[2].button.click()
    assert (asked.args[0].kind, asked.args[0].fixed) == (SplitDraft, {"ticket": "R-2"})


def test_a_merged_ticket_leads_to_the_one_that_has_it(panel: MergePanel, qtbot: QtBot) -> None:
    merger = Event(START + timedelta(hours=2, minutes=50), DUTY, MergedInto("M-1", "同一工地"))
    panel.show_dossier(replace(dossier_of([*ordinary_events(), merger], NOW), merged_count=0))
    assert shown(panel) == ["M-1"]
    assert not panel.merge.isVisible()
    with qtbot.waitSignal(panel.step_requested) as asked:
        panel.main.button.click()
    assert asked.args[0].fixed == {"ticket": NUMBER}


def test_who_may_not_is_told_why(panel: MergePanel) -> None:
    panel.set_actor(HANDLER)
    panel.show_dossier(plain(candidates=(row("C-1"),)))
    assert not panel.merge.isEnabled()
    assert not panel.candidates[0].button.isEnabled()
    assert "值班员" in panel.candidates[0].button.toolTip()
    assert panel.candidates[0].link.isEnabled()
    panel.set_actor(DUTY)
    assert panel.candidates[0].button.isEnabled()
    panel.show_dossier(replace(dossier_of(ordinary_events(), NOW, replayed=True), merged_count=0))
    assert not panel.merge.isVisible()


def test_the_body_of_the_main_ticket_can_tell_each_complainant(panel: MergePanel, qtbot: QtBot) -> None:
    """Y21: not to split, but to look at who complained, for a minute; the log has it."""
    panel.set_actor(HANDLER)
    repeat = MergedRow("R-1", "桩机噪声", "还在打桩", "荆山路", NOW, "12345")
    panel.show_dossier(plain(merged=(repeat,), merged_count=1))
    line = panel.merged[0]
    assert (line.button.text(), line.button.isEnabled()) == ("举报人", True)
    assert "还在打桩" in line.words.toolTip()
    with qtbot.waitSignal(panel.step_requested) as asked:
        line.button.click()
    assert (asked.args[0].kind, asked.args[0].fixed) == (ComplainantDraft, {"ticket": "R-1"})
    assert asked.args[0].body == HANDLER.body
    assert not panel.show_complainant("R-9", SeenComplainant("孟庆云", "13800001111"))
    assert panel.show_complainant("R-1", SeenComplainant("孟庆云", "13800001111"))
    assert line.words.text() == "孟庆云 13800001111"
    panel.rest.timeout.emit()
    assert line.words.text() == "桩机噪声"
