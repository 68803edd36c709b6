"""Any past minute on the whole wall: as it stood then, marked, without orders, and back to now (T11, X13)."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from sqlalchemy import select

from data_access import log, replay, schema
from data_access.readers.moment import at_moment
from data_access.rules import load_rules
from data_access.store import Connection, Store
from desktop import runtime
from desktop.demo.generate import generate
from desktop.demo.load import load
from desktop.live.wall import Wall
from desktop.settings import Settings
from desktop.shell import CommandCentre
from desktop.signing_in.entrances import DemoEntrance, seat_of
from desktop.touched import Touched
from domain.events import Chased, Event
from domain.overview import Overview
from domain.people import Role
from tests.data_access.streams import DUTY
from tests.fresh_database import filled, opened_copy
from widgets.wording import minute_text

PATIENCE_SECONDS = 30
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def city_database(postgres: Path, template_database: str) -> Iterator[str]:
    """A small city of this minute, from which each test's own is copied."""
    demo = generate(datetime.now(UTC), tickets=120)
    with filled(postgres, template_database, lambda store: load(store, demo)) as name:
        yield name


@pytest.fixture
def city(postgres: Path, city_database: str) -> Iterator[Store]:
    with opened_copy(postgres, city_database) as store:
        yield Store(store.engine, postgres)


@asynccontextmanager
async def open_window(folder: Path, store: Store) -> AsyncIterator[CommandCentre]:
    seat = await runtime.in_thread(seat_of, store)
    centre = CommandCentre(Settings(data=folder), seat)
    centre.resize(QSize(1600, 900))
    centre.start()
    try:
        await until(lambda: centre.overview is not None)
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


def shows(centre: CommandCentre, minute: datetime) -> Callable[[], bool]:
    return lambda: centre.overview is not None and centre.overview.as_of == minute


def stood(store: Store, minute: datetime) -> Overview:
    """What the reports say of a past minute."""
    rules = store.read(load_rules)
    wall, everything = Wall(()), Touched(minute, everything=True)
    return at_moment(store, rules, minute, lambda c: wall.look(c, rules, minute, everything)).overview


def offered(button: QPushButton) -> bool:
    return button.isEnabled() and not button.isHidden()


async def test_the_wall_shows_a_past_minute_and_comes_back(tmp_path: Path, city: Store) -> None:
    """By the clock, by a step, by the slider; lists and dossiers opened from it are of that minute."""
    async with open_window(tmp_path, city) as centre:
        band = centre.frame.band
        assert not band.isVisible()
        QTest.mouseClick(centre.frame.header.clock, Qt.MouseButton.LeftButton)
        assert band.isVisible()
        assert not band.property("past")
        present = centre.overview
        # The band's now goes on by itself; a click takes it as it stands.
        then_now = band._now
        QTest.mouseClick(band.steps[timedelta(days=-1)], Qt.MouseButton.LeftButton)
        QTest.mouseClick(band.steps[timedelta(hours=-1)], Qt.MouseButton.LeftButton)
        await until(lambda: centre._replaying.as_of is not None)
        minute = centre._replaying.as_of
        assert minute == then_now - timedelta(hours=25)
        assert band.text == f"回放 {minute_text(minute)}"
        assert band.property("past")
        await until(shows(centre, minute))
        then = await runtime.in_thread(stood, city, minute)
        assert centre.overview.open_tickets == then.open_tickets != present.open_tickets
        assert centre.overview.pipeline == then.pipeline
        assert centre.overview.warnings == then.warnings
        assert centre.frame.header.clock.time_text.startswith(minute_text(minute)[-5:])
        # The slider, to the very minute.
        chosen = band._now - 90 * MINUTE
        band.slider.setValue(band.slider.maximum() - 90)
        await until(shows(centre, chosen))
        assert band.note == "只能查看，不能办理"
        # What has not come yet is said so, and shown is what was.
        band.edit.setDateTime(band.edit.dateTime().addYears(1))
        assert "还没有到" in centre._notice.text()
        assert centre._notice.isVisible()
        assert centre._replaying.as_of == chosen
        # A list, and a dossier from it.
        centre.choose_page("tickets")
        await until(lambda: centre.ticket_list.model.rowCount() > 0)
        assert centre.ticket_list.model.rowCount() == centre.overview.open_tickets
        number = centre._overview.most_urgent()
        centre.open_ticket(number)
        await until(lambda: centre.dossier_page.number == number)
        assert centre.dossier_page._dossier.clock.as_of == chosen
        assert centre.dossier_page._dossier.replayed
        # Back at now, it is the live wall again.
        QTest.mouseClick(band.now_button, Qt.MouseButton.LeftButton)
        centre.choose_page("overview")
        await until(lambda: centre.overview is not None and centre.overview.as_of > band._now - MINUTE)
        assert centre.overview.open_tickets == present.open_tickets
        assert not band.property("past")
        await until(lambda: centre.dossier_page.number == number)
        QTest.mouseClick(band.now_button, Qt.MouseButton.LeftButton)
        assert not band.isVisible()


