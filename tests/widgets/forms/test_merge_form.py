"""The form of a merger: nothing, one, too many; which side is kept; and what it hands over (B09)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain.listing import TicketRow
from domain.merging import MOST_AT_ONCE, Candidate, CandidateRow, MergeView, Sameness
from domain.nodes import Node, NodeStatus, TicketState
from domain.urgency import Urgency
from widgets.forms.merge_form import MergeForm, two_lines
from widgets.merge_words import gap_text, reason_text, short_why, why_text
from widgets.scale import Scale

RECEIVED = datetime(2026, 11, 21, 12, 58, tzinfo=UTC)
LONG = "凌晨两点还在打桩，窗户都在震。" * 40


def row(number: str, *, hours: float = 0.0, distance: float | None = 42.0, **values: object) -> CandidateRow:
    """A candidate that came in so many hours before the ticket itself."""
    ticket = TicketRow(
        number, "夜间施工噪声", Urgency.ORDINARY, "12345", "12345", "C02", "建筑施工夜间噪声", "320312",
        "铜山区",
        "金山桥街道", "housing", "住建局", TicketState.ON_TIME, Node.ARRIVE, NodeStatus.RUNNING, 1,
        RECEIVED - timedelta(hours=hours), RECEIVED + timedelta(days=2), None,
    )  # fmt: skip
    plain = {"same_address": False, "sameness": Sameness.KIND, "likeness": 0.82}
    why = Candidate(number, distance, gap=timedelta(hours=hours), **plain | values)  # type: ignore[arg-type]
    return CandidateRow(why, ticket, LONG, "荆山路 18 号", 3)


THIS = row("XZ-20261121-0132", distance=0.0)


@pytest.fixture
def scale(qtbot: QtBot) -> Scale:
    return Scale()


def opened(qtbot: QtBot, scale: Scale, *candidates: CandidateRow, chosen: tuple[str, ...] = ()) -> MergeForm:
    form = MergeForm(MergeView(THIS, candidates, 200.0, 30), chosen, scale)
    qtbot.addWidget(form)
    return form


def tick(form: MergeForm, place: int) -> None:
    form.list.item(place).setCheckState(Qt.CheckState.Checked)


def test_without_candidates_it_asks_for_a_number(qtbot: QtBot, scale: Scale) -> None:
    form = opened(qtbot, scale)
    assert form.problem() is not None
    assert [label.text() for label in form.comparison.cells[0]][1] == "重复单（并入）"
    with qtbot.waitSignal(form.ticket_wanted) as asked:
        form.other.setText(" XZ-20261120-0007 ")
        form.look.click()
    assert asked.args == ["XZ-20261120-0007"]
    form.show_missing("XZ-20261120-0007")
    assert "XZ-20261120-0007" in form.message.text()
    form.add_candidate(row("XZ-20261120-0007", hours=-3, sameness=None))
    assert [c.why.number for c in form.chosen] == ["XZ-20261120-0007"]
    assert not form.message.text()
    with qtbot.assertNotEmitted(form.ticket_wanted):
        form.other.setText(THIS.why.number)
        form.look.click()
    assert "不能并入自己" in form.message.text()


def test_the_first_report_is_kept_unless_the_hand_says_otherwise(qtbot: QtBot, scale: Scale) -> None:
    earlier, later = row("A", hours=72), row("B", hours=-2)
    form = opened(qtbot, scale, earlier, later, chosen=("A",))
    assert form.keep_other.isChecked()
    draft = form.draft()
    assert (draft.main, draft.repeats) == ("A", (THIS.why.number,))
    assert draft.seen == ((THIS.why.number, 3), ("A", 3))
    assert draft.reason == "反映同一问题：距 42 m，同类“建筑施工夜间噪声”"
    assert "由 A 一并办理" in form.said.text()
    form.keep_this.setChecked(True)
    tick(form, 1)
    draft = form.draft()
    assert (draft.main, draft.repeats) == (THIS.why.number, ("A", "B"))
    assert "共 3 位投诉人" in form.said.text()
    # One ticket is merged into one other.
    form.keep_other.setChecked(True)
    problem = form.problem()
    assert problem is not None
    assert "只勾选一件" in problem[0]
    assert opened(qtbot, scale, earlier, later, chosen=("B",)).keep_this.isChecked()


def test_a_reason_of_ones_own_is_kept(qtbot: QtBot, scale: Scale) -> None:
    form = opened(qtbot, scale, row("A"), row("B"), chosen=("A",))
    form.reason.setPlainText("")
    tick(form, 1)
    assert form.reason.value  # an empty one is proposed anew
    form.reason.setPlainText("现场核实为同一台桩机")
    form.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert form.draft().reason == "现场核实为同一台桩机"


def test_too_many_are_refused_and_long_words_cut(qtbot: QtBot, scale: Scale) -> None:
    many = [row(f"N-{n:03d}", hours=-n) for n in range(MOST_AT_ONCE + 1)]
    form = opened(qtbot, scale, *many, chosen=tuple(c.why.number for c in many))
    problem = form.problem()
    assert problem is not None
    assert str(MOST_AT_ONCE) in problem[0]
    said = form.comparison.cells[2][0]
    assert said.text().endswith("…")
    assert "凌晨两点" in said.toolTip()


@pytest.mark.parametrize("width", [1366, 1920])
def test_a_complaint_that_is_cut_says_so(qtbot: QtBot, scale: Scale, width: int) -> None:
    """Not many letters, but more than two lines of them: 85 in a column of half the form."""
    scale.fit(width, width * 9 / 16)
    said = "凌晨两点还在打桩，窗户都在震，" * 6
    form = MergeForm(MergeView(THIS, (replace(row("A"), text=said),)), ("A",), scale)
    qtbot.addWidget(form)
    form.show()
    label = form.comparison.cells[2][1]
    assert label.width() > scale.px(300)
    metrics = label.fontMetrics()
    text = label.text()
    assert text.endswith("…") or text == said
    shown = metrics.boundingRect(0, 0, label.width(), 10_000, Qt.TextFlag.TextWordWrap, text)
    assert shown.height() <= label.height()
    for letters in (400, 90, 60):
        cut = two_lines("字" * letters, metrics, 30 * metrics.horizontalAdvance("字"))
        assert cut.endswith("…") == (letters > 60)
        assert len(cut) <= 60


def test_what_the_rule_would_not_propose_is_said_and_has_no_ready_reason(qtbot: QtBot, scale: Scale) -> None:
    form = opened(qtbot, scale, row("NEAR", distance=200.0))
    form.show()
    assert not form.beyond.isVisible()
    form.add_candidate(row("FAR", distance=833.4))
    assert form.beyond.text().startswith("◆ FAR 距本单 833 m，超出规则的合并半径 200 m")
    assert form.beyond.isVisible()
    assert form.list.item(1).text().startswith("FAR　◆ 超出半径 · 距 833 m")
    assert form.reason.value == ""
    problem = form.problem()
    assert problem is not None
    assert "合并理由" in problem[0]
    # What the rule proposes has its reason ready as before.
    form.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    tick(form, 0)
    assert form.reason.value.startswith("反映同一问题：距 200 m")
    form.list.setCurrentRow(0)
    assert not form.beyond.isVisible()


def test_no_candidates_are_said_with_the_rule(qtbot: QtBot, scale: Scale) -> None:
    form = opened(qtbot, scale)
    form.show()
    assert (
        form.none.text()
        == "规则范围内（200 m、30 天内同类）没有可能重复的工单。可在下面按工单号查找其他工单。"
    )
    assert form.none.isVisible()
    assert not form.list.isVisible()
    form.add_candidate(row("A"))
    assert not form.none.isVisible()
    assert form.list.isVisible()


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0, "同时来件"), (0.5, "早 30 分钟"), (-3, "晚 3 小时"), (47.9, "早 47 小时"), (-72, "晚 3 天")],
)
def test_how_long_before_or_after(hours: float, words: str) -> None:
    assert gap_text(timedelta(hours=hours)) == words


def test_why_in_words(qtbot: QtBot) -> None:
    near = row("A", hours=72)
    assert why_text(near) == "距 42 m · 同类“建筑施工夜间噪声” · 早 3 天 · 文字相似 82%"
    assert short_why(near) == "42m·同类·早3天"
    same = row("A", hours=1, distance=None, same_address=True, sameness=Sameness.CLASS, likeness=0.1)
    assert why_text(same) == "同一地址 · 同大类“建筑施工夜间噪声” · 早 1 小时"
    far = row("A", distance=23_400.0, sameness=None)
    assert reason_text(far) == "反映同一问题：距 23 km，类别不同：建筑施工夜间噪声"
