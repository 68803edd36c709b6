"""From events to the cached rows: one pure step for each kind of stream.

Writers, the rebuild, `verify` and the replay of a past minute all use these, so that they cannot differ.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from data_access import schema
from data_access.directive_rows import directive_row, folded, receiver_rows
from data_access.matters import matter_rows
from data_access.rules import Rules
from domain.case_fold import fold_case
from domain.events import (
    Event,
    WarningAcknowledged,
    WarningCleared,
    WarningEscalated,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.ledger import fold_item
from domain.node_clock import NodeClock
from domain.nodes import Node
from domain.policy import Policy
from domain.re_supervision import fold_re_supervision
from domain.ticket_trace import Trace
from domain.trace import trace
from domain.warnings import LEVELS
from domain.wrong.ladder import next_climb

Row = dict[str, Any]


@dataclass(slots=True)
class Rows:
    """Cached rows by table, ready to be written."""

    by_table: dict[Table, list[Row]] = field(default_factory=dict)

    def add(self, table: Table, row: Row) -> None:
        """Add one row."""
        self.by_table.setdefault(table, []).append(row)


@dataclass(frozen=True, slots=True)
class StreamKind:
    """A kind of stream: the tables that follow from it, each with the column that names the stream."""

    prefix: str
    tables: tuple[tuple[Table, str], ...]
    project: Callable[[str, Sequence[Event], bytes, Rules, Rows], None]


def name_of(stream: str) -> str:
    """Return the number that a stream's name carries: `ticket/XZ-1` is XZ-1."""
    return stream.partition("/")[2]


def kind_of(stream: str) -> StreamKind:
    """Return the kind of a stream.

    Raises:
        ValueError: no kind has this prefix.
    """
    kind = KINDS.get(stream.partition("/")[0])
    if kind is None:
        raise ValueError(f"unknown kind of stream {stream!r}")
    return kind


def project(stream: str, events: Sequence[Event], head: bytes, rules: Rules, rows: Rows) -> None:
    """Add the cached rows of one stream. `head` is the hash of its last event."""
    kind_of(stream).project(name_of(stream), events, head, rules, rows)


def _ticket(number: str, events: Sequence[Event], head: bytes, rules: Rules, rows: Rows) -> None:
    first = events[0]
    family = getattr(first.fact, "policy", "standard")
    policy = rules.policies.in_force(family, first.at)
    traced = trace(events, policy, rules.calendar)
    received, current = traced.received, traced.current
    rows.add(
        schema.ticket,
        {
            "number": number,
            "external_id": received.external_id,
            "channel": received.channel,
            "title": received.title,
            "text": received.text,
            "urgency": received.urgency.value,
            "urgency_as_written": received.urgency_as_written,
            "category": received.category,
            "area": received.area,
            "township": received.township,
            "address": received.address,
            "lng": received.lng,
            "lat": received.lat,
            "received_at": traced.received_at,
            "policy_family": policy.family,
            "policy_version": policy.version,
            "round": traced.round,
            "lead": traced.lead,
            "assisting": list(traced.assisting),
            "node": current.node.value if current else None,
            "node_due_at": current.due_at if current else None,
            "node_yellow_at": current.yellow_at if current else None,
            "yellow_at": _earliest(traced, "yellow_at"),
            "red_at": _earliest(traced, "due_at"),
            "paused": any(node.paused for node in traced.open_nodes),
            "rectified": traced.rectified,
            "satisfied": traced.satisfied,
            "bounces": traced.bounces,
            "merged_into": traced.merged_into,
            "closed_at": traced.closed_at,
            "version": len(events),
            "head": head,
        },
    )
    warnings = _warning_rows(number, events)
    for node in traced.nodes:
        rows.add(schema.node_state, _node_row(number, node, traced) | _warned(node, warnings))
    clocks = {(node.round, node.leg, node.node, node.part): node for node in traced.nodes}
    for row in warnings.values():
        clock = clocks.get((row["round"], row["leg"], Node(row["node"]), row["part"]))
        times = {"clear_from": _clear_from(row, clock), "escalate_at": _escalate_at(row, policy)}
        rows.add(schema.warning, row | times)
    for matter in matter_rows(number, fold_case(events), traced.lead):
        rows.add(schema.matter, matter)


