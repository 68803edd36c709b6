"""What was done at the duty officer's desk, and how long the five stages take: both from the log itself."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, extract, func, select

from data_access import schema
from domain.duty_shift import DONE_AT_THE_DESK, FACT_OF, WINDOW, Shift, Stage
from domain.people import Actor

_event, _ticket = schema.event.c, schema.ticket.c


def shift_of(connection: Connection, actor: Actor, since: datetime, now: datetime) -> Shift:
    """Return what a person has done since the shift began, and the medians of `WINDOW` (T05, B06)."""
    kinds = [fact.__name__ for fact in DONE_AT_THE_DESK]
    counted = (
        select(_event.kind, func.count())
        .where(
            _event.at.between(since, now),
            _event.role == actor.role.value,
            _event.person == actor.name,
            _event.kind.in_(kinds),
        )
        .group_by(_event.kind)
    )
    done = {kind: int(count) for kind, count in connection.execute(counted)}
    return Shift(actor.name, since, done, _medians(connection, now))


def _medians(connection: Connection, now: datetime) -> dict[Stage, timedelta]:
    stages = {fact.__name__: stage for stage, fact in FACT_OF.items() if stage is not Stage.RECEIVED}
    taken = extract("epoch", _event.at - _ticket.received_at)
    statement = (
        select(_event.kind, func.percentile_cont(0.5).within_group(taken))
        .select_from(schema.event.join(schema.ticket, _ticket.number == func.substr(_event.stream, 8)))
        .where(_event.at.between(now - WINDOW, now), _event.kind.in_(stages))
        .group_by(_event.kind)
    )
    return {
        stages[kind]: timedelta(seconds=float(seconds)) for kind, seconds in connection.execute(statement)
    }
