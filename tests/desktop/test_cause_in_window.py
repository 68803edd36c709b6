"""At three in the morning: a flood of warnings of a cause, one act with a note, by the real window (T09)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import func, select

from data_access import bulk, log, schema
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.city import load_city
from desktop.shell import CommandCentre
from desktop.use_cases.tickets import acknowledge_warning
from domain.drafts import AcknowledgeDraft
from domain.events import Accepted, Dispatched, Event, WarningAcknowledged, WarningKind
from domain.intake import NewTicket
from domain.listing import WarningRow
from domain.nodes import Node
from domain.people import Actor, Role
from domain.warning_causes import CauseRow
from tests.data_access.streams import DUTY, received
from tests.desktop.test_steps_in_window import open_window, sit_down, until
from widgets.forms.acknowledge_cause_form import AcknowledgeCauseForm
from widgets.pages.warnings_page import WarningsPage

COUNT = 100
"""As a flood of them; one order takes up to `MOST_TOGETHER`."""
HOLDER = load_city().responsible[0].key
LEADER = Actor(Role.LEADER, "李强")


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    """Tickets that one body should have signed an hour ago."""
    trial = Store(store.engine, postgres)
    now = datetime.now(UTC).replace(microsecond=0)

    def came(number: int) -> NewTicket:
        start = now - timedelta(hours=5, seconds=number)
        steps = ((0, received()), (60, Accepted()), (120, Dispatched(HOLDER)))
        name = f"T-{number:03}"
        events = tuple(Event(start + timedelta(seconds=after), DUTY, fact) for after, fact in steps)
        return NewTicket(name, events, name.encode().ljust(32, b"\0"))

    trial.write(lambda c: put_city(c, load_city(), now - timedelta(days=1)))
    trial.write(lambda c: bulk.add_tickets(c, load_rules(c), [came(n) for n in range(COUNT)]))
    return trial


def lines(page: WarningsPage) -> list[tuple[int, CauseRow]]:
    records = [(row, page.model.record(row)) for row in range(page.model.rowCount())]
    return [(row, line) for row, line in records if isinstance(line, CauseRow)]


def late_sign(page: WarningsPage) -> tuple[int, CauseRow] | None:
    return next((found for found in lines(page) if found[1].cause.node is Node.SIGN), None)


def raised(store: Store) -> int:
    warning = schema.warning.c
    late = warning.node == Node.SIGN.value, warning.kind == WarningKind.LATE.value
    return store.read(lambda c: c.execute(select(func.count()).where(*late)).scalar_one())


def noted(store: Store) -> list[tuple[str, WarningAcknowledged]]:
    streams = [f"ticket/T-{n:03}" for n in range(COUNT)]
    events = [r.event for s in streams for r in store.read(lambda c, s=s: log.read_stream(c, s))]
    return [(e.actor.name, e.fact) for e in events if isinstance(e.fact, WarningAcknowledged)]


def acknowledged_by_the_leader(store: Store, row: WarningRow) -> None:
    draft = AcknowledgeDraft(
        "8d1f6a9e-0b67-4f0a-9c43-5d6a9f1c2b3" + row.ticket[-1],
        row.ticket,
        row.kind,
        row.level,
        row.node,
        row.round,
        row.leg,
        "我来过问",
    )
    acknowledge_warning(store, draft, LEADER, datetime.now(UTC))


async def the_form(centre: CommandCentre) -> AcknowledgeCauseForm:
    await until(lambda: isinstance(centre.forms.form, AcknowledgeCauseForm))
    form = centre.forms.form
    assert isinstance(form, AcknowledgeCauseForm)
    return form


async def test_a_whole_cause_is_acknowledged_by_one_act(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        duty = await sit_down(centre, city, Role.DUTY)
        centre.choose_page("warnings")
        page = centre.desk("warnings").page
        assert isinstance(page, WarningsPage)
        QTest.mouseClick(page.grouping.buttons[1], Qt.MouseButton.LeftButton)
        # The clocks tell of them at once; the engine has raised them all a moment later.
        await until(lambda: raised(city) == COUNT)
        await until(lambda: (found := late_sign(page)) is not None and found[1].unacknowledged == COUNT)
        row, _ = late_sign(page) or (0, None)
        page.table.selectRow(row)
        assert page.acknowledge.text() == f"W 确认同类 {COUNT} 条"
        assert not page.re_supervision.isEnabled()
        # By the mouse, and given up: nothing is written.
        QTest.mouseClick(page.acknowledge, Qt.MouseButton.LeftButton)
        form = await the_form(centre)
        QTest.keyClick(form, Qt.Key.Key_Escape)
        await until(lambda: centre.forms.form is None)
        assert noted(city) == []
        # By the keyboard.
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_W)
        form = await the_form(centre)
        assert f"将确认 {COUNT} 条" in form.summary.text()
        assert f"{COUNT} 件工单" in form.summary.text()
        assert form.table.model().rowCount() == COUNT
        # The oldest first: the last that came in is the last line.
        assert [form.rows[0].ticket, form.rows[-1].ticket] == ["T-099", "T-000"]
        form.submit()
        assert "请写明说明" in form.message.text()
        # Meanwhile a leader takes note of two.
        for taken in form.rows[3:5]:
            acknowledged_by_the_leader(city, taken)
        form.note.insertPlainText("断网所致，已逐家电话通知")
        QTest.keyClick(form.note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: not form.busy and f"已确认 {COUNT - 2} 条" in form.summary.text())
        assert "2 条期间已由他人确认" in form.summary.text()
        assert [form.table.model().index(n, 0).data() for n in (0, 1)] == [r.ticket for r in form.rows[3:5]]
        assert form.table.model().index(0, 7).data() == "保持原样：李强 已确认"
        QTest.keyClick(form, Qt.Key.Key_Return)
        await until(lambda: centre.forms.form is None)
        found = noted(city)
        assert len(found) == COUNT
        assert [name for name, _ in found].count(duty.name) == COUNT - 2
        assert {fact.note for name, fact in found if name == duty.name} == {"断网所致，已逐家电话通知"}
        # The line stays, as its cause does, and there is nothing left to take note of.
        await until(lambda: (found := late_sign(page)) is not None and found[1].unacknowledged == 0)
        await until(lambda: not page.acknowledge.isEnabled())
        assert "均已确认" in page.acknowledge.toolTip()
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None
