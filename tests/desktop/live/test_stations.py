"""The stations' part of a look: read when one has moved, and the same object when none has (X04)."""

from datetime import UTC, datetime, timedelta

import pytest

from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import Seen, note_seen, put_limits, put_stations
from data_access.store import Connection, Store
from desktop.city_stations import load_limits, load_stations
from desktop.live import pace, stations
from desktop.live.stations import StationWatch
from domain.monitoring import CARDS, Monitoring
from domain.stations import Sample, Span, StationKind, StationState
from tests.data_access.readers.worlds import put_city

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def speak(store: Store, keys: dict[str, int], at: datetime, value: float) -> None:
    """Let every dust station send one minute of PM10."""
    dust = [number for key, number in keys.items() if key.startswith("dust")]
    samples = [Sample(number, "a34002", Span.MINUTE, at, value) for number in dust]

    def work(connection: Connection) -> None:
        store_samples(connection, samples, at)
        note_seen(connection, [Seen(number, at, at) for number in dust])

    store.write(work)


def test_what_moves_is_read_and_what_does_not_is_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stations, "LOOK_SECONDS", 0)
    monkeypatch.setattr(pace, "SHARE", 0)
    put_city(store)
    watch = StationWatch()

    def look(now: datetime, *, anew: bool = False) -> Monitoring:
        return store.read(lambda c: watch.look(c, load_rules(c), now, anew=anew))

    assert look(NOW).stations == 0
    keys = store.write(lambda c: put_stations(c, load_stations()))
    store.write(lambda c: put_limits(c, load_limits()))
    registered = look(NOW)
    assert registered.counts == ((StationState.NOT_CONNECTED, len(load_stations())),)
    assert [card.row.station.kind for card in registered.cards] == list(CARDS)

    speak(store, keys, NOW - MINUTE, 61.0)
    heard = look(NOW)
    dust = sum(station.kind is StationKind.DUST for station in load_stations())
    assert heard.heard == heard.count(StationState.ONLINE) == dust
    assert look(NOW) is heard

    # Silence moves nothing in the store: the next minute shows it.
    later = NOW + timedelta(hours=1)
    assert look(later) is heard
    assert look(later, anew=True).count(StationState.SILENT) == dust

    # At the past minute nobody was silent yet.
    past = StationWatch(past=True)
    then = store.read(lambda c: past.look(c, load_rules(c), NOW, anew=True))
    assert then.heard == dust
