"""The steps of the procedure that people take on a ticket: which are possible, what each needs (T03, Y13).

A step that ends a node's clock can be taken while that clock runs. What is only unwise is allowed, and warned
of; what would change no clock, or would skip what a body owes, is refused with a reason.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.city import BodyKind
from domain.clock import TicketClock
from domain.drafts import StepDraft
from domain.events import (
    Accepted,
    Arrived,
    Chased,
    Closed,
    Dispatched,
    Event,
    Extended,
    Fact,
    FedBack,
    Filed,
    JointSupervisionOpened,
    Paused,
    Penalised,
    PostChecked,
    Rectified,
    Resumed,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.node_clock import NodeClock, NodeEnd
from domain.nodes import ORDER, Node
from domain.orders import LONGEST_NAME, future, known, note, written
from domain.people import PLATFORM, Actor
from domain.rights import COMMAND_OF, Command, Reason, RefusedError, check
from domain.site_reports import arrived, past_moment, rectified
from domain.ticket_trace import Trace

NODE_OF: Mapping[type[Fact], Node] = {
    Accepted: Node.ACCEPT,
    Dispatched: Node.DISPATCH,
    Signed: Node.SIGN,
    Arrived: Node.ARRIVE,
    Rectified: Node.RECTIFY,
    Filed: Node.FILE,
    Penalised: Node.PENALISE,
    FedBack: Node.FEED_BACK,
    Revisited: Node.REVISIT,
    PostChecked: Node.POST_CHECK,
    Closed: Node.CLOSE,
}
"""The node whose clock a step ends."""

STEPS: tuple[type[Fact], ...] = (
    Accepted,
    Dispatched,
    Signed,
    ReturnedAsWrong,
    Arrived,
    Rectified,
    Filed,
    Penalised,
    FedBack,
    Revisited,
    PostChecked,
    Closed,
    Resumed,
    Paused,
    Extended,
    JointSupervisionOpened,
    Chased,
)
"""All steps, in the order in which they are offered: the procedure's, then what may happen at any time."""

OWED = (Node.FILE, Node.PENALISE, Node.FEED_BACK)
"""What a body still owes must not end as skipped because the office closes the ticket; nor what an assisting
body does (Y24)."""

HELPERS_STEPS: tuple[type[Fact], ...] = (Signed, ReturnedAsWrong, Arrived, Rectified)
"""What an assisting body does on its own clocks; all the rest of a body's work is the lead's (Y24)."""

WHILE_PAUSED = (Resumed, JointSupervisionOpened, Chased)
LARGEST_AMOUNT = 999_999_999_999
"""Yuan."""


def possible_steps(clock: TicketClock, actor: Actor) -> tuple[type[Fact], ...]:
    """Return what this person may do with the ticket now, in the order of STEPS."""
    return tuple(step for step in STEPS if _is_possible(step, actor, clock))


def _is_possible(step: type[Fact], actor: Actor, clock: TicketClock) -> bool:
    try:
        check_step(step, actor, clock)
    except RefusedError:
        return False
    return True


def check_step(step: type[Fact], actor: Actor, clock: TicketClock) -> None:
    """Let a kind of step pass that this person may take now, whatever it will say.

    Raises:
        RefusedError: the fact is no step, the role has no right to it, another body holds the ticket, or it
            is not the time for it.
    """
    command = COMMAND_OF.get(step)
    if step not in STEPS or command is None:
        raise RefusedError(Reason.BAD_DATA, step.__name__)
    check(command, actor, actor.body)
    trace = clock.trace
    helping = step in HELPERS_STEPS and helps(actor.body, trace)
    if command is Command.RUN_BODY_NODES and not helping:
        if trace.lead is None:
            raise _closed(trace) if _is_closed(clock) else RefusedError(Reason.NOT_DISPATCHED)
        check(command, actor, trace.lead)
    if _is_closed(clock):
        raise _closed(trace)
    if _is_paused(trace) and step not in WHILE_PAUSED:
        raise RefusedError(Reason.PAUSED)
    node = NODE_OF.get(step)
    if step is Resumed and not _is_paused(trace):
        raise RefusedError(Reason.NOT_PAUSED)
    if step is Extended and not any(n.due_at is not None for n in _main(trace)):
        current = trace.current
        raise RefusedError(Reason.NO_DUE_TIME, (current.node if current else Node.DISPATCH).value)
    if helping:
        _check_help(step, actor, clock)
        return
    if step is ReturnedAsWrong and trace.rectified:
        raise RefusedError(Reason.ALREADY_DONE, Node.RECTIFY.value)
    if node is not None and not _is_open(node, clock):
        raise _why_not(node, clock)
    if step is Closed:
        left = next((n.node for n in trace.open_nodes if n.node in OWED or n.part > 0), None)
        if left is not None:
            raise RefusedError(Reason.UNFINISHED, left.value)
        if trace.supervisors:
            raise RefusedError(Reason.SUPERVISION_OPEN, str(len(trace.supervisors)))


