"""Indices from what stations sent: hours, days, places, late values, and what is read of them (T01, X04)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from data_access import schema
from data_access.air_index import index_since, index_touched
from data_access.readers.air_index import air_ranking, air_view
from data_access.readings import store_samples, take_to_weigh
from data_access.rules import load_rules
from data_access.stations import put_stations
from data_access.store import Store
from domain.aqi.editions import Edition, Pollutant
from domain.aqi.places import FACTORS, PlaceKind
from domain.aqi.standing import AirQuery
from domain.stations import DataFlag, Measure, Sample, Span, Station, StationKind
from tests.data_access.readers.worlds import put_city
from tests.fresh_database import opened_copy

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
"""10:30 in the city."""
NEWEST = datetime(2026, 11, 22, 1, tzinfo=UTC)
TODAY = datetime(2026, 11, 21, 16, tzinfo=UTC)
NORMAL = DataFlag.NORMAL
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEASURES = tuple(Measure(factor, "mg/m³" if factor == "a21005" else "µg/m³") for factor in FACTORS)
AREAS = (("air-1", "320302", "环城街道"), ("air-2", "320303", "彭城街道"), ("air-3", "320303", "子房街道"))
CLEAN: Mapping[str, float] = {
    "a34004": 10.0,
    "a34002": 20.0,
    "a21026": 5.0,
    "a21004": 20.0,
    "a21005": 0.5,
    "a05024": 60.0,
}


class Air:
    """Three air stations in two counties, and their values as a receiver would store them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        put_city(store)
        stations = [
            Station(0, key, f"{key}站", StationKind.AIR, key, MEASURES, area=area, township=township)
            for key, area, township in AREAS
        ]
        dust = replace(stations[0], key="dust-1", mn="dust-1", kind=StationKind.DUST)
        self.numbers = store.write(lambda c: put_stations(c, [*stations, dust]))
        self.rules = store.read(load_rules)

    def send(self, key: str, at: datetime, span: Span = Span.HOUR, **changed: float | None) -> int:
        """Send a clean hour but for what is changed, None for a factor that failed; return what is new."""
        return self.take(self.samples(key, at, span, **changed))

    def samples(
        self, key: str, at: datetime, span: Span = Span.HOUR, **changed: float | None
    ) -> list[Sample]:
        """The values of all factors over one period."""
        station = self.numbers[key]
        return [
            Sample(station, factor, span, at, value, NORMAL if value is not None else DataFlag.FAULT)
            for factor, value in {**CLEAN, **changed}.items()
        ]

    def take(self, samples: list[Sample]) -> int:
        """Store values and index what they touch, in one transaction."""

        def work(connection: Connection) -> int:
            store_samples(connection, samples, NOW)
            return index_touched(connection, self.rules, take_to_weigh(connection), NOW)

        return self.store.write(work)

    def kept(self, place: str, span: Span, at: datetime) -> Any:
        """Return the index that is kept, None for none."""
        index = schema.air_index.c
        query = select(schema.air_index).where(index.place == place, index.span == span, index.at == at)
        return self.store.read(lambda c: c.execute(query).one_or_none())


@pytest.fixture(scope="module")
def filled(postgres: Path, template_database: str) -> Iterator[Air]:
    with opened_copy(postgres, template_database) as store:
        yield Air(store)


@pytest.fixture
def air(filled: Air) -> Air:
    """Without a value: each test sends its own."""

    def empty(connection: Connection) -> None:
        for table in (schema.reading, schema.air_index, schema.to_weigh):
            connection.execute(table.delete())

    filled.store.write(empty)
    return filled


def test_an_hour_of_stations_townships_counties_and_the_city(air: Air) -> None:
    """X04: each place's index is that of the means over its stations; dust stations do not count."""
    air.send("air-1", NEWEST, a34004=60.0)
    air.send("air-2", NEWEST, a34004=20.0)
    assert air.kept("city", Span.HOUR, NEWEST) is None, "two of three stations are too few"
    assert air.kept("area/320303", Span.HOUR, NEWEST) is None
    air.send("dust-1", NEWEST, a34004=400.0)
    air.send("air-3", NEWEST, a34004=40.0)
    city = air.kept("city", Span.HOUR, NEWEST)
    assert (city.aqi, city.edition, city.primary_pollutants) == (60, Edition.HJ633_2026, ["PM2.5"])
    assert city.values == {"PM2.5": 40, "PM10": 20, "SO2": 5, "NO2": 20, "CO": 0.5, "O3": 60}
    assert air.kept("station/air-1", Span.HOUR, NEWEST).aqi == 100
    assert air.kept("township/320302/环城街道", Span.HOUR, NEWEST).aqi == 100
    assert air.kept("area/320303", Span.HOUR, NEWEST).aqi == 43
    assert air.kept("station/dust-1", Span.HOUR, NEWEST) is None

    found = air.store.read(lambda c: air_ranking(c, air.rules, AirQuery(PlaceKind.AREA), NOW))
    assert [(row.name, row.aqi, row.rank) for row in found.rows] == [("云龙区", 43, 1), ("鼓楼区", 100, 2)]
    assert found.city is not None
    assert (found.at, found.edition, found.city.aqi) == (NEWEST, Edition.HJ633_2026, 60)
    assert found.rows[1].primary == (Pollutant.PM25,)
    # Asked of the minute before the hour was over there is nothing to rank.
    before = air.store.read(
        lambda c: air_ranking(c, air.rules, AirQuery(PlaceKind.AREA), NEWEST + timedelta(minutes=59))
    )
    assert (before.at, before.rows) == (None, ())


