"""The demo city's devices: each speaks HJ 212 over a connection of its own to the receiver of this machine.

They stand on a thread with a loop of their own, so that the window notices nothing of them. A device that
gets no answer says it again the next time, and catches up after a pause, as real ones do.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from data_access.emulating import Emulated, emulated
from data_access.errors import StoreError
from data_access.store import Store
from desktop import runtime
from desktop.city_stations import load_stations
from desktop.demo.living.device import Device, Letter
from desktop.demo.measured import city_signals
from desktop.time import now
from domain.hj212 import MalformedSegmentError, Unframer, read_message

HOST = "127.0.0.1"
ANSWER_SECONDS = 10.0
"""So long waits a device for an answer (HJ 212-2017, 6.6: by wireless)."""
AGAIN_SECONDS = 5.0
STAGGER_SECONDS = 0.05
"""One device after the other comes to the line."""
LOOK_BACK = timedelta(days=3)
CHANCE_BACK = timedelta(hours=1)
"""After a pause nothing went wrong meanwhile: a start must not be a flood of alarms."""
PATIENCE_SECONDS = 5.0
STRANGER = "010000A8900016F0FFFFFFFF"
"""A device that nobody has registered: the platform lists it."""
STRANGER_SECONDS = 900

_log = logging.getLogger(__name__)


class Emulator:
    """The devices of a sample city beside other work. Start it on any thread.

    `port` says where the receiver listens, None while it does not; `lives` whether this program's city lives:
    of several programs one lets the devices speak.
    """

    def __init__(self, store: Store, port: Callable[[], int | None], lives: Callable[[], bool]) -> None:
        self._store = store
        self._port = port
        self._lives = lives
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.answered = 0

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="emulated devices", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """End; a device does not say goodbye."""
        self._stopping.set()
        thread, self._thread = self._thread, None
        for _ in range(int(PATIENCE_SECONDS / 0.02)):
            if thread is None or not thread.is_alive():
                return
            await asyncio.sleep(0.02)
        _log.warning("the emulated devices do not end, and are left")

    # --- on the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except Exception as fault:  # noqa: BLE001 - the program that they stand beside must go on
            runtime.report(fault, "the emulated devices")

    async def _serve(self) -> None:
        await runtime.side_by_side(self._stopped(), self._speak())
        await asyncio.sleep(0)  # the loop closes what the devices left open

    async def _stopped(self) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(0.1)

    async def _speak(self) -> None:
        while not self._lives() or self._port() is None:
            await asyncio.sleep(0.2)
        city = self._city()
        while city is None:
            await asyncio.sleep(AGAIN_SECONDS)
            city = self._city()
        moment = now()
        signals = city_signals(city.created_at, since=moment - CHANCE_BACK)
        devices = [Device(station, signals, city.last.get(station.number, {})) for station in city.stations]
        lives = [self._live(device, place * STAGGER_SECONDS) for place, device in enumerate(devices)]
        stranger = replace(
            city.stations[0], number=0, mn=STRANGER, every_seconds=STRANGER_SECONDS, key="stranger"
        )
        lives.append(self._live(Device(stranger, signals, {}), STAGGER_SECONDS))
        await runtime.side_by_side(self._stopped(), *lives)

    def _city(self) -> Emulated | None:
        try:
            own = {station.key: station.mn for station in load_stations()}
            return self._store.read(lambda connection: emulated(connection, now() - LOOK_BACK, own))
        except StoreError as error:
            _log.info("the emulated devices wait: %s", error.message)
            return None

    async def _live(self, device: Device, rest: float) -> None:
        """Speak, be silent, and come to the line again, for ever."""
        while True:
            await asyncio.sleep(rest)
            port, moment = self._port(), now()
            if port is None or not self._lives() or device.is_silent(moment):
                rest = AGAIN_SECONDS
                continue
            # A line on which nothing is said at first would be cut.
            if next(device.owed(moment), None) is None:
                rest = _until(device, moment)
                continue
            rest = await self._line(device, port)

    async def _line(self, device: Device, port: int) -> float:
        """Be on the line until it breaks; return for how many seconds to rest then."""
        try:
            reader, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            return AGAIN_SECONDS
        try:
            await self._talk(device, _Line(reader, writer))
        except TimeoutError:
            return max(AGAIN_SECONDS, _until(device, now()))  # nobody answers it
        except (OSError, EOFError):
            return AGAIN_SECONDS
        finally:
            writer.close()
        return AGAIN_SECONDS

    async def _talk(self, device: Device, line: "_Line") -> None:
        """Send what is owed at each beat, as long as the line holds and the device is not silent."""
        while self._lives():
            for letter in device.owed(now()):
                await line.deliver(letter)
                device.answered(letter)
                self.answered += 1
            if device.is_silent(now()):
                return
            await asyncio.sleep(_until(device, now()))


def _until(device: Device, moment: datetime) -> float:
    """Return the seconds until a device's next beat."""
    return max(0.1, (device.next_at(moment) - moment).total_seconds())


class _Line:
    """A device's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._unframer = Unframer()

    async def deliver(self, letter: Letter) -> None:
        """Send a letter and wait until all of it is answered.

        Raises:
            TimeoutError: it was not.
            EOFError: the platform has hung up.
            OSError: the line is broken.
        """
        self._writer.write(letter.data)
        await self._writer.drain()
        answered = 0
        async with asyncio.timeout(ANSWER_SECONDS):
            while answered < letter.frames:
                data = await self._reader.read(4096)
                if not data:
                    raise EOFError
                for frame in self._unframer.feed(data):
                    with contextlib.suppress(MalformedSegmentError):
                        answered += frame.ok and read_message(frame.segment).cn == "9014"