def helps(body: str | None, trace: Trace) -> bool:
    """Whether a body assists with clocks of its own: those of its last assignment (Y24)."""
    return body != trace.lead and body in trace.assisting and bool(_assigned(body, trace))


def own_nodes(body: str | None, trace: Trace) -> tuple[NodeClock, ...]:
    """Return the running clocks that a body has to end: the lead's, or its own as an assisting body."""
    if body is None:
        return ()
    if body != trace.lead:
        return tuple(n for n in trace.open_nodes if n.part > 0 and n.body == body)
    return tuple(n for n in trace.open_nodes if n.part == 0 and n.body == body)


def _assigned(body: str | None, trace: Trace) -> list[NodeClock]:
    of_body = [n for n in trace.nodes if n.part > 0 and n.body == body]
    last = max((n.part for n in of_body), default=0)
    return [n for n in of_body if n.part == last]


def _check_help(step: type[Fact], actor: Actor, clock: TicketClock) -> None:
    """Let a step of an assisting body pass that ends a clock of its own, or hands its part back."""
    assigned = _assigned(actor.body, clock.trace)
    if step is ReturnedAsWrong:
        # What it has done it does not send back; what it has only begun, it may.
        last = max(assigned, key=_order)
        if last.ended_at is not None:
            raise RefusedError(Reason.ALREADY_DONE, last.node.value)
        return
    node = NODE_OF[step]
    found = next((n for n in assigned if n.node is node), None)
    if found is None:
        raise RefusedError(Reason.NO_SUCH_NODE, node.value)
    if found.ended_at is not None:
        raise RefusedError(Reason.ALREADY_DONE, node.value)


def _order(node: NodeClock) -> int:
    return ORDER[node.node]


def _main(trace: Trace) -> list[NodeClock]:
    """Return the running clocks of the lead and of the office."""
    return [n for n in trace.open_nodes if n.part == 0]


def take_step(
    draft: StepDraft, actor: Actor, clock: TicketClock, bodies: Mapping[str, BodyKind], now: datetime
) -> Event:
    """Return the event of a step. `bodies` are those that exist, `clock` is the ticket's as of `now`.

    What it says is tidied: texts without blanks around them, each body once, metres to a decimetre; a pause
    and an extension bear the name of who approves them, the actor's.

    Raises:
        RefusedError: as for `check_step`; or a text is missing or too long, a body is unknown or cannot hold
            a ticket, a due time is not later, an amount, a distance or evidence is impossible.
    """
    check_step(type(draft.fact), actor, clock)
    return Event(now, actor, _complete(draft.fact, actor, clock, bodies, now))


def consequence(step: Event, clock: TicketClock, bodies: Iterable[str]) -> Event | None:
    """Return what follows from a step by itself: work found wanting gets joint supervision (Y16, Y17).

    By the platform office and the assisting bodies, of those that exist, `bodies`; never by who did the work.
    The office adds others by a step of their own.
    """
    match step.fact:
        case Revisited(satisfied=False, text=text) | PostChecked(passed=False, text=text):
            existing = frozenset(bodies)
            joined = tuple(key for key in (PLATFORM, *clock.trace.assisting) if key in existing)
            return Event(step.at, step.actor, JointSupervisionOpened(joined, text)) if joined else None
        case _:
            return None


