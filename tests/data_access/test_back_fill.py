"""A device that was away for days sends what it has kept: read about once, judged as all at once (X14)."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, select

from data_access import exceeding, schema, stretches
from data_access.readers.curves import curve
from data_access.readers.stations import station_rows
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import put_limits, put_stations
from data_access.store import Store
from domain.environment import CurveQuery
from domain.exceedance import Value, judge
from domain.sensor_rules import SensorRule
from domain.stations import DataFlag, Limit, Measure, Sample, Span, Station, StationKind
from tests.domain.city import CITY
from tests.fresh_database import opened_copy

FACTOR = "a34001"
LIMIT = Limit("tsp", FACTOR, Span.MINUTE, 0.8, date(2020, 1, 1), "示例", kind=StationKind.DUST, minutes=5)
BEGIN = datetime(2026, 11, 1, 3, tzinfo=UTC)
STEP = timedelta(minutes=5)
Portions = Sequence[Sequence[int]]
"""Places of values in order of time, as they come in."""


@pytest.fixture(scope="module")
def city(postgres: Path, template_database: str) -> Iterator[Store]:
    with opened_copy(postgres, template_database) as store:
        store.write(lambda c: put_limits(c, (LIMIT,)))
        yield store


class Device:
    """A new station of the store, and how many rows of readings were read while it was weighed."""

    def __init__(self, store: Store, levels: Sequence[float | None]) -> None:
        self.store, self.levels, self.read = store, levels, 0
        key = uuid.uuid4().hex[:8]
        given = Station(0, key, key, StationKind.DUST, key, (Measure(FACTOR, "mg/m³"),), body="housing")
        (self.number,) = store.write(lambda c: put_stations(c, [given])).values()
        # So late that no ticket comes of it: what the log has told of would stand.
        self.now = BEGIN + STEP * len(levels) + timedelta(days=3)

    def send(self, places: Sequence[int]) -> None:
        samples = [
            Sample(
                self.number,
                FACTOR,
                Span.MINUTE,
                BEGIN + STEP * place,
                self.levels[place],
                DataFlag.NORMAL if self.levels[place] is not None else DataFlag.FAULT,
            )
            for place in places
        ]
        self.store.write(lambda c: store_samples(c, samples, self.now))

    def weigh(self) -> None:
        def work(connection: Any) -> bool:
            event.listen(connection, "after_cursor_execute", self._count)
            return exceeding.weigh(connection, load_rules(connection), self.now).more

        while self.store.write(work):
            pass

    def _count(self, _connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "FROM reading AS one" in statement:
            self.read += cursor.rowcount

    def episodes(self) -> list[tuple[Any, ...]]:
        e = schema.episode.c
        query = select(e.began_at, e.last_over_at, e.over, e.peak, e.ended_at, e.reopened)
        found = query.where(e.station == self.number).order_by(e.began_at)
        return [tuple(row) for row in self.store.read(lambda c: c.execute(found).all())]

    def at_once(self) -> list[tuple[Any, ...]]:
        """What the rule makes of all values in one go."""
        values = [
            Value(BEGIN + STEP * n, level, DataFlag.NORMAL if level is not None else DataFlag.FAULT)
            for n, level in enumerate(self.levels)
        ]
        runs = judge(values, (LIMIT,), SensorRule(), Span.MINUTE, CITY, self.now)
        return [(r.began_at, r.last_over_at, r.over, r.peak, r.ended_at, r.reopened) for r in runs]


def days(number: int, seed: int = 1) -> list[float | None]:
    """Five-minute values: calm and beyond the limit in turn, some hovering, invalid, or none for hours."""
    random, found = Random(seed), list[float | None]()
    while len(found) < number * 288:
        found += [0.3] * random.choice((3, 30, 60))
        found += [random.uniform(0.79, 2.0) for _ in range(random.choice((2, 4, 15, 40)))]
        found += [random.choice((0.78, 0.3, None)) for _ in range(random.choice((1, 6)))]
        found += [None] * random.choice((0, 0, 0, 30))
    return found[: number * 288]


def as_kept(count: int, size: int) -> Portions:
    return [range(first, min(first + size, count)) for first in range(0, count, size)]


def newest_first(count: int, size: int) -> Portions:
    return as_kept(count, size)[::-1]


def beside_the_newest(count: int, size: int) -> Portions:
    """A third was missed; each portion of it comes with some values of now."""
    missed = count // 3
    late = as_kept(missed, size)
    ends = [missed + (count - missed) * n // len(late) for n in range(len(late) + 1)]
    return [[*portion, *range(*now)] for portion, now in zip(late, pairwise(ends), strict=True)]


@pytest.mark.parametrize("order", [as_kept, newest_first, beside_the_newest])
def test_each_portion_is_read_about_once(city: Store, order: Callable[[int, int], Portions]) -> None:
    """Weighed as it comes: so many rows for so many values, not the more the longer it goes on."""
    device = Device(city, days(6))
    for portion in order(len(device.levels), 96):
        device.send(portion)
        device.weigh()
    assert device.episodes() == device.at_once()
    assert len(device.episodes()) > 5
    # Eight hours are read behind a portion, as long as it is itself, where something is there already.
    assert device.read <= 2.1 * len(device.levels)


def test_what_waits_is_worked_off_in_slices(city: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """All came in before anything was weighed: no slice looks at what another has seen, but for its edge."""
    monkeypatch.setattr(stretches, "VALUES", 200)
    device = Device(city, days(7, seed=2))
    for portion in as_kept(len(device.levels), 50):
        device.send(portion)
    device.weigh()
    assert device.episodes() == device.at_once()
    assert device.read <= 1.2 * len(device.levels)


def test_in_any_order_it_is_the_same(city: Store) -> None:
    for seed in range(3, 6):
        device = Device(city, days(2, seed))
        places = list(range(len(device.levels)))
        Random(seed).shuffle(places)
        for first in range(0, len(places), 100):
            device.send(places[first : first + 100])
            device.weigh()
        assert device.episodes() == device.at_once()


def test_a_device_of_another_time_is_an_item_and_is_not_judged(city: Store) -> None:
    """X14: a mean of ten minutes is not held against a limit of five; set to five, the device is in order."""

    def items() -> list[tuple[Any, ...]]:
        item = schema.device_item.c
        query = select(item.trouble, item.flag, item.opened_at, item.ended_at)
        found = query.where(item.station == device.number)
        return [tuple(row) for row in city.read(lambda c: c.execute(found).all())]

    def shown(place: int) -> tuple[float | None, list[float | None]]:
        """What a screen holds the last value, and the curve, against."""
        now = BEGIN + place * STEP
        query = CurveQuery(device.number, FACTOR, Span.MINUTE, BEGIN, now)
        rows = city.read(lambda c: station_rows(c, load_rules(c), now))
        (last,) = next(row.values for row in rows if row.station.number == device.number)
        found = city.read(lambda c: curve(c, load_rules(c), query))
        assert found is not None
        return last.high, [step.high for step in found.limits]

    device = Device(city, [2.0] * 30)
    device.now = BEGIN + STEP * 30
    device.send(range(0, 12, 2))
    device.weigh()
    assert device.episodes() == []
    assert items() == [("interval", None, BEGIN + 6 * STEP, None)]
    assert shown(12) == (None, [])
    device.send(range(12, 16))
    device.weigh()
    assert [episode[0] for episode in device.episodes()] == [BEGIN + 13 * STEP]
    assert [item[3] is None for item in items()] == [False]
    assert shown(16) == (0.8, [0.8])


def test_a_note_of_an_older_program_reaches_to_the_newest_value(city: Store) -> None:
    device = Device(city, [0.3, *[2.0] * 8])
    device.send(range(9))
    note = schema.to_weigh
    city.write(lambda c: c.execute(note.update().where(note.c.station == device.number).values(until=None)))
    device.weigh()
    assert device.episodes() == device.at_once()
