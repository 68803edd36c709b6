"""The choice of a trial's person: it says that it is one, and goes by the keyboard."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain.city import Person
from domain.people import Actor, Role
from widgets.fact_grid import small_label
from widgets.scale import Scale
from widgets.sign_in.demo_person_form import DemoPersonForm

PEOPLE = (
    Person("王磊", Role.DUTY, "值班员", "platform", "demo-1"),
    Person("周海", Role.LEADER, "副市长", None, "demo-2"),
    Person("陈立", Role.HANDLER, "科长", "housing", "demo-3"),
)


@pytest.fixture
def form(qtbot: QtBot) -> DemoPersonForm:
    made = DemoPersonForm(PEOPLE, {"housing": "市住建局"}, Actor(Role.LEADER, "周海"), Scale())
    qtbot.addWidget(made)
    made.open()
    return made


def test_it_begins_at_who_sits_there_and_hands_over_whom_enter_is_pressed_on(
    form: DemoPersonForm, qtbot: QtBot
) -> None:
    assert form.table.chosen() == PEOPLE[1]
    form.table.setFocus()
    qtbot.keyClick(form.table, Qt.Key.Key_Down)
    with qtbot.waitSignal(form.submitted) as sent:
        qtbot.keyClick(form.table, Qt.Key.Key_Return)
    assert sent.args == [PEOPLE[2]]


def test_it_says_that_this_is_no_way_to_work(form: DemoPersonForm) -> None:
    said = [label.text() for label in form.findChildren(type(small_label(form)))]
    assert any("勿用于生产" in text for text in said)
