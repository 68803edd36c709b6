"""What rises faster than usual in a place (B18)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rising import PlaceCount, RisingRule, at_least, rises


def count(recent: int, before: int, township: str = "黄集镇") -> PlaceCount:
    return PlaceCount("B01", "320312", township, tuple(f"XZ-{n}" for n in range(recent)), before)


@pytest.mark.parametrize(
    ("number", "expected", "chance"),
    [(0, 2.0, 1.0), (1, 2.0, 0.8647), (3, 0.5, 0.0144), (10, 3.0, 0.0011)],
)
def test_the_chance_is_that_of_poisson(number: int, expected: float, chance: float) -> None:
    assert at_least(number, expected) == pytest.approx(chance, abs=1e-4)


def test_only_what_chance_hardly_brings_stands_out() -> None:
    found = rises([count(12, 16, "甲镇"), count(3, 20, "乙镇"), count(3, 0, "丙镇"), count(2, 0, "丁镇")])
    assert [one.count.township for one in found] == ["甲镇", "丙镇"]
    assert (found[0].recent, found[0].usual, found[0].times) == (12, 2.0, 6.0)
    assert found[1].times is None


@given(recent=st.integers(0, 60), before=st.integers(0, 400))
def test_more_tickets_never_stand_out_less(recent: int, before: int) -> None:
    rule = RisingRule()
    now, more = rises([count(recent, before)], rule), rises([count(recent + 1, before)], rule)
    assert len(more) >= len(now)
    busier = rises([count(recent, before + 8)], rule)
    assert len(busier) <= len(now)
    for one in now:
        assert one.chance <= rule.chance
        assert one.recent > one.usual
