"""What sensors do to a ticket: an exceedance came to it, and came to its end (X14, Q04)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SensorExceeded:
    """A station's values are beyond a limit. The first of a ticket stands behind its `Received`.

    `episode` is the store's number of it, `limit` the value that was crossed, `unit` that of both numbers;
    `began_at` is the first value beyond. A second one of the same station reopens the matter.
    """

    episode: int
    station: str
    factor: str
    value: float
    limit: float
    unit: str
    began_at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class SensorRecovered:
    """The values came back below the limit and stayed there; `over` of them were beyond, at most `peak`."""

    episode: int
    station: str
    factor: str
    peak: float
    over: int
    ended_at: datetime


SensorFact = SensorExceeded | SensorRecovered
