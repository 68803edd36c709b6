"""A retired station no longer counts, opens nothing, and its past stays as it was (X14, T25)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, delete, select, text

from data_access import device_items, exceeding, log, schema
from data_access.health import examine
from data_access.readers.curves import curve, sensor_curves
from data_access.readers.device_calls import device_calls
from data_access.readers.episodes import device_item_rows, episode_rows
from data_access.readers.monitoring import monitoring_part
from data_access.readers.stations import station_rows, stations_mark, unknown_devices
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import (
    RETIRED,
    Refusal,
    Seen,
    forget_registered,
    note_refused,
    note_seen,
    put_limits,
    put_stations,
)
from data_access.store import Store
from domain.environment import CurveQuery
from domain.sensor_rules import SensorRule
from domain.stations import DataFlag, Limit, Measure, Sample, Span, Station, StationKind, StationState
from tests.fresh_database import opened_copy

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)
"""The beginning of that day in the city."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MEASURES = (Measure("a34002", "μg/m³"),)
OLD = Station(0, "old", "老工地", StationKind.DUST, "MN-OLD", MEASURES, area="320303", lng=117.2, lat=34.2)
NEW = replace(OLD, key="new", name="新工地", mn="MN-NEW")
LIMIT = Limit("pm10", "a34002", Span.MINUTE, 150.0, date(2026, 1, 1), "示例", kind=StationKind.DUST)


class Site:
    """Two stations that spoke each minute until the day on which the old one is retired."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rules = store.read(load_rules)
        self.numbers = store.write(lambda c: put_stations(c, (OLD, NEW)))
        store.write(lambda c: put_limits(c, [LIMIT]))

    def retire(self, day: date | None) -> None:
        self.store.write(lambda c: put_stations(c, [replace(OLD, retired=day)]))

    def take_in(self, key: str, since: datetime, *values: float | str) -> None:
        samples = [
            Sample(
                self.numbers[key],
                "a34002",
                Span.MINUTE,
                since + n * MINUTE,
                None if isinstance(value, str) else float(value),
                DataFlag(value) if isinstance(value, str) else DataFlag.NORMAL,
            )
            for n, value in enumerate(values)
        ]
        last = samples[-1].at
        self.store.write(lambda c: store_samples(c, samples, last))
        self.hear(key, last)

    def hear(self, key: str, at: datetime) -> None:
        self.store.write(lambda c: note_seen(c, [Seen(self.numbers[key], at, at, 2017, "")]))

    def weigh(self, now: datetime) -> exceeding.Weighed:
        return self.store.write(lambda c: exceeding.weigh(c, self.rules, now))

    def watch(self, now: datetime) -> int:
        """What the weigher does about silence; return how many items were opened or ended."""
        rule, since = SensorRule(), MIDNIGHT - timedelta(days=1)
        return self.store.write(
            lambda c: (
                device_items.end_retired(c, ZONE, now) + device_items.weigh_silence(c, rule, ZONE, now, since)
            )
        )

    def states(self, now: datetime, *, past: bool = False) -> dict[str, StationState]:
        rows = self.store.read(lambda c: station_rows(c, self.rules, now, past=past))
        return {row.station.key: row.state for row in rows}


@pytest.fixture(scope="module")
def made(postgres: Path, template_database: str) -> Iterator[Site]:
    with opened_copy(postgres, template_database) as opened:
        yield Site(opened)


@pytest.fixture
def site(made: Site) -> Site:
    def empty(connection: Connection) -> None:
        for table in (
            schema.reading, schema.to_weigh, schema.device_item, schema.episode, schema.station_state,
            schema.unknown_device,
        ):  # fmt: skip
            connection.execute(delete(table))

    made.store.write(empty)
    made.retire(None)
    return made


def test_it_counts_until_its_day_begins_in_the_city_and_its_past_stays(site: Site) -> None:
    for key in ("old", "new"):
        site.take_in(key, MIDNIGHT - 10 * MINUTE, *[90] * 10)
    before = site.store.read(stations_mark)
    site.retire(DAY)
    assert site.store.read(stations_mark) != before, "what shows stations looks again"
    last = MIDNIGHT - MINUTE
    assert site.states(last) == {"old": StationState.ONLINE, "new": StationState.ONLINE}
    assert site.states(MIDNIGHT) == {"new": StationState.ONLINE}
    shown = site.store.read(lambda c: monitoring_part(c, site.rules, MIDNIGHT))
    assert shown.stations == 1
    # A past minute has it again, as it stood; its curve is there at any time.
    later = MIDNIGHT + timedelta(days=3)
    assert site.states(last, past=True) == {"old": StationState.ONLINE, "new": StationState.ONLINE}
    query = CurveQuery(site.numbers["old"], "a34002", Span.MINUTE, MIDNIGHT - HOUR, later, 2000)
    found = site.store.read(lambda c: curve(c, site.rules, query))
    assert found is not None
    assert found.station.name == "老工地"
    site.retire(DAY + timedelta(days=1))
    assert set(site.states(MIDNIGHT)) == {"old", "new"}
    site.retire(None)
    assert set(site.states(later)) == {"old", "new"}


def test_its_open_items_end_with_its_day_and_none_is_opened_after_it(site: Site) -> None:
    site.hear("old", MIDNIGHT - HOUR)
    site.hear("new", MIDNIGHT)
    assert site.watch(MIDNIGHT - MINUTE) == 1
    site.retire(DAY)
    assert site.watch(MIDNIGHT - MINUTE) == 0, "its day has not begun"
    later = MIDNIGHT + HOUR
    site.hear("new", later)
    assert site.watch(later) == 1
    assert site.watch(later + MINUTE) == 0, "it is not called silent again"
    (row,) = site.store.read(lambda c: device_item_rows(c, later))
    assert (row.station_key, row.item.ended_at) == ("old", MIDNIGHT)
    calls = site.store.read(lambda c: device_calls(c, site.rules, later))
    assert calls.items == 0
    then = site.store.read(lambda c: device_calls(c, site.rules, MIDNIGHT - MINUTE, past=True))
    assert then.items == 1
    # Who is brought back, and still says nothing, is silent.
    site.retire(None)
    assert site.watch(later + 2 * MINUTE) == 1


def test_faults_that_still_wait_open_no_item_when_it_is_retired(site: Site) -> None:
    site.retire(DAY)
    for key in ("old", "new"):
        site.take_in(key, MIDNIGHT - 10 * MINUTE, *"DDDDDDDDDD")
    assert site.weigh(MIDNIGHT + MINUTE).items == 1
    (row,) = site.store.read(lambda c: device_item_rows(c, MIDNIGHT + MINUTE))
    assert row.station_key == "new"


def test_exceedances_that_still_wait_make_no_clue_when_it_is_retired(site: Site) -> None:
    """The new one's do; both are kept as episodes."""
    site.retire(DAY)
    for key in ("old", "new"):
        site.take_in(key, MIDNIGHT - 20 * MINUTE, *[300] * 20)
    assert site.weigh(MIDNIGHT + MINUTE).tickets == 1
    rows = site.store.read(lambda c: episode_rows(c, MIDNIGHT + MINUTE))
    assert {row.station_key: row.episode.ticket is not None for row in rows} == {"new": True, "old": False}


