"""What is noted in the duty log: each line once for its request id.

Blocking: call from a worker thread. The new truth comes back to the screens by the bell, not from here.
"""

from datetime import datetime
from uuid import UUID

from data_access import log
from data_access.rules import Rules
from data_access.store import Connection, Store
from desktop.use_cases.requests import once
from domain.duty_log import DutyDraft, note_duty, stream_of
from domain.people import Actor


def keep_duty_log(store: Store, draft: DutyDraft, actor: Actor, now: datetime) -> str:
    """Note a line in the duty log; return the month that it stands in.

    Raises:
        RefusedError: as `domain.duty_log.note_duty`; nothing was written.
        StoreError: the database is away; nothing was written.
    """

    def work(connection: Connection, rules: Rules) -> str:
        event, stream = note_duty(draft, actor, now), stream_of(now, rules.calendar.zone)
        log.append(connection, rules, [log.Addition(stream, [event])], UUID(draft.request_id))
        return stream.partition("/")[2]

    return once(store, draft, work)
