"""How stations stand and what they measured, as pages show it (X14, Y27)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, insert, select, text

from data_access import schema
from data_access.readers.curves import curve, sensor_curves, sparks
from data_access.readers.episodes import device_item_rows, episode_rows
from data_access.readers.stations import station_rows, stations_mark, unknown_devices
from data_access.readings import load_samples, store_samples
from data_access.rules import Rules, load_rules
from data_access.stations import Refusal, Seen, note_refused, note_seen, put_limits, put_stations
from data_access.store import Store
from domain.environment import Curve, CurveQuery, LastValue, StationRow
from domain.events import Event, Rectified
from domain.people import SYSTEM
from domain.sensor_events import SensorExceeded, SensorRecovered
from domain.stations import DataFlag, Limit, Measure, Sample, Span, Station, StationKind, StationState
from tests.fresh_database import opened_copy

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
"""20:00 in the city."""
MEASURES = (Measure("a34002", "μg/m³"), Measure("a34004", "μg/m³"))
DUST = Station(0, "dust-1", "一号工地", StationKind.DUST, "MN1", MEASURES, area="320303", lng=117.2, lat=34.2)
WATER = Station(0, "water-1", "一号排口", StationKind.WATER, "MN2", (Measure("w01018", "mg/L"),))
MUTE = Station(0, "air-1", "一号空气站", StationKind.AIR, "MN3", MEASURES)
NEW = Station(0, "noise-1", "一号噪声点", StationKind.NOISE, "MN4", (Measure("Leq", "dB"),))
LIMIT = Limit("pm10", "a34002", Span.MINUTE, 150.0, date(2026, 1, 1), "示例", kind=StationKind.DUST)
COD = Limit("cod", "w01018", Span.HOUR, 50.0, date(2026, 1, 1), "示例", kind=StationKind.WATER)
MINUTE = timedelta(minutes=1)
BEGAN = NOW - timedelta(minutes=90)
EXCEEDED = SensorExceeded(1, "dust-1", "a34002", 250.0, 150.0, "μg/m³", BEGAN)


@dataclass(frozen=True)
class World:
    """A day of one dust station, each minute; two others; one that never spoke."""

    store: Store
    rules: Rules
    numbers: dict[str, int]

    def rows(self, now: datetime = NOW, *, past: bool = False) -> dict[str, StationRow]:
        rows = self.store.read(lambda c: station_rows(c, self.rules, now, past=past))
        return {row.station.key: row for row in rows}

    def curve(self, since: datetime, until: datetime, points: int = 2000) -> Curve:
        query = CurveQuery(self.numbers["dust-1"], "a34002", Span.MINUTE, since, until, points)
        found = self.store.read(lambda c: curve(c, self.rules, query))
        assert found is not None
        return found


def pm10(minute: int) -> Sample:
    """From 10:30 on too much; one peak at 04:00; the device at fault from 06:00 to 07:00."""
    at = NOW - timedelta(days=1) + timedelta(minutes=minute)
    value = 250.0 if at >= BEGAN else 700.0 if at == NOW - timedelta(hours=8) else 90.0 + minute % 7
    fault = NOW - timedelta(hours=6) <= at < NOW - timedelta(hours=5)
    return Sample(0, "a34002", Span.MINUTE, at, value, DataFlag.FAULT if fault else DataFlag.NORMAL)


def put_world(connection: Connection) -> dict[str, int]:
    numbers = put_stations(connection, (DUST, WATER, MUTE, NEW))
    put_limits(connection, (LIMIT, COD))
    dust, water, mute = (numbers[key] for key in ("dust-1", "water-1", "air-1"))
    load_samples(connection, [replace(pm10(minute), station=dust) for minute in range(24 * 60)])
    hours = [Sample(water, "w01018", Span.HOUR, NOW - timedelta(hours=n), 30.0 + n) for n in range(1, 20)]
    load_samples(connection, hours)
    load_samples(connection, [Sample(mute, "a34004", Span.MINUTE, NOW - timedelta(hours=2), 40.0)])
    late = Sample(mute, "a34004", Span.MINUTE, NOW - timedelta(hours=9), 30.0)
    store_samples(connection, [late], NOW - timedelta(hours=3))
    seen = ((dust, NOW), (water, NOW), (mute, NOW - timedelta(hours=2)))
    note_seen(connection, [Seen(number, at, at, 2017, "10.0.0.1") for number, at in seen])
    note_refused(connection, [Refusal("MN9", "unknown", NOW, "10.0.0.9", 3)])
    connection.execute(
        insert(schema.episode).values(
            station=dust, factor="a34002", span=int(Span.MINUTE), limit_key="pm10", began_at=BEGAN,
            last_over_at=NOW, over=90, peak=250.0, ticket="JC-1", reopened=0,
        )
    )  # fmt: skip
    connection.execute(
        insert(schema.device_item).values(
            station=dust, factor="a34002", trouble="invalid", flag="D", opened_at=NOW - timedelta(hours=6),
            ended_at=NOW - timedelta(hours=5),
        )
    )  # fmt: skip
    return numbers


@pytest.fixture(scope="module")
def world(postgres: Path, template_database: str) -> Iterator[World]:
    with opened_copy(postgres, template_database) as opened:
        numbers = opened.write(put_world)
        yield World(opened, opened.read(load_rules), numbers)


def test_stations_are_listed_the_worst_first(world: World) -> None:
    assert [(key, row.state) for key, row in world.rows().items()] == [
        ("dust-1", StationState.EXCEEDING),
        ("air-1", StationState.SILENT),
        ("water-1", StationState.ONLINE),
        ("noise-1", StationState.NOT_CONNECTED),
    ]


def test_a_last_value_stands_beside_the_limit_that_judges_it(world: World) -> None:
    rows = world.rows()
    worst = rows["dust-1"].worst
    assert worst is not None
    assert (worst.value, worst.high, worst.unit, worst.beyond) == (250.0, 150.0, "μg/m³", True)
    assert (rows["dust-1"].ticket, rows["dust-1"].episodes, rows["dust-1"].items) == ("JC-1", 1, 0)
    cod = rows["water-1"].values[0]
    assert (cod.span, cod.at, cod.value, cod.high) == (Span.HOUR, NOW - timedelta(hours=1), 31.0, 50.0)
    assert rows["noise-1"].values == ()


def test_a_past_minute_knows_nothing_of_what_came_later(world: World) -> None:
    then = NOW - timedelta(hours=5, minutes=30)
    rows = world.rows(then, past=True)
    assert rows["dust-1"].state is StationState.INVALID
    assert rows["dust-1"].values[0].flag is DataFlag.FAULT
    assert rows["dust-1"].last_seen == then
    assert (rows["air-1"].state, rows["air-1"].values) == (StationState.NOT_CONNECTED, ()), "it came later"
    assert world.rows(NOW - timedelta(hours=3), past=True)["air-1"].last_seen == NOW - timedelta(hours=3)


def test_who_sent_hours_only_was_not_silent_between_them(world: World) -> None:
    """Of an older time no finer values are left."""
    between = NOW - timedelta(hours=3, minutes=10)
    assert world.rows(between, past=True)["water-1"].state is StationState.ONLINE
    assert world.rows(NOW + timedelta(hours=3), past=True)["water-1"].state is StationState.SILENT


def test_a_day_of_minutes_comes_whole(world: World) -> None:
    found = world.curve(NOW - timedelta(days=1), NOW)
    known = [value for value in found.mean if not math.isnan(value)]
    assert len(known) == 23 * 60  # an hour is flagged
    assert [(run.flag, run.since, run.until) for run in found.flags] == [
        (DataFlag.FAULT, NOW - timedelta(hours=6), NOW - timedelta(hours=5))
    ]
    assert [math.isnan(value) for value in found.mean].count(True) == 1  # the line breaks there
    assert [(step.since, step.until, step.high) for step in found.limits] == [
        (NOW - timedelta(days=1), NOW, 150.0)
    ]
    assert [episode.ticket for episode in found.episodes] == ["JC-1"]


@pytest.mark.parametrize("points", [10, 48, 333])
def test_fewer_points_lose_no_peak(world: World, points: int) -> None:
    found = world.curve(NOW - timedelta(days=1), NOW, points)
    assert len(found.at) <= points + 4
    assert max(value for value in found.most if not math.isnan(value)) == 700.0
    assert min(value for value in found.least if not math.isnan(value)) == 90.0
    assert list(found.at) == sorted(found.at)


def test_there_is_no_curve_of_what_does_not_exist(world: World) -> None:
    query = CurveQuery(999, "a34002", Span.MINUTE, NOW - timedelta(days=1), NOW)
    assert world.store.read(lambda c: curve(c, world.rules, query)) is None
    empty = world.store.read(
        lambda c: curve(c, world.rules, replace(query, station=world.numbers["noise-1"], factor="Leq"))
    )
    assert empty is not None
    assert (len(empty.at), empty.flags, empty.limits) == (0, (), ())


def test_small_multiples_have_the_hours_that_judge_each_station(world: World) -> None:
    rows = tuple(world.rows().values())
    found = world.store.read(lambda c: sparks(c, world.rules, rows, NOW))
    by_key = {spark.row.station.key: spark for spark in found}
    dust = by_key["dust-1"]
    assert (dust.factor, dust.high, len(dust.mean), dust.until - dust.since) == (
        "a34002", 150.0, 96, timedelta(hours=24),
    )  # fmt: skip
    assert dust.mean[-1] == 250.0
    assert sum(math.isnan(value) for value in dust.mean) == 4  # the flagged hour
    assert sum(not math.isnan(value) for value in by_key["water-1"].mean) == 19
    assert all(math.isnan(value) for value in by_key["noise-1"].mean)


@pytest.mark.parametrize(
    ("factor", "values", "mean"),
    [("Leq", (50.0, 80.0), 76.99), ("a01008", (350.0, 10.0), 0.0), ("a34002", (50.0, 80.0), 65.0)],
)
def test_the_mean_of_levels_is_that_of_energy_and_of_directions_that_of_vectors(
    world: World, factor: str, values: tuple[float, ...], mean: float
) -> None:
    station, at = world.numbers["noise-1"], NOW - timedelta(days=40)
    samples = [Sample(station, factor, Span.MINUTE, at + n * MINUTE, v) for n, v in enumerate(values)]
    query = CurveQuery(station, factor, Span.MINUTE, at, at + timedelta(hours=1), 1)
    row = StationRow(NEW, StationState.ONLINE, values=(LastValue(factor, "", Span.MINUTE, at, 1.0),))
    row = replace(row, station=replace(NEW, number=station))

    def means(connection: Connection) -> tuple[list[float], list[float]]:
        load_samples(connection, samples)
        found = curve(connection, world.rules, query)
        assert found is not None
        hour = timedelta(hours=1)
        spark = sparks(connection, world.rules, [row], at + hour, 2 * hour, 2)[0]
        return list(found.mean), [value for value in spark.mean if not math.isnan(value)]

    whole, small = world.store.write(means)
    assert [(value + 180) % 360 - 180 for value in (*whole, *small)] == pytest.approx([mean] * 2, abs=0.01)


def test_a_tickets_curve_begins_before_its_first_value_beyond(world: World) -> None:
    events = [
        Event(BEGAN, SYSTEM, EXCEEDED),
        Event(NOW, SYSTEM, replace(EXCEEDED, episode=2)),
    ]
    found = world.store.read(lambda c: sensor_curves(c, world.rules, events, NOW))
    assert [(one.station.key, one.query.factor, one.query.since) for one in found] == [
        ("dust-1", "a34002", BEGAN - timedelta(hours=6))
    ]
    assert world.store.read(lambda c: sensor_curves(c, world.rules, (), NOW)) == ()


def test_a_tickets_curve_ends_some_hours_after_the_last_that_was_done(world: World) -> None:
    recovered = SensorRecovered(1, "dust-1", "a34002", 250.0, 90, BEGAN + timedelta(hours=1))
    done = Event(BEGAN + timedelta(hours=3), SYSTEM, Rectified("停工"))
    events = [Event(BEGAN, SYSTEM, EXCEEDED), Event(BEGAN + timedelta(hours=1), SYSTEM, recovered), done]
    later = NOW + timedelta(days=9)

    def until(told: list[Event]) -> datetime:
        return world.store.read(lambda c: sensor_curves(c, world.rules, told, later))[0].query.until

    assert until(events[:1]) == later  # it goes on
    assert until(events[:2]) == BEGAN + timedelta(hours=7)
    assert until(events) == BEGAN + timedelta(hours=9)


def test_what_came_of_readings_is_listed_as_of_a_moment(world: World) -> None:
    episodes = world.store.read(lambda c: episode_rows(c, NOW))
    assert [(row.station_name, row.high, row.unit, row.episode.ticket) for row in episodes] == [
        ("一号工地", 150.0, "μg/m³", "JC-1")
    ]
    assert world.store.read(lambda c: episode_rows(c, BEGAN - timedelta(minutes=1))) == ()
    assert world.store.read(lambda c: episode_rows(c, NOW, station=999)) == ()
    items = world.store.read(lambda c: device_item_rows(c, NOW - timedelta(hours=5, minutes=30)))
    assert [(row.item.factor, row.item.flag, row.item.ended_at) for row in items] == [
        ("a34002", DataFlag.FAULT, None)
    ]
    assert world.store.read(lambda c: [one.mn for one in unknown_devices(c)]) == ["MN9"]


CROWD = """
    SELECT CAST(:station AS integer) AS station, 'a34002' AS factor, began, ended, n AS over FROM (
        SELECT n, CAST(:now AS timestamptz) - n * interval '20 minutes' AS began,
            CASE WHEN n % 97 <> 0 THEN CAST(:now AS timestamptz)
                - n * interval '20 minutes' + (n * 7 % 100) * interval '1 hour' END AS ended
        FROM generate_series(1, 4000) AS n
    ) AS crowd
