"""Reports of the same matter: which may repeat one another, what a merger and a split need (B09, B10, X08).

A merged ticket is handled in another, the main one: its clocks are handed over, and its complainant is told
of what the main one comes to. So no clue is without an owner, and no matter is counted twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.case_events import LetGo, MergedInto, SplitOff, TookIn
from domain.clock import TicketClock
from domain.coordinates import Point, metres_between
from domain.events import Event, Filed, Penalised, Received
from domain.listing import TicketRow
from domain.orders import known, written
from domain.people import Actor
from domain.repeat_rules import MergingRule
from domain.rights import COMMAND_OF, Reason, RefusedError, check

MOST_AT_ONCE = 50
"""Repeats in one order: more would be a list that nobody has compared."""


class Sameness(StrEnum):
    """How alike the categories of two reports are, the likest first."""

    KIND = "kind"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared of a ticket. `kind` is its category's code, `class_code` that of its class.

    `sensed` is what a monitoring station found.
    """

    number: str
    title: str
    text: str
    kind: str | None
    class_code: str | None
    area: str | None
    address: str
    point: Point | None
    received_at: datetime
    sensed: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another ticket that may be about the same matter, and why.

    `distance_m` is None where one of the two has no point; `sameness` where they have not even a class in
    common. `gap` is how long before the asked ticket it came in, negative where it came later; `likeness` of
    the words is 0.0 to 1.0.
    """

    number: str
    distance_m: float | None
    same_address: bool
    sameness: Sameness | None
    gap: timedelta
    likeness: float


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate as a list and a form show it: `row` is its line, `version` that of its events."""

    why: Candidate
    row: TicketRow
    text: str
    address: str
    version: int


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A ticket that is handled in another one, as the other's dossier shows it."""

    number: str
    title: str
    text: str
    address: str
    received_at: datetime
    channel_name: str


@dataclass(frozen=True, slots=True)
class MergeView:
    """What a form has to show before a merger: the ticket itself, and what it may be merged with.

    `radius_m` and `days` are the policy's, within which another is proposed; None where nobody said.
    """

    this: CandidateRow
    candidates: tuple[CandidateRow, ...]
    radius_m: float | None = None
    days: int | None = None

    def is_beyond(self, row: CandidateRow) -> bool:
        """Return whether a ticket is farther away than the policy proposes any."""
        away = row.why.distance_m
        return away is not None and self.radius_m is not None and away > self.radius_m


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, from 0.0 to 1.0: the Dice coefficient of their pairs of characters.

    Chinese has no blanks between words; duplicate detection takes pairs of characters in their place.
    """
    pairs, others = _pairs(one), _pairs(other)
    both = sum((pairs & others).values())
    all_of_both = sum(pairs.values()) + sum(others.values())
    return 2 * both / all_of_both if all_of_both else 0.0


def _pairs(text: str) -> Counter[str]:
    said = "".join(c for c in text.lower() if c.isalnum())
    return Counter(said[place : place + 2] for place in range(len(said) - 1))


def candidates(one: Report, others: Iterable[Report], rule: MergingRule) -> tuple[Candidate, ...]:
    """Return which of the others may repeat a ticket, or be repeated by it: nearest first, then the same kind
    before the same class, then the likest words.

    A candidate is of the same kind or class, near in place (or at the same address, where there is no point)
    and in time. What a station found on the spot may be what people complain of in other words: of a sensor's
    ticket the class is not asked.
    """
    found: list[Candidate] = []
    for other in others:
        near = compare(one, other)
        if other.number != one.number and _is_near(near, rule, one.sensed or other.sensed):
            found.append(near)
    return tuple(sorted(found, key=_rank))


def compare(one: Report, other: Report) -> Candidate:
    """Return how another ticket compares with one, however far it is."""
    sameness: Sameness | None = None
    if one.kind is not None and one.kind == other.kind:
        sameness = Sameness.KIND
    elif one.class_code is not None and one.class_code == other.class_code:
        sameness = Sameness.CLASS
    away = None
    if one.point is not None and other.point is not None:
        away = metres_between(one.point, other.point)
    return Candidate(
        number=other.number,
        distance_m=away,
        same_address=bool(one.address) and (one.area, one.address) == (other.area, other.address),
        sameness=sameness,
        gap=one.received_at - other.received_at,
        likeness=likeness(f"{one.title} {one.text}", f"{other.title} {other.text}"),
    )


def _is_near(found: Candidate, rule: MergingRule, sensed: bool) -> bool:
    if (found.sameness is None and not sensed) or abs(found.gap) > timedelta(days=rule.days):
        return False
    return found.same_address if found.distance_m is None else found.distance_m <= rule.radius_m


_NEAR_ENOUGH_M = 25
"""Points closer together than this are equally near: positions are no better."""


def _rank(found: Candidate) -> tuple[int, bool, float, timedelta, str]:
    away = 0 if found.distance_m is None else int(found.distance_m // _NEAR_ENOUGH_M)
    return (away, found.sameness is not Sameness.KIND, -found.likeness, abs(found.gap), found.number)


def taken_in(events: Iterable[Event]) -> tuple[str, ...]:
    """Return the tickets that are merged into the one whose events these are, in order of their merger."""
    found: dict[str, None] = {}
    for event in events:
        match event.fact:
            case TookIn(ticket=ticket):
                found[ticket] = None
            case LetGo(ticket=ticket):
                found.pop(ticket, None)
            case _:
                pass
    return tuple(found)


@dataclass(frozen=True, slots=True)
class MergeDraft:
    """合并: `repeats` will be handled in `main`. `seen` are the versions of tickets that the person saw."""

    request_id: str
    main: str
    repeats: tuple[str, ...]
    reason: str
    seen: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SplitDraft:
    """拆分: `ticket` was no repeat after all, and is handled in its own name again."""

    request_id: str
    ticket: str
    reason: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the tickets of a merger, as it stands when that is decided: all its events, and its clocks."""

    number: str
    events: Sequence[Event]
    clock: TicketClock