async def test_the_feed_goes_on_behind_a_past_minute(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        looked: list[object] = []
        centre._live.looked.connect(looked.append)
        minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=6)
        centre._replaying.show(minute)
        await until(shows(centre, minute))
        then = centre.overview
        row = then.warnings[0]
        chased = Event(datetime.now(UTC), DUTY, Chased("今晚必须到场"))
        rules = city.read(load_rules)

        def write() -> None:
            addition = log.Addition(f"ticket/{row.ticket}", (chased,))
            city.write(lambda c: log.append(c, rules, [addition]))

        await runtime.in_thread(write)
        count = len(looked)
        await until(lambda: len(looked) > count + 1)
        assert centre.overview is then  # it stands still
        streams = {change.stream for changes in looked for change in changes.events}  # type: ignore[attr-defined]
        assert f"ticket/{row.ticket}" in streams
        centre._replaying.show(None)
        await until(lambda: centre.overview is not None and centre.overview.as_of > chased.at)


async def test_nothing_can_be_ordered_in_the_past(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        await until(lambda: centre.forms.choices is not None)
        entrance = DemoEntrance(city)
        people = await runtime.in_thread(entrance.people)
        duty = next(p for p in people if p.role is Role.DUTY)
        await centre.sit_down(await runtime.in_thread(entrance.sit, duty))
        await until(lambda: centre.overview is not None)
        number = centre._overview.most_urgent()
        centre.open_ticket(number)
        buttons = centre.dossier_page.steps.buttons.values()
        await until(lambda: centre.dossier_page.number == number)
        await until(lambda: any(map(offered, buttons)))
        minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
        centre._replaying.show(minute)
        await until(lambda: centre.dossier_page._dossier.clock.as_of == minute)
        assert not any(map(offered, buttons))
        centre.overview_page.acknowledge_requested.emit(centre._overview._live.overview.warnings[0])
        assert centre.forms.form is None
        centre._replaying.show(None)
        await until(lambda: any(map(offered, buttons)))
        assert centre.dossier_page._dossier.clock.as_of > minute


@pytest.mark.parametrize(("role", "page"), [(Role.DUTY, "duty_desk"), (Role.HANDLER, "handler_desk")])
async def test_a_desk_shows_its_queue_of_then(tmp_path: Path, city: Store, role: Role, page: str) -> None:
    async with open_window(tmp_path, city) as centre:
        entrance = DemoEntrance(city)
        people = await runtime.in_thread(entrance.people)
        person = next(p for p in people if p.role is role)
        await centre.sit_down(await runtime.in_thread(entrance.sit, person))
        await until(lambda: centre.overview is not None)
        centre.choose_page(page)
        desk = centre.desk(page)
        await until(lambda: desk.fresh and desk._list._settled is not None)  # type: ignore[attr-defined]
        minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=3)
        centre._replaying.show(minute)
        await until(lambda: desk.fresh and centre._replaying._task is None)
        settled = desk._list  # type: ignore[attr-defined]
        await until(lambda: settled._settled is not None and not settled._at_work)
        source, rules = settled.source, city.read(load_rules)
        then = at_moment(city, rules, minute, lambda c: source.settle(c, rules, minute))
        assert len(settled._settled) == len(then)


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.DISCIPLINE, Role.HANDLER])
async def test_every_page_can_be_looked_at_in_the_past(tmp_path: Path, city: Store, role: Role) -> None:
    """A reader that relies on a table's key fails here: in the past it reads views. Faults are logged."""
    async with open_window(tmp_path, city) as centre:
        entrance = DemoEntrance(city)
        people = await runtime.in_thread(entrance.people)
        person = next(p for p in people if p.role is role)
        await centre.sit_down(await runtime.in_thread(entrance.sit, person))
        await until(lambda: centre.overview is not None)
        number = centre._overview.most_urgent() or centre._overview.numbers[0]
        centre._replaying.show(datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=30))
        for page in centre.pages():
            desk = centre.desk(page)
            if page == "dossier":
                centre.open_ticket(number)
            else:
                centre.choose_page(page)
            await until(lambda desk=desk: desk.fresh and centre._replaying._task is None)  # type: ignore[misc]
            rows = getattr(desk, "_list", None)
            if rows is not None:
                await rows.settled()
            await desk.painted()


