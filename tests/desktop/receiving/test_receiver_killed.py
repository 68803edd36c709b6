"""`collect` with a thousand devices at once, and killed under load: what was answered is stored (X14)."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select, text

from benchmarks.devices import FACTORS, frames_of, load, name_of, register
from data_access import schema
from data_access.store import Store
from tests.desktop.receiving.conftest import count

ROOT = Path(__file__).parents[3]
KILLS = 3
SEED = 20261122
MEGABYTE = 1_000_000

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="kills by POSIX signals")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def collecting(store: Store, folder: Path, port: int) -> Iterator[subprocess.Popen]:
    """Let `collect` listen; it is killed in the end, if it still runs."""
    url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    # One heap for all threads: several differ by 5 MB from wave to wave, which would hide what is kept.
    settings = {"QINGSHAO_DATABASE_URL": url, "MALLOC_ARENA_MAX": "1"}
    with subprocess.Popen(
        [sys.executable, "main.py", "--data", str(folder), "collect", "--listen", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=os.environ | settings,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            end = time.monotonic() + 60
            while not accepts(port):
                assert process.poll() is None
                assert time.monotonic() < end, "it does not listen"
                time.sleep(0.1)
            yield process
        finally:
            process.kill()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def stored_frames(store: Store) -> dict[str, int]:
    """Return of how many moments all values of each device are stored."""
    reading, station = schema.reading.c, schema.station.c
    whole = (
        select(reading.station, reading.at)
        .group_by(reading.station, reading.at)
        .having(func.count() == len(FACTORS))
        .subquery()
    )
    statement = (
        select(station.mn, func.count(whole.c.at))
        .join_from(schema.station, whole, station.number == whole.c.station)
        .group_by(station.mn)
    )
    return dict(store.read(lambda c: c.execute(statement).all()))


def test_what_was_answered_is_in_the_store_however_often_the_receiver_is_killed(
    kept: Store, tmp_path: Path
) -> None:
    """X14: SIGKILL under load, at moments of a fixed seed; devices then send again what was not answered."""
    chance, devices, frames = random.Random(SEED), 40, 150
    register(kept, devices)
    answered = [0] * devices
    killed_under_load = 0
    for _ in range(KILLS):
        port = free_port()
        left = [frames_of(device, answered[device], frames - answered[device]) for device in range(devices)]
        with collecting(kept, tmp_path, port) as process:

            async def speak_and_kill() -> list[int]:
                loop = asyncio.get_running_loop()
                loop.call_later(chance.uniform(0.2, 0.6), process.send_signal, signal.SIGKILL)
                return [one.answered for one in await load(port, left, window=8)]  # noqa: B023

            now = asyncio.run(speak_and_kill())
            # What was left may have been answered before its time came.
            process.kill()
            process.wait()
        killed_under_load += 0 < sum(now) < sum(map(len, left))
        answered = [before + more for before, more in zip(answered, now, strict=True)]
        stored = stored_frames(kept)
        for device in range(devices):
            assert stored.get(name_of(device), 0) >= answered[device]
    assert killed_under_load >= KILLS // 2
    with collecting(kept, tmp_path, port := free_port()):
        left = [frames_of(device, answered[device], frames - answered[device]) for device in range(devices)]
        spoken = asyncio.run(load(port, left, window=8))
    assert not any(one.lost for one in spoken)
    assert set(stored_frames(kept).values()) == {frames}
    assert count(kept) == devices * frames * len(FACTORS)


def test_a_thousand_devices_at_once_lose_nothing_and_leave_no_trace_in_memory(
    kept: Store, tmp_path: Path
) -> None:
    """X14: nothing lost, nothing invented, memory flat."""
    devices, frames, waves = 1000, 2, 28
    kept.write(lambda c: c.execute(text("TRUNCATE reading, to_weigh")))
    register(kept, devices)
    taken = []
    with collecting(kept, tmp_path, port := free_port()) as process:
        for wave in range(waves):
            sent = [frames_of(device, wave * frames, frames) for device in range(devices)]
            spoken = asyncio.run(load(port, sent, window=2))
            assert [one.answered for one in spoken] == [frames] * devices
            taken.append(psutil.Process(process.pid).memory_info().rss / MEGABYTE)
    assert count(kept) == devices * frames * waves * len(FACTORS)
    # Pools and plans fill during the first waves; then 28,000 frames in which 250 bytes each would be seen.
    assert taken[-1] - taken[waves // 2 - 1] < 7, taken