def test_a_clue_from_before_is_told_of_its_end_and_keeps_its_curve(site: Site) -> None:
    site.take_in("old", MIDNIGHT - 20 * MINUTE, *[300] * 20)
    assert site.weigh(MIDNIGHT - MINUTE).tickets == 1
    site.retire(DAY)
    later = MIDNIGHT + timedelta(days=1)
    ended = site.store.write(lambda c: exceeding.end_lost(c, site.rules, later))
    assert (ended.ended, ended.tickets) == (1, 0)
    (row,) = site.store.read(lambda c: episode_rows(c, later))
    assert row.episode.ended_at is not None
    events = [r.event for r in site.store.read(lambda c: log.read_stream(c, f"ticket/{row.episode.ticket}"))]
    told = [type(event.fact).__name__ for event in events]
    assert told == ["Received", "SensorExceeded", "SensorRecovered"]
    (found,) = site.store.read(lambda c: sensor_curves(c, site.rules, events, later))
    assert found.station.key == "old"
    assert site.states(MIDNIGHT - MINUTE, past=True)["old"] is StationState.EXCEEDING


def test_the_doctor_does_not_count_it(site: Site) -> None:
    today = datetime.now(ZONE).date()
    site.hear("new", datetime.now(UTC))
    assert (site.store.read(examine).stations, site.store.read(examine).silent) == (2, 1)
    site.retire(today)
    assert (site.store.read(examine).stations, site.store.read(examine).silent) == (1, 0)
    site.retire(today + timedelta(days=1))
    assert site.store.read(examine).stations == 2


def test_it_is_listed_as_refused_until_it_is_brought_back(site: Site) -> None:
    site.retire(DAY)

    def as_receiver(connection: Connection) -> int:
        connection.execute(text("SET LOCAL ROLE qingshao_engine"))
        note_refused(connection, [Refusal("MN-OLD", RETIRED, MIDNIGHT, "10.0.0.9")])
        return forget_registered(connection)

    assert site.store.write(as_receiver) == 0
    assert [device.reason for device in site.store.read(unknown_devices)] == [RETIRED]
    site.retire(None)
    assert site.store.write(forget_registered) == 1
    assert site.store.read(lambda c: c.execute(select(schema.unknown_device)).all()) == []
