"""What is said of a warning: the rule, its facts, how far it climbed, and who took note of it (T04, T13)."""

from dataclasses import replace

from domain.events import WarningKind
from domain.people import Role
from tests.widgets.case_records import START, after, warning_row
from widgets.warning_words import climbed_text, climbed_to, rule_text, short_lines, told_lines

WRONG = replace(
    warning_row(1, kind=WarningKind.WRONG),
    rule="现场影像不得重复使用",
    rule_id="E03",
    facts=("2026-11-20 10:00:00 提交", "影像 ab12… 已于 2026-11-18 09:00:00 用于工单 XZ-1"),
)


def test_a_wrong_step_is_told_with_its_rule_and_facts(qapp: object) -> None:
    assert rule_text(WRONG) == "做不对：现场影像不得重复使用（2026-11-20 10:00:00 提交）"
    assert rule_text(warning_row(2)) == "做得晚"
    lines = told_lines(WRONG)
    assert lines[:3] == ["做不对：现场影像不得重复使用", *WRONG.facts]


def test_how_far_it_climbed_and_who_took_note(qapp: object) -> None:
    assert climbed_text(WRONG) == ""
    assert (climbed_to(Role.LEADER), climbed_to(Role.DISCIPLINE)) == ("已升级至领导", "已升级至纪委")
    climbed = replace(WRONG, escalated_to="discipline", escalated_at=after(hours=1))
    assert any(line.startswith("已升级至纪委 ") for line in told_lines(climbed))
    assert short_lines(climbed)[-1] == "　已升级至纪委 · 未确认"
    noted = replace(climbed, acknowledged_by="王磊", acknowledged_at=START)
    assert "王磊 已确认" in short_lines(noted)[-1]
    assert any("王磊 于" in line for line in told_lines(noted))
