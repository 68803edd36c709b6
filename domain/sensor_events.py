"""What sensors do to a ticket: an exceedance came to it and came to its end, or its values prove the work."""

from dataclasses import dataclass
from datetime import datetime

from domain.stations import Span


@dataclass(frozen=True, slots=True)
class SensorExceeded:
    """A station's values are beyond a limit. The first of a ticket stands behind its `Received`.

    `episode` is the store's number of it; `station` is the key of that and `name` what people call it.
    `limit` is the number that was crossed, `unit` that of both numbers; `began_at` is the first value beyond.
    `span` is what kind of value was judged, None in what was told before that was said, and `minutes` the
    averaging time of a minute's value where the limit names one. A second one of the same station reopens the
    matter.
    """

    episode: int
    station: str
    factor: str
    value: float
    limit: float
    unit: str
    began_at: datetime
    source: str = ""
    name: str = ""
    span: Span | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class SensorRecovered:
    """The values came back below the limit and stayed there; `over` of them were beyond, at most `peak`.

    `lost` says that nobody knows whether they did: no valid ones came any more.
    """

    episode: int
    station: str
    factor: str
    peak: float
    over: int
    ended_at: datetime
    name: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class SensorVerified:
    """The same sensor's values after a rectification, until a moment: do they prove it? (Q04)

    `values` came, `valid` of them were valid, `over` beyond the limit.
    """

    station: str
    factor: str
    rectified_at: datetime
    until: datetime
    values: int
    valid: int
    over: int
    passed: bool
    name: str = ""


SensorFact = SensorExceeded | SensorRecovered | SensorVerified
