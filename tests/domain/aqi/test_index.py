"""The index of both editions against published hours and the vectors of 2026 (T01, X04)."""

import csv
import gzip
import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.aqi.editions import STEPS, TABLES, Average, Edition, Pollutant, edition_on
from domain.aqi.index import Level, daily_index, level_of, real_time_index, rounded, sub_index

OLD, NEW = Edition.HJ633_2012, Edition.HJ633_2026
PM25, PM10, SO2, NO2, CO, O3 = Pollutant
COLUMNS = {PM25: "PM2.5", PM10: "PM10", SO2: "SO2", NO2: "NO2", CO: "CO", O3: "O3_1h"}
LEVELS = {
    "优": Level.EXCELLENT,
    "良": Level.GOOD,
    "轻度污染": Level.LIGHT,
    "中度污染": Level.MODERATE,
    "重度污染": Level.HEAVY,
    "严重污染": Level.SEVERE,
}
NAMES = {
    "颗粒物(PM10)": PM10,
    "细颗粒物(PM2.5)": PM25,
    "臭氧1小时": O3,
    "二氧化氮": NO2,
    "二氧化硫": SO2,
    "一氧化碳": CO,
}
CLEAN: Mapping[Pollutant, float] = {PM25: 10, PM10: 20, SO2: 5, NO2: 20, CO: 0.5, O3: 60}


def published(shared_data: Path) -> Iterator[tuple[dict[str, str], dict[Pollutant, float | None]]]:
    """The published station hours with an index, each with its concentrations."""
    with gzip.open(
        shared_data / "aqi" / "jiangsu_station_hourly_2020.csv.gz", "rt", encoding="utf-8"
    ) as lines:
        for row in csv.DictReader(lines):
            if row["AQI"] != "NaN":
                read = {p: float(row[name]) for p, name in COLUMNS.items()}
                yield row, {p: None if math.isnan(value) else value for p, value in read.items()}


def test_every_published_hour(shared_data: Path) -> None:
    """T01: index, level and primary pollutant of each hour that has all six, and the index of the others."""
    complete = incomplete = 0
    for row, values in published(shared_data):
        found = real_time_index(values, OLD)
        assert found.aqi == int(row["AQI"]), row
        assert found.level is LEVELS[row["Level"]], row
        if None in values.values():
            incomplete += 1
            continue
        complete += 1
        named = {NAMES[name] for name in row["PrimaryPollution"].split() if name not in ("NaN", "—")}
        assert set(found.primary) == named, row
    assert (complete, incomplete) == (7289, 321)


@pytest.mark.parametrize(
    ("pollutant", "average", "value", "old", "new"),
    [
        (PM25, Average.DAY, 75, 100, 114),
        (PM25, Average.DAY, 60, 82, 100),
        (PM10, Average.DAY, 150, 100, 112),
        (PM10, Average.DAY, 120, 85, 100),
        (SO2, Average.HOUR, 475, 97, 97),
        (SO2, Average.HOUR, 800, 200, 200),
        (SO2, Average.HOUR, 801, None, 200),
        (O3, Average.EIGHT_HOURS, 800, 300, 300),
        (O3, Average.EIGHT_HOURS, 801, None, 300),
        (O3, Average.HOUR, 1201, 500, 500),
        (CO, Average.HOUR, 5.04, 50, 50),
        (CO, Average.HOUR, 5.06, 51, 51),
        (CO, Average.DAY, 0.1, 3, 3),
    ],
)
def test_vectors(pollutant: Pollutant, average: Average, value: float, old: int, new: int) -> None:
    """T01: where the editions part, and where a column ends."""
    assert sub_index(pollutant, average, value, OLD) == old
    assert sub_index(pollutant, average, value, NEW) == new


def test_each_edition_from_its_day() -> None:
    assert edition_on(date(2026, 2, 28)) is OLD
    assert edition_on(date(2026, 3, 1)) is NEW
    assert edition_on(date(2013, 5, 1)) is OLD
    assert (OLD.title, NEW.title) == ("HJ 633-2012", "HJ 633-2026")