def test_late_values_and_repeated_ones(air: Air) -> None:
    """An hour that comes late changes its own index; one that comes twice changes nothing."""
    earlier = NEWEST - 3 * HOUR
    air.send("air-1", NEWEST)
    assert air.send("air-1", earlier, a34002=None) > 0
    assert air.kept("station/air-1", Span.HOUR, earlier).aqi is None, "without PM10: NA (HJ 633-2026)"
    assert air.send("air-1", earlier, a34002=None) == 0
    assert air.send("air-1", earlier, a34002=50.0) > 0, "a gap may be filled"
    assert air.kept("station/air-1", Span.HOUR, earlier).aqi == 50


def test_a_late_hour_makes_only_itself_and_its_days_anew(air: Air) -> None:
    """Hours behind a late one are not read again, and what another kind of station sends touches nothing."""
    late, behind = NEWEST - 30 * HOUR, NEWEST - 4 * HOUR

    def spoil(connection: Connection) -> None:
        store_samples(connection, air.samples("air-1", behind), NOW - 3 * HOUR)
        index_touched(connection, air.rules, take_to_weigh(connection), NOW)
        connection.execute(schema.air_index.update().where(schema.air_index.c.at == behind).values(aqi=7))

    air.store.write(spoil)
    assert air.send("dust-1", behind - HOUR) == 0
    assert air.send("air-1", late) > 0
    assert air.kept("station/air-1", Span.HOUR, late).aqi == 20
    assert air.kept("station/air-1", Span.HOUR, behind).aqi == 7, "not touched"
    assert air.send("air-1", behind, a34002=None) == 0, "it is known already"


def test_the_newest_hour_is_one_that_most_places_have(air: Air) -> None:
    """T01: whoever reports first must not make all others NA; who is long late does not keep the others."""

    def ranked(now: datetime) -> tuple[datetime | None, list[int | None]]:
        found = air.store.read(lambda c: air_ranking(c, air.rules, AirQuery(PlaceKind.STATION), now))
        return found.at, [row.aqi for row in found.rows]

    air.send("air-1", NEWEST)
    assert ranked(NOW) == (NEWEST, [20, None, None]), "there is no other hour"
    for key, _, _ in AREAS:
        air.send(key, NEWEST - HOUR)
    assert ranked(NOW) == (NEWEST - HOUR, [20, 20, 20])
    assert ranked(NEWEST + 2 * HOUR) == (NEWEST, [20, None, None])
    air.send("air-2", NEWEST)
    assert ranked(NOW)[0] == NEWEST - HOUR, "two of three are too few"
    air.send("air-3", NEWEST)
    assert ranked(NOW) == (NEWEST, [20, 20, 20])


def test_a_day_is_over_before_it_has_an_index_and_follows_from_its_hours(air: Air) -> None:
    yesterday = TODAY - DAY
    hours = [yesterday + hour * HOUR for hour in range(34)]
    ozone = {at: 170.0 if at < yesterday + 8 * HOUR else 60.0 for at in hours}
    air.take([sample for at in hours for sample in air.samples("air-1", at, a05024=ozone[at])])
    day = air.kept("station/air-1", Span.DAY, yesterday)
    assert (day.aqi, day.primary_pollutants) == (110, ["O3"])
    assert day.values["O3_1h"] == 170
    assert air.kept("station/air-1", Span.DAY, TODAY) is None


