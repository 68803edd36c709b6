"""A ticket's history as the rules look at it: its events by kind, and at which clock each stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from domain.calendar import WorkCalendar
from domain.case_events import RecordAdded, RecordKind, SubjectInspected
from domain.events import Arrived, Event, Fact, Rectified
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import Node
from domain.people import PLATFORM
from domain.policy import Holder, Policy
from domain.ticket_trace import Trace
from domain.trace import trace
from domain.wrong.rule import WrongRule
from domain.wrong.surroundings import Surroundings

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Place:
    """A clock, by what names it, and the body that is charged."""

    node: Node
    round: int
    leg: int
    part: int
    body: str | None


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule is broken at a place, from a moment on; `facts` tell by what, one line each."""

    rule: WrongRule
    place: Place
    at: datetime
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A file of evidence, and the event that handed it in."""

    sha256: str
    event: Event
    node: Node


ON_SITE_RECORDS = (RecordKind.ON_SITE_ACT, RecordKind.SPOT_CHECK, RecordKind.VISIT)
"""Records of a case whose files were made on site."""


@dataclass(frozen=True)
class History:
    """What happened to a ticket by `now`, and what follows from it."""

    events: Sequence[Event]
    traced: Trace
    policy: Policy
    zone: ZoneInfo
    around: Surroundings
    now: datetime

    @classmethod
    def of(
        cls,
        events: Iterable[Event],
        policy: Policy,
        calendar: WorkCalendar,
        around: Surroundings,
        now: datetime,
    ) -> "History":
        """Return the history of a ticket as of a moment.

        Raises:
            ValueError: the ticket had not been received by then.
        """
        happened = sorted((event for event in events if event.at <= now), key=_moment)
        return cls(happened, trace(happened, policy, calendar), policy, calendar.zone, around, now)

    def all(self, kind: type[F]) -> Iterator[tuple[Event, F]]:
        """Yield the events with such a fact, in order of time."""
        for event in self.events:
            if isinstance(event.fact, kind):
                yield event, cast(F, event.fact)

    def clocks(self, node: Node, end: NodeEnd | None = None) -> Iterator[NodeClock]:
        """Yield the clocks of a node, those that ended so where that is asked."""
        return (
            clock for clock in self.traced.nodes if clock.node is node and (end is None or clock.end is end)
        )

    def place(self, event: Event, node: Node) -> Place:
        """Return where a step stands: at the clock that it ended, or where the ticket was then."""
        at, body = event.at.astimezone(UTC), event.actor.body
        ended = [c for c in self.clocks(node, NodeEnd.DONE) if c.ended_at == at]
        clock = next((c for c in ended if c.body == body), ended[0] if ended else None)
        if clock is not None:
            return place_of(clock)
        round_, leg = self.whereabouts(at)
        here = [c for c in self.clocks(node) if (c.round, c.leg) == (round_, leg)]
        same = next((c for c in here if c.body == body), None)
        return place_of(same) if same is not None else Place(node, round_, leg, 0, body)

    def whereabouts(self, at: datetime) -> tuple[int, int]:
        """Return the round and leg that a ticket was in at a moment."""
        begun = [(c.round, c.leg) for c in self.traced.nodes if c.started_at <= at]
        return max(begun, default=(1, 1))

    def expected(self, node: Node) -> Place:
        """Return the place of a node in the last round, whether or not its clock ever ran."""
        round_ = self.traced.round
        of_round = [c for c in self.traced.nodes if c.round == round_]
        leg = max((c.leg for c in of_round), default=1)
        rule = self.policy.rule(node)
        body = self.traced.lead
        if rule is not None and rule.holder is Holder.PLATFORM:
            body = PLATFORM
        elif rule is not None and rule.holder is Holder.OTHER:
            body = None
        return Place(node, round_, leg, 0, body)

    def shown(self) -> Iterator[Shown]:
        """Yield each file of evidence that was handed in, in order of time."""
        for event in self.events:
            node, files = evidence_of(event.fact)
            for sha256 in files:
                yield Shown(sha256, event, node)

    def name(self, body: str | None) -> str:
        """Return a body's short name, its key where nobody knows one."""
        return self.around.names.get(body, body) if body is not None else "未定主体"

    def clock_text(self, moment: datetime) -> str:
        """Return a moment in the city's time, to the second."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"


def evidence_of(fact: Fact) -> tuple[Node, tuple[str, ...]]:
    """Return the files made on site that a fact hands in, and the node that they belong to."""
    match fact:
        case Arrived(evidence=files):
            return Node.ARRIVE, files
        case Rectified(evidence=files) | SubjectInspected(evidence=files):
            return Node.RECTIFY, files
        case RecordAdded(record=record, evidence=files) if record in ON_SITE_RECORDS:
            return Node.RECTIFY, files
        case _:
            return Node.RECTIFY, ()


def place_of(clock: NodeClock) -> Place:
    """Return the place that a clock has."""
    return Place(clock.node, clock.round, clock.leg, clock.part, clock.body)


def span_text(span: timedelta) -> str:
    """Return a length of time in words, by its two largest units."""
    seconds = int(abs(span).total_seconds())
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((days, "天"), (hours, "小时"), (minutes, "分"), (seconds, "秒"))
    first = next((n for n, (amount, _) in enumerate(parts) if amount), 3)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount) or "0 秒"


def _moment(event: Event) -> datetime:
    return event.at
