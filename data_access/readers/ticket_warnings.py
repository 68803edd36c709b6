"""The warnings of one ticket at its clock's moment, from its events; `running_warnings` reads the caches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data_access.readers.names import Names
from domain.clock import TicketClock
from domain.events import (
    Event,
    WarningAcknowledged,
    WarningCleared,
    WarningEscalated,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.listing import WarningRow
from domain.re_supervision import FileState
from domain.warnings import warnings_of

Cause = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Running:
    raised: WarningRaised
    since: datetime
    due_at: datetime


def ticket_warnings(
    number: str,
    events: Sequence[Event],
    clocks: TicketClock,
    files: Sequence[Mapping[str, Any]],
    names: Names,
) -> tuple[WarningRow, ...]:
    """Return the running warnings, worst first. `files` are rows of `re_supervision` about the ticket."""
    received = clocks.trace.received
    taken, escalated = _taken(events), _escalated(events)
    rows: list[WarningRow] = []
    for running in (*_late_and_slow(clocks), *_wrong(events, clocks)):
        raised = running.raised
        note, climbed = taken.get(_cause(raised)), escalated.get(_cause(raised))
        about = [
            str(file["number"])
            for file in files
            if (file["node"], file["round"]) == (raised.node.value, raised.round)
            and file["state"] != FileState.DECLINED.value
        ]
        rows.append(
            WarningRow(
                ticket=number,
                title=received.title,
                urgency=received.urgency,
                kind=raised.kind,
                level=raised.level,
                node=raised.node,
                round=raised.round,
                leg=raised.leg,
                body=raised.body,
                body_name=names.short_body(raised.body),
                area_name=names.area(received.area),
                category_name=names.category(received.category).name,
                rule=raised.rule,
                since=running.since,
                due_at=running.due_at,
                acknowledged_by=note.actor.name if note else None,
                acknowledged_at=note.at if note else None,
                re_supervision=max(about, default=None),
                part=raised.part,
                rule_id=raised.rule_id,
                facts=raised.facts,
                escalated_to=climbed.fact.to.value if climbed else None,
                escalated_at=climbed.at if climbed else None,
            )
        )
    return tuple(sorted(rows, key=worst_first))


def worst_first(row: WarningRow) -> tuple[bool, datetime, str, str]:
    """The order of warnings on screen: red ones, longest overdue first, then yellow ones by due time."""
    return (row.level is not WarningLevel.RED, row.due_at, row.ticket, row.node)


def _taken(events: Sequence[Event]) -> dict[Cause, Event]:
    taken: dict[Cause, Event] = {}
    for event in events:
        match event.fact:
            case WarningAcknowledged() as fact:
                taken[_cause(fact)] = event
            case WarningRaised() as fact:
                taken.pop(_cause(fact), None)  # raised again: nobody took note of this one yet
            case _:
                pass
    return taken


@dataclass(frozen=True, slots=True)
class _Climbed:
    fact: WarningEscalated
    at: datetime


def _escalated(events: Sequence[Event]) -> dict[Cause, _Climbed]:
    climbed: dict[Cause, _Climbed] = {}
    for event in events:
        match event.fact:
            case WarningEscalated() as fact:
                climbed[_cause(fact)] = _Climbed(fact, event.at)
            case WarningRaised() as fact:
                climbed.pop(_cause(fact), None)
            case _:
                pass
    return climbed


def _late_and_slow(clocks: TicketClock) -> Iterator[_Running]:
    for warning in warnings_of(clocks):
        yield _Running(warning.fact, warning.since, warning.due_at)


def _wrong(events: Sequence[Event], clocks: TicketClock) -> Iterator[_Running]:
    due = {(node.node, node.round, node.leg, node.part): node.due_at for node in clocks.trace.nodes}
    found: dict[Cause, _Running] = {}
    for event in events:
        match event.fact:
            case WarningRaised(kind=WarningKind.WRONG) as fact:
                until = due.get((fact.node, fact.round, fact.leg, fact.part)) or event.at
                found[_cause(fact)] = _Running(fact, event.at, until)
            case WarningCleared() as fact:
                found.pop(_cause(fact), None)
            case _:
                pass
    yield from found.values()


def _cause(fact: WarningRaised | WarningAcknowledged | WarningCleared | WarningEscalated) -> Cause:
    return (fact.round, fact.leg, fact.node, fact.kind, fact.level, fact.part, fact.rule_id)
