"""To take note of many warnings by one order: all of them or none, and never twice (T09).

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from datetime import datetime
from uuid import UUID

from data_access import log, orders
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.requests import once
from domain.acknowledging import TakenNote, acknowledge_together, name_of, raised_warning
from domain.drafts import AcknowledgeDraft, AcknowledgeTogetherDraft
from domain.events import WarningAcknowledged
from domain.people import Actor


def acknowledge_warnings(
    store: Store, draft: AcknowledgeTogetherDraft, actor: Actor, now: datetime
) -> TakenNote:
    """Note that a person has seen several running warnings; return what came of it.

    Those that somebody else has acknowledged meanwhile are left as they are, and those that run no more.

    Raises:
        RefusedError: as `domain.acknowledging.acknowledge_together`; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    found: list[TakenNote] = []

    def work(connection: Connection, rules: Rules) -> str:
        numbers = list(dict.fromkeys(one.ticket for one in draft.warnings))
        # All at once: of two who take note of the same cause, the second sees what the first has done.
        log.lock(connection, [f"ticket/{number}" for number in numbers])
        events = orders.events_of_tickets(connection, numbers)
        decided, taken = acknowledge_together(draft, actor, events, now)
        found.append(taken)
        additions = [log.Addition(f"ticket/{number}", new) for number, new in decided.items()]
        if additions:
            log.append(connection, rules, additions, UUID(draft.request_id))
        return numbers[0]

    once(store, draft, work)
    # The last try counts; there is none where the answer to a former one was lost.
    return found[-1] if found else store.read(lambda c: _as_written(c, draft))


def _as_written(connection: Connection, draft: AcknowledgeTogetherDraft) -> TakenNote:
    """Return what an order that was carried out before has come to, from the log."""
    done = {
        name_of(event.fact, stream.partition("/")[2])
        for stream, event in orders.events_of_request(connection, UUID(draft.request_id))
        if isinstance(event.fact, WarningAcknowledged)
    }
    named = {name_of(one, one.ticket): one for one in draft.warnings}
    left = {name: _acknowledged_by(connection, one) for name, one in named.items() if name not in done}
    return TakenNote(len(done), left)


def _acknowledged_by(connection: Connection, one: AcknowledgeDraft) -> str | None:
    warning = raised_warning(orders.events_of(connection, one.ticket), one)
    return warning.acknowledged_by if warning is not None else None