@pytest.mark.parametrize(
    ("pollutant", "value", "judged"),
    [(PM10, 0.5, "0"), (PM10, 1.5, "2"), (PM10, 2.5, "2"), (CO, 0.25, "0.2"), (CO, 0.35, "0.4")],
)
def test_concentrations_are_rounded_half_to_even(pollutant: Pollutant, value: float, judged: str) -> None:
    """GB/T 8170: 0.35 is 0.4 even though the machine's own number lies below it."""
    assert str(rounded(pollutant, value)) == judged


def test_na_where_something_is_missing_and_the_rest_is_not_bad() -> None:
    """HJ 633-2026: an incomplete index is published above 100 only; 2012 knows no such rule."""
    good = {**CLEAN, PM25: 60.0, CO: None}
    assert real_time_index(good, NEW).aqi is None
    assert real_time_index(good, NEW).level is None
    assert real_time_index(good, NEW).primary == ()
    assert real_time_index(good, NEW).missing == (CO,)
    assert real_time_index(good, OLD).aqi == 82
    bad = {**good, PM25: 61.0}
    assert real_time_index(bad, NEW).aqi == 101
    assert real_time_index(bad, NEW).primary == (PM25,)
    assert real_time_index({}, OLD).aqi is None


def test_primary_pollutants_share_the_greatest_and_stay_unnamed_up_to_fifty() -> None:
    both = daily_index({**CLEAN, PM25: 35.0, PM10: 50.0}, NEW)
    assert (both.aqi, both.primary) == (50, ())
    both = daily_index({**CLEAN, PM25: 60.0, PM10: 120.0}, NEW)
    assert (both.aqi, both.primary) == (100, (PM25, PM10))


def test_what_stands_in_beyond_the_end_of_a_column_of_2012() -> None:
    assert real_time_index({**CLEAN, SO2: 900.0}, OLD).aqi == 20
    assert real_time_index({**CLEAN, SO2: 900.0}, OLD, so2_of_24_hours=800.0).aqi == 200
    assert real_time_index({**CLEAN, SO2: 900.0}, NEW).aqi == 200
    assert daily_index({**CLEAN, O3: 801.0}, OLD, ozone_hour_max=1000.0).aqi == 400
    assert daily_index({**CLEAN, O3: 801.0}, NEW).aqi == 300


def test_the_scale_of_2026_begins_at_one() -> None:
    nothing = dict.fromkeys(Pollutant, 0.0)
    assert real_time_index(nothing, OLD).aqi == 0
    assert real_time_index(nothing, NEW).aqi == 1


def test_levels_and_what_is_no_index() -> None:
    assert [level_of(n) for n in (0, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500)] == [
        level for level in Level for _ in (0, 1)
    ]
    for wrong in (-1, 501):
        with pytest.raises(ValueError, match="no air quality index"):
            level_of(wrong)
    for wrong_value in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="no concentration"):
            sub_index(PM10, Average.DAY, wrong_value, NEW)


@given(
    st.sampled_from(Edition).flatmap(lambda e: st.tuples(st.just(e), st.sampled_from(sorted(TABLES[e])))),
    st.floats(0, 5000),
    st.floats(0, 5000),
)
def test_a_worse_value_never_has_a_better_index(
    column: tuple[Edition, tuple[Pollutant, Average]], one: float, other: float
) -> None:
    edition, (pollutant, average) = column
    low, high = sorted((one, other))
    below, above = (sub_index(pollutant, average, value, edition) for value in (low, high))
    if above is not None:
        assert below is not None
        assert 0 <= below <= above <= 500
    for concentration, step in zip(TABLES[edition][pollutant, average].concentrations, STEPS, strict=False):
        assert sub_index(pollutant, average, concentration, edition) == step
