"""What devices need of people, and who took note of it (X14, T05)."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from data_access.device_items import weigh_silence
from data_access.readers.device_calls import device_calls, with_notes
from data_access.readers.episodes import device_item_rows
from data_access.rules import load_rules
from data_access.stations import Refusal, Seen, note_refused, note_seen, put_stations
from data_access.store import Store
from domain.duty_log import DeviceNoteDraft, note_duty, stream_of
from domain.environment import DeviceCalls
from domain.sensor_rules import SensorRule
from domain.stations import DeviceTrouble, Measure, Station, StationKind
from tests.data_access.readers.worlds import put_streams
from tests.data_access.streams import DUTY

NOW = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
"""At 3 a.m. in the city."""
RULE = SensorRule()


def station(number: int) -> Station:
    return Station(
        0, f"dust-{number}", f"{number} 号站", StationKind.DUST, f"MN{number}", (Measure("LA", "dB"),)
    )


def test_silent_devices_call_until_they_speak_and_whoever_saw_them_is_named(store: Store) -> None:
    def calls(now: datetime = NOW, *, past: bool = False) -> DeviceCalls:
        return store.read(lambda c: device_calls(c, load_rules(c), now, past=past))

    assert calls() == DeviceCalls()
    numbers = store.write(lambda c: put_stations(c, [station(n) for n in (1, 2, 3)]))
    one, two, three = (numbers[f"dust-{n}"] for n in (1, 2, 3))

    def hear(connection: Connection) -> None:
        for number, ago in ((one, timedelta(hours=5)), (two, timedelta(hours=3)), (three, timedelta())):
            note_seen(connection, [Seen(number, NOW - ago, NOW - ago, 2017, "10.0.0.1")])
        note_refused(connection, [Refusal("MN8", "unknown", NOW - timedelta(days=2), "10.0.0.8")])
        note_refused(connection, [Refusal("MN9", "unknown", NOW, "10.0.0.9")])
        weigh_silence(connection, RULE, UTC, NOW, NOW - timedelta(days=1))

    store.write(hear)
    found = calls()
    assert (found.counts, found.items, found.unseen) == (((DeviceTrouble.SILENT, 2),), 2, 2)
    assert found.refused == 1, "not who has given up"
    oldest = found.oldest
    assert oldest is not None
    assert (oldest.station_name, oldest.item.ended_at) == ("1 号站", None)
    assert calls(NOW - timedelta(hours=4), past=True).items == 1

    noted = note_duty(DeviceNoteDraft("r", "已通知运维", (oldest.item.number,)), DUTY, NOW)
    zone = store.read(load_rules).calendar.zone
    put_streams(store, {stream_of(NOW, zone): (noted,)})
    found = calls(NOW + timedelta(minutes=1))
    assert (found.items, found.unseen) == (2, 1)
    assert found.oldest is not None
    assert found.oldest.station_name == "2 号站", "of those that nobody has seen"
    assert calls(NOW - timedelta(minutes=1), past=True).unseen == 2, "as it was known then"
    rows = store.read(lambda c: with_notes(c, load_rules(c), device_item_rows(c, NOW), NOW))
    assert {row.station_name: (row.noted_by, row.noted_at) for row in rows} == {
        "1 号站": (DUTY.name, NOW),
        "2 号站": ("", None),
    }

    def speak(connection: Connection) -> None:
        later = NOW + timedelta(minutes=2)
        note_seen(connection, [Seen(number, later, later, 2017, "10.0.0.1") for number in (one, two, three)])
        weigh_silence(connection, RULE, UTC, later, NOW - timedelta(days=1))

    store.write(speak)
    assert calls(NOW + timedelta(minutes=3)).items == 0
