"""The dispatch desk's order: the kind of a ticket, and the bodies that get it, in one (T02, Y12, X08).

A wrong dispatch is put right by another, 改派, as long as nothing was reported done: the first stands in the
log, and the body that had the ticket is charged for its own time only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.case_events import Categorised
from domain.city import BodyKind
from domain.clock import TicketClock
from domain.drafts import StepDraft
from domain.events import Dispatched, Event
from domain.nodes import Node
from domain.orders import LONGEST_NAME, note
from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check
from domain.steps import check_step, dispatched, take_step
from domain.ticket_trace import Trace

MOST_WORDS = 20
"""So many words of a text are kept as what led to its kind."""


@dataclass(frozen=True, slots=True)
class DispatchDraft:
    """定类与分派. `category` None leaves the kind as it is, `lead` None only sets the kind.

    `words` of the text led to the kind; `rule` names the line of the list. `again` puts a dispatch right that
    went to the wrong body. `expected` is the version of the ticket that the officer saw.
    """

    request_id: str
    ticket: str
    category: str | None = None
    words: tuple[str, ...] = ()
    lead: str | None = None
    assisting: tuple[str, ...] = ()
    rule: str | None = None
    again: bool = False
    expected: int | None = None


def check_kind(actor: Actor, clock: TicketClock) -> None:
    """Let an officer set a ticket's kind.

    Raises:
        RefusedError: the role has no right to it, or the ticket is closed or merged into another.
    """
    check(Command.RUN_PLATFORM_NODES, actor)
    if clock.trace.merged_into is not None:
        raise RefusedError(Reason.MERGED, clock.trace.merged_into)
    if clock.trace.closed_at is not None:
        raise RefusedError(Reason.TICKET_CLOSED)


def check_again(actor: Actor, clock: TicketClock) -> None:
    """Let an officer put a dispatch right.

    Raises:
        RefusedError: as for `check_kind`; nobody holds the ticket, it is paused, or its work is done.
    """
    check_kind(actor, clock)
    trace = clock.trace
    if trace.lead is None:
        raise RefusedError(Reason.NOT_DISPATCHED)
    if _is_paused(trace):
        raise RefusedError(Reason.PAUSED)
    if trace.rectified:
        raise RefusedError(Reason.ALREADY_DONE, Node.RECTIFY.value)


def dispatch(
    draft: DispatchDraft,
    actor: Actor,
    clock: TicketClock,
    bodies: Mapping[str, BodyKind],
    categories: Collection[str],
    now: datetime,
) -> tuple[Event, ...]:
    """Return the events of an order: the kind where it changes, then the dispatch where there is one.

    Raises:
        RefusedError: as for `check_kind`, `check_again` and `domain.steps.take_step`; there is no such kind,
            the ticket has it already, or the bodies have the ticket already.
    """
    check_kind(actor, clock)
    trace = clock.trace
    events: list[Event] = []
    if draft.category is not None and draft.category != trace.received.category:
        if draft.category not in categories:
            raise RefusedError(Reason.BAD_DATA, draft.category)
        words = tuple(dict.fromkeys(note(word, LONGEST_NAME) for word in draft.words))
        fact = Categorised(draft.category, words[:MOST_WORDS])
        events.append(Event(now, actor, fact))
    if draft.lead is not None:
        sent = Dispatched(draft.lead, draft.assisting, draft.rule)
        if draft.again:
            check_again(actor, clock)
            sent = dispatched(sent, bodies)
            if (sent.lead, sent.assisting) == (trace.lead, trace.assisting):
                raise RefusedError(Reason.ALREADY_DONE, Node.DISPATCH.value)
            events.append(Event(now, actor, sent))
        else:
            check_step(Dispatched, actor, clock)
            events.append(
                take_step(StepDraft(draft.request_id, draft.ticket, sent), actor, clock, bodies, now)
            )
    if not events:
        raise RefusedError(Reason.BAD_DATA, draft.category or "")
    return tuple(events)


def _is_paused(trace: Trace) -> bool:
    return bool(trace.pauses) and trace.pauses[-1].end is None
