"""The demo city's emulated devices (X14): what they send, how they catch up, and that it arrives."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from data_access import master, schema
from data_access.emulating import emulated
from data_access.stations import put_limits, put_stations
from data_access.store import Connection, Store
from desktop.city import load_city
from desktop.city_stations import load_limits, load_stations
from desktop.demo.incidents import Incident, Incidents, Mishap
from desktop.demo.living.device import BACK, Device, Letter
from desktop.demo.living.emulator import STRANGER, Emulator
from desktop.demo.measured import samples
from desktop.demo.signals import Signals
from desktop.receiving.service import Listening, Receiving
from domain.hj212 import Factors, Message, Unframer, read_message, read_upload
from domain.stations import Sample, Span, Station

NOW = datetime(2026, 11, 22, 4, 7, 9, tzinfo=UTC)
FACTORS = Factors.of_csv(
    (Path(__file__).parents[3] / "resources" / "hj212" / "factors.csv").read_text(encoding="utf-8")
)


def _station(key: str) -> Station:
    return next(station for station in load_stations() if station.key == key)


def _signals(**written: Incident) -> Signals:
    found = {key.replace("_", "-"): (incident,) for key, incident in written.items()}
    return Signals(load_limits(), Incidents(1, NOW + timedelta(days=9), found), 1)


def _messages(letters: list[Letter]) -> list[Message]:
    frames = [frame for letter in letters for frame in Unframer().feed(letter.data)]
    assert all(frame.ok for frame in frames)
    return [read_message(frame.segment) for frame in frames]


def _read(letters: list[Letter], station: Station) -> set[Sample]:
    return {s for m in _messages(letters) for s in read_upload(m, station, FACTORS).samples}


def test_what_a_device_sends_is_what_it_measured() -> None:
    for key in ("dust-01", "water-09", "stack-02", "noise-11", "air-03"):
        station, signals = _station(key), _signals()
        letters = list(Device(station, signals, {}).owed(NOW))
        assert [letter.span for letter in letters] == [Span.DAY, Span.HOUR, Span.MINUTE, Span.REAL_TIME]
        sent = {(s.factor, s.span, s.at, s.value, s.flag) for s in _read(letters, station)}
        measured = {
            (s.factor, s.span, s.at, s.value, s.flag)
            for letter in letters
            for s in samples(station, signals, letter.span, letter.at)
        }
        assert sent == measured


def test_what_was_not_answered_comes_again_and_what_was_does_not() -> None:
    device = Device(_station("stack-01"), _signals(), {})
    first = list(device.owed(NOW))
    again = list(device.owed(NOW + timedelta(seconds=3)))
    assert [(letter.span, letter.at) for letter in again] == [(letter.span, letter.at) for letter in first]
    for letter in again:
        device.answered(letter)
    assert list(device.owed(NOW + timedelta(seconds=6))) == []
    later = list(device.owed(NOW + timedelta(minutes=5)))
    assert [letter.span for letter in later] == [Span.MINUTE, Span.REAL_TIME]


def test_after_a_pause_a_device_catches_up_from_where_it_was() -> None:
    hour = NOW.replace(minute=0, second=0)
    last = {Span.DAY: hour, Span.MINUTE: NOW, Span.REAL_TIME: NOW, Span.HOUR: hour - timedelta(hours=4)}
    letters = list(Device(_station("water-01"), _signals(), last).owed(NOW))
    assert [(letter.span, letter.at) for letter in letters] == [
        (Span.HOUR, hour - timedelta(hours=back)) for back in (3, 2, 1)
    ]
    long_ago = {**last, Span.HOUR: hour - timedelta(days=40)}
    most = list(Device(_station("water-01"), _signals(), long_ago).owed(NOW))
    assert len(most) == BACK[Span.HOUR] / timedelta(hours=1) + 1


def test_everything_sent_in_one_go_has_a_number_of_its_own() -> None:
    last = {Span.HOUR: NOW - timedelta(hours=12)}
    numbers = [m.qn for m in _messages(list(Device(_station("dust-02"), _signals(), last).owed(NOW)))]
    assert len(numbers) > 10
    assert len(set(numbers)) == len(numbers)


def test_a_silent_device_says_nothing_and_never_what_it_did_not_measure() -> None:
    begin = NOW.replace(minute=0, second=0) - timedelta(hours=3)
    signals = _signals(dust_03=Incident(Mishap.SILENT, begin, begin + timedelta(hours=2)))
    device = Device(_station("dust-03"), signals, {Span.HOUR: begin - timedelta(hours=2)})
    assert list(device.owed(begin + timedelta(minutes=30))) == []
    hours = [letter.at for letter in device.owed(NOW) if letter.span is Span.HOUR]
    assert hours == [begin - timedelta(hours=1), begin + timedelta(hours=2)]


def test_every_device_has_its_own_second_and_keeps_its_promise() -> None:
    beats = set()
    for station in load_stations():
        device = Device(station, _signals(), {})
        following = device.next_at(NOW)
        assert timedelta() < following - NOW <= timedelta(seconds=station.every_seconds)
        beats.add((following.minute, following.second))
    assert len(beats) > 60


async def test_devices_speak_over_a_socket_and_what_they_say_is_stored(store: Store) -> None:
    chosen = [_station(key) for key in ("dust-35", "water-01", "stack-02", "noise-01", "air-01")]
    # A person's: a station of their own, and one of the city's that now has the MN of a device of theirs.
    real = [
        replace(_station("dust-36"), key="mine", mn="010000A8900016F0ABCDEF01", name="Mine"),
        replace(_station("dust-37"), mn="010000A8900016F0ABCDEF02"),
    ]

    def register(connection: Connection) -> None:
        master.put_city(connection, load_city(), datetime.now(UTC) - timedelta(days=1))
        put_stations(connection, [*chosen, *real])
        put_limits(connection, load_limits())

    store.write(register)
    receiver = Receiving(store, Listening("127.0.0.1", 0))
    emulator = Emulator(store, _port_of(receiver), _always)
    receiver.start()
    emulator.start()
    try:
        end = time.monotonic() + 60
        # Day, hour, minute and real-time values of each; the one that nobody registered is refused.
        while emulator.answered < 4 * len(chosen) or not receiver.counts.refused:
            assert time.monotonic() < end, (emulator.answered, receiver.counts)
            await asyncio.sleep(0.1)
        while not store.read(_unknown):
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
    finally:
        await emulator.stop()
        await receiver.stop()
    own = {station.key: station.mn for station in load_stations()}
    city = store.read(lambda connection: emulated(connection, datetime.now(UTC) - timedelta(days=3), own))
    assert city is not None
    assert [station.mn for station in city.stations] == [station.mn for station in chosen]
    assert [set(city.last[station.number]) for station in city.stations] == [set(Span)] * len(chosen)
    assert store.read(_unknown) == [STRANGER]
    assert receiver.counts.bad == 0
    assert store.read(_heard) == {station.key for station in chosen}


def _port_of(receiver: Receiving) -> Callable[[], int | None]:
    def port() -> int | None:
        return receiver.port

    return port


def _always() -> bool:
    return True


def _heard(connection: Connection) -> set[str]:
    """Return the keys of the stations of which there is anything."""
    station, reading = schema.station.c, schema.reading.c
    return set(
        connection.execute(select(station.key).where(station.number.in_(select(reading.station)))).scalars()
    )


def _unknown(connection: Connection) -> list[str]:
    return list(connection.execute(select(schema.unknown_device.c.mn)).scalars())
