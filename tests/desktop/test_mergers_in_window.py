"""The duty officer merges and splits by the real window over the real store (B09, B10)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from data_access import bulk, log
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from desktop.city import load_city
from desktop.shell import CommandCentre
from domain.case_events import LetGo, MergedInto, SplitOff, TookIn
from domain.events import Accepted, Dispatched, Event, Fact, Signed
from domain.intake import NewTicket
from domain.node_clock import NodeEnd
from domain.nodes import Node, NodeStatus
from domain.people import Role
from tests.data_access.streams import DUTY, HANDLER, received
from tests.desktop.test_steps_in_window import open_window, sit_down, until
from widgets.forms.merge_form import MergeForm
from widgets.forms.step_form import StepForm

NORTH = 1 / 111_195
"""Degrees of latitude in a metre."""
START = datetime.now(UTC) - timedelta(minutes=100)


def ticket(number: str, minutes: float, north_m: float, category: str, *steps: Fact) -> NewTicket:
    """A ticket that came in so many minutes after START, each of its steps a minute after the one before."""
    place = {"lng": 117.2, "lat": 34.27 + north_m * NORTH, "address": f"荆山路 {number}"}
    facts = (received(category=category, **place), *steps)
    actors = [HANDLER if isinstance(fact, Signed) else DUTY for fact in facts]
    events = tuple(
        Event(START + timedelta(minutes=minutes + n), actor, fact)
        for n, (actor, fact) in enumerate(zip(actors, facts, strict=True))
    )
    return NewTicket(number, events, number.encode().ljust(32, b"\0"))


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    """Two reports of one site, an hour apart and 40 m away, and a sensor's alarm at the same place."""
    trial = Store(store.engine, postgres)
    trial.write(lambda c: put_city(c, load_city(), START - timedelta(days=1)))
    accepted = (Accepted(), Dispatched("housing"))
    tickets = [
        ticket("T-1", 0, 0, "C02", *accepted, Signed()),
        ticket("T-2", 60, 40, "C02", *accepted),
        ticket("S-1", 70, 10, "A01", Accepted()),
    ]
    trial.write(lambda c: bulk.add_tickets(c, load_rules(c), tickets))
    return trial


def facts(store: Store, number: str) -> list[Fact]:
    return [r.event.fact for r in store.read(lambda c: log.read_stream(c, f"ticket/{number}"))]


async def open_dossier(centre: CommandCentre, number: str) -> None:
    centre.open_ticket(number)
    await until(lambda: centre.dossier_page.number == number)


