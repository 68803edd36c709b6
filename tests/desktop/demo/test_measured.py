"""What the demo city's stations measure (X04, X14): believable, and one curve however it is asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desktop.city_stations import load_limits, load_stations
from desktop.demo.incidents import BLOCK, Incident, Incidents, Mishap
from desktop.demo.measured import history, last_period, samples
from desktop.demo.signals import Signals
from domain.exceedance import applying, crossed
from domain.stations import CONVERTED, DataFlag, Span, Station, StationKind
from tests.desktop.demo.test_load import ANCHOR

ZONE = ANCHOR.tzinfo
HOUR = datetime(2026, 11, 21, 4, tzinfo=UTC)


def _station(key: str) -> Station:
    return next(station for station in load_stations() if station.key == key)


def _signals(since: datetime = ANCHOR, **written: Incident) -> Signals:
    found = {key.replace("_", "-"): (incident,) for key, incident in written.items()}
    return Signals(load_limits(), Incidents(1, since, found), 1)


def test_without_a_mishap_nothing_is_beyond_a_limit_and_nothing_below_zero() -> None:
    signals = _signals()
    first = HOUR - timedelta(days=1)
    for station in load_stations():
        for span in (Span.HOUR, Span.MINUTE):
            for sample in samples(station, signals, span, first, 24):
                assert sample.value is not None
                assert sample.value >= 0
                limit = applying(load_limits(), station, sample.factor, span, sample.at, ZONE)
                assert limit is None or crossed(limit, sample.value) is None, sample


def test_one_value_is_the_same_alone_and_within_a_history() -> None:
    signals, station = _signals(ANCHOR - timedelta(days=9)), _station("dust-35")
    row = list(samples(station, signals, Span.HOUR, HOUR - timedelta(hours=9), 10))
    alone = list(samples(station, signals, Span.HOUR, HOUR))
    assert [sample for sample in row if sample.at == HOUR] == alone
    assert len(row) == 10 * len(station.measures)


@pytest.mark.parametrize(
    ("key", "factor"),
    [
        ("dust-01", "a34001"),
        ("water-01", "w01018"),
        ("stack-02", "a21002-Zs"),
        ("stack-05", "a21002"),
        ("noise-11", "Leq"),
    ],
)
def test_a_mishap_is_beyond_the_limit_while_it_lasts(key: str, factor: str) -> None:
    station = _station(key)
    plain = factor.removesuffix(CONVERTED)
    mishap = Incident(Mishap.EXCEEDS, HOUR, HOUR + timedelta(hours=3), plain, 1.4)
    signals = _signals(**{key.replace("-", "_"): mishap})
    span = Span.MINUTE if factor == "a34001" else Span.HOUR
    found = {}
    for sample in samples(
        station, signals, span, HOUR - timedelta(hours=2), 84 if span is Span.MINUTE else 7
    ):
        limit = applying(load_limits(), station, sample.factor, span, sample.at, ZONE)
        if sample.factor == factor and limit is not None and sample.value is not None:
            found[sample.at] = crossed(limit, sample.value) is not None
    assert found[HOUR + timedelta(hours=1)]
    assert not found[HOUR - timedelta(hours=1)]
    assert not found[HOUR + timedelta(hours=3)]


def test_what_is_converted_follows_from_what_is_in_the_flue() -> None:
    """X14: at 6 % of oxygen, (21 - 6) / (21 - O2) of what was measured, but for the last decimal."""
    signals, station = _signals(), _station("stack-03")
    moments = np.arange(0.0, 86_400.0, 900.0) + HOUR.timestamp()
    plain, converted, oxygen = (
        signals.values(station, factor, moments) for factor in ("a21002", "a21002-Zs", "a19001")
    )
    assert np.abs(converted - plain * 15 / (21 - oxygen)).max() <= 0.11
    assert np.abs(converted - plain).max() > 0.3
    older = replace(station, measures=tuple(m for m in station.measures if CONVERTED not in m.factor))
    assert (signals.values(older, "a21002", moments) == converted).all()


def test_a_silent_station_says_nothing_and_a_faulty_one_says_so() -> None:
    station = _station("water-09")
    for mishap, flags in (
        (Mishap.SILENT, set()),
        (Mishap.FAULT, {DataFlag.FAULT}),
        (Mishap.RANGE, {DataFlag.ABOVE_RANGE}),
    ):
        signals = _signals(water_09=Incident(mishap, HOUR, HOUR + timedelta(hours=2)))
        for span in (Span.REAL_TIME, Span.MINUTE, Span.HOUR):
            assert {s.flag for s in samples(station, signals, span, HOUR)} == flags
            after = samples(station, signals, span, HOUR + timedelta(hours=2))
            assert {s.flag for s in after} == {DataFlag.NORMAL}


def test_chance_goes_wrong_only_from_its_first_day_on() -> None:
    signals = _signals(ANCHOR)
    later = signals.incidents
    days = 5
    found = [
        incident
        for station in load_stations()
        for incident in later.between(station, ANCHOR - timedelta(days=days), ANCHOR + timedelta(days=days))
    ]
    assert all(incident.begin >= ANCHOR for incident in found)
    assert {incident.mishap for incident in found} == set(Mishap)
    assert all(incident.end - incident.begin <= BLOCK for incident in found)
    exceed = sum(incident.mishap is Mishap.EXCEEDS for incident in found)
    assert 80 < exceed / days < 240


def test_a_period_that_is_over_is_beijings() -> None:
    moment = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # half past midnight of the 22nd
    assert last_period(Span.DAY, moment) == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert last_period(Span.HOUR, moment) == datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert last_period(Span.MINUTE, moment) == datetime(2026, 11, 21, 16, 25, tzinfo=UTC)


def test_the_wind_blows_over_the_whole_city_alike() -> None:
    moments = np.arange(0.0, 86_400.0, 900.0) + HOUR.timestamp()
    signals = _signals()
    one, other = (
        np.radians(signals.values(_station(key), "a01008", moments)) for key in ("air-01", "dust-75")
    )
    assert np.cos(one - other).min() > 0.5


def test_a_history_has_the_air_of_more_than_a_year_by_the_day() -> None:
    air = [station for station in load_stations() if station.kind is StationKind.AIR][:1]
    found = list(history(air, _signals(), ANCHOR))
    hours = {sample.at for sample in found if sample.span is Span.HOUR}
    days = [sample for sample in found if sample.span is Span.DAY]
    assert max(hours) == last_period(Span.HOUR, ANCHOR)
    assert max(hours) - min(hours) == timedelta(hours=14 * 24 - 1)
    assert len(days) == 400 * len(air[0].measures)
    ozone = {sample.at: sample.value for sample in days if sample.factor == "a05024"}
    summer = [value for at, value in ozone.items() if at.month == 7 and value is not None]
    winter = [value for at, value in ozone.items() if at.month == 1 and value is not None]
    assert sum(summer) / len(summer) > 1.5 * sum(winter) / len(winter)
