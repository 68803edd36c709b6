"""What seats and feeds report of a ticket under watch, written behind the warnings it had earned by then.

The sweep warns of clocks that run. One that fell due and is ended late before the sweep comes round, in the
seconds of a take-over or the hours of a standstill, would never be warned of: so whoever ends it looks first.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from data_access import falling_due, log
from data_access.errors import VersionConflictError
from data_access.gate.session import person_of
from data_access.project import kind_of, name_of
from data_access.rules import Rules
from data_access.sweep import sweep


def append(
    connection: Connection, rules: Rules, additions: Sequence[log.Addition], request: UUID | None = None
) -> dict[str, log.Head]:
    """Append as `log.append` does; first a ticket's warnings are raised as of the step that is reported.

    As of the database's time at the latest: a seat whose clock is fast warns nobody before the time. Expected
    versions are those before the warnings. What an import says of the past is not reported so: nobody
    watched then.

    Raises:
        VersionConflictError: somebody else wrote to a stream since.
        ValueError: a stream stands in two additions.
    """
    if person_of(connection) is not None:
        # No person raises warnings: what fell due before is raised when the order is proved (`proving`).
        return log.append(connection, rules, additions, request)
    log.lock(connection, [addition.stream for addition in additions])
    late = _fell_due(connection, additions)
    if not late:
        return log.append(connection, rules, additions, request)
    heads = log.heads(connection, list(late))
    for addition in additions:
        found = heads.get(addition.stream)
        if found is not None and addition.expected not in (None, found.version):
            raise VersionConflictError(addition.stream, addition.expected or 0, found.version)
    for stream, moment in late.items():
        sweep(connection, rules, moment, name_of(stream))
    decided = [replace(a, expected=None) if a.stream in late else a for a in additions]
    return log.append(connection, rules, decided, request)


def _fell_due(connection: Connection, additions: Sequence[log.Addition]) -> dict[str, datetime]:
    """Return the tickets with something to warn of by their first new event: the stream, and that moment."""
    first = {
        addition.stream: min(event.at for event in addition.events)
        for addition in additions
        if addition.events and kind_of(addition.stream).prefix == "ticket"
    }
    if not first:
        return {}
    now = log.transaction_time(connection)
    by_moment: defaultdict[datetime, list[str]] = defaultdict(list)
    for stream, moment in first.items():
        by_moment[min(moment, now)].append(stream)
    found: dict[str, datetime] = {}
    for moment, streams in by_moment.items():
        about = {"now": moment, "tickets": [name_of(stream) for stream in streams]}
        numbers = connection.execute(falling_due.OF_THESE_TO_WARN, about).scalars()
        found.update({f"ticket/{number}": moment for number in numbers})
    return found
