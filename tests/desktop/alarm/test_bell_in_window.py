"""The bell of the real window over the real store: rings, is silenced by name, ends acknowledged (Y05)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from data_access.master import put_city
from data_access.readers.unacknowledged import unacknowledged
from data_access.readers.warnings import running_warnings
from data_access.rules import load_rules
from data_access.store import Store
from desktop import runtime
from desktop.alarm.bell import Bell
from desktop.city import load_city
from desktop.seat import watched_by_engine
from desktop.settings import Settings
from desktop.shell import CommandCentre
from domain.alarm import Waiting
from domain.events import WarningLevel
from domain.people import Role
from tests.desktop.test_duty_minute import came
from tests.desktop.test_shell import open_window, sit_down, until
from widgets.bell_chip import BellChip, BellShape
from widgets.forms.acknowledge_form import AcknowledgeForm
from widgets.notice import Notice

SLOW, LATE = 1500.0, 1900.0
"""Ordinary ones have half an hour to be accepted: so many seconds after, they are yellow, or red."""


@pytest.fixture
def city(store: Store, postgres: Path) -> Store:
    trial = Store(store.engine, postgres)
    trial.write(lambda c: put_city(c, load_city(), datetime.now(UTC) - timedelta(days=1)))
    return trial


def bell_of(centre: CommandCentre) -> tuple[Bell, BellChip]:
    return centre._bell, centre.frame.header.bell


def press_key(centre: CommandCentre) -> None:
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    QCoreApplication.sendEvent(centre.windowHandle(), key)


async def acknowledge(centre: CommandCentre, store: Store, ticket: str) -> None:
    found = store.read(lambda c: running_warnings(c, load_rules(c), datetime.now(UTC), ticket=ticket))
    for row in found.rows:
        centre.forms.open_acknowledge(row)
        form = centre.forms.form
        assert isinstance(form, AcknowledgeForm)
        form.submit()
        await until(lambda: centre.forms.form is None)


def told(centre: CommandCentre) -> list[str]:
    notice = centre.findChild(Notice)
    return [notice.text()] if notice.isVisible() else []


async def test_it_rings_until_somebody_by_name_takes_note(tmp_path: Path, city: Store) -> None:
    """Yellow, then red before yellow; acknowledged one by one; the tones are asked of our own player."""
    async with open_window(Settings(data=tmp_path), city) as centre:
        bell, chip = bell_of(centre)
        assert bell.player is None, "tests are not heard unless they are about it"
        await until(lambda: centre.forms.choices is not None)
        await sit_down(centre, Role.DUTY)
        await until(lambda: chip.isVisible())
        assert (chip.mark.shape, chip.mark.wordings[0]) == (BellShape.MUTE, "无声")
        assert "sound = false" in chip.toolTip()

        came(city, "T-1", SLOW)
        await until(lambda: bell.ringing is WarningLevel.YELLOW)
        came(city, "T-2", LATE)
        await until(lambda: bell.ringing is WarningLevel.RED)
        assert chip.mark.colour_name == "overdue"
        await acknowledge(centre, city, "T-2")
        await until(lambda: bell.ringing is WarningLevel.YELLOW)
        await acknowledge(centre, city, "T-1")
        await until(lambda: bell.ringing is None)
        assert bell.waits == Waiting()


@pytest.mark.faults_expected
async def test_a_seat_is_silenced_by_name_and_a_new_red_one_is_heard_all_the_same(
    tmp_path: Path, city: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'none'}")
    async with open_window(Settings(data=tmp_path, sound=True, silence_minutes=7), city) as centre:
        bell, chip = bell_of(centre)
        asked: list[str] = []
        bell.player.asked.connect(asked.append)
        await until(lambda: centre.forms.choices is not None)
        duty = await sit_down(centre, Role.DUTY)
        await until(lambda: chip.isVisible())
        assert (chip.mark.shape, chip.mark.wordings[0]) == (BellShape.RESTING, "待命")

        came(city, "T-1", SLOW)
        await until(lambda: "yellow" in asked)
        came(city, "T-2", LATE)
        await until(lambda: asked[-1] == "red")
        # On a machine without sound the header says so; the alarm is seen all the same.
        await until(lambda: bell.player.trouble is not None)
        assert chip.mark.shape is BellShape.MUTE
        assert chip.mark.wordings == ("无声 · 2 条未确认", "无声")
        assert "缺 libpulse" in chip.toolTip() or "无声音设备" in chip.toolTip()

        press_key(centre)
        assert bell.ringing is None
        assert bell.silence.by == duty.name
        assert bell.silence.until - bell.silence.since == timedelta(minutes=7)
        full, named, word, _ = chip.mark.wordings
        assert word.startswith("静音至 ")
        assert named == f"{word} · {duty.name}"
        assert full.startswith(f"{named} · 余 0")
        assert duty.name in chip.toolTip()
        waiting = city.read(lambda c: unacknowledged(c, load_rules(c), datetime.now(UTC)))
        assert (len(waiting.red), len(waiting.yellow)) == (1, 1), "silencing acknowledges nothing"

        # It came in late, its warning dates from before the silence: it is new all the same.
        came(city, "T-3", LATE + 5000)
        await until(lambda: bell.ringing is WarningLevel.RED)
        assert chip.mark.wordings[0] == "无声 · 4 条未确认"

        # A locked seat goes on; whoever passes by cannot silence it.
        centre.seating.lock()
        assert centre.seating.covered
        assert chip.isVisible()
        press_key(centre)
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
        assert bell.ringing is WarningLevel.RED
        asked.clear()
        bell._last = replace(bell._last, at=bell._last.at - timedelta(seconds=9))
        await until(lambda: asked == ["red"])
        QTest.mouseClick(centre.frame.cover.go_on, Qt.MouseButton.LeftButton)

        # What broke through is acknowledged, and the silence goes on; pressed again, it ends.
        await acknowledge(centre, city, "T-3")
        await until(lambda: bell.ringing is None)
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
        assert bell.silence is None
        assert bell.ringing is WarningLevel.RED
        bell._silence_for = timedelta(seconds=2)
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
        assert bell.ringing is None
        await until(lambda: bell.ringing is WarningLevel.RED)
        assert bell.silence is None, "it ends by itself"

        # In the past nothing sounds, and back at now it does.
        centre._replaying.show(datetime.now(UTC) - timedelta(minutes=5))
        await until(lambda: bell.ringing is None and "回放" in chip.toolTip())
        centre._replaying.show(None)
        await until(lambda: bell.ringing is WarningLevel.RED)

        # Somebody else sits down, and has silenced nothing; a wall has no name to silence it by.
        press_key(centre)
        assert bell.silence is not None
        await centre.sit_down(await runtime.in_thread(watched_by_engine(city).taken))
        await until(lambda: bell.ringing is WarningLevel.RED)
        press_key(centre)
        assert bell.ringing is WarningLevel.RED
        assert told(centre)[0].startswith("不能静音：")
