"""Who is at the other end of a connection, and the one way in which a person's session writes events.

The owner of a store, and its engine, write rows themselves; a person asks the database to record each event,
which says who, when and the hash (record.sql). `data_access.log` takes the one way or the other.
"""

from uuid import UUID

import psycopg
from sqlalchemy import Connection, Row, func, select, text
from sqlalchemy.exc import DBAPIError

from data_access.errors import VersionConflictError
from domain.codec import encode, to_text
from domain.events import Event
from domain.people import Actor, Role
from domain.rights import COMMAND_OF, RIGHTS, Reason, RefusedError

REFUSED = "42501"
CONFLICT = "QS409"
_KNOWN = "qingshao_person"


def person_of(connection: Connection) -> Actor | None:
    """Return the person who is signed in; None for the owner and the engine. Asked once a connection."""
    if _KNOWN not in connection.info:
        row = connection.execute(_ME).one_or_none()
        connection.info[_KNOWN] = None if row is None else Actor(Role(row.role), row.name, row.body)
    found: Actor | None = connection.info[_KNOWN]
    return found


def record(
    connection: Connection, stream: str, expected: int | None, event: Event, request: UUID | None
) -> Row[*tuple[object, ...]]:
    """Let the database record a person's event; return its row, with the columns of `log.RECORDED_COLUMNS`.

    Raises:
        RefusedError: the database refuses it.
        VersionConflictError: somebody else wrote to the stream since.
    """
    kind, values = encode(event.fact)
    asked = {
        "stream": stream,
        "expected": expected,
        "kind": kind,
        "data": to_text(values),
        "request": request,
    }
    try:
        # What is refused undoes itself only, so that the caller can say so in its own words.
        with connection.begin_nested():
            return connection.execute(_RECORD, asked).one()
    except DBAPIError as error:
        refusal = refusal_in(error)
        if refusal is not None:
            raise refusal from error
        if _code(error) == CONFLICT:
            detail = _diagnosis(error).message_detail
            raise VersionConflictError(stream, expected or 0, int(detail or 0)) from error
        raise


def refusal_in(error: DBAPIError) -> RefusedError | None:
    """Return what the functions of the gate refused, None for any other error."""
    if _code(error) != REFUSED:
        return None
    name, _, detail = (_diagnosis(error).message_detail or "").partition(" ")
    if name not in _REASONS:
        return None
    if name != Reason.ROLE:
        return RefusedError(Reason(name), detail)
    command = next((c for fact, c in COMMAND_OF.items() if detail in (fact.__name__, c.value)), None)
    allowed = RIGHTS[command] if command is not None else {}
    return RefusedError(Reason.ROLE, detail, tuple(role for role in Role if role in allowed))


def _code(error: DBAPIError) -> str | None:
    return error.orig.sqlstate if isinstance(error.orig, psycopg.Error) else None


def _diagnosis(error: DBAPIError) -> psycopg.errors.Diagnostic:
    assert isinstance(error.orig, psycopg.Error)
    return error.orig.diag


_REASONS = frozenset(reason.value for reason in Reason)
_ME = select(text("name"), text("role"), text("body")).select_from(func.me())
_RECORD = text(
    "SELECT id, stream, seq, kind, at, role, person, body, data::text AS data, recorded_at, previous, hash"
    " FROM record_event(:stream, :expected, :kind, :data, CAST(:request AS uuid))"
)
