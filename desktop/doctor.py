"""What the program needs from this machine, checked one by one, each with what to do when it fails."""

import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from data_access.calendars import notices
from data_access.errors import StoreError
from data_access.health import Health, examine
from desktop import environment
from desktop.application import open_store
from desktop.errors import WorldError
from desktop.settings import Settings, split_address

ROOT = Path(__file__).parent.parent
CLOCK_TOLERANCE = timedelta(seconds=5)
DISK_LOW, DISK_LEAST = 2_000_000_000, 300_000_000
WEB_SECONDS = 60
LOOPBACKS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to reach it, not to listen
# In a child: Qt cannot be had twice in a process, and the doctor's own may have a window's platform.
FONT_PROGRAM = """
import sys
from PySide6.QtGui import QFont, QRawFont
from PySide6.QtWidgets import QApplication
from widgets.style import load_fonts
app = QApplication(sys.argv[:1])
family = load_fonts()
print(family, all(QRawFont.fromFont(QFont(family)).glyphIndexesForString(sys.argv[1])))
"""


class Status(StrEnum):
    """How a check came out. WARNING: it runs, but something will be missing or soon fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found, and what to do about it where it is not ok."""

    name: str
    status: Status
    found: str
    way_out: str = ""


def examine_machine(settings: Settings, now: Callable[[], datetime]) -> Iterator[Check]:
    """Run every check, yielding each as it is done. `now` is the system's clock."""
    yield _guarded("python", _python)
    yield _guarded("disk", _disk, settings)
    yield _guarded("display", _display)
    yield _guarded("font", _font)
    yield _guarded("webengine", _webengine)
    yield _guarded("sound", _sound, settings)
    health, database = _database(settings)
    yield database
    yield _guarded("migrations", _migrations, health)
    yield _guarded("calendar", _calendar, health, now().astimezone(settings.city_zone))
    yield _guarded("clock", _clock, health, settings, now)
    yield _guarded("devices", _devices, health, settings)


def _guarded(name: str, look: Callable[..., Check], *arguments: object) -> Check:
    try:
        return look(*arguments)
    except WorldError as error:
        return Check(name, Status.FAILED, error.message, error.way_out)


def _python() -> Check:
    found = (
        f"Python {platform.python_version()}, PySide6 {metadata.version('PySide6')}, {platform.platform()}"
    )
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Check("python", Status.FAILED, found, "Use Python 3.11, 3.12 or 3.13.")
    pinned = _pinned_version("pyside6")
    if pinned != metadata.version("PySide6"):
        return Check(
            "python", Status.WARNING, found, f"requirements.txt pins PySide6 {pinned}; run `make run`."
        )
    return Check("python", Status.OK, found)


def _pinned_version(package: str) -> str | None:
    with (ROOT / "requirements.txt").open(encoding="utf-8") as lines:
        for line in lines:
            name, _, rest = line.partition("==")
            if name == package:
                return rest.split()[0]
    return None


def _disk(settings: Settings) -> Check:
    folder = next(parent for parent in (settings.data, *settings.data.parents) if parent.exists())
    if not os.access(folder, os.W_OK):
        return Check(
            "disk", Status.FAILED, f"{folder} cannot be written.", "Name another folder with --data DIR."
        )
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free for {settings.data}"
    if free < DISK_LEAST:
        return Check("disk", Status.FAILED, found, "Free some space, or name another folder with --data DIR.")
    if free < DISK_LOW:
        return Check(
            "disk", Status.WARNING, found, "Free some space: a store of a million tickets takes several GB."
        )
    return Check("disk", Status.OK, found)


def _display() -> Check:
    before = {name: os.environ.get(name) for name in ("QT_QPA_PLATFORM", "QTWEBENGINE_CHROMIUM_FLAGS")}
    try:
        display = environment.choose_display()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    if display.windowed:
        return Check("display", Status.OK, f"A window can open ({', '.join(display.platforms) or 'native'}).")
    return Check(
        "display",
        Status.WARNING,
        display.note or "Off-screen.",
        "`run` draws the pages to PNG files; for a window, start it on a desktop or set DISPLAY.",
    )


def _font() -> Check:
    from widgets import style

    file = Path(str(files(style.FONT_PACKAGE) / style.FONT_FILE))
    if not file.is_file():
        return Check(
            "font", Status.FAILED, f"{style.FONT_FILE} is missing.", "Install requirements.txt again."
        )
    said, error = _child(["-c", FONT_PROGRAM, "青哨预警督办销号"])
    if said.endswith("True"):
        return Check("font", Status.OK, f"{said.removesuffix(' True')} draws Chinese")
    return Check(
        "font",
        Status.FAILED,
        f"Chinese text would be boxes: {said or error}",
        "Install requirements.txt again.",
    )


def _webengine() -> Check:
    said, error = _child(["-m", "widgets.map.self_test"])
    answer = {}
    with contextlib.suppress(ValueError):
        answer = json.loads(said)
    if answer.get("ok"):
        sandbox = "off" if os.environ.get("QTWEBENGINE_DISABLE_SANDBOX") == "1" else "on"
        return Check("webengine", Status.OK, f"{answer['said']} draws a page, sandbox {sandbox}")
    return Check(
        "webengine",
        Status.FAILED,
        f"The map's browser does not work: {answer.get('said') or error}",
        "On Debian and Ubuntu run `sh .ci/system-packages`; a container needs /dev/shm and 300 MB of memory.",
    )