def _node_row(number: str, node: NodeClock, traced: Trace) -> Row:
    return {
        "ticket": number,
        "round": node.round,
        "leg": node.leg,
        "node": node.node.value,
        "part": node.part,
        "body": node.body,
        "handler": node.handler,
        "person": node.person,
        "category": traced.received.category,
        "area": traced.received.area,
        "allowed": str(node.limit) if node.limit else None,
        "received_at": traced.received_at,
        "started_at": node.started_at,
        "due_at": node.due_at,
        "due_source": node.due_source.value,
        "yellow_at": node.yellow_at,
        "ended_at": node.ended_at,
        "ended": node.end.value if node.end else None,
        "paused": node.paused,
        "sample": node.sample,
        "passed": node.passed,
    }


def _earliest(traced: Trace, attribute: str) -> datetime | None:
    moments = [getattr(node, attribute) for node in traced.open_nodes]
    return min((moment for moment in moments if moment is not None), default=None)


def _warning_rows(number: str, events: Sequence[Event]) -> dict[tuple[object, ...], Row]:
    found: dict[tuple[object, ...], Row] = {}
    for event in events:
        match event.fact:
            case WarningRaised() as fact:
                found[_cause(fact)] = {
                    "ticket": number,
                    "round": fact.round,
                    "leg": fact.leg,
                    "node": fact.node.value,
                    "kind": fact.kind.value,
                    "level": fact.level.value,
                    "part": fact.part,
                    "rule_id": fact.rule_id,
                    "body": fact.body,
                    "rule": fact.rule,
                    "facts": list(fact.facts),
                    "raised_at": event.at,
                    "cleared_at": None,
                    "acknowledged_by": None,
                    "acknowledged_at": None,
                    "note": None,
                    "escalated_step": None,
                    "escalated_to": None,
                    "escalated_at": None,
                }
            case WarningAcknowledged() as fact if _cause(fact) in found:
                found[_cause(fact)].update(
                    acknowledged_by=event.actor.name, acknowledged_at=event.at, note=fact.note
                )
            case WarningCleared() as fact if _cause(fact) in found:
                found[_cause(fact)]["cleared_at"] = event.at
            case WarningEscalated() as fact if _cause(fact) in found:
                found[_cause(fact)].update(
                    escalated_step=fact.step, escalated_to=fact.to.value, escalated_at=event.at
                )
            case _:
                pass
    return found


def _warned(node: NodeClock, warnings: Mapping[tuple[object, ...], Row]) -> dict[str, bool]:
    """Whether the warnings that a clock can cause by itself have been raised, each for its present time.

    One that was cleared before a moved time passed again is another cause (`domain.warnings`).
    """

    def raised(kind: WarningKind, begin: datetime | None) -> bool:
        row = warnings.get((node.round, node.leg, node.node, kind, LEVELS[kind], node.part, ""))
        if row is None or begin is None:
            return row is not None
        return row["cleared_at"] is None or row["raised_at"] >= max(begin, node.started_at)

    return {
        "warned_late": raised(WarningKind.LATE, node.due_at),
        "warned_slow": raised(WarningKind.SLOW, node.yellow_at),
    }


def _clear_from(row: Row, node: NodeClock | None) -> datetime | None:
    """From when on a warning may have ended: with its node, as a slow one falls due, or as time is given."""
    raised_at: datetime = row["raised_at"]
    if row["kind"] == WarningKind.WRONG or node is None:
        return None
    if node.ended_at is not None:
        return node.ended_at
    begin = node.due_at if row["kind"] == WarningKind.LATE else node.yellow_at
    if begin is None or max(begin, node.started_at) > raised_at:
        return raised_at
    return None if row["kind"] == WarningKind.LATE else node.due_at