def _complete(
    fact: Fact, actor: Actor, clock: TicketClock, bodies: Mapping[str, BodyKind], now: datetime
) -> Fact:
    match fact:
        case Dispatched():
            return dispatched(fact, bodies)
        case ReturnedAsWrong(reason=reason):
            return ReturnedAsWrong(written(reason))
        case Arrived():
            return arrived(fact, clock.trace, now)
        case Rectified():
            return rectified(fact)
        case Filed(document=document):
            return Filed(written(document, LONGEST_NAME))
        case Penalised(document=document, amount=amount):
            return Penalised(written(document, LONGEST_NAME), _yuan(amount))
        case FedBack(by=by, text=text, told_at=told_at):
            return FedBack(written(by, LONGEST_NAME), note(text), past_moment(told_at, clock.trace, now))
        case Revisited(satisfied=satisfied, text=text):
            return Revisited(satisfied, note(text) if satisfied else written(text))
        case PostChecked(passed=passed, text=text):
            return PostChecked(passed, note(text) if passed else written(text))
        case Closed(outcome=outcome):
            return Closed(note(outcome))
        case Paused(reason=reason):
            return Paused(written(reason), actor.name)
        case Extended():
            return _extended(fact, actor, clock.trace, now)
        case JointSupervisionOpened(bodies=joined, reason=reason):
            if not joined:
                raise RefusedError(Reason.NO_RECEIVERS)
            return JointSupervisionOpened(known(joined, bodies, Reason.UNKNOWN_BODY), written(reason))
        case Chased(text=text):
            return Chased(written(text))
        case _:
            return fact  # Accepted, Signed and Resumed say no more than that they happened


def dispatched(fact: Dispatched, bodies: Mapping[str, BodyKind]) -> Dispatched:
    """Return a dispatch tidied: a lead that can hold a ticket, each assisting body once, the rule in short.

    Raises:
        RefusedError: a body is unknown or cannot hold a ticket.
    """
    # Who looks again must not be who did it: neither the office nor the commission holds a ticket.
    holders = [key for key, kind in bodies.items() if kind is BodyKind.RESPONSIBLE]
    known((fact.lead,), holders, Reason.UNKNOWN_BODY)
    assisting = known(fact.assisting, bodies, Reason.UNKNOWN_BODY)
    rule = None if fact.rule is None else note(fact.rule, LONGEST_NAME) or None
    return Dispatched(fact.lead, tuple(key for key in assisting if key != fact.lead), rule)


def _extended(fact: Extended, actor: Actor, trace: Trace, now: datetime) -> Extended:
    running = next((n for n in _main(trace) if n.node is fact.node), None)
    if running is None:
        raise RefusedError(Reason.NOT_RUNNING, fact.node.value)
    if running.due_at is None:
        raise RefusedError(Reason.NO_DUE_TIME, fact.node.value)
    due = future(fact.due, now)
    if due <= running.due_at:
        raise RefusedError(Reason.DUE_NOT_LATER)
    return Extended(fact.node, due, written(fact.reason), actor.name)


def _yuan(amount: int) -> int:
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise RefusedError(Reason.BAD_AMOUNT, str(LARGEST_AMOUNT))
    return amount


def _closed(trace: Trace) -> RefusedError:
    if trace.merged_into is not None:
        return RefusedError(Reason.MERGED, trace.merged_into)
    return RefusedError(Reason.TICKET_CLOSED)


def _is_closed(clock: TicketClock) -> bool:
    return clock.trace.closed_at is not None


def _is_paused(trace: Trace) -> bool:
    return bool(trace.pauses) and trace.pauses[-1].end is None


def _is_open(node: Node, clock: TicketClock) -> bool:
    trace = clock.trace
    if any(n.node is node for n in _main(trace)):
        return True
    # A procedure without a dispatch of its own still needs somebody to hold the ticket.
    return node is Node.DISPATCH and clock.policy.rule(node) is None and trace.lead is None


def _why_not(node: Node, clock: TicketClock) -> RefusedError:
    """Say why a node's clock does not run: there is none, it has ended, or something comes before it."""
    trace, rule = clock.trace, clock.policy.rule(node)
    if rule is None:
        return RefusedError(Reason.NO_SUCH_NODE, node.value)
    main = [n for n in trace.nodes if n.part == 0]
    ended = [n for n in main if n.node is node and n.end is NodeEnd.DONE and n.passed is not False]
    this_round = [n for n in ended if n.round == trace.round]
    if this_round or (ended and rule.first_round_only):
        return RefusedError(Reason.ALREADY_DONE, node.value)
    running = {n.node for n in _main(trace)}
    if rule.violation_only and trace.rectified and Node.FILE not in running:
        return RefusedError(Reason.NO_VIOLATION)
    before = rule.start
    while before is not None and before not in running:
        earlier = clock.policy.rule(before)
        if earlier is None or earlier.start is None:
            break
        before = earlier.start
    return RefusedError(Reason.NOT_YET, (before or Node.DISPATCH).value)