"""


def test_the_lists_have_first_what_goes_on(world: World) -> None:
    """Read in parts, each by its index, they are the same as one sort of everything."""

    def expected(connection: Connection, table: Table, began: str, now: datetime) -> list[int]:
        known = connection.execute(select(table).where(table.c[began] <= now)).all()
        rows = [(r.ended_at is None or r.ended_at > now, r._mapping[began], r.number) for r in known]
        return [number for *_, number in sorted(rows, reverse=True)]

    def told(connection: Connection) -> None:
        crowd = connection.begin_nested()
        station = {"now": NOW, "station": world.numbers["dust-1"]}
        connection.execute(
            text(
                "INSERT INTO episode (station, factor, began_at, ended_at, over, span, limit_key,"
                " last_over_at, peak, reopened) SELECT *, 1, 'pm10', began, 200, 0 FROM ("
                f"{CROWD}) AS found"
            ),
            station,
        )
        connection.execute(
            text(
                "INSERT INTO device_item (station, factor, opened_at, ended_at, trouble)"
                " SELECT station, factor, began, ended, 'invalid' FROM ("
                f"{CROWD}) AS found"
            ),
            station,
        )
        for now in (NOW, NOW - timedelta(hours=30), NOW - timedelta(hours=300)):
            episodes = expected(connection, schema.episode, "began_at", now)
            items = expected(connection, schema.device_item, "opened_at", now)
            for limit in (3, 60, 500):
                found = [row.episode.number for row in episode_rows(connection, now, limit=limit)]
                assert found == episodes[:limit]
                devices = [row.item.number for row in device_item_rows(connection, now, limit=limit)]
                assert devices == items[:limit]
        crowd.rollback()

    world.store.write(told)


def test_the_cheap_question_has_another_answer_when_a_station_spoke(world: World) -> None:
    before = world.store.read(stations_mark)
    assert world.store.read(stations_mark) == before
    later = Seen(world.numbers["water-1"], NOW + timedelta(minutes=1), NOW, 2017, "10.0.0.1")
    world.store.write(lambda c: note_seen(c, [later]))
    assert world.store.read(stations_mark) != before
