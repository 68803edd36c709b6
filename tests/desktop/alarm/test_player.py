"""Tones by a program of their own: without library or device it is said once, and all goes on (Y05)."""

import array
import asyncio
import logging
import os
import runpy
import sys
import time
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject

from desktop import environment
from desktop.alarm.player import Lack, Player
from desktop.alarm.speaker import LEVELS, SOUNDS
from domain.events import WarningLevel

LACKS_LIBRARY = bool(environment.missing_libraries("sound"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="ends processes, and knows how to have no device")


@pytest.fixture(autouse=True)
def no_sound_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any sound: nobody is to hear the tests."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'none'}")


@asynccontextmanager
async def playing() -> AsyncIterator[Player]:
    parent = QObject()
    player = Player(parent)
    try:
        yield player
    finally:
        await player.stop()
        parent.deleteLater()


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


def pid(player: Player) -> int:
    return player._process.processId()


@linux
@pytest.mark.faults_expected
async def test_what_lacks_is_said_once_with_a_way_out(caplog: pytest.LogCaptureFixture) -> None:
    async with playing() as player:
        asked: list[str] = []
        player.asked.connect(asked.append)
        for level in (WarningLevel.RED, WarningLevel.YELLOW):
            player.sound(level)
            await until(lambda: player.trouble is not None)
        assert asked == ["red", "yellow"]
        assert player.trouble is not None
        if LACKS_LIBRARY:
            assert player.trouble.lack is Lack.LIBRARY
            assert "libpulse" in player.trouble.detail
        else:
            assert player.trouble.lack is Lack.DEVICE
        warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(warnings) == 1
        assert "cannot be heard" in warnings[0].getMessage()
    assert player._process.processId() == 0


@linux
@pytest.mark.faults_expected
@pytest.mark.skipif(LACKS_LIBRARY, reason="libpulse is missing: the program ends by itself")
async def test_a_program_that_is_killed_is_a_trouble_and_no_more() -> None:
    async with playing() as player:
        player.sound(WarningLevel.RED)
        await until(lambda: player.trouble is not None)
        number = pid(player)
        os.kill(number, 9)
        await until(lambda: not psutil.pid_exists(number))
        await until(lambda: pid(player) == 0)
        player.sound(WarningLevel.RED)
        assert pid(player) == 0, "not begun anew at once"
        player._tried_at = None
        player.sound(WarningLevel.RED)
        await until(lambda: pid(player) not in (0, number))


async def test_nothing_runs_before_the_first_tone() -> None:
    async with playing() as player:
        await asyncio.sleep(0.1)
        assert pid(player) == 0
        assert "PySide6.QtMultimedia" not in sys.modules


def test_the_tones_are_those_of_their_script(tmp_path: Path) -> None:
    """They are ours: made by the script beside them, distinct in length and pitch, and never clipped."""
    made = runpy.run_path(str(SOUNDS / "make_sounds.py"))
    made["write"](tmp_path)
    lengths = set()
    for level in LEVELS:
        kept, anew = _samples(SOUNDS / f"{level}.wav"), _samples(tmp_path / f"{level}.wav")
        assert len(kept) == len(anew)
        assert max(abs(a - b) for a, b in zip(kept, anew, strict=True)) <= 1
        assert 20_000 < max(map(abs, kept)) < 32_000
        assert kept[0] == kept[-1] == 0
        assert len(kept) / made["RATE"] < 2
        lengths.add(len(kept))
    assert len(lengths) == len(LEVELS) == len(WarningLevel)


def _samples(file: Path) -> array.array:
    with wave.open(str(file), "rb") as opened:
        assert (opened.getnchannels(), opened.getsampwidth()) == (1, 2)
        found = array.array("h", opened.readframes(opened.getnframes()))
    if sys.byteorder == "big":
        found.byteswap()
    return found