async def test_b09_merge_after_comparing_and_split_again(city: Store, tmp_path: Path) -> None:
    async with open_window(tmp_path, city) as centre:
        await sit_down(centre, city, Role.DUTY)
        page = centre.dossier_page
        # The later report says what it may repeat, and why.
        await open_dossier(centre, "T-2")
        line = page.merging.candidates[0]
        assert line.link.text() == "T-1"
        assert line.words.text().startswith("40m·同类·早")
        # Both side by side, the first kept by default.
        QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
        await until(lambda: isinstance(centre.forms.form, MergeForm))
        form = centre.forms.form
        assert isinstance(form, MergeForm)
        heads = [label.text() for label in form.comparison.cells[0]]
        assert heads == ["主单（保留）　T-1", "重复单（并入）　T-2"]
        assert form.draft().repeats == ("T-2",)
        # Nothing is written before it is confirmed, and nothing without a reason.
        assert not any(isinstance(fact, MergedInto) for fact in facts(city, "T-2"))
        form.reason.setPlainText("")
        QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
        assert "合并理由" in form.message.text()
        form.reason.setPlainText("同一工地")
        QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
        await until(lambda: centre.forms.form is None)
        await until(lambda: page.header.main.isVisible())
        assert page.header.main.text() == "已并入 T-1 ›"
        assert page.header.state.text == "已并入"
        said = facts(city, "T-2")[-1]
        assert isinstance(said, MergedInto)
        assert (said.main, said.reason) == ("T-1", "同一工地")
        assert said.distance_m == pytest.approx(40, abs=0.2)
        # From the repeat to the main ticket, which says so, and how many people wait for an answer.
        QTest.mouseClick(page.header.main, Qt.MouseButton.LeftButton)
        await until(lambda: page.number == "T-1")
        assert page.merging.note == "含 1 件，须反馈 2 人"
        assert page.merging.merged[0].link.text() == "T-2"
        # The alarm is of another class, so nobody proposes it; by its number it joins all the same.
        QTest.mouseClick(page.merging.merge, Qt.MouseButton.LeftButton)
        await until(lambda: isinstance(centre.forms.form, MergeForm))
        form = centre.forms.form
        assert isinstance(form, MergeForm)
        form.other.setText("S-9")
        QTest.mouseClick(form.look, Qt.MouseButton.LeftButton)
        await until(lambda: "S-9" in form.message.text())
        form.other.setText("S-1")
        QTest.mouseClick(form.look, Qt.MouseButton.LeftButton)
        await until(lambda: len(form.chosen) == 1)
        assert form.keep_this.isChecked()
        QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
        await until(lambda: page.merging.note == "含 2 件，须反馈 3 人")
        # T-2 was no repeat after all: split off from the main ticket's own page.
        QTest.mouseClick(page.merging.merged[0].button, Qt.MouseButton.LeftButton)
        await until(lambda: isinstance(centre.forms.form, StepForm))
        split = centre.forms.form
        assert isinstance(split, StepForm)
        split.edits["reason"].setPlainText("相邻的另一处工地")
        QTest.mouseClick(split.submit_button, Qt.MouseButton.LeftButton)
        await until(lambda: page.merging.note.startswith("含 1 件，须反馈 2 人"))
        assert [type(fact) for fact in facts(city, "T-1")[-3:]] == [TookIn, TookIn, LetGo]
        assert facts(city, "T-2")[-1] == SplitOff("T-1", "相邻的另一处工地")
        # Times by hand. T-1 came in at START and was signed 3 min later, of 240: that is housing's, whatever
        # was merged since. T-2 came in 60 min later and has not been signed: due 4 h after that, and as much
        # later as it was merged for, which is nobody's time.
        await open_dossier(centre, "T-2")
        clock = page._dossier.clock  # type: ignore[union-attr]
        (sign,) = [node for node in clock.trace.nodes if node.node is Node.SIGN]
        assert sign.end is None
        assert clock.status(sign) is NodeStatus.RUNNING
        (pause,) = clock.trace.pauses
        merged_at = next(e.at for e in events(city, "T-2") if isinstance(e.fact, MergedInto))
        split_at = next(e.at for e in events(city, "T-2") if isinstance(e.fact, SplitOff))
        assert (pause.start, pause.end) == (merged_at, split_at)
        assert sign.due_at == START + timedelta(minutes=60, hours=4) + (split_at - merged_at)
        await open_dossier(centre, "T-1")
        main = page._dossier.clock  # type: ignore[union-attr]
        (sign,) = [node for node in main.trace.nodes if node.node is Node.SIGN]
        assert (sign.ended_at, sign.end) == (START + timedelta(minutes=3), NodeEnd.DONE)
        assert sign.used_share(main.as_of) == pytest.approx(3 / 240)


async def test_b10_repeat_points_open_exactly_their_tickets(city: Store, tmp_path: Path) -> None:
    async with open_window(tmp_path, city) as centre:
        await sit_down(centre, city, Role.DUTY)
        centre.choose_page("tickets")
        await until(lambda: centre.ticket_list.isVisible())
        QTest.mouseClick(centre.ticket_list.repeats, Qt.MouseButton.LeftButton)
        points = centre._own.repeats_page
        await until(lambda: points.model.record(0) is not None)
        assert points.model.rowCount() == 1
        assert "近 90 日、50 米内反映 2 次及以上（示例）：1 处，3 件" in points.panel.note
        assert points.model.record(0).open == 3
        points.table.selectRow(0)
        points.table.setFocus()
        QTest.keyClick(points.table, Qt.Key.Key_Return)
        await until(lambda: centre.shown == "tickets" and centre.ticket_list.model.record(2) is not None)
        rows = [centre.ticket_list.model.record(row) for row in range(3)]
        assert {row.number for row in rows} == {"T-1", "T-2", "S-1"}
        centre.go_back()
        assert centre.shown == "repeats"


def events(store: Store, number: str) -> list[Event]:
    return [r.event for r in store.read(lambda c: log.read_stream(c, f"ticket/{number}"))]
