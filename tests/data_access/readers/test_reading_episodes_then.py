"""A past minute shows the episodes and values that were known then, not those told of later (X14)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from data_access import exceeding, log
from data_access.readers.curves import curve, sensor_curves, sparks
from data_access.readers.device_calls import device_calls
from data_access.readers.episodes import device_item_rows, episode_rows
from data_access.readers.stations import station_rows
from data_access.readings import load_samples, store_samples
from data_access.rules import Rules, load_rules
from data_access.stations import put_limits, put_stations
from data_access.store import Store
from domain.environment import Curve, CurveQuery, StationRow
from domain.events import Event, SensorExceeded
from domain.stations import (
    DataFlag,
    Episode,
    Limit,
    Measure,
    Sample,
    Span,
    Station,
    StationKind,
    StationState,
)
from tests.fresh_database import opened_copy

BEGIN = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMIT = Limit("pm10", "a34002", Span.MINUTE, 150.0, date(2026, 1, 1), "示例", kind=StationKind.DUST)


def site(key: str) -> Station:
    return Station(0, key, key, StationKind.DUST, f"MN-{key}", (Measure("a34002", "μg/m³"),), category="B01")


def at(minute: int) -> datetime:
    return BEGIN + minute * MINUTE


@dataclass(frozen=True)
class City:
    """What stations send comes in at a minute of one's own, and is weighed then."""

    store: Store
    rules: Rules
    numbers: dict[str, int]

    def take_in(self, key: str, came: int, first: int, *levels: float) -> None:
        number = self.numbers[key]
        samples = [
            Sample(number, "a34002", Span.MINUTE, at(first + n), level) for n, level in enumerate(levels)
        ]
        self.store.write(lambda c: store_samples(c, samples, at(came)))
        self.store.write(lambda c: exceeding.weigh(c, self.rules, at(came)))

    def row(self, key: str, minute: int) -> StationRow:
        rows = self.store.read(lambda c: station_rows(c, self.rules, at(minute), past=True))
        return next(row for row in rows if row.station.key == key)

    def episodes(self, key: str, minute: int) -> list[Episode]:
        number = self.numbers[key]
        rows = self.store.read(lambda c: episode_rows(c, at(minute), station=number, past=self.rules))
        return [row.episode for row in rows]

    def events(self, number: str, until: int) -> list[Event]:
        told = self.store.read(lambda c: log.read_stream(c, f"ticket/{number}"))
        return [one.event for one in told if one.event.at <= at(until)]

    def curve(self, key: str, minute: int) -> Curve:
        query = CurveQuery(self.numbers[key], "a34002", Span.MINUTE, at(-60), at(60))
        found = self.store.read(lambda c: curve(c, self.rules, query, past=at(minute)))
        assert found is not None
        return found


@pytest.fixture(scope="module")
def city(postgres: Path, template_database: str) -> Iterator[City]:
    """One day of building sites: late values, an end told late, and one that begins again."""
    with opened_copy(postgres, template_database) as opened:
        numbers = opened.write(lambda c: put_stations(c, [site("site"), site("late"), site("ill")]))
        opened.write(lambda c: put_limits(c, (LIMIT,)))
        made = City(opened, opened.read(load_rules), numbers)
        made.take_in("site", -1, -1, 100)
        made.take_in("site", 11, 0, 200, 210, 200)
        made.take_in("site", 20, 12, 400)
        made.take_in("site", 40, 21, 100, 100, 100)
        made.take_in("site", 48, 45, 180, 190, 180)
        made.take_in("late", 0, -5000, 300, 300, 300, 300, 100, 100, 100)
        yield made


def test_an_episode_told_later_than_it_began_is_not_known_before(city: City) -> None:
    before, after = city.row("site", 5), city.row("site", 11)
    assert (before.state, before.ticket, before.episodes) == (StationState.ONLINE, None, 0)
    assert [value.value for value in before.values] == [100.0], "the others came in at 04:11"
    assert city.episodes("site", 5) == []
    assert city.curve("site", 5).episodes == ()
    assert (after.state, after.episodes) == (StationState.EXCEEDING, 1)
    (known,) = city.episodes("site", 11)
    assert after.ticket == known.ticket is not None
    assert [episode.number for episode in city.curve("site", 11).episodes] == [known.number]


