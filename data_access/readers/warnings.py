"""Running warnings as of a moment. Late and slow follow from the open clocks; wrong ones were raised."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Row, Select, Text, and_, func, literal, select

from data_access import schema
from data_access.readers.states import open_node_is
from data_access.readers.ticket_warnings import worst_first
from data_access.rules import Rules
from domain.events import WarningKind, WarningLevel
from domain.listing import RunningWarnings, WarningRow
from domain.nodes import Node, NodeStatus
from domain.re_supervision import FileState
from domain.urgency import Urgency

LIMIT = 100

NEXT_TO_TURN_RED = 6
"""So many places of a cut list are kept for those that can still be saved, where that is asked."""


def running_warnings(
    connection: Connection,
    rules: Rules,
    now: datetime,
    limit: int = LIMIT,
    *,
    reserve: bool = False,
    body: str | None = None,
    ticket: str | None = None,
) -> RunningWarnings:
    """Return the warnings that run now: of everything, of one body's nodes, or of one ticket.

    The limit leaves the worst; with `reserve`, a flood of red ones leaves some places, at most half of them,
    to those that are next to turn red.
    """
    narrow: list[ColumnElement[bool]] = []
    wrong_narrow: list[ColumnElement[bool]] = []
    if body is not None:
        narrow.append(schema.node_state.c.body == body)
        wrong_narrow.append(schema.warning.c.body == body)
    if ticket is not None:
        narrow.append(schema.node_state.c.ticket == ticket)
        wrong_narrow.append(schema.warning.c.ticket == ticket)
    late, slow = connection.execute(
        select(
            func.count().filter(open_node_is(NodeStatus.OVERDUE, now)),
            func.count().filter(open_node_is(NodeStatus.DUE_SOON, now)),
        ).where(schema.node_state.c.ended_at.is_(None), schema.node_state.c.due_at.is_not(None), *narrow)
    ).one()
    sentences = _Sentences(rules)
    found = [
        *_rows(connection, _of_clocks(WarningKind.LATE, narrow, now, limit), sentences),
        *_rows(connection, _of_clocks(WarningKind.SLOW, narrow, now, limit), sentences),
    ]
    wrong = _rows(connection, _wrong(wrong_narrow, now), sentences)
    red_wrong = sum(row.level is WarningLevel.RED for row in wrong)
    ordered = sorted([*found, *wrong], key=worst_first)
    rows = _with_next_to_turn_red(ordered, limit) if reserve else ordered[:limit]
    return RunningWarnings(
        tuple(rows), late + red_wrong, slow + len(wrong) - red_wrong, late, slow, len(wrong)
    )


def warnings_of_tickets(
    connection: Connection, rules: Rules, tickets: Sequence[str], now: datetime
) -> list[WarningRow]:
    """Return all warnings that run now of these tickets, in no order."""
    if not tickets:
        return []
    named = literal(list(tickets), ARRAY(Text))
    narrow, sentences = [schema.node_state.c.ticket == func.any(named)], _Sentences(rules)
    return [
        *_rows(connection, _of_clocks(WarningKind.LATE, narrow, now, None), sentences),
        *_rows(connection, _of_clocks(WarningKind.SLOW, narrow, now, None), sentences),
        *_rows(connection, _wrong([schema.warning.c.ticket == func.any(named)], now), sentences),
    ]


def _with_next_to_turn_red(ordered: list[WarningRow], limit: int) -> list[WarningRow]:
    red = [row for row in ordered if row.level is WarningLevel.RED]
    others = [row for row in ordered if row.level is not WarningLevel.RED]
    places = min(len(others), NEXT_TO_TURN_RED, limit // 2)
    shown = red[: limit - places]
    return [*shown, *others[: limit - len(shown)]]


_CLOCK = tuple(
    schema.node_state.c[name]
    for name in ("ticket", "round", "leg", "node", "body", "part", "started_at", "due_at", "yellow_at")
)
"""What a warning needs to know of its clock: no more than the index of what is next due has."""


class _Sentences:
    """The rule's sentence of a ticket's policy, looked up once for each version."""

    def __init__(self, rules: Rules) -> None:
        self._sentences = {
            (policy.family, policy.version): policy.sentences for policy in rules.policies.policies
        }

    def of(self, family: str, version: int, kind: WarningKind) -> str:
        return self._sentences.get((family, version), {}).get(kind.value, "")


def _of_clocks(
    kind: WarningKind, narrow: Iterable[ColumnElement[bool]], now: datetime, limit: int | None
) -> Select[*tuple[Any, ...]]:
    late = kind is WarningKind.LATE
    level = WarningLevel.RED if late else WarningLevel.YELLOW
    status = NodeStatus.OVERDUE if late else NodeStatus.DUE_SOON
    # The worst ones first, then what belongs to them: names are not looked up for what is cut off.
    node = (
        select(*_CLOCK)
        .where(open_node_is(status, now), *narrow)
        .order_by(schema.node_state.c.due_at, schema.node_state.c.ticket, schema.node_state.c.node)
        .limit(limit)
        .subquery("node")
    )
    warning = schema.warning
    raised = and_(
        warning.c.ticket == node.c.ticket,
        warning.c.round == node.c.round,
        warning.c.leg == node.c.leg,
        warning.c.node == node.c.node,
        warning.c.part == node.c.part,
        warning.c.kind == kind.value,
        warning.c.level == level.value,
    )
    return select(
        node.c.ticket,
        node.c.node,
        node.c.round,
        node.c.leg,
        node.c.part,
        node.c.body,
        node.c.due_at,
        func.greatest(node.c.due_at if late else node.c.yellow_at, node.c.started_at).label("since"),
        literal(kind.value).label("kind"),
        literal(level.value).label("level"),
        literal(None).label("rule"),
        literal("").label("rule_id"),
        literal(None).label("facts"),
        *_of_ticket(node.c.body, node.c.node, node.c.round),
        warning.c.acknowledged_by,
        warning.c.acknowledged_at,
        warning.c.escalated_to,
        warning.c.escalated_at,
    ).select_from(_with_names(node.outerjoin(warning, raised), node.c.ticket, node.c.body))


def _wrong(narrow: Iterable[ColumnElement[bool]], now: datetime) -> Select[*tuple[Any, ...]]:
    node, warning = schema.node_state, schema.warning
    clock = and_(
        warning.c.ticket == node.c.ticket,
        warning.c.round == node.c.round,
        warning.c.leg == node.c.leg,
        warning.c.node == node.c.node,
        warning.c.part == node.c.part,
    )
    return (
        select(
            warning.c.ticket,
            warning.c.node,
            warning.c.round,
            warning.c.leg,
            warning.c.part,
            warning.c.body,
            func.coalesce(node.c.due_at, warning.c.raised_at).label("due_at"),
            warning.c.raised_at.label("since"),
            warning.c.kind,
            warning.c.level,
            warning.c.rule,
            warning.c.rule_id,
            warning.c.facts,
            *_of_ticket(warning.c.body, warning.c.node, warning.c.round),
            warning.c.acknowledged_by,
            warning.c.acknowledged_at,
            warning.c.escalated_to,
            warning.c.escalated_at,
        )
        .select_from(_with_names(warning.outerjoin(node, clock), warning.c.ticket, warning.c.body))
        .where(
            warning.c.kind == WarningKind.WRONG.value,
            warning.c.cleared_at.is_(None),
            warning.c.raised_at <= now,
            *narrow,
        )
    )


def _of_ticket(
    body: ColumnElement[str], node: ColumnElement[str], round_: ColumnElement[int]
) -> tuple[ColumnElement[Any], ...]:
    ticket, file = schema.ticket, schema.re_supervision
    number = (
        select(func.max(file.c.number))
        .where(
            file.c.ticket == ticket.c.number,
            file.c.node == node,
            file.c.round == round_,
            file.c.state != FileState.DECLINED.value,
        )
        .scalar_subquery()
    )
    return (
        ticket.c.title,
        ticket.c.urgency,
        ticket.c.policy_family,
        ticket.c.policy_version,
        func.coalesce(schema.body.c.short_name, body, "").label("body_name"),
        func.coalesce(schema.area.c.name, ticket.c.area, "").label("area_name"),
        func.coalesce(schema.category.c.name, ticket.c.category, "").label("category_name"),
        number.label("re_supervision"),
    )


def _with_names(source: Any, number: ColumnElement[str], body: ColumnElement[str]) -> Any:
    ticket = schema.ticket
    return (
        source.join(ticket, ticket.c.number == number)
        .outerjoin(schema.body, schema.body.c.key == body)
        .outerjoin(schema.area, schema.area.c.code == ticket.c.area)
        .outerjoin(schema.category, schema.category.c.code == ticket.c.category)
    )


def _rows(
    connection: Connection, statement: Select[*tuple[Any, ...]], sentences: _Sentences
) -> list[WarningRow]:
    return [_row(row, sentences) for row in connection.execute(statement)]


def _row(row: Row[*tuple[Any, ...]], sentences: _Sentences) -> WarningRow:
    kind = WarningKind(row.kind)
    return WarningRow(
        ticket=row.ticket,
        title=row.title,
        urgency=Urgency(row.urgency),
        kind=kind,
        level=WarningLevel(row.level),
        node=Node(row.node),
        round=row.round,
        leg=row.leg,
        body=row.body,
        body_name=row.body_name,
        area_name=row.area_name,
        category_name=row.category_name,
        rule=row.rule or sentences.of(row.policy_family, row.policy_version, kind),
        since=row.since,
        due_at=row.due_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        re_supervision=row.re_supervision,
        part=row.part,
        rule_id=row.rule_id,
        facts=tuple(row.facts or ()),
        escalated_to=row.escalated_to,
        escalated_at=row.escalated_at,
    )
