"""Who complained: masked for a dossier, or as it is for one person with a reason, which the log keeps.

Nobody may read the table; functions of the gate show what a person may see (gate/complainants.sql).
"""

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


def see_complainant(connection: Connection, ticket: str, reason: str) -> SeenComplainant | None:
    """Return who complained, and record who looked and why, in a transaction that writes; None for nobody.

    Raises:
        RefusedError: the person has no right to see this one, or gives no reason.
    """
    try:
        row = connection.execute(_SEE, {"ticket": ticket, "reason": reason}).one_or_none()
    except DBAPIError as error:
        refusal = refusal_in(error)
        if refusal is None:
            raise
        raise refusal from error
    return None if row is None else SeenComplainant(row.name, row.phone, row.secrecy)


_MASKED = text("SELECT name, phone, secrecy FROM masked_complainant(:ticket)")
_SEE = text("SELECT name, phone, secrecy FROM see_complainant(:ticket, :reason)")
