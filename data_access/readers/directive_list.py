"""The list of directives at any length: the keys of all in an order, counts by group, and who owes what."""

from datetime import datetime

from sqlalchemy import Connection, and_, case, func, literal, select, true
from sqlalchemy.sql.elements import ColumnElement

from data_access import schema
from data_access.readers.directive_states import is_late, owes, rank
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from domain.directive_listing import DirectiveCounts, DirectiveFilter, DirectiveGroup, DirectiveOrder
from domain.drafts import Owing

_directive, _receiver = schema.directive.c, schema.directive_receiver.c


def settled_directives(
    connection: Connection, chosen: DirectiveFilter, order: DirectiveOrder, now: datetime
) -> tuple[Settled, DirectiveCounts]:
    """Return the numbers of the directives of a filter in an order, and how many each group has."""
    moment, in_force = literal(now), _directive.withdrawn_at.is_(None)
    stands = (
        select(
            _directive.number,
            _directive.issued_at,
            _directive.deadline,
            in_force.label("in_force"),
            func.min(rank(moment)).label("rank"),
            func.coalesce(func.bool_or(owes()), False).label("owes"),
            func.coalesce(func.bool_or(_receiver.signed_at.is_(None)), False).label("unsigned"),
            func.coalesce(
                func.bool_or(_receiver.fed_back_at.is_not(None) & _receiver.accepted.is_(None)), False
            ).label("to_judge"),
            func.count().filter(is_late(moment)).label("late"),
        )
        .select_from(
            schema.directive.join(schema.directive_receiver, _receiver.directive == _directive.number)
        )
        .where(_chosen(chosen))
        # By all that is read of it: in a past minute `directive` is a view, and nothing follows from its key.
        .group_by(_directive.number, _directive.issued_at, _directive.deadline, _directive.withdrawn_at)
        .subquery()
    )
    s = stands.c
    groups: dict[DirectiveGroup, ColumnElement[bool]] = {
        DirectiveGroup.OPEN: and_(s.in_force, s.owes | s.to_judge),
        DirectiveGroup.LATE: and_(s.in_force, s.late > 0),
        DirectiveGroup.UNSIGNED: and_(s.in_force, s.unsigned & s.owes),
        DirectiveGroup.UNANSWERED: and_(s.in_force, s.owes),
        DirectiveGroup.TO_JUDGE: and_(s.in_force, s.to_judge),
        DirectiveGroup.JUDGED: and_(s.in_force, ~s.owes, ~s.to_judge),
        DirectiveGroup.WITHDRAWN: ~s.in_force,
    }
    newest: list[ColumnElement[object]] = [s.issued_at.desc(), s.number.desc()]
    coming = case((s.owes, s.deadline))
    by = newest if order is DirectiveOrder.NEWEST else [s.in_force.desc(), s.rank, coming, *newest]
    keys = in_order(s.number, by)
    if chosen.group is not None:
        keys = keys.filter(groups[chosen.group])
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    counts = [func.count().filter(groups[group]) for group in DirectiveGroup]
    late = func.coalesce(func.sum(s.late).filter(s.in_force), 0)
    joined, total, late_receipts, *found = connection.execute(select(keys, func.count(), late, *counts)).one()
    return Settled([joined]), DirectiveCounts(total, tuple(found), int(late_receipts))


def directive_years(connection: Connection) -> tuple[int, ...]:
    """Return the years of which there are directives, the last one first."""
    year = func.split_part(_directive.number, "-", 2)
    found = connection.execute(select(year).distinct()).scalars()
    return tuple(sorted((int(text) for text in found if text.isdigit()), reverse=True))


def receiving_bodies(connection: Connection) -> tuple[str, ...]:
    """Return the bodies that have received a directive, in the city's order."""
    body = schema.body.c
    rows = connection.execute(
        select(_receiver.body)
        .join_from(schema.directive_receiver, schema.body, body.key == _receiver.body, isouter=True)
        .group_by(_receiver.body, body.position)
        .order_by(body.position, _receiver.body)
    )
    return tuple(rows.scalars())


def owing_receivers(
    connection: Connection, chosen: DirectiveFilter, now: datetime, most: int
) -> tuple[Owing, ...]:
    """Return who of a filter's directives in force owes something, the longest due first, at most so many:
    of the unsigned ones those that have not signed, of the late ones those that are late."""
    own: dict[DirectiveGroup, ColumnElement[bool]] = {
        DirectiveGroup.UNSIGNED: _receiver.signed_at.is_(None),
        DirectiveGroup.LATE: is_late(literal(now)),
    }
    condition = own[chosen.group] if chosen.group in own else true()
    rows = connection.execute(
        select(_directive.number, _receiver.body)
        .select_from(
            schema.directive.join(schema.directive_receiver, _receiver.directive == _directive.number)
        )
        .where(_chosen(chosen), _directive.withdrawn_at.is_(None), owes(), condition)
        .order_by(_directive.deadline, _directive.number, _receiver.body)
        .limit(most)
    )
    return tuple(Owing(row.number, row.body) for row in rows)


def _chosen(chosen: DirectiveFilter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if chosen.body is not None:
        parts.append(_receiver.body == chosen.body)
    if chosen.year is not None:
        parts.append(_directive.number.startswith(f"D-{chosen.year}-", autoescape=True))
    return and_(true(), *parts)
