"""The hash chain of a stream: each event carries the SHA-256 of its predecessor (architecture.md, the log).

The hashed text is plain enough to be computed again by any tool, the database included: the predecessor's
hash in hex and the fields, joined by the unit separator.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from domain.people import Actor

GENESIS = bytes(32)
"""The predecessor of a stream's first event."""

UNIT_SEPARATOR = "\x1f"
"""Between the fields of the hashed text: no field may hold it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Return an aware moment as whole microseconds since 1970-01-01 UTC, as PostgreSQL keeps it."""
    return (moment - _EPOCH) // _MICROSECOND


def link(
    previous: bytes,
    stream: str,
    seq: int,
    kind: str,
    at: datetime,
    actor: Actor,
    data: str,
    recorded_at: datetime,
) -> bytes:
    """Return the hash of an event: 32 bytes over its predecessor's hash and all of its own fields.

    Raises:
        ValueError: a field holds the separator, or the body is empty text: another event could then have the
            same hash.
    """
    who = (actor.role.value, actor.name, actor.body)
    return event_hash(previous, stream, seq, kind, at, who, data, recorded_at)


def event_hash(
    previous: bytes,
    stream: str,
    seq: int,
    kind: str,
    at: datetime,
    who: tuple[str, str, str | None],
    data: str,
    recorded_at: datetime,
) -> bytes:
    """Return the same of a role, a name and a body as they are written: this program need not know them.

    Raises:
        ValueError: as `link`.
    """
    role, name, body = who
    parts = (
        previous.hex(),
        stream,
        str(seq),
        kind,
        str(microseconds(at)),
        role,
        name,
        body or "",
        data,
        str(microseconds(recorded_at)),
    )
    text = UNIT_SEPARATOR.join(parts)
    if text.count(UNIT_SEPARATOR) != len(parts) - 1 or body == "":
        raise ValueError(f"{stream} #{seq}: a field that cannot be told from its neighbours")
    return sha256(text.encode()).digest()