async def test_before_the_first_ticket_it_says_so(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        number = centre._overview.most_urgent()
        centre._replaying.show(datetime(2020, 3, 5, 10, 41, tzinfo=UTC))
        await until(lambda: centre.overview is not None and centre.overview.open_tickets == 0)
        await until(lambda: "那时还没有任何工单：最早一件在 20" in centre.frame.band.note)
        centre.open_ticket(number)
        await until(lambda: centre.dossier_page._absent.isVisible())
        assert centre.dossier_page._absent.text() == f"那时还没有工单 {number}"


async def test_a_replay_that_nobody_waits_for_ends(
    tmp_path: Path, city: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another minute, or now, stops it in the midst; meanwhile the window's own thread is free."""
    begun, original = threading.Event(), replay._project_one
    ended: list[type[BaseException]] = []

    def slow(*arguments: object) -> None:
        begun.set()
        time.sleep(0.05)
        original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(replay, "_project_one", slow)
    stopped = replay.Rewinding.raise_if_stopped

    def noted(rewinding: replay.Rewinding) -> None:
        try:
            stopped(rewinding)
        except BaseException as error:
            ended.append(type(error))
            raise

    monkeypatch.setattr(replay.Rewinding, "raise_if_stopped", noted)
    async with open_window(tmp_path, city) as centre:
        centre._replaying.show(datetime.now(UTC) - timedelta(days=20))
        await until(begun.is_set)
        await until(lambda: "正在重演 " in centre.frame.band.note)
        turns = 0
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            await asyncio.sleep(0)
            turns += 1
        assert turns > 20
        QTest.mouseClick(centre.frame.band.now_button, Qt.MouseButton.LeftButton)
        await until(lambda: bool(ended))
        await until(lambda: centre.overview is not None)
        assert centre._replaying.as_of is None


def tickets(connection: Connection) -> set[str]:
    return set(connection.execute(select(schema.ticket.c.number)).scalars())


def test_a_person_replays_no_more_than_is_theirs_to_see_now(city: Store) -> None:
    """Rows that row-level security hides now stay hidden in every past minute."""
    rules, now = city.read(load_rules), datetime.now(UTC)
    people = [p for p in DemoEntrance(city).people() if p.role is Role.HANDLER]
    person = city.as_person(next(p.login for p in people if p.login))
    try:
        mine, everybodys = person.read(tickets), city.read(tickets)
        assert mine
        assert mine < everybodys
        for hours in (1, 24, 24 * 14):
            moment = now - timedelta(hours=hours)
            assert at_moment(person, rules, moment, tickets) <= mine
            seen = stood(person, moment)
            assert seen.open_tickets <= len(mine)
            assert {row.ticket for row in seen.warnings} <= mine
    finally:
        person.close()
