"""Devices that speak HJ 212, as many as wanted: the load on a receiver.

    python -m benchmarks.devices --devices 1000 --frames 20 --port 9212 --database URL

registers them with the store at URL first. Each says a minute a frame, four factors in each, and sends the
next one when its last is answered; with `--window` more are under way at a time. One JSON line tells what
came of it.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from benchmarks.measure import quantile
from data_access.stations import put_stations
from data_access.store import Store, open_url
from domain.hj212 import write_upload
from domain.stations import Measure, Sample, Span, Station, StationKind

BEGIN = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
PASSWORD = "123456"  # noqa: S105 - of devices that do not exist
FACTORS = ("a34002", "a34004", "a34001", "LA")
AT_A_TIME = 200
"""Connections that are being opened at once."""


def name_of(number: int) -> str:
    """Return the identity of the load's device of that number."""
    return f"LOAD{number:020d}"


def register(store: Store, devices: int) -> None:
    """Register the devices with a store."""
    stations = [
        Station(
            0,
            name_of(number),
            f"负载{number}",
            StationKind.DUST,
            name_of(number),
            tuple(Measure(factor, "mg/m³") for factor in FACTORS),
            PASSWORD,
        )
        for number in range(devices)
    ]
    store.write(lambda c: put_stations(c, stations))


def frames_of(device: int, first: int, count: int) -> list[bytes]:
    """Return frames of a device: minute values from the minute `first` on."""
    frames = []
    for minute in range(first, first + count):
        at = BEGIN + timedelta(minutes=minute)
        samples = [
            Sample(0, factor, Span.MINUTE, at, round(0.01 * (minute % 60) + place, 3), low=0.0, high=99.0)
            for place, factor in enumerate(FACTORS)
        ]
        frames.append(
            write_upload(
                StationKind.DUST,
                name_of(device),
                PASSWORD,
                Span.MINUTE,
                at,
                samples,
                sent_at=at + timedelta(minutes=1),
            )
        )
    return frames


@dataclass(slots=True)
class Spoken:
    """What one device said: how many of its frames were answered, and after how many seconds each."""

    device: int
    sent: int = 0
    answered: int = 0
    waits: list[float] = field(default_factory=list)
    lost: bool = False


async def speak(
    port: int, frames: Sequence[bytes], window: int, gate: asyncio.Semaphore, spoken: Spoken
) -> None:
    """Send frames and take their answers, which come in order. A connection that is lost ends it."""
    try:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        spoken.lost = True
        return
    under_way: list[float] = []
    try:
        for frame in frames:
            if len(under_way) >= window:
                await _answer(reader, under_way, spoken)
            if writer.is_closing():
                # Into a line that is gone asyncio writes with a warning.
                raise ConnectionResetError
            writer.write(frame)
            under_way.append(time.monotonic())
            spoken.sent += 1
        while under_way:
            await _answer(reader, under_way, spoken)
    except (OSError, asyncio.IncompleteReadError):
        spoken.lost = True
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader, under_way: list[float], spoken: Spoken) -> None:
    answer = await reader.readuntil(b"\r\n")
    if b"CN=9014;" not in answer:
        raise OSError("no answer to data")
    spoken.answered += 1
    spoken.waits.append(time.monotonic() - under_way.pop(0))


async def load(port: int, frames: Sequence[Sequence[bytes]], window: int = 1) -> list[Spoken]:
    """Let a device speak for each sequence of frames, all at once; return what each said."""
    gate = asyncio.Semaphore(AT_A_TIME)
    spoken = [Spoken(device) for device in range(len(frames))]
    await asyncio.gather(*(speak(port, frames[one.device], window, gate, one) for one in spoken))
    return spoken


def main(
    database: Annotated[str, typer.Option(help="The store's address.")],
    port: Annotated[int, typer.Option(help="Where the receiver listens on this machine.")],
    devices: int = 1000,
    frames: int = 20,
    window: int = 1,
    first: Annotated[int, typer.Option(help="The first minute that they tell of.")] = 0,
) -> None:
    """Register devices, let them speak, and say what came of it."""
    store = open_url(database)
    register(store, devices)
    store.close()
    sent = [frames_of(device, first, frames) for device in range(devices)]
    time.sleep(4)  # until the receiver has read the registry again
    begun = time.monotonic()
    spoken = asyncio.run(load(port, sent, window))
    took = time.monotonic() - begun
    waits = [1000 * wait for one in spoken for wait in one.waits]
    answered = sum(one.answered for one in spoken)
    print(  # noqa: T201 - it is what the program is for
        json.dumps(
            {
                "event": "spoken",
                "devices": devices,
                "sent": sum(one.sent for one in spoken),
                "answered": answered,
                "lost": sum(one.lost for one in spoken),
                "seconds": round(took, 2),
                "per_second": round(answered / took, 1),
                "values_per_second": round(len(FACTORS) * answered / took, 1),
                "median_ms": round(quantile(waits, 0.5), 1) if waits else None,
                "p95_ms": round(quantile(waits, 0.95), 1) if waits else None,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    typer.run(main)
