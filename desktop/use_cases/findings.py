"""What is ordered about findings: to make a clue of one (T24).

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from data_access import log, orders
from data_access.readers.findings import finding_by_number
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.requests import once
from domain.findings import ClueDraft, clue_number, make_clue
from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check


def raise_clue(store: Store, draft: ClueDraft, actor: Actor, now: datetime) -> str:
    """Make a clue of a finding; return the ticket's number.

    Raises:
        RefusedError: as `domain.findings.make_clue`, or there is no such finding; nothing was written.
        StoreError: the database is away; nothing was written.
    """
    check(Command.RAISE_CLUE, actor)

    def work(connection: Connection, rules: Rules) -> str:
        number = clue_number(draft.finding)
        stream = f"ticket/{number}"
        log.lock(connection, [stream])
        finding = finding_by_number(connection, draft.finding)
        if finding is None:
            raise RefusedError(Reason.UNKNOWN_FINDING, str(draft.finding))
        if log.head(connection, stream).version:
            # The log says so, whatever rows of it this person sees.
            finding = replace(finding, ticket=number)
        event = make_clue(draft, finding, actor, orders.categories(connection), now)
        log.append(connection, rules, [log.Addition(stream, [event], 0)], UUID(draft.request_id))
        return number

    return once(store, draft, work)
