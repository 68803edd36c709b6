"""How fast, and for how long: what a user writes as 2/s, 30/min, 60s or 5min."""

import re
from datetime import timedelta

from desktop.errors import WorldError

SLOWEST = 1 / 3600
FASTEST = 2000.0

_UNITS = {"s": 1, "min": 60, "h": 3600}
_WAY_OUT = "Write it as 2/s, 0.5/s, 500/s, 30/min or 100/h."


def parse_rate(text: str) -> float:
    """Return changes a second.

    Raises:
        WorldError: it is no rate, or one that no city has.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*/\s*(s|min|h)\s*", text)
    if match is None:
        raise WorldError(f"{text!r} is not a rate.", _WAY_OUT)
    rate = float(match[1]) / _UNITS[match[2]]
    if not SLOWEST <= rate <= FASTEST:
        raise WorldError(f"{text} is too {'slow' if rate < SLOWEST else 'fast'}.", "From 1/h to 2000/s.")
    return rate


def parse_span(text: str) -> timedelta:
    """Return a span of time.

    Raises:
        WorldError: it is none.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(s|min|h)\s*", text)
    span = timedelta(seconds=float(match[1]) * _UNITS[match[2]]) if match else timedelta()
    if span <= timedelta():
        raise WorldError(f"{text!r} is not a span of time.", "Write it as 60s, 5min or 2h.")
    return span
