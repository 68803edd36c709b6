"""The demo city's exceedances before anybody looked, and the clues that the platform made of them (X14, Q04).

What goes wrong is written here; everything else follows from it as in an open program: the values by
`signals`, the episodes by the rules of `domain.exceedance`, the tickets' words by `domain.sensor_clue`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desktop.city_stations import load_limits, load_stations
from desktop.demo.incidents import Incident, Mishap
from desktop.demo.measured import LENGTH, last_period, samples
from desktop.demo.signals import Signals, judged_factor
from desktop.demo.world import World
from domain.events import Closed, Event, Received
from domain.exceedance import Run, Value, judge, limits_of
from domain.people import SYSTEM
from domain.sensor_clue import clue_of, exceeded_of, recovered_of
from domain.stations import Episode, Span, Station

WEIGHED_AFTER = timedelta(seconds=35)
"""So long after a period is over its value has come and is weighed."""


@dataclass(frozen=True, slots=True)
class Clue:
    """An exceedance and its ticket: `facts` are what the ticket's log says of it. `station` of the episode is
    the number that the station has in the city's file.
    """

    station: Station
    episode: Episode
    received_at: datetime
    received: Received
    facts: tuple[Event, ...]

    @property
    def number(self) -> str:
        """The ticket's number."""
        return self.episode.ticket or ""

    def joined(self, events: Sequence[Event]) -> list[Event]:
        """Return a ticket's events with what its station says; a closed ticket hears no more."""
        first, *others = events
        closed = next((event.at for event in others if isinstance(event.fact, Closed)), None)
        said = [fact for fact in self.facts if closed is None or fact.at < closed]
        return [replace(first, actor=SYSTEM), *sorted([*said, *others], key=_at)]


def past_clues(world: World, signals: Signals) -> list[Clue]:
    """Return the exceedances up to the anchor in order of time, each with its ticket."""
    found: list[tuple[datetime, Station, str, Span, list[Run], list[datetime]]] = []
    stations = {station.key: station for station in load_stations()}
    for key, incidents in signals.incidents.written.items():
        for incident in incidents:
            if incident.mishap is Mishap.EXCEEDS:
                found += _judged(world, signals, stations[key], incident)
    found.sort(key=_first)
    year = world.local(world.anchor).year
    return [_clue(world, number, year, *one[1:]) for number, one in enumerate(found, 1)]


def _judged(
    world: World, signals: Signals, station: Station, incident: Incident
) -> Iterator[tuple[datetime, Station, str, Span, list[Run], list[datetime]]]:
    """Yield an incident as it was judged value by value, where it came to an episode by the anchor.

    The runs are as it began and as it stands; the moments when it was seen to begin, and to have ended.
    """
    zone, rule, factor = world.zone, world.policy.sensors, judged_factor(station, incident.factor)
    for span in (Span.MINUTE, Span.HOUR):
        limits = limits_of(station, factor, span, load_limits())
        if not limits:
            continue
        step = timedelta(seconds=LENGTH[span])
        first = last_period(span, incident.begin - 3 * step)
        last = min(last_period(span, world.anchor), last_period(span, incident.end) + 6 * step)
        count = int((last - first) / step) + 1
        values = [
            Value(sample.at, sample.value, sample.flag)
            for sample in samples(station, signals, span, first, count)
            if sample.factor == factor
        ]
        begun: Run | None = None
        stands: Run | None = None
        moments: list[datetime] = []
        for place in range(1, len(values) + 1):
            seen_at = values[place - 1].at + step + WEIGHED_AFTER
            runs = judge(values[:place], limits, rule, span, zone, seen_at)
            if not runs:
                continue
            stands = runs[0]
            if begun is None:
                begun = stands
                moments.append(seen_at)
            if stands.ended_at is not None:
                moments.append(seen_at)
                break
        if begun is not None and stands is not None and moments[0] < world.anchor:
            yield moments[0], station, factor, span, [begun, stands], moments
            return


def _clue(
    world: World,
    number: int,
    year: int,
    station: Station,
    factor: str,
    span: Span,
    runs: Sequence[Run],
    moments: Sequence[datetime],
) -> Clue:
    begun, stands = runs
    ticket = f"JC-{year}-{number:06d}"
    limit = next(limit for limit in load_limits() if limit.key == begun.limit)
    facts = [Event(moments[0], SYSTEM, exceeded_of(station, factor, span, begun, number, limit))]
    ended = stands.ended_at is not None and moments[-1] <= world.anchor
    if ended:
        facts.append(Event(moments[-1], SYSTEM, recovered_of(station, factor, stands, number)))
    episode = Episode(
        number,
        station.number,
        factor,
        span,
        stands.limit,
        stands.began_at,
        stands.last_over_at,
        stands.over,
        stands.peak,
        stands.ended_at if ended else None,
        ticket,
    )
    received = clue_of(station, factor, span, begun, world.policy.sensors, world.zone, limit.minutes)
    return Clue(station, episode, moments[0], received, tuple(facts))


def _at(event: Event) -> datetime:
    return event.at


def _first(found: tuple[datetime, Station, str, Span, list[Run], list[datetime]]) -> datetime:
    return found[0]
