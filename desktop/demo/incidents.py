"""What goes wrong at the demo city's stations: a limit exceeded, invalid values, silence."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from enum import Enum
from functools import lru_cache
from random import Random

from domain.stations import CONVERTED, DataFlag, Station, StationKind

BEIJING = timezone(timedelta(hours=8))
BLOCK = timedelta(hours=4)
"""Chance is drawn once for each station and so much time; nothing lasts longer than it."""


class Mishap(Enum):
    """What can happen to a station."""

    EXCEEDS = "exceeds"
    FAULT = "fault"
    RANGE = "range"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Incident:
    """A mishap of a station from `begin` to `end`. `factor` is what it is about, "" for the whole device;
    `peak` is how far the values of one that exceeds go, in shares of the limit.
    """

    mishap: Mishap
    begin: datetime
    end: datetime
    factor: str = ""
    peak: float = 1.0

    def marks(self, factor: str) -> bool:
        """Whether values of a factor are marked as invalid, or not sent, meanwhile."""
        return self.mishap is not Mishap.EXCEEDS and (
            self.mishap is Mishap.SILENT or self.factor in ("", factor.removesuffix(CONVERTED))
        )

    @property
    def flag(self) -> DataFlag:
        """The flag of the values meanwhile."""
        if self.mishap is Mishap.FAULT:
            return DataFlag.FAULT
        return DataFlag.ABOVE_RANGE if self.mishap is Mishap.RANGE else DataFlag.NORMAL


_CHANCES = {
    Mishap.EXCEEDS: 0.05,
    Mishap.FAULT: 0.012,
    Mishap.RANGE: 0.003,
    Mishap.SILENT: 0.012,
}
"""By station and block. Dust exceeds oftener, and for shorter: it is judged by the minute, too."""
_DUST_EXCEEDS = 0.28

MAIN_FACTORS = {
    StationKind.DUST: ("a34001",),
    StationKind.WATER: ("w01018", "w21003"),
    StationKind.STACK: ("a21002", "a21026", "a34013", "a24088"),
    StationKind.NOISE: ("Leq",),
    StationKind.AIR: ("a34004",),
}
"""What goes beyond its limit first, where a station measures it."""


@dataclass(frozen=True)
class Incidents:
    """All mishaps of a city: `written` ones by station key, and from `since` on those of seeded chance."""

    seed: int
    since: datetime
    written: dict[str, tuple[Incident, ...]]

    def at(self, station: Station, moment: datetime) -> Iterator[Incident]:
        """Yield what goes on at a station at a moment."""
        for incident in self.between(station, moment, moment):
            if incident.begin <= moment < incident.end:
                yield incident

    def between(self, station: Station, first: datetime, last: datetime) -> Sequence[Incident]:
        """Return what goes on at a station at any time between two moments."""
        found = list(self.written.get(station.key, ()))
        factors = tuple(m.factor for m in station.measures)
        block = max(_block(first), _block(self.since)) - 1
        while block <= _block(last):
            drawn = _draw(station.key, station.kind, factors, block, self.seed)
            if drawn is not None and drawn.begin >= self.since:
                found.append(drawn)
            block += 1
        return [incident for incident in found if incident.begin <= last and incident.end > first]


def _block(moment: datetime) -> int:
    return int(moment.timestamp() // BLOCK.total_seconds())


@lru_cache(maxsize=2048)
def _draw(key: str, kind: StationKind, factors: tuple[str, ...], block: int, seed: int) -> Incident | None:
    """Return what begins at a station in a block of time, None in most: the same for the same seed."""
    random = Random(f"incident/{seed}/{key}/{block}")  # noqa: S311 - seeded on purpose
    start = datetime.fromtimestamp(block * BLOCK.total_seconds(), UTC)
    begin = start + BLOCK * random.random()
    draw = random.random()
    for mishap, chance in _CHANCES.items():
        if mishap is Mishap.EXCEEDS:
            if kind is StationKind.AIR:
                continue
            chance = _DUST_EXCEEDS if kind is StationKind.DUST else chance
        if draw >= chance:
            draw -= chance
            continue
        main = [factor for factor in factors if factor in MAIN_FACTORS[kind]]
        return Incident(
            mishap,
            begin,
            begin + timedelta(minutes=_minutes(mishap, kind, random)),
            random.choice(main or factors),
            random.uniform(1.15, 2.2),
        )
    return None


def _minutes(mishap: Mishap, kind: StationKind, random: Random) -> float:
    if mishap is Mishap.EXCEEDS:
        return random.uniform(25, 110) if kind is StationKind.DUST else random.uniform(125, 235)
    return random.uniform(20, 200)


PAST = (
    ("dust-35", "a34001", 3, time(9, 40), 95, 1.5),
    ("water-12", "w21003", 3, time(14, 5), 230, 1.3),
    ("dust-09", "a34001", 3, time(15, 20), 80, 1.9),
    ("noise-11", "Leq", 2, time(22, 50), 190, 1.5),
    ("stack-02", "a21002", 2, time(3, 10), 200, 1.25),
    ("dust-59", "a34001", 2, time(10, 15), 70, 1.4),
    ("water-19", "w01018", 2, time(16, 30), 220, 1.6),
    ("dust-02", "a34001", 1, time(8, 30), 105, 1.7),
    ("stack-07", "a34013", 1, time(11, 10), 210, 1.4),
    ("noise-13", "Leq", 1, time(23, 5), 160, 1.8),
    ("dust-66", "a34001", 1, time(14, 45), 60, 1.3),
    ("stack-11", "a24088", 1, time(17, 5), 180, 1.5),
)
"""Station, factor, how many days ago, from when on, for how many minutes, and how far above the limit."""
PRESENT = (
    ("water-01", "w01018", 200, 90, 1.12),
    ("dust-25", "a34001", 65, 45, 1.4),
    ("stack-05", "a21002", 150, 80, 1.2),
    ("dust-12", "a34001", 14, 55, 1.6),
    ("dust-71", "a34001", 0, 70, 1.3),
)
"""What goes on at the moment: for how many minutes already, for how many still. The last are no clues yet:
whoever opens a new city is to see one come."""
TROUBLES = (
    ("dust-58", "", Mishap.SILENT, 200, 300),
    ("water-06", "", Mishap.SILENT, 75, 120),
    ("stack-09", "a34013", Mishap.FAULT, 150, 90),
    ("water-14", "w21003", Mishap.FAULT, 70, 60),
    ("stack-06", "a21026", Mishap.RANGE, 140, 50),
)
"""What is wrong with devices at the moment, for how many minutes already and still."""


def written(anchor: datetime) -> dict[str, tuple[Incident, ...]]:
    """Return what went wrong in the days before a city's anchor, and what goes wrong then, by station key."""
    found: defaultdict[str, list[Incident]] = defaultdict(list)
    for key, factor, days, since, minutes, peak in PAST:
        day = (anchor.astimezone(BEIJING) - timedelta(days=days)).date()
        begin = datetime.combine(day, since, BEIJING).astimezone(UTC)
        end = begin + timedelta(minutes=minutes)
        # What would still go on is written below.
        if end < anchor - timedelta(hours=3):
            found[key].append(Incident(Mishap.EXCEEDS, begin, end, factor, peak))
    for key, factor, already, still, peak in PRESENT:
        span = timedelta(minutes=already), timedelta(minutes=still)
        found[key].append(Incident(Mishap.EXCEEDS, anchor - span[0], anchor + span[1], factor, peak))
    for key, factor, mishap, already, still in TROUBLES:
        begin, end = anchor - timedelta(minutes=already), anchor + timedelta(minutes=still)
        found[key].append(Incident(mishap, begin, end, factor))
    return {key: tuple(incidents) for key, incidents in found.items()}
