"""A duty officer meets a silent device at the desk, goes to it, and takes note of it (X14, T05)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import Connection

from data_access import log
from data_access.device_items import weigh_silence
from data_access.stations import Seen, note_seen, put_stations
from data_access.store import Store
from desktop.pages.names import DUTY_DESK, ENVIRONMENT, WARNINGS
from domain.duty_events import DutyNote, DutyNoted
from domain.duty_log import stream_of
from domain.people import Role
from domain.sensor_rules import SensorRule
from domain.stations import Measure, Station, StationKind
from tests.desktop.test_steps_in_window import city, open_window, sit_down, until
from tests.domain.test_duty_log import ZONE
from widgets.environment.page import EnvironmentPage, EnvironmentView
from widgets.forms.step_form import StepForm

__all__ = ["city"]


def fall_silent(connection: Connection) -> None:
    """Two stations of which one has said nothing for hours."""
    dust = [
        Station(0, f"dust-{n}", f"{n} 号工地", StationKind.DUST, f"MN{n}", (Measure("a34002", "μg/m³"),))
        for n in (1, 2)
    ]
    numbers, now = put_stations(connection, dust), datetime.now(UTC)
    ago = now - timedelta(hours=4)
    note_seen(
        connection, [Seen(numbers["dust-1"], ago, ago, 2017, ""), Seen(numbers["dust-2"], now, now, 2017, "")]
    )
    assert weigh_silence(connection, SensorRule(), UTC, now, now - timedelta(days=1)) == 1


async def test_a_silent_device_is_met_at_the_desk_and_taken_note_of(tmp_path: Path, city: Store) -> None:
    async with open_window(tmp_path, city) as centre:
        actor = await sit_down(centre, city, Role.DUTY)
        centre.choose_page(DUTY_DESK)
        assert centre._own.duty is not None
        strip = centre._own.duty.duty_page.devices
        await until(lambda: centre._own.duty is not None and centre._own.duty.fresh)
        assert strip.isHidden()
        # Nothing tells the window of it: it looks by itself.
        city.write(fall_silent)
        await until(strip.isVisible)
        assert strip.accessibleName().startswith("设备异常 1 项 · 失联 1 · 最久 1 号工地 失联 ")
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton)
        assert centre.shown == ENVIRONMENT
        page = centre._own.environment.environment_page
        assert isinstance(page, EnvironmentPage)
        assert page.view is EnvironmentView.DEVICES
        await until(lambda: page.devices.model().rowCount() == 1)
        QTest.mouseClick(page.notes, Qt.MouseButton.LeftButton)
        form = centre.forms.form
        assert isinstance(form, StepForm)
        QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
        await until(lambda: centre.forms.form is None or bool(form.message.text()))
        assert centre.forms.form is None, form.message.text()
        await until(lambda: str(page.devices.model().index(0, 10).data()).startswith(actor.name))
        assert not page.notes.isEnabled()
        centre.choose_page(DUTY_DESK)
        await until(lambda: strip.head == "设备异常 1 项，均已阅")
        centre.choose_page(WARNINGS)
        listed = centre._own.desks[WARNINGS].page.devices
        await until(lambda: listed.isVisible() and listed.head == strip.head)
        QTest.mouseClick(listed, Qt.MouseButton.LeftButton)
        assert centre.shown == ENVIRONMENT
        centre.choose_page("overview")
        await until(lambda: centre.overview_page.warnings.devices.isVisible())
        assert centre.overview_page.warnings.devices.head == "设备异常 1 项，均已阅"
    stream = stream_of(datetime.now(UTC), ZONE)
    (noted,) = city.read(lambda c: log.read_stream(c, stream))
    assert isinstance(noted.event.fact, DutyNoted)
    assert (noted.event.fact.note, noted.event.actor.name) == (DutyNote.DEVICES, actor.name)
    assert "1 号工地 失联（" in noted.event.fact.text
