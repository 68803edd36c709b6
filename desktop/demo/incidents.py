"""What goes wrong at the demo city's stations: a limit exceeded, invalid values, silence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from random import Random

from domain.stations import DataFlag, Station, StationKind

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
    """A mishap of a station from `begin` to `end`. `factor` is what it is about, `peak` how far the values go
    beyond the limit, in shares of it; both only matter where a value does.
    """

    mishap: Mishap
    begin: datetime
    end: datetime
    factor: str = ""
    peak: float = 1.0

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
_DUST_EXCEEDS = 0.16

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
