"""What measures by itself: stations, what they say, and what they are judged by (X14, T25)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum


class StationKind(StrEnum):
    """What a station watches. The order is that of the pages."""

    DUST = "dust"
    WATER = "water"
    STACK = "stack"
    NOISE = "noise"
    AIR = "air"


class Span(IntEnum):
    """Over which time a value was taken: HJ 212-2017 commands 2011, 2051, 2061 and 2031."""

    REAL_TIME = 0
    MINUTE = 1
    HOUR = 2
    DAY = 3


class DataFlag(StrEnum):
    """What a station says of a value (HJ 212-2017, table 8). Only NORMAL is judged against a limit."""

    NORMAL = "N"
    STOPPED = "F"
    MAINTENANCE = "M"
    SET_BY_HAND = "S"
    FAULT = "D"
    CALIBRATION = "C"
    ABOVE_RANGE = "T"
    NO_LINK = "B"


class StationState(StrEnum):
    """How a station stands, the worst first."""

    EXCEEDING = "exceeding"
    INVALID = "invalid"
    SILENT = "silent"
    ONLINE = "online"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class Measure:
    """A factor that a station measures: its code of HJ 212-2017 (a34002, w01018, LA), and its own unit.

    The standard's table B.2 prints units that no device uses for dust, so the unit is the device's setting.
    `factor_to_unit` multiplies what the device sends into `unit`.
    """

    factor: str
    unit: str
    factor_to_unit: float = 1.0


@dataclass(frozen=True, slots=True)
class Station:
    """A registered device. `number` is the store's, `mn` the identity that it sends (HJ 212-2017, 6.3.3).

    The point is WGS-84 degrees, `area` a county's adcode; `body` answers for it and `category` is the kind of
    its clues. `every_seconds` is how often it promised to speak. From the day `retired` on, in the city's
    zone, it no longer counts.
    """

    number: int
    key: str
    name: str
    kind: StationKind
    mn: str
    measures: tuple[Measure, ...]
    password: str = ""
    enterprise: str = ""
    body: str | None = None
    category: str | None = None
    area: str | None = None
    township: str | None = None
    lng: float | None = None
    lat: float | None = None
    every_seconds: int = 60
    retired: date | None = None

    def serves(self, on: date) -> bool:
        """Whether it counts on a day of the city's zone."""
        return self.retired is None or on < self.retired


@dataclass(frozen=True, slots=True)
class Sample:
    """A value of one factor; `at` is the moment, or the start of the period for spans but REAL_TIME.

    `value` is None where the device said none. `low`, `high` and `total` are the period's (Min, Max, Cou).
    """

    station: int
    factor: str
    span: Span
    at: datetime
    value: float | None
    flag: DataFlag = DataFlag.NORMAL
    low: float | None = None
    high: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as data: of one station (`station`, its key) or of all of a kind, in the station's unit.

    It applies between `from_minute` and `until_minute` of the local day (both None: always; a night's wraps
    past midnight) and from `effective_from` up to, but without, `effective_until`. `low` and `high` are
    crossed by what is below and above them; `allowed_per_day` values over it a day are no exceedance.
    `minutes` is the averaging time of a limit for minute values, one of MINUTES: only means of that time are
    judged; None judges whatever a device sends as a minute's value.
    """

    key: str
    factor: str
    span: Span
    high: float | None
    effective_from: date
    source: str
    low: float | None = None
    kind: StationKind | None = None
    station: str | None = None
    allowed_per_day: int = 0
    from_minute: int | None = None
    until_minute: int | None = None
    effective_until: date | None = None
    minutes: int | None = None


MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
"""Over how many minutes a device can be set to take its minute values (HJ 212-2017, MinInterval)."""
CONVERTED = "-Zs"
"""Behind a factor's code: its value converted to the reference oxygen content, which the device sends beside
the plain one (HJ 212-2017: ZsRtd, ZsAvg, ZsMin, ZsMax). A limit at so much oxygen is a limit of this one."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One run of values beyond a limit. `limit` is the one that applied when it began, as a key.

    `ended_at` None while it goes on. `peak` is the value farthest beyond; `over` counts values beyond.
    """

    number: int
    station: int
    factor: str
    span: Span
    limit: str
    began_at: datetime
    last_over_at: datetime
    over: int
    peak: float
    ended_at: datetime | None = None
    ticket: str | None = None
    reopened: int = 0


class DeviceTrouble(StrEnum):
    """Why somebody has to look at a device rather than at what it measures.

    INTERVAL: its values are means of another time than the limit that should judge them.
    """

    SILENT = "silent"
    INVALID = "invalid"
    ABOVE_RANGE = "above_range"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class DeviceItem:
    """A device that does not do its work; `factor` None where the whole device is meant."""

    number: int
    station: int
    trouble: DeviceTrouble
    opened_at: datetime
    factor: str | None = None
    flag: DataFlag | None = None
    ended_at: datetime | None = None
