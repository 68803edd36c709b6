"""A re-supervision by the real window: red, draft, launched, explained, asked on, explained, found, closed.

(T08, T10, X03, X05, X06, Y28.) Then its dossier is exported by the button's way, and proves itself.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from data_access import bulk
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from desktop.city import load_city
from desktop.dossiers.proving import prove
from desktop.shell import CommandCentre
from domain import drafts as d
from domain import events as e
from domain.events import Event
from domain.intake import NewTicket
from domain.people import Role
from domain.re_supervision import FileState
from tests.data_access.streams import DUTY, received
from tests.desktop.test_steps_in_window import HOLDER, TICKET, facts, open_window, sit_down, submit, until
from widgets.forms.re_supervision_form import ReSupervisionForm

FILES = "re_supervisions"


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    """A ticket that came in five hours ago and was dispatched at once: four were allowed to sign it."""
    trial = Store(store.engine, postgres)
    start = datetime.now(UTC) - timedelta(hours=5)
    steps = (received(), e.Accepted(), e.Dispatched(HOLDER.key, rule="责任清单 3.12"))
    events = tuple(Event(start + timedelta(seconds=n), DUTY, fact) for n, fact in enumerate(steps))
    trial.write(lambda c: put_city(c, load_city(), start - timedelta(days=1)))
    trial.write(lambda c: bulk.add_tickets(c, load_rules(c), [NewTicket(TICKET, events, b"\1" * 32)]))
    return trial


def page_of(centre: CommandCentre) -> Any:
    return centre.desk(FILES).page


async def go_on(centre: CommandCentre, step: type, **values: Any) -> None:
    """Take a step of the file by its button and its form."""
    centre.choose_page(FILES)
    button = page_of(centre).file.steps.buttons[step]
    await until(lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await submit(centre, **values)


async def shown(centre: CommandCentre, condition: Callable[[Any], bool]) -> None:
    """Go to the files, and wait until the one beside the list is as one expects."""
    if centre.shown != FILES:
        centre.choose_page(FILES)
    await until(lambda: page_of(centre).file.has_content and condition(page_of(centre).file))


async def test_a_red_warning_goes_through_to_the_close(tmp_path: Path, city: Store) -> None:
    photo = tmp_path / "值班表.png"
    QImage(12, 8, QImage.Format.Format_RGB32).save(str(photo))
    async with open_window(tmp_path, city) as centre:
        officer = await sit_down(centre, city, Role.DISCIPLINE)
        # The sweep has found the overdue signature, and the red warning has opened a draft by itself.
        centre.choose_page(FILES)
        page = page_of(centre)
        await until(lambda: page.model.rowCount() > 0 and page.launch.isVisible() and page.launch.isEnabled())
        QTest.mouseClick(page.launch, Qt.MouseButton.LeftButton)
        form = centre.forms.form
        assert isinstance(form, ReSupervisionForm)
        form.question.setPlainText("为何未按时签收？")
        QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
        await until(lambda: centre.forms.form is None or bool(form.message.text()))
        assert centre.forms.form is None, form.message.text()

        handler = await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        # The supervised side sees it now, and can do nothing but explain.
        centre.choose_page(FILES)
        await shown(centre, lambda file: file.steps.buttons[d.ExplainDraft].isEnabled())
        page = page_of(centre)
        assert not any(
            page.file.steps.buttons[step].isEnabled() for step in (d.AskDraft, d.FindDraft, d.CloseFileDraft)
        )
        assert not page.patterns.isVisible()
        assert "patterns" not in centre.pages()
        await go_on(centre, d.ExplainDraft, text="当晚值班车辆外出", files=[str(photo)])

        await sit_down(centre, city, Role.DISCIPLINE)
        await go_on(centre, d.AskDraft, question="当晚几人值班？")
        await shown(centre, lambda file: "2. " in file.facts.value(2))
        assert "为何未按时签收" in page_of(centre).file.facts.value(2)
        await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        await go_on(centre, d.ExplainDraft, text="两人")
        await sit_down(centre, city, Role.DISCIPLINE)
        await shown(
            centre, lambda file: "尚未说明" not in file.facts.value(5) and "两人" in file.facts.value(5)
        )
        assert "附材料 1 份" in page_of(centre).file.facts.value(5)
        await go_on(centre, d.FindDraft, behaviour="slowness", text="超时一小时")
        await go_on(centre, d.CloseFileDraft, recommendation="对分管负责人谈话")
        await shown(centre, lambda file: "已办结" in file.note)

        number = centre.desk(FILES).number  # type: ignore[attr-defined]
        written = facts(city, f"re_supervision/{number}")
        assert [type(fact) for fact in written] == [
            e.ReSupervisionDrafted,
            e.ReSupervisionLaunched,
            e.ReSupervisionExplained,
            e.ReSupervisionAsked,
            e.ReSupervisionExplained,
            e.ReSupervisionFound,
            e.ReSupervisionClosed,
        ]
        told = [
            fact.step for fact in facts(city, f"ticket/{TICKET}") if isinstance(fact, e.ReSupervisionReferred)
        ]
        assert told == ["drafted", "launched", "asked", "closed"]

        # The dossier, as the button writes it: proved without the store.
        desk: Any = centre.desk(FILES)
        exported = await desk.dossier.write(number, tmp_path / "卷宗.zip")
        assert exported is not None
        assert (exported.number, exported.evidence) == (number, 1)
        proof = await asyncio.to_thread(prove, exported.path)
        assert proof.is_proved, proof.flaws
        assert (proof.fingerprint, proof.ticket) == (exported.fingerprint, TICKET)

        # The body's record: from the file to the patterns, and there the file again.
        page = page_of(centre)
        assert page.file.record.isVisible()
        QTest.mouseClick(page.file.record, Qt.MouseButton.LeftButton)
        patterns: Any = centre.desk("patterns").page
        await until(
            lambda: centre.shown == "patterns" and patterns.record.tables["files"].model().rowCount() == 1
        )
        past = patterns.record.tables["files"].model().record(0)
        assert (past.row.number, past.row.state, past.behaviour) == (
            number,
            FileState.CLOSED,
            e.Behaviour.SLOWNESS,
        )
        late = patterns.record.tables["late"].model()
        assert [(late.record(0).ticket, late.record(0).ended_at)] == [(TICKET, None)]
        patterns.record.tables["files"].record_activated.emit(past, "number")
        await until(lambda: centre.shown == FILES)
        assert officer.role is Role.DISCIPLINE
        assert handler.body == HOLDER.key
