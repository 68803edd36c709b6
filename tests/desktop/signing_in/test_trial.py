"""A trial's seat: anybody may sit there, all pages say so, and whoever leaves leaves nothing behind."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from sqlalchemy import text

from data_access.store import Store, seat_name
from desktop.settings import Settings
from desktop.signing_in.entrances import DemoEntrance
from domain.people import Role
from tests.desktop.test_shell import (  # noqa: F401 - fixtures
    city,
    city_database,
    open_window,
    settings,
    sit_down,
    trial,
    until,
)


def seats(store: Store) -> set[str]:
    """Return the names of the sessions that people have open in this store's database."""
    names = text(
        "SELECT DISTINCT application_name FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'qingshao seat %'"
    )
    return set(store.read(lambda c: c.execute(names).scalars().all()))


def bells(store: Store) -> int:
    """Return how many sessions wait for a bell in this store's database."""
    count = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'qingshao bell'"
    )
    return int(store.read(lambda c: c.execute(count).scalar_one()))


async def test_the_database_knows_who_sits_there(settings: Settings, city: Store) -> None:  # noqa: F811
    async with open_window(settings, city) as centre:
        sitting = centre._seat.taken()
        assert sitting.sitter.login is not None
        assert sitting.store is not city
        assert sitting.store.actor == sitting.actor == centre.forms.actor
        assert sitting.actor.role is Role.DUTY
        assert isinstance(centre._seat.entrance, DemoEntrance)
        # It may be shortened for the city's name; what it means is said whole.
        mark = centre.frame.header._mark
        assert mark.isVisible()
        assert "勿用于生产" in mark.accessibleName()
        handler = await sit_down(centre, Role.HANDLER)
        assert centre._seat.taken().store.actor == handler


async def test_people_who_come_and_go_leave_no_connections(settings: Settings, city: Store) -> None:  # noqa: F811
    async with open_window(settings, city) as centre:
        for role in (Role.LEADER, Role.DUTY, Role.DISCIPLINE, Role.LEADER):
            await sit_down(centre, role)
            login = centre._seat.taken().sitter.login
            assert login is not None
            own = {seat_name(login)}
            await until(lambda own=own: seats(city) == own)  # type: ignore[misc]
        await until(lambda: bells(city) == 1)
        assert centre.frame.pages.count() == len(centre.pages()) + 1  # and the lock


async def test_the_lock_key_covers_a_trial_too(settings: Settings, city: Store) -> None:  # noqa: F811
    async with open_window(settings, city) as centre:
        assert centre._idle._seconds is None
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        QCoreApplication.sendEvent(centre.windowHandle(), key)
        assert centre.seating.covered
        assert not centre.overview_page.isVisible()
        assert centre.frame.header.clock.isVisible()
        QTest.mouseClick(centre.frame.cover.go_on, Qt.MouseButton.LeftButton)
        assert not centre.seating.covered
        assert centre.overview_page.isVisible()


async def test_a_trial_locks_itself_if_it_is_told_to_but_never_a_wall(
    tmp_path: Path,
    trial: Store,  # noqa: F811
) -> None:
    async with open_window(Settings(data=tmp_path, lock_after_minutes=5), trial) as centre:
        assert centre._idle._seconds == 300
        await sit_down(centre, Role.WALL)
        assert centre._idle._seconds is None
