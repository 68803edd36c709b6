"""What a `TicketFilter` means in SQL: the one place where a figure and its list get the same answer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, ColumnElement, Text, and_, func, literal, or_, select, true

from data_access import schema
from data_access.readers.states import current_status, open_node_is, outcome_is, state_is
from domain.listing import UNSET, TicketFilter
from domain.node_clock import NodeEnd
from domain.nodes import Node

_ticket, _node = schema.ticket.c, schema.node_state.c
_FOLLOW_UPS = (Node.REVISIT, Node.POST_CHECK)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold of rows of `ticket`, and of rows of `node_state` where the filter speaks of nodes.

    A ticket fits when at least one of its nodes does.
    """

    of_ticket: tuple[ColumnElement[bool], ...]
    of_node: tuple[ColumnElement[bool], ...] | None

    @property
    def where(self) -> ColumnElement[bool]:
        """All of it as a condition on `ticket`."""
        parts = list(self.of_ticket)
        if self.of_node is not None:
            parts.append(_ticket.number.in_(select(_node.ticket).where(*self.of_node)))
        return and_(true(), *parts)


def conditions(chosen: TicketFilter, now: datetime) -> Conditions:
    """Return what the filter asks, exactly as `TicketFilter` says."""
    of_node = _of_node(chosen, now)
    return Conditions(tuple(_of_ticket(chosen, now, of_node is not None)), of_node)


def _of_ticket(chosen: TicketFilter, now: datetime, by_node: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.open_only:
        found.append(_ticket.closed_at.is_(None))
    if chosen.state is not None:
        found.append(state_is(chosen.state, now))
    if chosen.node is not None and not _about_a_past_node(chosen):
        found.append(_ticket.node == chosen.node.value)
        if chosen.node_status is not None:
            found.append(current_status(now) == chosen.node_status.value)
    if not by_node:
        found += _between(_ticket.node_due_at, chosen.due_from, chosen.due_to)
        found += _between(_ticket.closed_at, chosen.done_from, chosen.done_to)
        if chosen.body is not None:
            found.append(_ticket.lead == chosen.body)
    found += _between(_ticket.received_at, chosen.received_from, chosen.received_to)
    if chosen.category is not None:
        found.append(_category_is(chosen.category))
    if chosen.area is not None:
        found.append(_ticket.area.is_(None) if chosen.area == UNSET else _ticket.area == chosen.area)
    if chosen.channel is not None:
        found.append(_ticket.channel == chosen.channel)
    if chosen.urgency is not None:
        found.append(_ticket.urgency == chosen.urgency.value)
    if chosen.text:
        found.append(_says(chosen.text))
    if chosen.merged is not None:
        found.append(_ticket.merged_into.is_not(None) if chosen.merged else _ticket.merged_into.is_(None))
    if chosen.numbers is not None:
        # One array, however many numbers: a statement takes no more than 65,535 parameters.
        found.append(_ticket.number == func.any(literal(list(chosen.numbers), ARRAY(Text))))
    return found


def _about_a_past_node(chosen: TicketFilter) -> bool:
    done = chosen.node is not None and (chosen.done_from is not None or chosen.done_to is not None)
    return chosen.outcome is not None or chosen.satisfied is not None or chosen.bounced or done


def _of_node(chosen: TicketFilter, now: datetime) -> tuple[ColumnElement[bool], ...] | None:
    if not _about_a_past_node(chosen):
        if chosen.node_status is None or chosen.node is not None:
            return None
        charged = () if chosen.body is None else (_node.body == chosen.body,)
        return (open_node_is(chosen.node_status, now), *charged)
    found: list[ColumnElement[bool]] = []
    node = Node.REVISIT if chosen.satisfied is not None else chosen.node
    # All nodes are named one by one: the indexes of due times have the node first.
    found.append(_node.node == node.value if node is not None else _node.node.in_(list(Node)))
    if chosen.node_status is not None:
        found.append(open_node_is(chosen.node_status, now))
    if chosen.outcome is not None:
        found.append(outcome_is(chosen.outcome, now))
        found += _between(_node.due_at, chosen.due_from, chosen.due_to)
    if chosen.satisfied is not None:
        found += [_node.part == 0, _node.ended == NodeEnd.DONE.value, _node.passed == chosen.satisfied]
    if chosen.bounced:
        follow_ups = [follow_up.value for follow_up in _FOLLOW_UPS]
        found += [
            _node.part == 0,
            _node.node.in_(follow_ups),
            _node.ended == NodeEnd.DONE.value,
            ~_node.passed,
        ]
    if chosen.done_from is not None or chosen.done_to is not None:
        found += [
            # As the figures count them: of the lead's work. Follow-ups have no other part.
            _node.part == 0,
            _node.ended == NodeEnd.DONE.value,
            *_between(_node.ended_at, chosen.done_from, chosen.done_to),
        ]
    if chosen.body is not None:
        of_handler = chosen.outcome is None and (chosen.bounced or node in _FOLLOW_UPS)
        found.append((_node.handler if of_handler else _node.body) == chosen.body)
    return tuple(found)


def _between(
    column: ColumnElement[datetime], begin: datetime | None, end: datetime | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if begin is not None:
        found.append(column >= begin)
    if end is not None:
        found.append(column < end)
    return found


def _category_is(code: str) -> ColumnElement[bool]:
    if code == UNSET:
        return _ticket.category.is_(None)
    category = schema.category.c
    kinds = select(category.code).where(category.class_code == code)
    return or_(_ticket.category == code, _ticket.category.in_(kinds))


def _says(text: str) -> ColumnElement[bool]:
    columns = (_ticket.number, _ticket.title, _ticket.text, _ticket.address, _ticket.external_id)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
