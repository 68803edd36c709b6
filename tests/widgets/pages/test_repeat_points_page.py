"""The list of repeat points: nothing, one, many; and what a line opens (B10, Y22)."""

from datetime import UTC, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from domain.drafts import DirectiveSubject
from domain.listing import TicketFilter
from domain.people import Actor, Role
from domain.repeat_points import FirstContact, RepeatPoint
from domain.repeat_rules import RepeatsRule
from widgets.pages.repeat_points_page import RepeatPointsPage
from widgets.scale import Scale

NOW = datetime(2026, 11, 21, 12, 58, tzinfo=UTC)
KINDS = ("夜间施工噪声", "扬尘", "油烟", "异味")


def point(number: int, **values: object) -> RepeatPoint:
    plain = {
        "key": str(number), "address": "荆山路 18 号", "area_name": "铜山区 · 金山桥街道", "count": 4,
        "open": 1, "merged": 2,
        "kinds": tuple((kind, 1) for kind in KINDS), "bodies": (("住建局", 3), ("城管局", 1)),
        "first_at": NOW - timedelta(days=60), "last_at": NOW, "plan": "整治方案", "plan_approved": True,
        "numbers": ("T-4", "T-3", "T-2", "T-1"), "body_keys": ("housing", "urban"),
    }  # fmt: skip
    return RepeatPoint(**(plain | values))  # type: ignore[arg-type]


@pytest.fixture
def page(qtbot: QtBot) -> RepeatPointsPage:
    made = RepeatPointsPage(Scale())
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    return made


def cells(page: RepeatPointsPage) -> list[str]:
    model = page.table.paged
    return [model.data(model.index(0, column)) for column in range(model.columnCount())]


def test_without_any_it_says_so(page: RepeatPointsPage) -> None:
    page.start_over()
    page.model.set_page(0, (), 0)
    page.show_count(0, 0, RepeatsRule(), NOW)
    page.show_first_contact(FirstContact(), 90)
    assert "0 处，0 件" in page.panel.note
    assert page.first_contact.text().startswith("首访即终访率 —")
    assert not page.all.isEnabled()


def test_a_point_says_how_often_what_for_and_who_answers(page: RepeatPointsPage, qtbot: QtBot) -> None:
    page.model.set_page(0, (point(1),), 1)
    page.show_count(1, 4, RepeatsRule(sample=False), NOW)
    page.show_first_contact(FirstContact(87, 100), 90)
    assert cells(page)[:3] == ["4 次", "在办 1 件 · 并入 2", "荆山路 18 号"]
    assert cells(page)[4] == "夜间施工噪声、扬尘、油烟…"
    assert cells(page)[5:7] == ["住建局 3、城管局", "整治方案 · 已批准"]
    assert "示例" not in page.panel.note
    assert "（87 / 100 件）" in page.first_contact.text()
    with qtbot.waitSignal(page.tickets_requested) as opened:
        page.table.record_activated.emit(point(1), "count")
    assert opened.args == [TicketFilter(numbers=("T-4", "T-3", "T-2", "T-1")), "重复点位：荆山路 18 号"]


def test_a_leader_directs_the_bodies_of_a_place(page: RepeatPointsPage, qtbot: QtBot) -> None:
    page.model.set_page(0, (point(1), point(2, address="", plan="", open=0)), 2)
    page.set_actor(Actor(Role.DUTY, "王磊", "platform"))
    page.table.selectRow(0)
    assert not page.directive.isEnabled()
    page.set_actor(Actor(Role.LEADER, "赵市长"))
    assert page.directive.isEnabled()
    with qtbot.waitSignal(page.directive_requested) as asked:
        page.directive.click()
    assert asked.args == [DirectiveSubject(("T-4", "T-3", "T-2", "T-1"), bodies=("housing", "urban"))]