def test_the_year_beside_the_one_before_under_one_edition(air: Air) -> None:
    """T01: days before 2026-03-01 were judged by 2012 and are compared by 2026."""

    def sent(last: date, pm25: float) -> list[Sample]:
        midnight = datetime(last.year, last.month, last.day, tzinfo=UTC) - 8 * HOUR
        begins = [midnight - back * DAY for back in range(30)]
        keys = [key for key, _, _ in AREAS]
        return [s for at in begins for key in keys for s in air.samples(key, at, Span.DAY, a34004=pm25)]

    air.take([*sent(date(2025, 11, 21), 70.0), *sent(date(2026, 11, 21), 55.0)])
    view = air.store.read(lambda c: air_view(c, air.rules, AirQuery(PlaceKind.STATION, Span.DAY), NOW))
    assert view.year is not None
    assert view.year.before is not None
    assert view.year.since == date(2026, 10, 23), "the year so far has too few days"
    assert (view.year.edition, view.year.now.days, view.year.before.days) == (Edition.HJ633_2026, 30, 30)
    assert (view.year.now.good, view.year.before.good) == (30, 0)
    assert view.year.pm25_change == pytest.approx(55 / 70 - 1)
    past = air.kept("city", Span.DAY, datetime(2025, 11, 11, 16, tzinfo=UTC))
    assert (past.edition, past.aqi) == (Edition.HJ633_2012, 94)
    assert [row.rank for row in view.ranking.rows] == [1, 1, 1]
    assert {row.history for row in view.ranking.rows} == {(1,) * 15}
    again = air.store.write(lambda c: index_since(c, air.rules, datetime(2025, 10, 1, tzinfo=UTC), NOW))
    assert again == 0


def test_a_day_whose_hours_are_gone_follows_from_what_the_station_sent_as_the_day(air: Air) -> None:
    """Old hours are rolled up: one that comes late must not undo the day."""
    yesterday = TODAY - DAY
    air.send("air-1", yesterday, Span.DAY, a34004=45.0)
    assert air.kept("station/air-1", Span.DAY, yesterday).aqi == 70
    air.send("air-1", yesterday + 5 * HOUR)
    assert air.kept("station/air-1", Span.HOUR, yesterday + 5 * HOUR).aqi == 20
    assert air.kept("station/air-1", Span.DAY, yesterday).aqi == 70


@pytest.mark.parametrize("span", [Span.HOUR, Span.DAY])
def test_a_past_minute_ranks_by_what_had_come_in(air: Air, span: Span) -> None:
    """X04: neither a place whose values came later nor the share of them in a mean."""
    at = NEWEST if span is Span.HOUR else TODAY - DAY
    air.send("air-1", at, span, a34004=20.0)
    air.send("air-2", at, span, a34004=20.0)
    air.store.write(
        lambda c: c.execute(schema.reading.update().values(received_at=NOW - timedelta(minutes=9)))
    )
    air.send("air-3", at, span, a34004=200.0)

    def ranks(moment: datetime) -> list[tuple[str, int | None]]:
        query = AirQuery(PlaceKind.STATION, span)
        found = air.store.read(lambda c: air_ranking(c, air.rules, query, moment, past=True))
        return sorted((row.name, row.aqi) for row in found.rows if row.aqi is not None)

    then, later = ranks(NOW - timedelta(minutes=5)), ranks(NOW)
    assert [name for name, _ in then] == ["air-1站", "air-2站"]
    assert [name for name, _ in later] == ["air-1站", "air-2站", "air-3站"]
    assert later[:2] == then
    assert ranks(NOW - timedelta(minutes=10)) == [], "nothing had come in"


def test_a_retired_station_is_no_part_of_a_mean_from_its_day_on(air: Air) -> None:
    """X04, X14: it would make the others too few; the hours before its day have it as before."""
    retired = Station(
        0, "air-3", "air-3站", StationKind.AIR, "air-3", MEASURES, area="320303", township="子房街道"
    )
    air.store.write(lambda c: put_stations(c, [replace(retired, retired=date(2026, 11, 22))]))
    try:
        for at in (TODAY - 2 * HOUR, TODAY - HOUR, NEWEST):
            air.send("air-1", at, a34004=60.0)
            air.send("air-2", at, a34004=20.0)
        assert air.kept("city", Span.HOUR, TODAY - HOUR) is None, "two of three stations are too few"
        assert air.kept("city", Span.HOUR, NEWEST).values["PM2.5"] == 40
        query = AirQuery(PlaceKind.STATION, Span.HOUR)
        now = air.store.read(lambda c: air_ranking(c, air.rules, query, NOW))
        assert {row.place.key for row in now.rows} == {"station/air-1", "station/air-2"}
        minute_before = TODAY - timedelta(minutes=1)
        then = air.store.read(lambda c: air_ranking(c, air.rules, query, minute_before))
        assert "station/air-3" in {row.place.key for row in then.rows}
    finally:
        air.store.write(lambda c: put_stations(c, [retired]))
