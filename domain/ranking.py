"""Who is on time: rates with their denominator, ordered fairly (product.md, Rankings; X02, T21).

The order is by the lower end of the 95 % Wilson score interval, so that 1 of 1 does not beat 409 of 412;
a key with too few nodes due is listed but not ranked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import sqrt

MINIMUM_DUE = 5
"""Fewer nodes due than this is 样本不足: listed, unranked."""

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One key's figures over a window.

    `due` nodes fell due (应办结), `on_time` of them were done in time, `open_overdue` are still not done;
    `rate` is on_time / due and `low` its lower Wilson bound (both None when nothing fell due); `rank` is
    None when the sample is too small. `move` is previous rank minus rank: positive is a rise, None when
    either is unranked. Satisfaction and bounce-backs stand beside speed, over the same window.
    """

    key: str
    name: str
    due: int
    on_time: int
    open_overdue: int
    rate: float | None
    low: float | None
    rank: int | None
    move: int | None = None
    satisfied: int = 0
    revisited: int = 0
    bounced: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted for one key, before rates and order."""

    key: str
    name: str
    due: int
    on_time: int
    open_overdue: int
    satisfied: int = 0
    revisited: int = 0
    bounced: int = 0


def wilson_low(successes: int, total: int, z: float = Z_95) -> float:
    """Return the lower end of the Wilson score interval for successes out of total.

    Raises:
        ValueError: total is not positive, or successes do not lie in 0..total.
    """
    if total <= 0 or not 0 <= successes <= total:
        raise ValueError(f"no rate of {successes} out of {total}")
    if successes == 0:
        return 0.0  # exactly, or rounding would put one failure of everything above another
    share = successes / total
    z2 = z * z
    centre = share + z2 / (2 * total)
    margin = z * sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    return (centre - margin) / (1 + z2 / total)


def rank(
    tallies: Iterable[Tally],
    previous: Mapping[str, int | None] | None = None,
    minimum_due: int = MINIMUM_DUE,
) -> tuple[RankingRow, ...]:
    """Return the rows in their order: ranked ones by Wilson bound, then the unranked by key.

    Equal bounds share a rank (standard competition ranking); `previous` has each key's rank in the window
    before, for the move.
    """
    rows = [_row(tally) for tally in tallies]
    ranked = sorted((row for row in rows if row.due >= minimum_due), key=_order)
    placed: list[RankingRow] = []
    for position, row in enumerate(ranked, start=1):
        same = placed and placed[-1].low == row.low
        place = placed[-1].rank if same else position
        before = (previous or {}).get(row.key)
        move = None if before is None or place is None else before - place
        placed.append(replace(row, rank=place, move=move))
    unranked = sorted((row for row in rows if row.due < minimum_due), key=_key)
    return (*placed, *unranked)


def _row(tally: Tally) -> RankingRow:
    rate = tally.on_time / tally.due if tally.due else None
    low = wilson_low(tally.on_time, tally.due) if tally.due else None
    return RankingRow(
        tally.key,
        tally.name,
        tally.due,
        tally.on_time,
        tally.open_overdue,
        rate,
        low,
        None,
        None,
        tally.satisfied,
        tally.revisited,
        tally.bounced,
    )


def _order(row: RankingRow) -> tuple[float, str]:
    return (-(row.low or 0.0), row.key)


def _key(row: RankingRow) -> str:
    return row.key
