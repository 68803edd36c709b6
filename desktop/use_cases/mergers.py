"""What the office does with reports of the same matter: each writes all their streams at once, or refuses.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from data_access import log, orders, watched
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.requests import once
from domain import merging
from domain.events import Event
from domain.merging import MergeDraft, Side, SplitDraft
from domain.people import Actor
from domain.rights import COMMAND_OF, Reason, RefusedError, check


def merge(store: Store, draft: MergeDraft, actor: Actor, now: datetime) -> str:
    """Merge tickets into a main one; return the main one's number.

    Raises:
        RefusedError: as `domain.merging.merge`, or one of the tickets went on since it was seen.
        StoreError: the database is away; nothing was written.
    """
    check(COMMAND_OF[merging.MergedInto], actor)

    def work(connection: Connection, rules: Rules) -> str:
        # All at once and in one order: of two people who merge the same, the second sees the first.
        standing = _standing(connection, rules, (draft.main, *draft.repeats), now)
        seen = dict(draft.seen)
        decided = merging.merge(draft, actor, _sides(standing), _moment(standing, now))
        for number, ticket in standing.items():
            if number in seen and ticket.moved_since(seen[number]):
                raise RefusedError(Reason.CHANGED_MEANWHILE, f"ticket/{number}")
        _write(connection, rules, standing, decided, draft.request_id)
        return draft.main

    return once(store, draft, work)


def split(store: Store, draft: SplitDraft, actor: Actor, now: datetime) -> str:
    """Split a merged ticket off again; return its number.

    Raises:
        RefusedError: as `domain.merging.split`, or somebody else split or merged it meanwhile.
        StoreError: the database is away; nothing was written.
    """
    check(COMMAND_OF[merging.SplitOff], actor)

    def work(connection: Connection, rules: Rules) -> str:
        before = orders.standing(connection, rules, draft.ticket, now)
        main = None if before is None else before.clock.trace.merged_into
        # Which other stream it takes is known only from the first: looked at again when both are locked.
        numbers = (draft.ticket,) if main is None else (draft.ticket, main)
        standing = _standing(connection, rules, numbers, now)
        if main is not None and standing[draft.ticket].clock.trace.merged_into != main:
            raise RefusedError(Reason.CHANGED_MEANWHILE, f"ticket/{draft.ticket}")
        decided = merging.split(draft, actor, _sides(standing), _moment(standing, now))
        _write(connection, rules, standing, decided, draft.request_id)
        return draft.ticket

    return once(store, draft, work)


_Standing = Mapping[str, orders.Standing]


def _standing(connection: Connection, rules: Rules, numbers: tuple[str, ...], now: datetime) -> _Standing:
    log.lock(connection, [f"ticket/{number}" for number in numbers])
    found = {number: orders.standing(connection, rules, number, now) for number in dict.fromkeys(numbers)}
    return {number: ticket for number, ticket in found.items() if ticket is not None}


def _sides(standing: _Standing) -> dict[str, Side]:
    return {number: Side(number, ticket.events, ticket.clock) for number, ticket in standing.items()}


def _moment(standing: _Standing, now: datetime) -> datetime:
    """Nothing is decided before what it is decided on: a seat's own clock may be slow."""
    return max([now, *(ticket.clock.as_of for ticket in standing.values())])


def _write(
    connection: Connection,
    rules: Rules,
    standing: _Standing,
    decided: Mapping[str, tuple[Event, ...]],
    request_id: str,
) -> None:
    additions = [
        log.Addition(f"ticket/{number}", events, standing[number].head.version)
        for number, events in decided.items()
    ]
    watched.append(connection, rules, additions, UUID(request_id))
