"""How every order is carried out: once for its request id, patiently, or refused."""

from collections.abc import Callable
from uuid import UUID

from data_access import log
from data_access.errors import VersionConflictError
from data_access.rules import Rules, load_rules
from data_access.store import Connection, Store, be_patient_for_seconds
from domain.rights import Reason, RefusedError

PATIENCE_SECONDS = 8
"""An order that has waited this long behind an import is refused visibly; its form keeps what was typed."""


def once(store: Store, request: str, work: Callable[[Connection, Rules], str]) -> str:
    """Run work in one transaction unless its request has been carried out already; return the number of what
    it was about.

    Raises:
        RefusedError: by `work`, or because somebody else changed the matter meanwhile.
        StoreError: the database is away; nothing was written.
    """

    def transaction(connection: Connection) -> str:
        be_patient_for_seconds(connection, PATIENCE_SECONDS)
        log.lock_request(connection, UUID(request))
        done = log.request_done(connection, UUID(request))
        if done is not None:
            return done.partition("/")[2]
        return work(connection, load_rules(connection))

    try:
        return store.write(transaction, again=True)
    except VersionConflictError as error:
        raise RefusedError(Reason.CHANGED_MEANWHILE, error.stream) from error
