"""Tries a policy on the tickets of a store: streamed by portions, so that a million cost no more memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, tuple_

from data_access import log, schema
from data_access.gate.session import person_of
from data_access.project import name_of
from data_access.readers.surroundings import Reach, reach_of, surroundings_of
from data_access.rules import Rules
from domain.events import Event
from domain.policy import Policy
from domain.policy_trial import Change, Trial, standings
from domain.wrong.surroundings import Surroundings

PORTION = 500
"""Tickets fetched at a time, with all their events."""


@dataclass(frozen=True, slots=True)
class ChangedTicket:
    """A ticket of which some clocks would stand otherwise."""

    number: str
    title: str
    changes: tuple[Change, ...]


def count_tickets(connection: Connection, family: str, since: datetime | None, until: datetime | None) -> int:
    """Return how many tickets of a family of policies came in between two moments."""
    chosen = _chosen(family, since, until)
    return connection.execute(select(func.count()).select_from(schema.ticket).where(chosen)).scalar_one()


def try_policy(
    connection: Connection,
    rules: Rules,
    policy: Policy,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    changed: Callable[[ChangedTicket], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trial:
    """Judge the tickets of a family twice: by the version in force when each came in, and by `policy`.

    Of tickets received from `since` on and before `until`, as of `now`, whatever day the policy is to be
    effective from. `changed` gets each ticket that would stand otherwise, in the order in which they came in;
    `progress` how many are done. Only reads. Somebody who signed in as a person tries without the rules that
    compare with other tickets.
    """
    trial = Trial()
    judges = [policy, *(other for other in rules.policies.policies if other.family == policy.family)]
    # What the judge keeps of other tickets' evidence only the engine reads: a person tries without it.
    looks_around = any(judge.wrong for judge in judges) and person_of(connection) is None
    reach = reach_of(judges) if looks_around else None
    chosen = _chosen(policy.family, since, until)
    for ticket in _tickets(connection, chosen, reach, now):
        events, around = ticket.events, ticket.around
        old = rules.policies.in_force(policy.family, events[0].at)
        before = standings(events, old, rules.calendar, around, now)
        changes = trial.add(before, standings(events, policy, rules.calendar, around, now))
        if changes and changed is not None:
            changed(ChangedTicket(ticket.number, ticket.title, changes))
        if progress is not None and trial.tickets % PORTION == 0:
            progress(trial.tickets)
    if progress is not None:
        progress(trial.tickets)
    return trial


def _chosen(family: str, since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    ticket = schema.ticket.c
    chosen = [ticket.policy_family == family]
    if since is not None:
        chosen.append(ticket.received_at >= since)
    if until is not None:
        chosen.append(ticket.received_at < until)
    return and_(*chosen)


@dataclass(frozen=True, slots=True)
class _Ticket:
    number: str
    title: str
    events: list[Event]
    around: Surroundings


def _tickets(
    connection: Connection, chosen: ColumnElement[bool], reach: Reach | None, now: datetime
) -> Iterator[_Ticket]:
    """Yield the tickets in the order in which they came in; `reach` None: no rule asks what stands around."""
    ticket, event = schema.ticket.c, schema.event.c
    order = (ticket.received_at, ticket.number)
    last: tuple[Any, ...] | None = None
    while True:
        statement = select(*order, ticket.title).where(chosen).order_by(*order).limit(PORTION)
        if last is not None:
            statement = statement.where(tuple_(*order) > last)
        page = connection.execute(statement).all()
        if not page:
            return
        last = tuple(page[-1][:2])
        streams = [f"ticket/{row.number}" for row in page]
        rows = connection.execute(
            select(*log.RECORDED_COLUMNS).where(event.stream.in_(streams)).order_by(event.stream, event.seq)
        )
        records = map(log.recorded, rows)
        by_number = {
            name_of(stream): [record.event for record in log.in_time_order(list(group))]
            for stream, group in groupby(records, key=_stream)
        }
        around: dict[str, Surroundings] = {}
        if reach is not None:
            around = surroundings_of(connection, [row.number for row in page], reach, now)
        for row in page:
            yield _Ticket(
                row.number, row.title, by_number[row.number], around.get(row.number, Surroundings())
            )


def _stream(record: log.Recorded) -> str:
    return record.stream
