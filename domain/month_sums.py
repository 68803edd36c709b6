"""What came of violations, month by month: filed, penalised, transferred (Q19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

MONTHS = 12
"""So many months are summed, the present one among them."""


@dataclass(frozen=True, slots=True)
class MonthSums:
    """One month, by its first day: cases filed and penalties given, with their yuan; cases transferred, and
    receipts that came. `month` None is all of them together."""

    month: date | None
    filed: int = 0
    penalised: int = 0
    amount: int = 0
    transferred: int = 0
    receipted: int = 0


def months_before(today: date, count: int = MONTHS) -> tuple[date, ...]:
    """Return the first days of so many months up to the present one, the latest first."""
    number = today.year * 12 + today.month - 1
    return tuple(date((number - n) // 12, (number - n) % 12 + 1, 1) for n in range(count))


def total_of(sums: Iterable[MonthSums]) -> MonthSums:
    """Return all months together."""
    months = tuple(sums)
    return MonthSums(
        None,
        sum(m.filed for m in months),
        sum(m.penalised for m in months),
        sum(m.amount for m in months),
        sum(m.transferred for m in months),
        sum(m.receipted for m in months),
    )
