"""The doctor: every check on a real machine, and the failures that it must see."""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data_access.health import Health, examine
from desktop import doctor, settings
from desktop.doctor import Status

ROOT = Path(__file__).parents[2]
NAMES = [
    "python",
    "disk",
    "display",
    "font",
    "webengine",
    "sound",
    "database",
    "migrations",
    "calendar",
    "clock",
    "devices",
]


def _health(**changes: object) -> Health:
    moment = datetime(2026, 3, 5, 6, tzinfo=UTC)
    values = {
        "server": "18.4",
        "now": moment,
        "revision": "0001",
        "newest_revision": "0001",
        "size": 1,
        "events": 0,
        "last_event": None,
        "calendar_years": {2026: "chinesecalendar"},
    }
    return Health(**(values | changes))


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
    )


@pytest.mark.slow
def test_every_check_on_this_machine(database_url):
    done = _run("doctor", "--json", QINGSHAO_DATABASE_URL=database_url)
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert list(checks) == NAMES
    failed = {name: check for name, check in checks.items() if check["status"] == "failed"}
    assert failed == {}
    assert done.returncode == 0
    assert all(check["way_out"] for check in checks.values() if check["status"] != "ok")


@pytest.mark.slow
def test_a_database_out_of_reach_fails_with_a_way_out():
    done = _run("doctor", QINGSHAO_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("■ failed   database"))
    assert lines[at + 1].lstrip().startswith("→")
    assert "Traceback" not in done.stderr


def test_a_fresh_store_is_healthy(store):
    health = store.read(examine)
    assert health.revision == health.newest_revision
    assert health.server.split(".")[0].isdigit()
    assert health.events == 0
    assert health.last_event is None
    assert 2026 in health.calendar_years


def test_an_unknown_year_is_a_warning_with_a_way_out():
    check = doctor._calendar(_health(), datetime(2026, 3, 5, tzinfo=UTC))
    assert check.status is Status.WARNING
    assert "2027" in check.way_out
    known = _health(calendar_years={2026: "chinesecalendar", 2027: "imported"})
    assert doctor._calendar(known, datetime(2026, 3, 5, tzinfo=UTC)).status is Status.OK


@pytest.mark.parametrize(
    ("apart", "status"),
    [
        (timedelta(seconds=1), Status.OK),
        (timedelta(minutes=2), Status.FAILED),
        (-timedelta(days=1), Status.FAILED),
    ],
)
def test_clocks_that_differ_are_seen(apart, status):
    health = _health()
    check = doctor._clock(health, settings.load(), lambda: health.now + apart)
    assert check.status is status
    assert (check.way_out == "") == (status is Status.OK)


def test_a_clock_before_the_newest_event_is_seen():
    moment = datetime(2026, 3, 5, 6, tzinfo=UTC)
    health = _health(last_event=moment + timedelta(hours=1))
    check = doctor._clock(health, settings.load(), lambda: moment)
    assert check.status is Status.FAILED
    assert "15:00:00" in check.found


def test_an_older_schema_fails():
    assert doctor._migrations(_health(newest_revision="0002")).status is Status.FAILED
    assert doctor._migrations(_health()).status is Status.OK


def test_a_full_disk_is_seen(monkeypatch, tmp_path):
    loaded = settings.load(data=tmp_path / "not" / "yet" / "there")
    usage = doctor.shutil.disk_usage(tmp_path)
    for free, status in ((10**10, Status.OK), (10**9, Status.WARNING), (10**8, Status.FAILED)):
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path, free=free: usage._replace(free=free))
        assert doctor._disk(loaded).status is status


def _devices(address: str | None, **counted: int) -> doctor.Check:
    return doctor._devices(_health(**counted), settings.Settings(hj212=address))


def test_devices_that_nobody_listens_to_are_told_with_a_way_out():
    """X14."""
    assert _devices(None, stations=3, silent=3).status is Status.OK
    assert "no address in the setting hj212" in _devices(None, stations=3, silent=3).found
    heard = _devices(None, stations=3, silent=2).found
    assert heard.startswith("3 stations, heard "), "`collect --listen` runs, whatever these settings say"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        assert _devices(address, stations=3, silent=2, refused=1).found == (
            f"3 stations, listened to at {address}; 2 silent for an hour or more, 1 refused devices"
        )
        assert _devices(address, stations=3, silent=2).status is Status.OK
        assert _devices(address, stations=3, silent=3).status is Status.WARNING
    told = _devices(address, stations=3)
    assert (told.status, "collect" in told.way_out) == (Status.WARNING, True)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a machine can be made dumb for a test")
def test_an_alarm_that_cannot_be_heard_is_told_with_a_way_out(monkeypatch, tmp_path):
    """Y05."""
    assert doctor._sound(settings.Settings(sound=False)).status is Status.OK
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'none'}")
    told = doctor._sound(settings.Settings(sound=True))
    assert told.status is Status.WARNING
    assert "libpulse" in told.found or "no sound device" in told.found
    assert "system-packages" in told.way_out or "loudspeakers" in told.way_out
