"""How places stand by their index: the order, the way there, the same days a year before (T01, X04)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.aqi.editions import Edition, Pollutant
from domain.aqi.index import AirIndex, Level, daily_index, level_of
from domain.aqi.places import Place, PlaceKind
from domain.stations import Span

GOOD_UP_TO = 100
"""优良天数: days with an index of at most this."""
LEAST_DAYS_SHARE = 0.75
"""Two years are compared only where both have so many of the days."""


@dataclass(frozen=True, slots=True)
class PlaceIndex:
    """A place in a ranking. `rank` is None for NA, equal indices share one; the cleanest air is first.

    `move` is the rank before minus this one: positive is a rise. `history` are the ranks of the moments
    that led here, the oldest first and this one last, None where it had none; `course` are the indices.
    """

    place: Place
    name: str
    aqi: int | None
    primary: tuple[Pollutant, ...] = ()
    values: tuple[tuple[Pollutant, float], ...] = ()
    rank: int | None = None
    move: int | None = None
    history: tuple[int | None, ...] = ()
    course: tuple[int | None, ...] = ()

    @property
    def level(self) -> Level | None:
        """The level, None for NA."""
        return None if self.aqi is None else level_of(self.aqi)


@dataclass(frozen=True, slots=True)
class AirRanking:
    """The places of a kind by their index of the hour or day that began `at` (None: there is no index yet).

    `moments` are those of each row's `history`; `edition` judged them all, or the newest of them where the
    edition changed in between. `city` is the city's own.
    """

    kind: PlaceKind
    span: Span
    at: datetime | None
    edition: Edition
    rows: tuple[PlaceIndex, ...] = ()
    moments: tuple[datetime, ...] = ()
    city: PlaceIndex | None = None


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A place's days of one year: how many have an index, how many are good, and the mean of PM2.5."""

    days: int
    good: int
    pm25: float | None

    @property
    def good_share(self) -> float | None:
        """优良天数比例."""
        return self.good / self.days if self.days else None


@dataclass(frozen=True, slots=True)
class YearOnYear:
    """The days from `since` to `until` beside the same ones of the year before, both under one edition.

    `before` is None where the year before has too few days: then nothing is compared.
    """

    place: Place
    edition: Edition
    since: date
    until: date
    now: YearFigures
    before: YearFigures | None = None

    @property
    def good_share_change(self) -> float | None:
        """In shares (0.1 are ten percentage points), positive is better."""
        if self.before is None or self.now.good_share is None or self.before.good_share is None:
            return None
        return self.now.good_share - self.before.good_share

    @property
    def pm25_change(self) -> float | None:
        """Of the year before's mean: -0.1 is ten per cent less."""
        if self.before is None or self.now.pm25 is None or not self.before.pm25:
            return None
        return self.now.pm25 / self.before.pm25 - 1


@dataclass(frozen=True, slots=True)
class AirQuery:
    """Which ranking is wanted: of a kind of place, of hours or of days."""

    kind: PlaceKind = PlaceKind.AREA
    span: Span = Span.HOUR


@dataclass(frozen=True, slots=True)
class AirView:
    """All that the index part of the environment page shows."""

    query: AirQuery
    ranking: AirRanking
    year: YearOnYear | None = None


def rank_places(
    rows: Iterable[PlaceIndex], before: Mapping[Place, int | None] | None = None
) -> tuple[PlaceIndex, ...]:
    """Return the rows in their order, the cleanest first and those without an index last, by name."""
    found = list(rows)
    ranks = ranks_of({row.place: row.aqi for row in found})
    placed = []
    for row in found:
        rank, was = ranks[row.place], (before or {}).get(row.place)
        move = None if rank is None or was is None else was - rank
        placed.append(replace(row, rank=rank, move=move))
    return tuple(sorted(placed, key=_order))


def ranks_of(indices: Mapping[Place, int | None]) -> dict[Place, int | None]:
    """Return each place's rank: one more than how many have a lower index; None for NA."""
    known = sorted(aqi for aqi in indices.values() if aqi is not None)
    firsts: dict[int, int] = {}
    for position, aqi in enumerate(known, start=1):
        firsts.setdefault(aqi, position)
    return {place: None if aqi is None else firsts[aqi] for place, aqi in indices.items()}


def with_history(
    rows: Sequence[PlaceIndex], moments: Sequence[Mapping[Place, int | None]]
) -> tuple[PlaceIndex, ...]:
    """Return the rows ranked, with the ranks that they had at earlier moments, the oldest first.

    `moments` are the indices of each earlier moment; the last of them is what `move` compares with.
    """
    past = [ranks_of(moment) for moment in moments]
    ranked = rank_places(rows, past[-1] if past else None)
    return tuple(
        replace(
            row,
            history=(*(ranks.get(row.place) for ranks in past), row.rank),
            course=(*(moment.get(row.place) for moment in moments), row.aqi),
        )
        for row in ranked
    )


def year_on_year(
    place: Place,
    edition: Edition,
    since: date,
    until: date,
    this: Mapping[date, Mapping[Pollutant, float]],
    before: Mapping[date, Mapping[Pollutant, float]],
) -> YearOnYear:
    """Judge both years' daily concentrations by one edition and compare them, or leave the older one out.

    `this` has the days from `since` to `until`; `before` those of the year before, by their own dates.
    """
    length = (until - since).days + 1
    now = _figures(this, edition)
    past = _figures(before, edition)
    enough = min(now.days, past.days) >= LEAST_DAYS_SHARE * length
    return YearOnYear(place, edition, since, until, now, past if enough else None)


def a_year_before(day: date) -> date:
    """Return the same day of the year before; for 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _figures(days: Mapping[date, Mapping[Pollutant, float]], edition: Edition) -> YearFigures:
    indices: list[AirIndex] = [daily_index(values, edition) for values in days.values()]
    known = [index.aqi for index in indices if index.aqi is not None]
    pm25 = [value for values in days.values() if (value := values.get(Pollutant.PM25)) is not None]
    mean = sum(pm25) / len(pm25) if pm25 else None
    return YearFigures(len(known), sum(aqi <= GOOD_UP_TO for aqi in known), mean)


def _order(row: PlaceIndex) -> tuple[bool, int, str]:
    return row.rank is None, row.rank or 0, row.name
