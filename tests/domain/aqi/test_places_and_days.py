"""Values of days, of counties and of the city, their order, and the year before (T01, X04)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.aqi.averages import HOURS, day_values
from domain.aqi.editions import Edition, Pollutant
from domain.aqi.places import Place, PlaceKind, in_index_unit, mean_of, members, places_of
from domain.aqi.standing import (
    PlaceIndex,
    a_year_before,
    rank_places,
    ranks_of,
    with_history,
    year_on_year,
)
from domain.stations import Station, StationKind

PM25, PM10, SO2, NO2, CO, O3 = Pollutant
CLEAN = {PM25: 10.0, PM10: 20.0, SO2: 5.0, NO2: 20.0, CO: 0.5, O3: 60.0}
A, B, C, D = (Place(f"area/{code}") for code in ("1", "2", "3", "4"))


def station(key: str, area: str | None = "320302", township: str | None = "环城街道") -> Station:
    return Station(1, key, key, StationKind.AIR, key, (), area=area, township=township)


def hours(count: int, value: float = 30.0, pollutant: Pollutant = PM25) -> list[dict[Pollutant, float]]:
    """A day whose first `count` hours have a value."""
    return [{pollutant: value} if hour < count else {} for hour in range(HOURS)]


def test_a_day_needs_twenty_of_its_hours() -> None:
    """GB 3095-2012, table 4."""
    assert day_values(hours(20)).concentrations == {PM25: 30.0}
    assert day_values(hours(19)).concentrations == {}
    with pytest.raises(ValueError, match="24 hours"):
        day_values(hours(24)[:-1])


def test_ozone_of_a_day_is_its_greatest_mean_of_eight_hours() -> None:
    rising = [{O3: float(hour)} for hour in range(HOURS)]
    day = day_values(rising)
    assert day.concentrations == {O3: sum(range(16, 24)) / 8}
    assert day.ozone_hour_max == 23.0


def test_ozone_of_a_short_day_counts_only_beyond_its_limit() -> None:
    """HJ 663: fewer than 14 means of 8 hours are enough only where one is above 160 µg/m³."""
    assert day_values(hours(19, 100.0, O3)).concentrations == {O3: 100.0}
    assert day_values(hours(12, 100.0, O3)).concentrations == {}
    assert day_values(hours(12, 161.0, O3)).concentrations == {O3: 161.0}


def test_a_station_stands_for_its_township_its_county_and_the_city() -> None:
    keys = [place.key for place in places_of(station("air-1"))]
    assert keys == ["station/air-1", "township/320302/环城街道", "area/320302", "city"]
    assert [place.kind for place in places_of(station("air-1"))] == list(PlaceKind)
    assert [place.key for place in places_of(station("x", None, None))] == ["station/x", "city"]
    found = members([station("air-1"), station("air-2", "320303")])
    assert len(found[Place("city")]) == 2
    assert len(found[Place("area/320303")]) == 1


def test_a_place_has_a_value_where_three_quarters_of_its_stations_have_one() -> None:
    assert mean_of([{PM10: 10.0}, {PM10: 20.0}, {PM10: 30.0}, {}]) == {PM10: 20.0}
    assert mean_of([{PM10: 10.0}, {PM10: 20.0}, {}]) == {}


@pytest.mark.parametrize(
    ("pollutant", "unit", "judged"),
    [
        (PM10, "µg/m³", 2.0),
        (PM10, "ug/m3", 2.0),
        (O3, "mg/m³", 2000.0),
        (CO, "mg/m3", 2.0),
        (CO, "μg/m³", 0.002),
    ],
)
def test_units(pollutant: Pollutant, unit: str, judged: float) -> None:
    assert in_index_unit(pollutant, 2.0, unit) == pytest.approx(judged)


def test_a_unit_by_volume_is_refused() -> None:
    with pytest.raises(ValueError, match="ppb"):
        in_index_unit(O3, 2.0, "ppb")


def test_the_cleanest_is_first_equals_share_a_place_and_na_is_last() -> None:
    rows = [
        PlaceIndex(D, "丁", 61),
        PlaceIndex(C, "丙", None),
        PlaceIndex(B, "乙", 58),
        PlaceIndex(A, "甲", 61),
    ]
    found = rank_places(rows, {A: 3, B: 1, D: None})
    assert [(row.name, row.rank, row.move) for row in found] == [
        ("乙", 1, 0),
        ("丁", 2, None),
        ("甲", 2, 1),
        ("丙", None, None),
    ]


def test_the_history_ends_with_the_present_rank() -> None:
    rows = [PlaceIndex(A, "甲", 40), PlaceIndex(B, "乙", 60)]
    found = with_history(rows, [{A: 70, B: 60}, {A: None, B: 60}])
    assert [(row.place, row.history, row.move, row.course) for row in found] == [
        (A, (2, None, 1), None, (70, None, 40)),
        (B, (1, 1, 2), -1, (60, 60, 60)),
    ]


@given(st.dictionaries(st.integers(0, 30), st.none() | st.integers(0, 500)))
def test_a_rank_is_one_more_than_how_many_are_cleaner(indices: dict[int, int | None]) -> None:
    places = {Place(f"area/{key}"): aqi for key, aqi in indices.items()}
    for place, rank in ranks_of(places).items():
        own = places[place]
        if own is None:
            assert rank is None
        else:
            assert rank == 1 + sum(aqi is not None and aqi < own for aqi in places.values())


def days(first: date, count: int, **values: float) -> dict[date, dict[Pollutant, float]]:
    """So many days alike; `pm25` differs from a clean day's."""
    return {first + timedelta(days=n): {**CLEAN, PM25: values["pm25"]} for n in range(count)}


def test_both_years_are_judged_by_one_edition() -> None:
    """T01: 70 µg/m³ of PM2.5 were a good day in 2025; beside 2026 they are not one."""
    this, before = days(date(2026, 3, 1), 30, pm25=55.0), days(date(2025, 3, 1), 30, pm25=70.0)
    found = year_on_year(Place("city"), Edition.HJ633_2026, date(2026, 3, 1), date(2026, 3, 30), this, before)
    assert found.before is not None
    assert (found.now.good, found.before.good) == (30, 0)
    assert found.good_share_change == 1.0
    assert found.pm25_change == pytest.approx(55 / 70 - 1)
    old = year_on_year(Place("city"), Edition.HJ633_2012, date(2026, 3, 1), date(2026, 3, 30), this, before)
    assert old.before is not None
    assert old.before.good == 30


def test_a_year_before_with_too_few_days_is_not_compared() -> None:
    this, before = days(date(2026, 3, 1), 30, pm25=55.0), days(date(2025, 3, 1), 20, pm25=70.0)
    found = year_on_year(Place("city"), Edition.HJ633_2026, date(2026, 3, 1), date(2026, 3, 30), this, before)
    assert (found.before, found.good_share_change, found.pm25_change) == (None, None, None)
    assert found.now.good_share == 1.0


def test_the_day_before_a_leap_day() -> None:
    assert a_year_before(date(2024, 2, 29)) == date(2023, 2, 28)
    assert a_year_before(date(2026, 11, 22)) == date(2025, 11, 22)
