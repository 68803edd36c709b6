"""What of a limit or a unit cannot be written anew: days that are over stay judged as they were (X14)."""

import unicodedata
from collections.abc import Iterable
from datetime import date

from domain.stations import Limit, Measure

_JUDGES = (
    "station",
    "kind",
    "factor",
    "span",
    "minutes",
    "low",
    "high",
    "allowed_per_day",
    "from_minute",
    "until_minute",
    "effective_from",
)
"""What a value is judged by; the source is but named, and the end may be set as long as it is to come."""


def changed_past(known: Limit, given: Limit, today: date) -> tuple[str, ...]:
    """Return the fields that would judge days up to today otherwise, empty where a limit may be written anew.

    One that is not in force yet may change in everything. One that is, or was, may be ended from today on,
    and have its end put off while that is to come; another number is another limit, with its own date.
    """
    if known.effective_from > today and given.effective_from > today:
        return ()
    changed = [name for name in _JUDGES if getattr(known, name) != getattr(given, name)]
    if _ended(known, today) != _ended(given, today):
        changed.append("effective_until")
    return tuple(changed)


def _ended(limit: Limit, today: date) -> date | None:
    until = limit.effective_until
    return until if until is not None and until < today else None


def changed_units(known: Iterable[Measure], given: Iterable[Measure]) -> tuple[tuple[Measure, Measure], ...]:
    """Return the factors whose unit would be another: what was stored of them is in the old one.

    How a device's values are turned into the unit may change: that is done when they come.
    """
    units = {measure.factor: measure for measure in known}
    return tuple(
        (units[measure.factor], measure)
        for measure in given
        if measure.factor in units and _plain(units[measure.factor].unit) != _plain(measure.unit)
    )


def _plain(unit: str) -> str:
    """Return a unit as one writes it who has but one sign for micro and for cubic."""
    return unicodedata.normalize("NFKC", unit).strip()
