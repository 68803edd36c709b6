"""What the dispatch desk orders: a ticket's kind and its bodies, written together or not at all.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from datetime import datetime
from uuid import UUID

from data_access import log, orders, watched
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.requests import once
from domain.dispatching import DispatchDraft, dispatch
from domain.people import Actor
from domain.rights import Reason, RefusedError


def dispatch_ticket(store: Store, draft: DispatchDraft, actor: Actor, now: datetime) -> str:
    """Set a ticket's kind, dispatch it, or both; return its number.

    Raises:
        RefusedError: as `domain.dispatching.dispatch`; there is no such ticket, or it went on since
            `draft.expected`; nothing was written.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        stream = f"ticket/{draft.ticket}"
        log.lock(connection, [stream])
        ticket = orders.standing(connection, rules, draft.ticket, now)
        if ticket is None:
            raise RefusedError(Reason.UNKNOWN_TICKET, draft.ticket)
        if draft.expected is not None and ticket.moved_since(draft.expected):
            raise RefusedError(Reason.CHANGED_MEANWHILE, stream)
        kinds, bodies = orders.categories(connection), orders.body_kinds(connection)
        events = dispatch(draft, actor, ticket.clock, bodies, kinds, ticket.clock.as_of)
        watched.append(
            connection,
            rules,
            [log.Addition(stream, list(events), ticket.head.version)],
            UUID(draft.request_id),
        )
        return draft.ticket

    return once(store, draft, work)
