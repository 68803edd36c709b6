"""Who complained: masked for a dossier, or as it is for one person with a reason, which the log keeps.

Nobody may read the table; functions of the gate show what a person may see (gate/complainants.sql).
"""

from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data_access.gate.session import refusal_in
from domain.dossier import MaskedComplainant, SeenComplainant


def masked(connection: Connection, ticket: str) -> MaskedComplainant | None:
    """Return a complainant as a dossier may show one: 李** 138****5678, "***" where secrecy was asked.

    None where nobody is named, and for who has no right to see complainants.
    """
    row = connection.execute(_MASKED, {"ticket": ticket}).one_or_none()
    if row is None:
        return None
    shown = "***" if row.secrecy else " ".join(part for part in (row.name, row.phone) if part)
    return MaskedComplainant(shown, row.secrecy)


def record_look(connection: Connection, ticket: str, reason: str) -> UUID | None:
    """Record who looks at a ticket's complainant and why, and return what `seen` needs; None for nobody.

    The database shows nobody before this is committed: what is shown must not be undone.

    Raises:
        RefusedError: the person has no right to see this one, or gives no reason.
    """
    try:
        look: UUID | None = connection.execute(_LOOK, {"ticket": ticket, "reason": reason}).scalar()
    except DBAPIError as error:
        refusal = refusal_in(error)
        if refusal is None:
            raise
        raise refusal from error
    return look


def seen(connection: Connection, look: UUID) -> SeenComplainant | None:
    """Return whom a look of one's own is at, in a transaction after its own; None a minute later."""
    row = connection.execute(_SEEN, {"look": look}).one_or_none()
    return None if row is None else SeenComplainant(row.name, row.phone, row.secrecy)


_MASKED = text("SELECT name, phone, secrecy FROM masked_complainant(:ticket)")
_LOOK = text("SELECT see_complainant(:ticket, :reason)")
_SEEN = text("SELECT name, phone, secrecy FROM complainant_of(CAST(:look AS uuid))")
