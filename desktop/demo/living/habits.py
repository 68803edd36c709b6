"""How long steps take, and which of them are put off: the habits of a city that lives.

Whether a step is put off follows from the ticket and the node alone, so that it is the same after a restart.
"""

from datetime import datetime, timedelta
from math import exp
from zlib import crc32

from data_access.open_work import OpenNode, OpenTicket
from desktop.demo.world import World
from domain.nodes import ORDER, Node
from domain.urgency import Urgency

LAST = (Node.FEED_BACK, Node.REVISIT, Node.FILE, Node.PENALISE, Node.POST_CHECK, Node.CLOSE)
"""After the result a case is filed and punished before the office looks again and closes."""

_PLACE = ORDER | {node: ORDER[Node.RECTIFY] + place for place, node in enumerate(LAST, start=1)}

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0

TYPICAL = {
    Node.ACCEPT: (8 * _MINUTE, 25.0),
    Node.DISPATCH: (12 * _MINUTE, 45.0),
    Node.SIGN: (50 * _MINUTE, 50.0),
    Node.ARRIVE: (9 * _HOUR, 40 * _MINUTE),
    Node.RECTIFY: (50 * _HOUR, 4.5 * _HOUR),
    Node.FEED_BACK: (5 * _HOUR, 50 * _MINUTE),
    Node.REVISIT: (14 * _HOUR, 10 * _HOUR),
    Node.FILE: (3 * _DAY, 3 * _DAY),
    Node.PENALISE: (4 * _DAY, 4 * _DAY),
    Node.POST_CHECK: (40 * _HOUR, 30 * _HOUR),
    Node.CLOSE: (6 * _HOUR, 5 * _HOUR),
}
"""Seconds that a step takes as a rule: ordinary, and urgent. At a higher rate all go faster alike."""

PAUSE = 60 * _HOUR

HELP_SHARE = 0.1
"""How long an assisting body takes, in shares of the lead's time: most of the wait stays the lead's."""

SHORTEST = {
    Node.ACCEPT: 12.0,
    Node.DISPATCH: 15.0,
    Node.SIGN: 22.0,
    Node.ARRIVE: 150.0,
    Node.RECTIFY: 200.0,
}
"""Seconds below which a step looks unreal, as long as there is other work; 60 for all others."""

LATE_MORE = 2.5
"""Long clocks can hardly be missed at a demo's speed: the short ones are missed so many times as often."""
SLOW = 0.08
"""The share of steps done only after the yellow time, but in time."""
STUCK = timedelta(minutes=10)
"""Who has done nothing on a late ticket for so long does not begin this minute."""


def next_node(ticket: OpenTicket) -> OpenNode | None:
    """Return the node that somebody has to do next; None when nothing runs.

    Assisting bodies come before the lead (Y24): a ticket stands where its lead does, and would stand at the
    lead's next node for all the time of their work.
    """
    return min(ticket.nodes, key=lambda node: (_PLACE[node.node], not _helps(ticket, node)), default=None)


def typical_seconds(ticket: OpenTicket, node: OpenNode) -> float:
    """Return how long this step takes as a rule, with its own luck."""
    base = PAUSE if ticket.paused else TYPICAL[node.node][ticket.urgency is not Urgency.ORDINARY]
    share = HELP_SHARE if _helps(ticket, node) and not ticket.paused else 1.0
    return share * base * exp(2.0 * (_luck(ticket, node, "pace") - 0.5))


def shortest_seconds(ticket: OpenTicket, node: OpenNode) -> float:
    """Return how long after the step before this one can be believed."""
    base = 60.0 if ticket.paused else SHORTEST.get(node.node, 60.0)
    return base * (0.5 + _luck(ticket, node, "short"))


def put_off_until(world: World, ticket: OpenTicket, node: OpenNode, now: datetime) -> datetime | None:
    """Return until when nobody will do this step, None when it can be done at once.

    Some are late, by their body's rate; some are only just in time; who is late already stays so for a while.
    """
    due, yellow = node.due_at, node.yellow_at
    if due is None or yellow is None or ticket.paused:
        return None
    luck = _luck(ticket, node, "late")
    share = _late_share(world, node.body, now)
    if now > due or luck < share:
        over = (60, 540) if ticket.urgency is not Urgency.ORDINARY else (240, 2400)
        until = due + timedelta(seconds=over[0] + (over[1] - over[0]) * _luck(ticket, node, "over"))
        if now > due and now - ticket.stepped_at > STUCK:
            # Found late, as when the city wakes up after days: not all such are dealt with at once.
            until = max(until, now + timedelta(seconds=900 * _luck(ticket, node, "found")))
    elif luck < share + SLOW or (now >= yellow and luck < 0.6):
        until = yellow + (due - yellow) * (0.15 + 0.75 * _luck(ticket, node, "slow"))
    else:
        return None
    return until if until > now else None


def _late_share(world: World, body: str | None, now: datetime) -> float:
    if body is None:
        return 0.02
    # A body has better and worse days, so that ranks move.
    day = world.local(now).date().isoformat()
    return LATE_MORE * (1 - world.on_time_rate(body, now)) * (0.5 + _chance(f"{body}/{day}"))


def _helps(ticket: OpenTicket, node: OpenNode) -> bool:
    return node.body in ticket.assisting


def _luck(ticket: OpenTicket, node: OpenNode, what: str) -> float:
    return _chance(f"{what}/{ticket.number}/{node.node}/{node.round}/{node.leg}")


def _chance(key: str) -> float:
    return crc32(key.encode()) / 2**32