def _sound(settings: Settings) -> Check:
    """Whether the alarm of a window here would be heard; it is seen in any case."""
    if not settings.sound:
        return Check("sound", Status.OK, "off by these settings; the alarm is seen only")
    said, error = _child(["-m", "desktop.alarm.speaker", "--check"])
    word, _, rest = said.partition(" ")
    if word == "ready":
        return Check("sound", Status.OK, f"the alarm sounds through {rest}")
    if word == "no-device":
        return Check(
            "sound",
            Status.WARNING,
            "There is no sound device: the alarm is seen, not heard.",
            "Connect loudspeakers and start the desktop's sound server, or set `sound = false`.",
        )
    if word == "no-library":
        return Check(
            "sound",
            Status.WARNING,
            f"The alarm is seen, not heard: {rest} is missing.",
            "On Debian and Ubuntu run `sh .ci/system-packages` as root; elsewhere install what brings it.",
        )
    return Check(
        "sound",
        Status.WARNING,
        f"The alarm is seen, not heard: {said or error}",
        "Run `python -m desktop.alarm.speaker --check` to see more.",
    )


def _child(arguments: list[str]) -> tuple[str, str]:
    """Run Python off-screen in a child; return what it printed last, and what it complained of last."""
    environment.require_libraries("any")
    environment.settle_sandbox()
    variables = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu"}
    try:
        done = subprocess.run(  # noqa: S603 - our own programs
            [sys.executable, *arguments],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=WEB_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer within {WEB_SECONDS} s"
    return _last_line(done.stdout), _last_line(done.stderr) or f"it ended with code {done.returncode}"


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _database(settings: Settings) -> tuple[Health | None, Check]:
    place = "the named server" if settings.database_url else f"embedded, in {settings.data}"
    try:
        store = open_store(settings)
    except StoreError as error:
        return None, Check("database", Status.FAILED, error.message, error.way_out)
    try:
        health = store.read(examine)
    except StoreError as error:
        return None, Check("database", Status.FAILED, error.message, error.way_out)
    finally:
        store.close()
    found = f"PostgreSQL {health.server}, {place}: {health.events} events, {health.size / 1e6:.0f} MB"
    return health, Check("database", Status.OK, found)


def _migrations(health: Health | None) -> Check:
    if health is None:
        return Check("migrations", Status.FAILED, "Not known without the database.")
    if health.revision != health.newest_revision:
        found = f"at {health.revision}, this program needs {health.newest_revision}"
        return Check("migrations", Status.FAILED, found, "Start the program once with the owner's rights.")
    return Check("migrations", Status.OK, f"at {health.revision}, the newest")


def _calendar(health: Health | None, today: datetime) -> Check:
    """The notice for a year comes out in the November before; until then its days are provisional."""
    years = health.calendar_years if health else {year: notice.source for year, notice in notices().items()}
    wanted = (today.year, today.year + 1)
    missing = [year for year in wanted if year not in years]
    found = ", ".join(f"{year}: {years.get(year, 'unknown, so provisional')}" for year in wanted)
    if not missing:
        return Check("calendar", Status.OK, found)
    way_out = (
        f"Working-day clocks of {missing[0]} count Monday to Friday until its holiday notice is known: update"
        " the package chinesecalendar, or import the year's holiday-cn file."
    )
    return Check("calendar", Status.WARNING, found, way_out)


def _devices(health: Health | None, settings: Settings) -> Check:
    """Whether devices that speak HJ 212 are heard, where there are some or the settings want them."""
    if health is None:
        return Check("devices", Status.WARNING, "Not known without the database.", "Mend the database first.")
    if settings.hj212:
        where = f"listened to at {settings.hj212}"
    elif health.silent < health.stations:
        where = "heard where these settings name no address (a running --listen, or the demo city's own)"
    else:
        where = "no address in the setting hj212 (a running --listen is not seen from here)"
    found = (
        f"{health.stations} stations, {where}; {health.silent} silent for an hour or more, "
        f"{health.refused} refused devices"
    )
    if settings.hj212 and not _is_heard(settings.hj212):
        way_out = "Run `python main.py collect` on this machine; it listens there."
        return Check("devices", Status.WARNING, f"{found}; nobody listens there", way_out)
    if settings.hj212 and health.stations and health.silent == health.stations:
        way_out = "Check that the devices can reach this machine's port, and the page 环境 for refused ones."
        return Check("devices", Status.WARNING, found, way_out)
    return Check("devices", Status.OK, found)


def _is_heard(address: str) -> bool:
    host, port = split_address(address)
    try:
        socket.create_connection((LOOPBACKS.get(host, host), port), timeout=2).close()
    except OSError:
        return False
    return True


def _clock(health: Health | None, settings: Settings, now: Callable[[], datetime]) -> Check:
    here = now()
    shown = f"{here.astimezone(settings.city_zone):%Y-%m-%d %H:%M:%S} {settings.zone}"
    if ZoneInfo("Asia/Shanghai").utcoffset(
        datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    ) != timedelta(hours=8):
        return Check(
            "clock", Status.FAILED, "The time zone data are wrong.", "Install the package tzdata again."
        )
    if health is None:
        return Check("clock", Status.WARNING, shown, "The database's clock could not be compared.")
    # Measured after the answer came, so the database's clock may only be earlier by what the answer took.
    apart = here - health.now
    if abs(apart) > CLOCK_TOLERANCE:
        found = f"{shown}; the database's clock is {abs(apart).total_seconds():.0f} s apart"
        return Check("clock", Status.FAILED, found, "Set both machines to a time server (NTP).")
    if health.last_event is not None and health.last_event > here + CLOCK_TOLERANCE:
        newest = health.last_event.astimezone(settings.city_zone)
        found = f"{shown} is before the newest event, {newest:%Y-%m-%d %H:%M:%S}"
        return Check(
            "clock", Status.FAILED, found, "Set the system's clock; no order is written before that time."
        )
    return Check("clock", Status.OK, f"{shown}, {abs(apart).total_seconds():.1f} s from the database's")