def test_what_came_in_late_is_in_no_curve_before(city: City) -> None:
    assert list(city.curve("site", 5).mean) == [100.0]
    assert max(city.curve("site", 15).most) == 210.0
    assert max(city.curve("site", 20).most) == 400.0
    rows = (city.row("site", 15),)
    (spark,) = city.store.read(lambda c: sparks(c, city.rules, rows, at(15), MINUTE * 30, 30, past=True))
    assert max(value for value in spark.mean if value == value) == 210.0
    (episode,) = city.episodes("site", 15)
    events = city.events(str(episode.ticket), 15)
    (beside,) = city.store.read(lambda c: sensor_curves(c, city.rules, events, at(15), past=True))
    assert max(value for value in beside.most if value == value) == 210.0


def test_an_episode_has_the_peak_and_the_end_that_were_known(city: City) -> None:
    def known(minute: int) -> tuple[float, int, datetime | None]:
        (episode,) = city.episodes("site", minute)
        return episode.peak, episode.over, episode.ended_at

    assert known(15) == (210.0, 3, None)
    assert known(30) == (400.0, 4, None), "its end came in at 04:40"
    assert city.row("site", 30).state is StationState.EXCEEDING
    assert known(42) == (400.0, 4, at(21)), "it begins again at 04:48"
    assert city.row("site", 42).state is StationState.ONLINE
    assert known(48) == (400.0, 7, None)


def test_what_nobody_was_told_of_is_known_by_its_values(city: City) -> None:
    assert city.episodes("late", -10) == []
    assert city.row("late", -10).state is StationState.NOT_CONNECTED
    (episode,) = city.episodes("late", 1)
    assert (episode.ticket, episode.over, episode.ended_at) == (None, 4, at(-4996))


def test_what_begins_again_is_told_with_its_own_figures(city: City) -> None:
    """X14: the greatest value since it began again, not the greatest of all."""
    (episode,) = city.episodes("site", 48)
    told = [one.fact for one in city.events(str(episode.ticket), 48) if isinstance(one.fact, SensorExceeded)]
    assert [(fact.began_at, fact.value) for fact in told] == [(at(0), 210.0), (at(45), 190.0)]


def test_a_history_that_was_loaded_has_an_hours_value_when_the_hour_is_over(city: City) -> None:
    hour = Sample(city.numbers["late"], "a34002", Span.HOUR, at(120), 70.0)
    city.store.write(lambda c: load_samples(c, [hour]))
    shown = {minute: [value.value for value in city.row("late", minute).values] for minute in (150, 180)}
    assert shown == {150: [], 180: [70.0]}


def test_a_device_item_is_known_when_its_values_have_come_in(city: City) -> None:
    """Three invalid values of 10:00 that came in at 10:20; a valid one of 10:30 that came in at 10:40."""
    number = city.numbers["ill"]
    first = Sample(number, "a34002", Span.MINUTE, at(360), None, DataFlag.FAULT)
    ill = [replace(first, at=at(360 + n)) for n in range(3)]
    for came, samples in ((380, ill), (400, [Sample(number, "a34002", Span.MINUTE, at(390), 80.0)])):
        city.store.write(lambda c, s=samples, m=came: store_samples(c, s, at(m)))
        city.store.write(lambda c, m=came: exceeding.weigh(c, city.rules, at(m)))

    def known(minute: int) -> list[datetime | None]:
        rows = city.store.read(lambda c: device_item_rows(c, at(minute), past=city.rules))
        calls = city.store.read(lambda c: device_calls(c, city.rules, at(minute), past=True))
        found = [row.item.ended_at for row in rows if row.item.station == number]
        assert calls.items == found.count(None)
        assert all(calls.oldest and calls.oldest.item.ended_at is None for end in found if end is None)
        return found

    assert known(370) == []
    assert known(380) == known(395) == [None]
    assert city.row("ill", 395).state is StationState.INVALID
    assert known(400) == [at(390)]
    assert city.row("ill", 400).state is not StationState.INVALID