def _escalate_at(row: Row, policy: Policy) -> datetime | None:
    """When a warning climbs next: until somebody takes note of it, or it is cleared."""
    ends = [moment for moment in (row["acknowledged_at"], row["cleared_at"]) if moment is not None]
    climb = next_climb(
        policy.ladder,
        WarningLevel(row["level"]),
        row["raised_at"],
        row["escalated_step"] or 0,
        min(ends, default=None),
    )
    return climb.at if climb is not None else None


def _cause(
    fact: WarningRaised | WarningAcknowledged | WarningCleared | WarningEscalated,
) -> tuple[object, ...]:
    return (fact.round, fact.leg, fact.node, fact.kind, fact.level, fact.part, fact.rule_id)


def _directive(number: str, events: Sequence[Event], head: bytes, rules: Rules, rows: Rows) -> None:
    found = folded(number, events, rules)
    rows.add(schema.directive, directive_row(found, len(events), head))
    for receiver in receiver_rows(found):
        rows.add(schema.directive_receiver, receiver)


def _re_supervision(number: str, events: Sequence[Event], head: bytes, _: Rules, rows: Rows) -> None:
    file = fold_re_supervision(number, events)
    rows.add(
        schema.re_supervision,
        {
            "number": number,
            "ticket": file.ticket,
            "body": file.body,
            "node": file.node.value if file.node else None,
            "round": file.round,
            "cause": file.cause,
            "state": file.state.value,
            "drafted_at": file.drafted_at,
            "launched_at": file.launched_at,
            "officer": file.officer,
            "question": file.question,
            "deadline": file.deadline,
            "facts": file.facts,
            "facts_head": file.facts_head,
            "explanation": file.explanation,
            "behaviour": file.behaviour.value if file.behaviour else None,
            "finding": file.finding,
            "recommendation": file.recommendation,
            "closed_at": file.closed_at,
            "version": len(events),
            "head": head,
        },
    )


def _item(number: str, events: Sequence[Event], head: bytes, _: Rules, rows: Rows) -> None:
    item = fold_item(number, events)
    milestones = [[m.title, m.weight, m.due.isoformat()] for m in item.milestones]
    rows.add(
        schema.item,
        {
            "number": number,
            "source": item.source,
            "batch": item.batch,
            "problem": item.problem,
            "body": item.body,
            "area": item.area,
            "lead_in_charge": item.lead_in_charge,
            "goal": item.goal,
            "measures": item.measures,
            "milestones": json.dumps(milestones, ensure_ascii=False),
            "opened_at": item.opened_at,
            "deadline": item.deadline,
            "percent": item.percent,
            "returned": item.returned,
            "closed_out_at": item.closed_out_at,
            "last_progress_at": item.last_progress_at,
            "note": item.note,
            "ticket": item.ticket,
            "version": len(events),
            "head": head,
        },
    )


def _nothing(_name: str, _events: Sequence[Event], _head: bytes, _rules: Rules, _rows: Rows) -> None:
    """Streams that are only read: what follows from them is written beside them, and proved by `verify`."""


KINDS: dict[str, StreamKind] = {
    kind.prefix: kind
    for kind in (
        StreamKind(
            "ticket",
            (
                (schema.ticket, "number"),
                (schema.node_state, "ticket"),
                (schema.warning, "ticket"),
                (schema.matter, "ticket"),
            ),
            _ticket,
        ),
        StreamKind(
            "directive", ((schema.directive, "number"), (schema.directive_receiver, "directive")), _directive
        ),
        StreamKind("re_supervision", ((schema.re_supervision, "number"),), _re_supervision),
        StreamKind("item", ((schema.item, "number"),), _item),
        StreamKind("access", (), _nothing),
        StreamKind("person", (), _nothing),
        StreamKind("body", (), _nothing),
        StreamKind("rules", (), _nothing),
        StreamKind("duty", (), _nothing),
    )
}
