"""Looking at who complained: one person, for a reason, and the log keeps both.

Blocking: call from a worker thread.
"""

from datetime import datetime
from uuid import UUID

from data_access.readers import complainant
from data_access.store import Connection, Store, be_patient_for_seconds
from desktop.use_cases.requests import PATIENCE_SECONDS
from domain.dossier import SeenComplainant
from domain.drafts import ComplainantDraft
from domain.orders import LONGEST_NAME, written
from domain.people import Actor
from domain.rights import Command, check


def see_complainant(
    store: Store,
    draft: ComplainantDraft,
    actor: Actor,
    now: datetime,  # noqa: ARG001 - the log has the database's time
) -> SeenComplainant | None:
    """Return who complained, None where nobody is named; each look is logged, a repeated one as well.

    Whose matter the ticket is, and whether secrecy was asked, is the database's to decide.

    Raises:
        RefusedError: the role has no right to it, this person none to this one, or there is no reason.
        StoreError: the database is away; nothing was written, and nobody is shown.
    """
    check(Command.SEE_COMPLAINANT, actor, actor.body)
    reason = written(draft.reason, LONGEST_NAME)

    def work(connection: Connection) -> UUID | None:
        be_patient_for_seconds(connection, PATIENCE_SECONDS)
        return complainant.record_look(connection, draft.ticket, reason)

    look = store.write(work)
    return None if look is None else store.read(lambda c: complainant.seen(c, look))
