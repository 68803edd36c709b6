"""Every command of the rights table by the real window over the real store: clicked, typed, refused."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from data_access import bulk, log
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from desktop import runtime
from desktop.city import load_city
from desktop.forms import Forms
from desktop.settings import Settings
from desktop.shell import CommandCentre
from desktop.signing_in.entrances import DemoEntrance, seat_of
from domain import drafts as d
from domain import events as e
from domain.events import Event
from domain.intake import Complainant, NewTicket
from domain.nodes import Node
from domain.people import Actor, Role
from domain.rights import RIGHTS, Command, Scope
from tests.data_access.streams import DUTY, received
from tests.widgets.case_records import warning_row
from widgets.forms.asked import Asked
from widgets.forms.re_supervision_form import ReSupervisionForm
from widgets.forms.step_form import STEP_FORMS, StepForm

PATIENCE_SECONDS = 30
TICKET = "T-1"
HOLDER = load_city().responsible[0]


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    """A city with its people and one ticket that has just come in, opened as a trial opens it."""
    trial = Store(store.engine, postgres)
    start = datetime.now(UTC) - timedelta(seconds=20)
    person = Complainant("孟庆云", "13800001111", False)
    ticket = NewTicket(TICKET, (Event(start, DUTY, received()),), b"\1" * 32, person)
    trial.write(lambda c: put_city(c, load_city(), start - timedelta(days=1)))
    trial.write(lambda c: bulk.add_tickets(c, load_rules(c), [ticket]))
    return trial


@asynccontextmanager
async def open_window(folder: Path, store: Store) -> AsyncIterator[CommandCentre]:
    seat = await runtime.in_thread(seat_of, store)
    centre = CommandCentre(Settings(data=folder), seat)
    centre.resize(QSize(1600, 900))
    centre.start()
    try:
        await until(lambda: centre.overview is not None and centre.forms.choices is not None)
        yield centre
    finally:
        await centre.stop()
        seat.taken().end()
        centre.hide()
        centre.deleteLater()
        await asyncio.sleep(0.1)


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


async def sit_down(centre: CommandCentre, store: Store, role: Role, body: str | None = None) -> Actor:
    entrance = DemoEntrance(store)
    people = await runtime.in_thread(entrance.people)
    person = next(p for p in people if p.role is role and (body is None or p.body == body))
    await centre.sit_down(await runtime.in_thread(entrance.sit, person))
    await until(lambda: centre.forms.actor == person.actor)
    return person.actor


async def open_ticket(centre: CommandCentre) -> None:
    centre.open_ticket(TICKET)
    await until(lambda: centre.dossier_page.number == TICKET)


async def take(centre: CommandCentre, step: type, **values: Any) -> None:
    """Take a step of the ticket by its button and its form."""
    button = centre.dossier_page.steps.buttons[step]
    await until(lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await submit(centre, **values)


async def refuse(centre: CommandCentre, step: type, file: Path, reason: str) -> None:
    """Try a step with a file that is no evidence, and give it up."""
    button = centre.dossier_page.steps.buttons[step]
    await until(lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    form = centre.forms.form
    assert isinstance(form, StepForm)
    fill(form, measures="已停工", violation=True, files=[str(file)])
    form.submit()
    await until(lambda: not form.busy)
    assert reason in form.message.text()
    assert file.name in form.message.text()
    form.reject()


async def submit(centre: CommandCentre, **values: Any) -> None:
    form = centre.forms.form
    assert isinstance(form, StepForm)
    fill(form, **values)
    QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
    await until(lambda: centre.forms.form is None or bool(form.message.text()))
    assert centre.forms.form is None, form.message.text()


def fill(form: StepForm, **values: Any) -> None:
    for name, value in values.items():
        edit = form.edits[name]
        match value:
            case bool():
                edit.answer(value)
            case str() if hasattr(edit, "choose"):
                edit.choose(value)
            case str() if hasattr(edit, "setPlainText"):
                edit.setPlainText(value)
            case str() if hasattr(edit, "words"):
                edit.choice.setCurrentIndex(1)
                edit.words.setPlainText(value)
            case str():
                edit.setText(value)
            case datetime():
                edit.set_deadline(value)
            case list():
                edit.add(value)
            case _:
                edit.choose(value)


def facts(store: Store, stream: str) -> list[Any]:
    return [record.event.fact for record in store.read(lambda c: log.read_stream(c, stream))]


def actors(store: Store, stream: str) -> list[str]:
    return [record.event.actor.name for record in store.read(lambda c: log.read_stream(c, stream))]


async def test_a_ticket_goes_through_the_procedure_by_buttons(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        office = centre.forms.actor
        await open_ticket(centre)
        await take(centre, e.Accepted)
        await take(centre, e.Dispatched, lead=HOLDER.key, rule="责任清单 3.12")
        await take(centre, e.Chased, text="请立即到场")
        handler = await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        await open_ticket(centre)
        await take(centre, e.Signed)
        await take(centre, e.Arrived, distance_m="38", note="噪声 71 dB(A)")
        photo = tmp_path / "site.png"
        QImage(8, 8, QImage.Format.Format_RGB32).save(str(photo))
        fake = tmp_path / "fake.png"
        fake.write_bytes(b"#!/bin/sh")
        await refuse(centre, e.Rectified, fake, "不能作为证据的文件类型")
        await take(centre, e.Rectified, measures="已停工", violation=True, files=[str(photo)])
        await take(centre, e.Filed, document="徐环立〔2026〕1 号")
        await take(centre, e.Penalised, document="徐环罚〔2026〕1 号", amount="20000")
        await take(centre, e.FedBack, by="电话", text="已告知")
        await sit_down(centre, city, Role.DUTY)
        await open_ticket(centre)
        await take(centre, e.Paused, reason="等待复测")
        await take(centre, e.Resumed)
        later = datetime.now(UTC) + timedelta(days=60)
        await take(centre, e.Extended, node=Node.REVISIT, due=later, reason="举报人外出")
        await take(centre, e.Revisited, satisfied=True)
        await take(centre, e.PostChecked, passed=True)
        await take(centre, e.Closed, outcome="已复测")
        await until(lambda: centre.dossier_page.steps.refusal(e.Accepted) == "工单已销号，不能再办理")
        assert office is not None
        written = [f for f in facts(city, f"ticket/{TICKET}") if not isinstance(f, e.WarningRaised)]
        raised = [f for f in facts(city, f"ticket/{TICKET}") if isinstance(f, e.WarningRaised)]
        said = [fact for fact in written if not isinstance(fact, e.WarningCleared | e.Received)]
        assert [type(fact) for fact in said] == [
            e.Accepted,
            e.Dispatched,
            e.Chased,
            e.Signed,
            e.Arrived,
            e.Rectified,
            e.Filed,
            e.Penalised,
            e.FedBack,
            e.Paused,
            e.Resumed,
            e.Extended,
            e.Revisited,
            e.PostChecked,
            e.Closed,
        ]
        assert said[1] == e.Dispatched(HOLDER.key, (), "责任清单 3.12")
        assert said[5].evidence == (hashlib.sha256(photo.read_bytes()).hexdigest(),)
        # With a picture of the site: reported done without any, or closed so, is what these rules are about.
        assert not {fact.rule_id for fact in raised} & {"E01", "E02"}
        assert said[9] == e.Paused("等待复测", office.name)
        assert handler.name in actors(city, f"ticket/{TICKET}")


async def test_a_step_by_keyboard_alone(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        centre.activateWindow()
        await open_ticket(centre)
        button = centre.dossier_page.steps.buttons[e.Accepted]
        await until(button.isEnabled)
        centre.dossier_page.setFocus()
        for _ in range(20):
            if QApplication.focusWidget() is button:
                break
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is button
        QTest.keyClick(button, Qt.Key.Key_Return)
        form = centre.forms.form
        assert isinstance(form, StepForm)
        await until(lambda: QApplication.focusWidget() is form.submit_button)
        QTest.keyClick(form.submit_button, Qt.Key.Key_Return)
        QTest.keyClick(form.submit_button, Qt.Key.Key_Return)  # twice writes once
        await until(lambda: centre.forms.form is None)
        following = centre.dossier_page.steps.buttons[e.Dispatched]
        await until(lambda: centre.focusWidget() is following)
        assert facts(city, f"ticket/{TICKET}").count(e.Accepted()) == 1


async def test_a_refused_step_keeps_what_was_typed(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        await open_ticket(centre)
        await take(centre, e.Accepted)
        await take(centre, e.Dispatched, lead=HOLDER.key)
        await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        await open_ticket(centre)
        button = centre.dossier_page.steps.buttons[e.Rectified]
        await until(button.isEnabled)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        form = centre.forms.form
        assert isinstance(form, StepForm)
        fill(form, measures="写了一半的话", violation=False)
        # Meanwhile the office pauses the ticket.
        at = datetime.now(UTC)
        pause = log.Addition(f"ticket/{TICKET}", [Event(at, DUTY, e.Paused("等待鉴定", DUTY.name))])
        city.write(lambda c: log.append(c, load_rules(c), [pause]))
        QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
        await until(lambda: not form.busy)
        assert "已暂停" in form.message.text()
        assert form.edits["measures"].value == "写了一半的话"
        form.reject()
        assert not any(isinstance(fact, e.Rectified) for fact in facts(city, f"ticket/{TICKET}"))


async def test_a_directive_is_signed_fed_back_returned_judged_and_withdrawn(
    tmp_path: Path, city: Store
) -> None:
    async with open_window(tmp_path, city) as centre:

        async def answer(step: type, **values: Any) -> None:
            centre.choose_page("directives")
            page = centre.desk("directives").page
            button = page.directive.steps.buttons[step]  # type: ignore[attr-defined]
            await until(lambda: button.isVisible() and button.isEnabled())
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            await submit(centre, **values)

        leader = await sit_down(centre, city, Role.LEADER)
        centre.forms.open_directive(None)
        form = centre.forms.form
        assert form is not None
        form.text.setPlainText("今晚必须停工")  # type: ignore[attr-defined]
        form.receivers.choose([HOLDER.key])  # type: ignore[attr-defined]
        form.submit()
        await until(lambda: centre.forms.form is None)
        await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        await answer(d.SignDirectiveDraft)
        await answer(d.FeedBackDraft, text="已停工")
        await sit_down(centre, city, Role.LEADER)
        await answer(d.JudgeDraft, accepted=False, text="无照片")
        await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        await answer(d.FeedBackDraft, text="已停工，附照片")
        await sit_down(centre, city, Role.LEADER)
        await answer(d.JudgeDraft, accepted=True)
        await answer(d.WithdrawDraft, reason="另行部署")
        number = centre.desk("directives").number  # type: ignore[attr-defined]
        assert [type(fact) for fact in facts(city, f"directive/{number}")] == [
            e.DirectiveIssued,
            e.DirectiveSigned,
            e.DirectiveFedBack,
            e.DirectiveJudged,
            e.DirectiveFedBack,
            e.DirectiveJudged,
            e.DirectiveWithdrawn,
        ]
        assert actors(city, f"directive/{number}").count(leader.name) == 4


async def test_a_file_is_launched_explained_found_and_closed(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:

        async def go_on(step: type, **values: Any) -> None:
            centre.choose_page("re_supervisions")
            page = centre.desk("re_supervisions").page
            button = page.file.steps.buttons[step]  # type: ignore[attr-defined]
            await until(lambda: button.isVisible() and button.isEnabled())
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            await submit(centre, **values)

        await open_ticket(centre)
        await take(centre, e.Accepted)
        await take(centre, e.Dispatched, lead=HOLDER.key)
        officer = await sit_down(centre, city, Role.DISCIPLINE)
        await open_ticket(centre)
        subject = d.ReSupervisionSubject(
            TICKET, "夜间施工", HOLDER.key, HOLDER.name, Node.SIGN, 1, "部门签收超期"
        )
        centre.forms.open_re_supervision(subject)
        form = centre.forms.form
        assert isinstance(form, ReSupervisionForm)
        form.question.setPlainText("为何未按时签收？")
        form.submit()
        await until(lambda: not form.busy)
        assert centre.forms.form is None, form.message.text()
        await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        await go_on(d.ExplainDraft, text="当晚值班车辆外出")
        await sit_down(centre, city, Role.DISCIPLINE)
        await go_on(d.FindDraft, behaviour="slowness", text="超时 41 分")
        await go_on(d.CloseFileDraft, recommendation="对分管负责人谈话")
        number = centre.desk("re_supervisions").number  # type: ignore[attr-defined]
        written = facts(city, f"re_supervision/{number}")
        assert [type(fact) for fact in written[1:]] == [
            e.ReSupervisionLaunched,
            e.ReSupervisionExplained,
            e.ReSupervisionFound,
            e.ReSupervisionClosed,
        ]
        assert written[-1] == e.ReSupervisionClosed("谈话：对分管负责人谈话")
        assert written[-2] == e.ReSupervisionFound(e.Behaviour.SLOWNESS, "超时 41 分")
        assert actors(city, f"re_supervision/{number}").count(officer.name) == 4


async def test_a_look_at_the_complainant_is_logged_and_short(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        await open_ticket(centre)
        case = centre.dossier_page.case
        await until(case.look.isEnabled)
        assert "孟庆云" not in case.grid.value(4)
        QTest.mouseClick(case.look, Qt.MouseButton.LeftButton)
        await submit(centre, reason="二次来电")
        await until(lambda: case.seen)
        assert case.grid.value(4).startswith("孟庆云 13800001111")
        assert facts(city, f"access/{TICKET}") == [e.ComplainantSeen("联系举报人核实情况：二次来电")]
        assert actors(city, f"access/{TICKET}") == [centre.forms.actor.name]
        await sit_down(centre, city, Role.LEADER)
        await open_ticket(centre)
        case = centre.dossier_page.case
        await until(lambda: case.grid.value(4) == "无权查看")
        assert not case.look.isEnabled()


def openers(forms: Forms, body: str) -> Iterator[tuple[Command, Callable[[], None]]]:
    """Every form of the window, as a page asks for it, about a matter of this body; and the right needed."""
    for kind in STEP_FORMS:
        asked = Asked(kind, TICKET, body=body)
        yield asked.command, partial(forms.open_step, asked)
    yield Command.ISSUE_DIRECTIVE, partial(forms.open_directive, d.DirectiveSubject())
    subject = d.ReSupervisionSubject(TICKET, "夜间施工", body, "")
    yield Command.LAUNCH_RE_SUPERVISION, partial(forms.open_re_supervision, subject)
    yield Command.ACKNOWLEDGE_WARNING, partial(forms.open_acknowledge, warning_row(body=body))


async def test_every_role_opens_exactly_the_forms_that_it_has_a_right_to(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        forms, said = centre.forms, list[str]()
        forms.refused.connect(said.append)
        others = load_city().responsible[1].key
        for role, body in product((role for role in Role if role is not Role.SYSTEM), (HOLDER.key, others)):
            forms.actor = Actor(role, "某人", HOLDER.key if role is Role.HANDLER else None)
            for command, open_form in openers(forms, body):
                said.clear()
                open_form()
                scope = RIGHTS[command].get(role)
                allowed = scope is Scope.ALL or (scope is Scope.OWN_BODY and body == HOLDER.key)
                assert (forms.form is not None) is allowed, (role, command, body)
                assert bool(said) is not allowed
                if forms.form is not None:
                    forms.form.reject()