def check_main(side: Side) -> None:
    """Let a ticket pass that others can be merged into: it is handled itself, and not closed.

    Raises:
        RefusedError: it was merged into another itself, or is closed.
    """
    trace = side.clock.trace
    if trace.merged_into is not None:
        raise RefusedError(Reason.MERGED, trace.merged_into)
    if trace.closed_at is not None:
        raise RefusedError(Reason.MAIN_CLOSED, side.number)


def check_repeat(side: Side) -> None:
    """Let a ticket pass that can be merged into another.

    Raises:
        RefusedError: it was merged already, is closed or paused, has taken in others (so there are neither
            chains nor circles), or a case was filed or penalised in it: that goes on in its own name.
    """
    trace = side.clock.trace
    if trace.merged_into is not None:
        raise RefusedError(Reason.MERGED, trace.merged_into)
    if trace.closed_at is not None:
        raise RefusedError(Reason.TICKET_CLOSED)
    if trace.pauses and trace.pauses[-1].end is None:
        raise RefusedError(Reason.PAUSED)
    if any(isinstance(event.fact, Filed | Penalised) for event in side.events):
        raise RefusedError(Reason.HAS_CASE, side.number)
    if taken_in(side.events):
        raise RefusedError(Reason.HAS_MERGED, side.number)


def merge(
    draft: MergeDraft, actor: Actor, sides: Mapping[str, Side], now: datetime
) -> Mapping[str, tuple[Event, ...]]:
    """Return what a merger adds to each ticket's events; the repeats' come before the main one's.

    `sides` are the tickets of the draft that exist.

    Raises:
        RefusedError: the actor is not of the office, a ticket does not exist or is merged into itself, there
            is no reason or no repeat, or `check_main` or `check_repeat` refuses.
    """
    check(COMMAND_OF[MergedInto], actor)
    repeats = known(draft.repeats, sides, Reason.UNKNOWN_TICKET)
    known((draft.main,), sides, Reason.UNKNOWN_TICKET)
    if not repeats or len(repeats) > MOST_AT_ONCE:
        raise RefusedError(Reason.NO_REPEATS, str(MOST_AT_ONCE))
    if draft.main in repeats:
        raise RefusedError(Reason.INTO_ITSELF, draft.main)
    reason = written(draft.reason)
    main = sides[draft.main]
    check_main(main)
    found: dict[str, tuple[Event, ...]] = {}
    notes: list[Event] = []
    for number in repeats:
        check_repeat(sides[number])
        away = _apart(sides[number], main)
        found[number] = (Event(now, actor, MergedInto(draft.main, reason, away)),)
        notes.append(Event(now, actor, TookIn(number, away)))
    found[draft.main] = tuple(notes)
    return found


def split(
    draft: SplitDraft, actor: Actor, sides: Mapping[str, Side], now: datetime
) -> Mapping[str, tuple[Event, ...]]:
    """Return what a split adds to the events of the ticket and of that which it was merged into.

    It may be split off a main ticket that is closed by now: its own clocks go on.

    Raises:
        RefusedError: the actor is not of the office, there is no such ticket or reason, or it is not merged.
    """
    check(COMMAND_OF[MergedInto], actor)
    known((draft.ticket,), sides, Reason.UNKNOWN_TICKET)
    main = sides[draft.ticket].clock.trace.merged_into
    if main is None:
        raise RefusedError(Reason.NOT_MERGED, draft.ticket)
    known((main,), sides, Reason.UNKNOWN_TICKET)
    off = Event(now, actor, SplitOff(main, written(draft.reason)))
    return {draft.ticket: (off,), main: (Event(now, actor, LetGo(draft.ticket)),)}


def _apart(one: Side, other: Side) -> float | None:
    here, there = point_of(one.clock.trace.received), point_of(other.clock.trace.received)
    return None if here is None or there is None else round(metres_between(here, there), 1)


def point_of(received: Received) -> Point | None:
    """Return where a ticket is about, None without a point."""
    if received.lng is None or received.lat is None:
        return None
    return Point(received.lng, received.lat)
