"""How long readings are kept as they came: older ones are rolled up to hours, by settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from data_access.old_readings import months_before, roll_up
from data_access.store import Store
from domain.stations import Span

FOR_EVER = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days values are kept, by the time over which they were taken; 0: for ever.

    A month is rolled up as a whole, when the last of it is so old. Hours are made of what goes wherever the
    device sent none; hours and days go, with their month, after `hour_days`.
    """

    real_time_days: int = 62
    minute_days: int = 400
    hour_days: int = FOR_EVER


def tidy(store: Store, kept: Kept, now: datetime) -> Iterator[str]:
    """Roll up what is too old, a month at a time, the oldest first; yield a line on each.

    It blocks for as long as a month takes, at each step; nobody else waits for it. A month that cannot be
    rolled up does not stop the others: what was wrong with the first of them is raised when all are done.

    Raises:
        StoreError: the database is away, or somebody reads what would go; the next time goes on.
    """
    steps = (
        (kept.hour_days, None),
        (kept.minute_days, Span.HOUR),
        (kept.real_time_days, Span.MINUTE),
    )
    first_fault: Exception | None = None
    for days, least in steps:
        if days == FOR_EVER:
            continue
        for month in store.read(lambda c, days=days: months_before(c, now - timedelta(days=days))):
            try:
                gone = roll_up(store, month, least)
            except Exception as fault:  # noqa: BLE001 - it is raised below
                first_fault = first_fault or fault
                continue
            if gone:
                what = "dropped" if least is None else f"rolled up to {least.name.lower()}s at the least"
                yield f"readings of {month:%Y-%m}: {gone} {what}"
    if first_fault is not None:
        raise first_fault
