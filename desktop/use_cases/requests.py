"""How every order is carried out: once for its request id, patiently, or refused."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from data_access import log
from data_access.errors import VersionConflictError
from data_access.rules import Rules, load_rules
from data_access.store import Connection, Store, be_patient_for_seconds
from domain.orders import check_names
from domain.rights import Reason, RefusedError

PATIENCE_SECONDS = 8
"""An order that has waited this long behind an import is refused visibly; its form keeps what was typed."""


class Draft(Protocol):
    """An order not yet given; a frozen dataclass of `domain.drafts`."""

    @property
    def request_id(self) -> str:
        """What its form made when it opened, so that it is carried out once."""
        ...


def once(store: Store, draft: Draft, work: Callable[[Connection, Rules], str]) -> str:
    """Run work in one transaction unless its request has been carried out already; return the number of what
    it was about.

    Raises:
        RefusedError: the draft names what cannot be a name, by `work`, or because somebody else changed the
            matter meanwhile.
        StoreError: the database is away; nothing was written.
    """
    check_names(draft)
    request = UUID(draft.request_id)

    def transaction(connection: Connection) -> str:
        be_patient_for_seconds(connection, PATIENCE_SECONDS)
        log.lock_request(connection, request)
        done = log.request_done(connection, request)
        if done is not None:
            return done.partition("/")[2]
        return work(connection, load_rules(connection))

    try:
        return store.write(transaction, again=True)
    except VersionConflictError as error:
        raise RefusedError(Reason.CHANGED_MEANWHILE, error.stream) from error
