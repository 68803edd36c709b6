"""The ranking: Wilson's bound computed another way, fair order, small samples, ties, moves (X02, T21)."""

from decimal import Decimal, localcontext
from itertools import pairwise
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ranking import RankingRow, Tally, rank, wilson_low


def bound(successes: int, total: int) -> float:
    """The smaller root p of (share - p)^2 = z^2 p (1 - p) / n: what the interval is by definition."""
    with localcontext() as exact:
        exact.prec = 50
        z = Decimal(NormalDist().inv_cdf(0.975))
        n, share = Decimal(total), Decimal(successes) / Decimal(total)
        a = 1 + z * z / n
        b = -(2 * share + z * z / n)
        c = share * share
        return float((-b - (b * b - 4 * a * c).sqrt()) / (2 * a))


@pytest.mark.parametrize(
    ("successes", "total", "published"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553),
        (15, 148, 0.0624),
        (0, 20, 0.0),
        (1, 29, 0.0061),
    ],
)
def test_published_bounds(successes: int, total: int, published: float) -> None:
    assert round(wilson_low(successes, total), 4) == published


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bound_is_the_root_of_its_definition(counted: tuple[int, int]) -> None:
    low = wilson_low(*counted)
    assert low == pytest.approx(bound(*counted), abs=1e-12)
    assert 0 <= low <= counted[0] / counted[1]


@pytest.mark.parametrize(("successes", "total"), [(0, 0), (-1, 5), (6, 5), (0, -1)])
def test_no_rate_of_nothing(successes: int, total: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        wilson_low(successes, total)


def tally(key: str, on_time: int, due: int) -> Tally:
    return Tally(key, key.upper(), due, on_time, open_overdue=0)


def places(rows: tuple[RankingRow, ...]) -> list[tuple[str, int | None]]:
    return [(row.key, row.rank) for row in rows]


def test_fixmystreet_1957_one_of_one_does_not_beat_409_of_412() -> None:
    rows = rank([tally("lucky", 1, 1), tally("steady", 409, 412)])
    assert places(rows) == [("steady", 1), ("lucky", None)]
    # ... nor by its bound, were the sample not asked for.
    assert places(rank([tally("lucky", 1, 1), tally("steady", 409, 412)], minimum_due=1)) == [
        ("steady", 1),
        ("lucky", 2),
    ]


def test_fewer_than_five_are_listed_and_not_ranked() -> None:
    rows = rank([tally("four", 4, 4), tally("five", 1, 5), tally("none", 0, 0)])
    assert places(rows) == [("five", 1), ("four", None), ("none", None)]
    assert rows[1].rate == 1.0
    assert rows[1].low is not None
    assert (rows[2].rate, rows[2].low, rows[2].move) == (None, None, None)


def test_austin_22160_open_overdue_ones_spoil_the_rate() -> None:
    (row,) = rank([Tally("a", "A", due=10, on_time=6, open_overdue=4)])
    assert (row.rate, row.due, row.on_time, row.open_overdue) == (0.6, 10, 6, 4)


def test_equal_bounds_share_a_rank_and_the_next_one_is_skipped() -> None:
    rows = rank([tally("b", 8, 10), tally("c", 5, 10), tally("a", 8, 10)])
    assert places(rows) == [("a", 1), ("b", 1), ("c", 3)]


def test_who_did_nothing_on_time_is_last_whatever_the_number() -> None:
    rows = rank([tally("many", 0, 997), tally("few", 0, 7), tally("one", 1, 50)])
    assert places(rows) == [("one", 1), ("few", 2), ("many", 2)]


def test_the_move_since_the_window_before() -> None:
    rows = rank(
        [tally("up", 99, 100), tally("down", 90, 100), tally("new", 80, 100), tally("small", 1, 1)],
        {"up": 3, "down": 1, "small": 2, "new": None},
    )
    assert {row.key: row.move for row in rows} == {"up": 2, "down": -1, "new": None, "small": None}
    assert all(row.move is None for row in rank([tally("up", 99, 100)]))


TALLIES = st.lists(
    st.tuples(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 60), st.integers(0, 60)).map(
        lambda v: tally(v[0], min(v[1], v[2]), v[2])
    ),
    unique_by=lambda t: t.key,
)


@given(TALLIES, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_counting(tallies: list[Tally], random: object) -> None:
    shuffled = list(tallies)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    rows = rank(tallies)
    assert rows == rank(shuffled)
    ranked = [row for row in rows if row.rank is not None]
    assert [row.due >= 5 for row in rows] == [True] * len(ranked) + [False] * (len(rows) - len(ranked))
    for above, below in pairwise(ranked):
        assert above.low is not None
        assert below.low is not None
        assert above.low >= below.low
        assert (above.rank == below.rank) == (above.low == below.low)
