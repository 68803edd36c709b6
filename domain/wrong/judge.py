"""Judges a ticket by its policy's rules of procedure: a pure function of what was known at a moment (T04)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.calendar import WorkCalendar
from domain.events import Event
from domain.policy import Policy
from domain.wrong import on_site, order, sensed
from domain.wrong.history import History, Violation
from domain.wrong.rule import Predicate, WrongRule
from domain.wrong.surroundings import Surroundings

PREDICATES: Mapping[Predicate, Callable[[History, WrongRule], Iterator[Violation]]] = {
    Predicate.WITHOUT_EVIDENCE: on_site.without_evidence,
    Predicate.SKIPPED: order.skipped,
    Predicate.OUT_OF_ORDER: order.out_of_order,
    Predicate.VERIFIER_IS_HANDLER: order.verifier_is_handler,
    Predicate.EVIDENCE_USED_BEFORE: on_site.evidence_used_before,
    Predicate.PICTURE_ALIKE: on_site.picture_alike,
    Predicate.FAR_ARRIVAL: on_site.far_arrival,
    Predicate.PENALTY_WITHOUT_CASE: order.penalty_without_case,
    Predicate.DOCUMENT_MISSING: order.document_missing,
    Predicate.REBOUND: order.rebound,
    Predicate.PUSHED: order.pushed,
    Predicate.JUST_BEFORE_DUE: on_site.just_before_due,
    Predicate.DONE_TOO_SOON: on_site.done_too_soon,
    Predicate.NO_FEEDBACK: order.no_feedback,
    Predicate.UNWATCHED: order.unwatched,
    Predicate.STILL_EXCEEDS: sensed.still_exceeds,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with a ticket as of a moment. `next_at` is when time alone will break a rule next.

    While a ticket is paused or merged it is `inhibited`: nothing new is raised, what stands stays.
    """

    violations: tuple[Violation, ...] = ()
    next_at: datetime | None = None
    inhibited: bool = False
    closed: bool = False


def judge(
    events: Iterable[Event],
    policy: Policy,
    calendar: WorkCalendar,
    around: Surroundings,
    now: datetime,
) -> Judgement:
    """Return what is wrong with a ticket: one violation for each rule and clock, the earliest of several.

    Raises:
        ValueError: the ticket had not been received by then.
    """
    history = History.of(events, policy, calendar, around, now)
    traced = history.traced
    closed = traced.closed_at is not None
    if traced.merged_into is not None or (traced.pauses and traced.pauses[-1].end is None):
        return Judgement(inhibited=True, closed=closed)
    found: dict[tuple[object, ...], Violation] = {}
    coming: list[datetime] = []
    for rule in policy.wrong:
        if traced.received.urgency not in rule.urgencies:
            continue
        for violation in PREDICATES[rule.predicate](history, rule):
            if violation.at > now:
                coming.append(violation.at)
                continue
            place = violation.place
            key = (rule.id, place.round, place.leg, place.node, place.part)
            if key not in found or violation.at < found[key].at:
                found[key] = violation
    return Judgement(tuple(found.values()), min(coming, default=None), closed=closed)
