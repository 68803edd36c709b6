"""People sit down at seats of a city's own server: in the window, with their own passwords."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from sqlalchemy import text

from data_access.credentials import session_user
from data_access.letting_in import SignInError
from data_access.people import end_sessions_of_revoked, revoke_person
from data_access.store import Store, open_url
from desktop import runtime
from desktop.seat import Seat
from desktop.settings import Settings
from desktop.shell import CommandCentre
from desktop.signing_in.entrances import ServerEntrance
from desktop.signing_in.entrances import seat_of as seat_of_store
from desktop.signing_in.front_door import FrontDoor
from desktop.signing_in.saved import SavedServers
from domain.people import Role
from domain.servers import Server, SignIn
from tests.desktop.test_shell import until
from tests.servers.cluster import HERE
from tests.servers.fixtures import City
from widgets.forms.acknowledge_form import AcknowledgeForm
from widgets.sign_in.password_form import PasswordForm
from widgets.sign_in.person_form import PersonForm
from widgets.sign_in.sign_in_panel import SignInPanel


@pytest.fixture
def server(city: City) -> Server:
    return Server("测试市", HERE, str(city.server.port), city.database)


@pytest.fixture
def saved(tmp_path: Path) -> SavedServers:
    return SavedServers(tmp_path / "config" / "servers.json")


def typed(panel: SignInPanel, login: str, password: str) -> None:
    """Type a name and a password, and press Enter."""
    panel.login.setText(login)
    panel.password.setText(password)
    QTest.keyClick(panel.password, Qt.Key.Key_Return)


@asynccontextmanager
async def seat_of(
    city: City, server: Server, saved: SavedServers, login: str, tmp_path: Path
) -> AsyncIterator[CommandCentre]:
    """A window at which somebody sits who has signed in."""
    entrance = ServerEntrance(server)
    sitting = await runtime.in_thread(entrance.sit, SignIn(login, city.server.passwords[login]))
    centre = CommandCentre(Settings(data=tmp_path), Seat(None, sitting, entrance), saved=saved)
    centre.resize(1600, 900)
    centre.start()
    try:
        await until(lambda: centre.overview is not None and centre.forms.choices is not None)
        yield centre
    finally:
        await centre.stop()
        centre.hide()
        centre.deleteLater()
        await asyncio.sleep(0.1)


def sessions(store: Store, login: str) -> int:
    """Return how many sessions somebody has open in this store; the server has others, too."""
    count = text(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = :login AND datname = current_database()"
    )
    return int(store.read(lambda c: c.execute(count, {"login": login}).scalar_one()))


async def test_one_signs_in_by_the_first_window(
    city: City, server: Server, saved: SavedServers, owner_store: Store
) -> None:
    login = city.login_of(Role.DUTY)
    door = FrontDoor(saved, server)
    waiting = runtime.spawn(door.until_signed_in(), "front door")
    panel = door.window.panel
    await until(door.window.isVisible)
    typed(panel, login, "不是这个口令")
    await until(lambda: "用户名或口令不正确" in panel.message.text())
    assert panel.password.text() == ""
    typed(panel, login, city.server.passwords[login])
    seat = await waiting
    assert seat is not None
    assert seat.sitting is not None
    assert seat.sitting.actor == city.logins[login]
    assert seat.engine is None
    assert seat.sitting.secret is not None
    password = city.server.passwords[login]
    assert password not in repr(seat.sitting.secret)
    assert password not in repr(seat.sitting.store.engine.url)
    await runtime.in_thread(seat.sitting.end)
    assert seat.sitting.secret.reveal() is None
    assert sessions(owner_store, login) == 0
    kept = saved.file.read_text(encoding="utf-8")
    assert password not in kept
    assert json.loads(kept)["logins"] == [login]
    if os.name == "posix":
        assert stat.S_IMODE(saved.file.stat().st_mode) == 0o600
    again = SavedServers(saved.file)
    assert again.known.server == server


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"database": "no_such_city"}, "没有这个库"),
        ({"port": "1"}, "连不上服务器"),
        ({"database": "postgres"}, "库"),
    ],
)
async def test_what_keeps_one_out_is_said_with_a_way_out(
    city: City, server: Server, saved: SavedServers, changed: dict[str, str], said: str
) -> None:
    login = city.login_of(Role.DUTY)
    door = FrontDoor(saved, replace(server, **changed))
    waiting = runtime.spawn(door.until_signed_in(), "front door")
    panel = door.window.panel
    typed(panel, login, city.server.passwords[login])
    await until(lambda: said in panel.message.text())
    door.window.close()
    assert await waiting is None


async def test_another_person_takes_the_seat_and_sees_only_their_own(
    city: City, server: Server, saved: SavedServers, owner_store: Store, tmp_path: Path
) -> None:
    duty = city.login_of(Role.DUTY)
    handler = next(login for login, actor in city.logins.items() if actor.role is Role.HANDLER)
    async with seat_of(city, server, saved, duty, tmp_path) as centre:
        assert centre._jobs is None
        everything = centre.overview.open_tickets  # type: ignore[union-attr]
        centre.choose_page("tickets")
        await until(lambda: centre.ticket_list.model.rowCount() > 0)
        old_list = centre.ticket_list
        QTest.mouseClick(centre.frame.header.actor, Qt.MouseButton.LeftButton)
        form = centre.seating.form
        assert isinstance(form, PersonForm)
        typed(form.panel, handler, city.server.passwords[handler])
        await until(lambda: centre.seating.form is None)
        await until(lambda: centre.overview is not None and not centre._reading)
        assert centre.forms.actor == city.logins[handler]
        assert 0 < centre.overview.open_tickets < everything  # type: ignore[union-attr]
        assert centre.ticket_list is not old_list
        assert centre.shown == "overview"
        await until(lambda: sessions(owner_store, duty) == 0)
        assert saved.known.logins[0] == handler


async def test_a_locked_seat_shows_nothing_until_the_password_is_typed_again(
    city: City, server: Server, saved: SavedServers, tmp_path: Path
) -> None:
    duty, leader = city.login_of(Role.DUTY), city.login_of(Role.LEADER)
    async with seat_of(city, server, saved, duty, tmp_path) as centre:
        row = next(w for w in centre.overview.warnings if w.acknowledged_by is None)  # type: ignore[union-attr]
        centre.overview_page.acknowledge_requested.emit(row)
        form = centre.forms.form
        assert isinstance(form, AcknowledgeForm)
        form.note.setPlainText("写了一半")
        centre._idle.watch(form.windowHandle())
        # QTest would let the loop turn within a task; Qt hands a key to the window first, as here.
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        QCoreApplication.sendEvent(form.windowHandle(), key)
        assert centre.seating.covered
        assert centre.frame.pages.currentWidget() is centre.frame.cover
        assert not form.isVisible()
        assert not centre.overview_page.isVisible()
        assert not centre.frame.header.actor.isVisible()
        assert centre.frame.header.clock.isVisible()
        assert "确认预警" in centre.frame.cover.unfinished.text()
        centre.show_page("tickets")
        assert centre.frame.pages.currentWidget() is centre.frame.cover
        panel = centre.frame.cover.panel
        assert panel.login.text() == duty
        typed(panel, duty, "猜的口令")
        await until(lambda: "不正确" in panel.message.text())
        assert centre.seating.covered
        # Somebody else would throw the form away: that is asked first.
        typed(panel, leader, city.server.passwords[leader])
        assert "丢弃" in panel.message.text()
        assert centre.forms.form is form
        typed(panel, duty, city.server.passwords[duty])
        await until(lambda: not centre.seating.covered)
        assert form.isVisible()
        assert form.note.toPlainText() == "写了一半"
        centre.seating.lock()
        for _ in range(2):
            typed(panel, leader, city.server.passwords[leader])
        await until(lambda: not centre.seating.covered and centre.forms.actor == city.logins[leader])
        assert centre.forms.form is None
        await until(lambda: not centre._reading)


async def test_an_untouched_seat_locks_itself_but_a_wall_does_not(
    city: City, server: Server, saved: SavedServers, tmp_path: Path
) -> None:
    duty, wall = city.login_of(Role.DUTY), city.login_of(Role.WALL)
    async with seat_of(city, server, saved, duty, tmp_path) as centre:
        assert centre._idle._seconds == 15 * 60
        centre._idle.tell_after(0.5)
        await until(lambda: centre.seating.covered)
        panel = centre.frame.cover.panel
        typed(panel, wall, city.server.passwords[wall])
        await until(lambda: centre.forms.actor == city.logins[wall] and not centre._reading)
        assert centre._idle._seconds is None


async def test_an_address_with_a_user_seats_that_person(
    city: City, server: Server, owner_store: Store
) -> None:
    wall = city.login_of(Role.WALL)
    seat = await runtime.in_thread(lambda: seat_of_store(open_url(city.url(wall)), server))
    sitting = seat.taken()
    assert seat.engine is None
    assert (sitting.sitter.login, sitting.actor) == (wall, city.logins[wall])
    with city.server.connect() as connection:
        connection.execute(f'ALTER ROLE "{wall}" NOLOGIN')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [wall]
        )
        try:
            with pytest.raises(SignInError, match="停用"):
                await runtime.in_thread(sitting.store.read, session_user)
        finally:
            connection.execute(f'ALTER ROLE "{wall}" LOGIN')
    await runtime.in_thread(sitting.end)


@pytest.mark.faults_expected
async def test_a_revoked_person_is_led_back_to_the_sign_in(
    city: City, server: Server, saved: SavedServers, owner_store: Store, tmp_path: Path
) -> None:
    leader, duty = city.login_of(Role.LEADER), city.login_of(Role.DUTY)
    try:
        async with seat_of(city, server, saved, leader, tmp_path) as centre:
            await runtime.in_thread(owner_store.write, lambda c: revoke_person(c, leader, "离岗"))
            await runtime.in_thread(owner_store.write, lambda c: end_sessions_of_revoked(c, leader))
            await until(lambda: centre.seating.covered and centre._seat.sitting is None)
            assert "停用" in centre.frame.cover.reason.text()
            assert not centre.overview_page.isVisible()
            panel = centre.frame.cover.panel
            typed(panel, leader, city.server.passwords[leader])
            await until(lambda: "停用" in panel.message.text())
            typed(panel, duty, city.server.passwords[duty])
            await until(lambda: not centre.seating.covered and not centre._reading)
            assert centre.forms.actor == city.logins[duty]
    finally:
        with city.connect() as connection:
            connection.execute(f'ALTER ROLE "{leader}" LOGIN')


async def test_one_changes_ones_own_password_and_the_seat_goes_on(
    city: City, server: Server, saved: SavedServers, owner_store: Store, tmp_path: Path
) -> None:
    duty = city.login_of(Role.DUTY)
    before, after = city.server.passwords[duty], "另一个足够长的口令-2026"
    async with seat_of(city, server, saved, duty, tmp_path) as centre:
        centre.seating.open_change()
        assert isinstance(centre.seating.form, PersonForm)
        QTest.mouseClick(centre.seating.form.password_button, Qt.MouseButton.LeftButton)
        form = centre.seating.form
        assert isinstance(form, PasswordForm)
        form.old.setText("猜的口令")
        form.new.setText(after)
        form.again.setText(after)
        form.submit()
        await until(lambda: "不正确" in form.message.text())
        form.old.setText(before)
        form.submit()
        await until(lambda: centre.seating.form is None)
        city.server.passwords[duty] = after
        # New connections are made with the new password.
        end = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = :login")
        with city.server.connect() as connection:
            connection.execute(str(end).replace(":login", "%s"), [duty])
        centre._live.ring()
        await asyncio.sleep(0.5)
        await until(lambda: not centre._live.away)
        assert centre._seat.sitting is not None
        written = "".join(json.dumps(line, ensure_ascii=False) for line in city.server.log_lines())
        assert after not in written


async def test_a_handler_is_told_of_what_left_its_sight(
    city: City, server: Server, saved: SavedServers, owner_store: Store, tmp_path: Path
) -> None:
    handler = city.login_of(Role.HANDLER)
    async with seat_of(city, server, saved, handler, tmp_path) as centre:
        seen: list[bool] = []
        centre._live.settled.connect(lambda touched: seen.append(touched.everything))
        await asyncio.sleep(3.2)
        seen.clear()
        other = next(
            row.number
            for row in owner_store.read(lambda c: c.execute(text("SELECT number, lead FROM ticket")).all())
            if row.lead != city.logins[handler].body
        )
        duty = city.login_of(Role.DUTY)
        acted = await runtime.in_thread(_chase, city, duty, other)
        assert acted
        await until(lambda: True in seen)


def _chase(city: City, login: str, number: str) -> bool:
    statement = (
        f"SELECT record_event('ticket/{number}',"
        f" (SELECT max(seq) FROM event WHERE stream = 'ticket/{number}'),"
        " 'Chased', '{\"text\": \"催办\"}', gen_random_uuid())"
    )
    code, said, complaint = city.psql(login, statement)
    assert code == 0, complaint
    return bool(said)
