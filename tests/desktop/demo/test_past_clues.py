"""The demo city's past exceedances (X14, Q04): episodes of its readings, each with a ticket of its own."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from data_access import schema
from data_access.exceeding import weigh
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.verify import Verdict, verify
from desktop.city_stations import load_limits, load_stations
from desktop.demo import DemoCity, generate
from desktop.demo.load import load
from desktop.demo.measured import LENGTH, city_signals, last_period, samples
from desktop.demo.past_clues import past_clues
from desktop.demo.world import World, make_world
from domain.events import Closed, Dispatched, Received
from domain.exceedance import applying, crossed
from domain.sensor_events import SensorExceeded, SensorRecovered
from domain.stations import DeviceTrouble, Span
from tests.desktop.demo.test_load import ANCHOR

COUNT = 15


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(ANCHOR.astimezone(UTC))


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return generate(ANCHOR, tickets=300, sensed=True)


def test_each_exceedance_is_seen_after_it_began_and_judged_by_its_own_limit(world: World) -> None:
    clues = past_clues(world, city_signals(world.anchor))
    assert [clue.episode.number for clue in clues] == list(range(1, COUNT + 1))
    assert all(one.received_at <= other.received_at for one, other in pairwise(clues))
    for clue in clues:
        episode, station = clue.episode, clue.station
        assert episode.began_at < clue.received_at <= world.anchor
        limit = applying(load_limits(), station, episode.factor, episode.span, episode.began_at, world.zone)
        assert limit is not None
        assert limit.key == episode.limit
        assert crossed(limit, episode.peak) is not None
        assert isinstance(clue.facts[0].fact, SensorExceeded)
        assert (episode.ended_at is None) == (len(clue.facts) == 1)
    assert sum(clue.episode.ended_at is None for clue in clues) == 3


def test_every_clue_is_a_ticket_among_the_others_and_is_worked_on(city: DemoCity) -> None:
    tickets = {name: events for name, events in city.streams.items() if name.startswith("ticket/")}
    assert len(tickets) == 300
    ours = {name: events for name, events in tickets.items() if name.startswith("ticket/JC-")}
    assert len(ours) == COUNT
    for events in ours.values():
        first, second = events[0].fact, events[1].fact
        assert isinstance(first, Received)
        assert isinstance(second, SensorExceeded)
        assert first.channel == "monitoring"
        assert first.external_id == second.station
        assert all(one.at <= other.at for one, other in pairwise(events))
        closed = [place for place, event in enumerate(events) if isinstance(event.fact, Closed)]
        told = [place for place, event in enumerate(events) if isinstance(event.fact, SensorRecovered)]
        assert not closed or not told or max(told) < closed[0]
    dispatched = sum(any(isinstance(e.fact, Dispatched) for e in events) for events in ours.values())
    assert dispatched >= COUNT - 2


def test_without_stations_no_ticket_speaks_of_them() -> None:
    assert generate(ANCHOR, tickets=60).episodes is None


def test_a_store_goes_on_with_the_episodes_that_run(store: Store, city: DemoCity) -> None:
    """What is wrong is written; a station's next values end its episode, and make no ticket again."""
    load(store, city)
    assert store.read(_counts) == (132, 132, 0, 0, 10)
    keys, troubles = store.read(_standing)
    assert keys == {"water-01", "dust-25", "stack-05"}
    kinds = {DeviceTrouble.SILENT: 2, DeviceTrouble.INVALID: 2, DeviceTrouble.ABOVE_RANGE: 1}
    assert {kind: troubles.count(kind.value) for kind in DeviceTrouble} == kinds | {DeviceTrouble.INTERVAL: 0}
    assert store.scratch(_verdict).flaw is None
    before, after, opened, ended = store.write(_go_on)
    assert (after, opened, ended) == (before, 0, 1)
    assert store.read(_standing)[0] == {"water-01", "stack-05"}


def _counts(connection: Connection) -> tuple[int, ...]:
    """Return how many stations there are and have spoken; what waits to be weighed, is of the future; and how
    many counties have an index of the last hour.
    """
    counted, reading, index = select(func.count()), schema.reading, schema.air_index.c
    of_hour = index.at == last_period(Span.HOUR, ANCHOR), index.span == Span.HOUR
    return (
        connection.execute(counted.select_from(schema.station)).scalar_one(),
        connection.execute(counted.select_from(schema.station_state)).scalar_one(),
        connection.execute(counted.select_from(schema.to_weigh)).scalar_one(),
        connection.execute(counted.select_from(reading).where(reading.c.at > ANCHOR)).scalar_one(),
        connection.execute(counted.where(index.place.startswith("area/"), *of_hour)).scalar_one(),
    )


def _standing(connection: Connection) -> tuple[set[str], list[str]]:
    station, episode, item = schema.station.c, schema.episode.c, schema.device_item.c
    keys = select(station.key).join_from(schema.station, schema.episode, episode.station == station.number)
    troubles = select(item.trouble).where(item.ended_at.is_(None))
    return (
        set(connection.execute(keys.where(episode.ended_at.is_(None))).scalars()),
        list(connection.execute(troubles).scalars()),
    )


def _verdict(connection: Connection) -> Verdict:
    return verify(connection, load_rules(connection))


def _go_on(connection: Connection) -> tuple[int, int, int, int]:
    count = select(func.count()).select_from(schema.ticket)
    before = connection.execute(count).scalar_one()
    number = connection.execute(select(schema.station.c.number).where(schema.station.c.key == "dust-25"))
    station = next(station for station in load_stations() if station.key == "dust-25")
    step = timedelta(seconds=LENGTH[Span.MINUTE])
    anchor = ANCHOR.astimezone(UTC)
    first = last_period(Span.MINUTE, anchor) + step
    known = replace(station, number=number.scalar_one())
    store_samples(connection, samples(known, city_signals(anchor), Span.MINUTE, first, 24), first + 25 * step)
    done = weigh(connection, load_rules(connection), first + 25 * step)
    return before, connection.execute(count).scalar_one(), done.opened, done.ended
