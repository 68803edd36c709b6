"""Back to the source (Q05): upwind is found, downwind is not, whatever way the wind blows."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.back_trace import (
    Candidate,
    SuspectKind,
    TraceRule,
    WindReading,
    angle_between,
    back_trace,
    bearing_of,
    mean_wind,
    point_at,
)
from domain.coordinates import Point, metres_between

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HERE = Point(117.2, 34.2)
directions = st.floats(0.0, 359.9)


def candidate(key: str, bearing: float, metres: float, *, strong: bool = False) -> Candidate:
    return Candidate(SuspectKind.STATION, key, key, point_at(HERE, bearing, metres), strong=strong)


def wind(direction: float, speed: float = 3.0):  # type: ignore[no-untyped-def]
    return mean_wind([WindReading(AT, speed, direction)], "空气站")


@given(direction=directions, metres=st.floats(50.0, 9_000.0), off=st.floats(-20.0, 20.0))
def test_what_lies_upwind_is_found_and_what_lies_downwind_is_not(
    direction: float, metres: float, off: float
) -> None:
    upwind = candidate("up", direction + off, metres)
    downwind = candidate("down", direction + 180.0 + off, metres)
    found = back_trace(HERE, AT, wind(direction), (upwind, downwind))
    assert [one.candidate.key for one in found.suspects] == ["up"]
    (one,) = found.suspects
    assert one.distance_m == pytest.approx(metres, rel=0.01)
    assert one.off == pytest.approx(abs(off), abs=0.5)
    assert one.minutes == pytest.approx(metres / 3.0 / 60.0, rel=0.01)


@given(bearing=directions, metres=st.floats(10.0, 10_000.0))
def test_a_point_lies_where_it_was_put(bearing: float, metres: float) -> None:
    there = point_at(HERE, bearing, metres)
    assert metres_between(HERE, there) == pytest.approx(metres, rel=0.005)
    assert angle_between(bearing_of(HERE, there), bearing) < 0.5


def test_a_north_wind_blows_from_the_north() -> None:
    assert bearing_of(HERE, Point(HERE.lng, HERE.lat + 0.01)) == pytest.approx(0.0, abs=1e-6)
    assert bearing_of(HERE, Point(HERE.lng + 0.01, HERE.lat)) == pytest.approx(90.0, abs=0.01)


def test_the_mean_of_directions_goes_the_short_way_round_and_knows_its_spread() -> None:
    found = mean_wind([WindReading(AT, 2.0, 350.0), WindReading(AT, 2.0, 10.0)])
    assert found is not None
    assert angle_between(found.direction, 0.0) < 1e-6
    assert found.spread == pytest.approx(10.0, abs=0.1)
    assert mean_wind([]) is None


def test_wind_that_turns_widens_the_sector_up_to_a_bound() -> None:
    around = [WindReading(AT, 2.0, turned) for turned in (0.0, 80.0, 280.0)]
    rule = TraceRule()
    found = back_trace(HERE, AT, mean_wind(around), ())
    assert found.half_angle == rule.wide
    assert back_trace(HERE, AT, wind(0.0), ()).half_angle == rule.narrow


def test_in_a_calm_and_without_wind_all_that_is_near_counts() -> None:
    near, far = candidate("near", 10.0, 900.0), candidate("far", 10.0, 2_500.0)
    for nothing in (None, wind(180.0, 0.2)):
        found = back_trace(HERE, AT, nothing, (near, far))
        assert [one.candidate.key for one in found.suspects] == ["near"]
        assert found.suspects[0].minutes is None
        assert not found.has_direction


def test_what_was_beyond_its_limit_comes_first_then_the_nearer_and_straighter() -> None:
    several = (
        candidate("near", 0.0, 300.0),
        candidate("aside", 20.0, 300.0),
        candidate("beyond", 15.0, 5_000.0, strong=True),
    )
    found = back_trace(HERE, AT, wind(0.0), several)
    assert [one.candidate.key for one in found.suspects] == ["beyond", "near", "aside"]
    assert len(back_trace(HERE, AT, wind(0.0), several, TraceRule(most=2)).suspects) == 2


def test_a_weak_wind_reaches_less_far() -> None:
    weak, strong = back_trace(HERE, AT, wind(0.0, 1.0), ()), back_trace(HERE, AT, wind(0.0, 9.0), ())
    assert (weak.reach_m, strong.reach_m) == (3_600.0, 10_000.0)
