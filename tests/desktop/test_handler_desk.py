"""A handler's desk in the real window over the real store, as a person of a body: by keys and form fields."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from data_access import bulk, log
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.city import load_city
from desktop.shell import CommandCentre
from domain import case_events as c
from domain import events as e
from domain.desk_queue import Task
from domain.events import Event, Fact
from domain.handler_desk import HandlerGroup
from domain.intake import NewTicket
from domain.people import Actor, Role
from tests.data_access.streams import DUTY
from tests.desktop.test_steps_in_window import facts, open_window, sit_down, until
from widgets.desk.handler_page import HandlerDeskPage
from widgets.desk.queue_batch import BatchForm
from widgets.forms.on_site_form import OnSiteForm
from widgets.forms.step_form import StepForm

BODIES = load_city().responsible
LEAD, HELPER = BODIES[0].key, BODIES[1].key
POINT = (117.1846, 34.2612)


def came(number: str, *happened: tuple[Actor, Fact], ago: float = 60) -> NewTicket:
    """A ticket that came in so many seconds ago, to which these things happened, a second apart."""
    start = datetime.now(UTC) - timedelta(seconds=ago)
    lng, lat = POINT
    fact = e.Received("12345", f"工地夜间施工 {number}", lng=lng, lat=lat)
    steps = [(DUTY, fact), *happened]
    events = tuple(Event(start + timedelta(seconds=n), actor, fact) for n, (actor, fact) in enumerate(steps))
    return NewTicket(number, events, number.encode().ljust(32, b"\0"))


DISPATCHED = ((DUTY, e.Accepted()), (DUTY, e.Dispatched(LEAD, (HELPER,))))


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    """A city in which housing leads three tickets, and another body helps."""
    trial = Store(store.engine, postgres)
    trial.write(lambda c: put_city(c, load_city(), datetime.now(UTC) - timedelta(days=1)))
    tickets = [came(f"T-{n}", *DISPATCHED, ago=60 - n) for n in (1, 2)]
    signed = (Actor(Role.HANDLER, "陈立", LEAD), e.Signed())
    tickets.append(came("T-3", *DISPATCHED, signed, ago=50))
    tickets.append(came("T-4", (DUTY, e.Accepted()), (DUTY, e.Dispatched(BODIES[2].key))))
    trial.write(lambda c: bulk.add_tickets(c, load_rules(c), tickets))
    return trial


async def at_desk(centre: CommandCentre, store: Store, body: str) -> HandlerDeskPage:
    await sit_down(centre, store, Role.HANDLER, body)
    centre.activateWindow()
    centre.choose_page("handler_desk")
    desk = centre._own.handler
    assert desk is not None
    page = desk.desk_page
    await until(lambda: page.model.rowCount() > 0 and page.pane.dossier is not None and page.isVisible())
    return page


async def press(page: HandlerDeskPage, letter: str) -> None:
    """Press a key as soon as its legend offers it; whoever sits there has not touched anything else."""
    await until(lambda: page.legend.buttons[letter].isEnabled())
    await until(lambda: page.window().focusWidget() is page.table)
    QTest.keyClick(page.table, getattr(Qt.Key, f"Key_{letter}"))


async def form_of(centre: CommandCentre) -> StepForm:
    await until(lambda: centre.forms.form is not None)
    form = centre.forms.form
    assert isinstance(form, StepForm)
    return form


async def submit(centre: CommandCentre) -> None:
    form = await form_of(centre)
    QTest.keyClick(form, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: centre.forms.form is None or bool(form.message.text()))
    assert centre.forms.form is None, form.message.text()


def photo(path: Path) -> str:
    picture = Image.new("RGB", (64, 48), "gray")
    exif = picture.getexif()
    gps = ExifTags.GPS
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            gps.GPSLatitudeRef: "N",
            gps.GPSLatitude: (34, 15, 40.32),
            gps.GPSLongitudeRef: "E",
            gps.GPSLongitude: (117, 11, 6.0),
        }
    )
    picture.save(path, exif=exif)
    return str(path)


async def test_from_signing_to_the_feedback_by_keyboard_alone(tmp_path: Path, city: Store) -> None:
    """Y06, Y11, Y21, B04: sign, arrive with a photo, rectify with a violation, file, penalise, feed back."""
    async with open_window(tmp_path, city) as centre:
        page = await at_desk(centre, city, LEAD)
        assert page.table.chosen().ticket == "T-1"  # came first, and is due first
        said: list[str] = []
        centre._own.handler.refused.connect(said.append)
        centre.forms.refused.connect(said.append)
        await press(page, "S")
        QTest.keyClick(page.table, Qt.Key.Key_S)  # a hand that is not sure of the first
        await until(lambda: page.table.chosen().ticket == "T-1" and page.table.chosen().task is Task.ARRIVE)
        assert said == [], "the second press does not meet its own first"
        await press(page, "A")
        form = await form_of(centre)
        assert isinstance(form, OnSiteForm)
        form.edits["files"].add([photo(tmp_path / "现场.jpg")])
        await until(lambda: form.lines[0].isVisible())
        QTest.keyClick(form.lines[0].button, Qt.Key.Key_Space)
        QTest.keyClicks(form.edits["note"], "LA 71 dB")
        QTest.keyClicks(form.edits["readings"], "LAeq 71.5 / 55 dB(A)")
        QTest.keyClick(form.edits["readings"], Qt.Key.Key_Return)
        QTest.keyClicks(form.edits["readings"], "PM10 0.021 / 0 mg")
        await submit(centre)
        await press(page, "R")
        form = await form_of(centre)
        QTest.keyClicks(form.edits["measures"], "stopped")
        QTest.keyClick(form.edits["violation"].yes, Qt.Key.Key_Space)
        await submit(centre)
        await press(page, "F")
        QTest.keyClicks((await form_of(centre)).edits["document"], "2026-1")
        await submit(centre)
        await press(page, "P")
        form = await form_of(centre)
        QTest.keyClicks(form.edits["document"], "2026-2")
        QTest.keyClicks(form.edits["amount"], "20000")
        await submit(centre)
        await press(page, "B")
        form = await form_of(centre)
        QTest.keyClick(form.edits["by"], Qt.Key.Key_Down)
        QTest.keyClicks(form.edits["text"], "told")
        await submit(centre)
        # Nothing is left for the body: the line goes, and the ticket waits for the office.
        await until(lambda: page.table.chosen() is None or page.table.chosen().ticket != "T-1")
        counts = {g: b.text().split()[-1] for g, b in zip(HandlerGroup, page.lanes.buttons, strict=True)}
        assert counts[HandlerGroup.WAITING] == "1"
    said = [f for f in facts(city, "ticket/T-1") if not isinstance(f, e.WarningRaised | e.WarningCleared)]
    assert [type(fact) for fact in said[3:]] == [
        e.Signed,
        e.Arrived,
        e.Rectified,
        e.Filed,
        e.Penalised,
        e.FedBack,
    ]
    arrived = said[4]
    assert (arrived.lng, arrived.lat, arrived.note) == (117.185, 34.2612, "LA 71 dB")
    assert arrived.source == "照片“现场.jpg”的 EXIF（按 WGS-84）"
    assert arrived.distance_m == pytest.approx(36.8, abs=0.1)
    assert len(arrived.evidence) == 1
    assert arrived.measured == ("LAeq（dB(A)）", "PM10（mg）")
    assert (arrived.values, arrived.limits) == ((71.5, 0.021), (55.0, 0.0))
    # What the database has hashed is what this program would have.
    assert city.scratch(lambda x: verify(x, load_rules(x))).flaw is None
    assert said[5] == e.Rectified("stopped", violation=True)
    assert said[7] == e.Penalised("2026-2", 20_000)
    assert said[8] == e.FedBack("电话", "told")


async def test_several_are_signed_at_once_with_a_result_for_each(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        page = await at_desk(centre, city, LEAD)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len(page.rows()) == 3)
        QTest.keyClick(page.table, Qt.Key.Key_S)
        await until(lambda: centre.forms.form is not None)
        form = centre.forms.form
        assert isinstance(form, BatchForm)
        assert [(line.ticket, bool(line.order)) for line in form.lines] == [
            ("T-1", True),
            ("T-2", True),
            ("T-3", False),
        ]
        assert "已签收" in form.lines[2].refusal
        QTest.keyClick(form.submit_button, Qt.Key.Key_Return)
        await until(lambda: len(form.outcomes) == 2)
        assert all(outcome.done for outcome in form.outcomes)
        QTest.keyClick(form.submit_button, Qt.Key.Key_Return)
        await until(lambda: centre.forms.form is None)
    for number in ("T-1", "T-2", "T-3"):
        assert facts(city, f"ticket/{number}").count(e.Signed()) == 1


async def test_an_assisting_body_sees_its_part_and_ends_its_own_clock(tmp_path: Path, city: Store) -> None:
    """Y24: marked as assisting, on clocks of its own; what is not its own stays out of sight."""
    async with open_window(tmp_path, city) as centre:
        page = await at_desk(centre, city, HELPER)
        rows = [page.model.record(n) for n in range(page.model.rowCount())]
        assert [(row.ticket, row.part > 0, row.task) for row in rows] == [
            ("T-1", True, Task.SIGN),
            ("T-2", True, Task.SIGN),
            ("T-3", True, Task.SIGN),
        ]
        await press(page, "S")
        await until(lambda: page.table.chosen().task is Task.ARRIVE)
        assert "本单位" in page.legend.buttons["F"].toolTip()
        lead = await at_desk(centre, city, LEAD)
        assert lead.table.chosen().ticket == "T-1"
        assert lead.table.chosen().task is Task.SIGN  # the lead's own clock still runs


async def test_what_waits_for_an_answer_opens_where_it_is_given(tmp_path: Path, city: Store) -> None:
    """B22: directives and questions of other bodies, a key away."""
    soon = datetime.now(UTC) + timedelta(hours=2)
    for stream, fact in (
        ("directive/D-2026-001", e.DirectiveIssued("今晚停工", (LEAD,), soon + timedelta(hours=1))),
        ("directive/D-2026-002", e.DirectiveIssued("立即停工", (LEAD,), soon)),
        ("ticket/T-4", c.HelpAsked(LEAD, "如何认定？")),
    ):
        added = log.Addition(stream, [Event(datetime.now(UTC), Actor(Role.LEADER, "李强"), fact)])
        city.write(lambda x, added=added: log.append(x, load_rules(x), [added]))
    async with open_window(tmp_path, city) as centre:
        page = await at_desk(centre, city, LEAD)
        await until(lambda: page.answers.to_sign.text() == "待签收指令 2")
        QTest.keyClick(page.answers.to_sign, Qt.Key.Key_Space)
        await until(lambda: centre.shown == "directives")
        await until(lambda: centre._own.directives.number == "D-2026-002")  # due first
        centre.choose_page("handler_desk")
        QTest.keyClick(page.answers.to_answer, Qt.Key.Key_Space)
        await until(lambda: centre.shown == "tickets" and centre.ticket_list.model.rowCount() == 1)
        assert centre.ticket_list.panel.title == "等本单位答复提问的工单"


async def test_the_desk_is_for_handlers_alone(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        tab = centre.frame.header.pages["handler_desk"]
        assert not tab.isVisible()
        for role in (Role.DUTY, Role.DISCIPLINE, Role.LEADER, Role.ADMIN):
            await sit_down(centre, city, role)
            assert not tab.isVisible()
            assert "handler_desk" not in centre.pages()
        page = await at_desk(centre, city, LEAD)
        assert tab.isVisible()
        # A key that does nothing says why, and does nothing.
        said: list[str] = []
        page.said.connect(said.append)
        QTest.keyClick(page.table, Qt.Key.Key_F)
        assert said == ["请先完成“整改”环节"]
        assert QApplication.activeModalWidget() is None
