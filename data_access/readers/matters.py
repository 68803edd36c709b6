"""Matters of all tickets: what is open by kind, body and person; the case library (B26, Q09, Q10, Q19)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, func, or_, select, tuple_

from data_access import schema
from data_access.readers.names import Names, read_names
from data_access.readers.settled import SORT_MEMORY, Settled, in_order
from domain.case import Ending, MatterKind
from domain.case_events import ResponsibleAs
from domain.listing import KEY_MARK
from domain.matter_listing import MatterCounts, MatterFilter, MatterRow
from domain.nodes import Node

_matter, _ticket = schema.matter.c, schema.ticket.c
_KEY = (_matter.ticket, _matter.kind, _matter.number, _matter.part)


def matter_rows(connection: Connection, chosen: MatterFilter, limit: int) -> tuple[MatterRow, ...]:
    """Return the first matters that a filter names, in the order of the list."""
    statement = _rows().where(*_conditions(chosen)).order_by(*_order(chosen)).limit(limit)
    return _read(connection, statement)


def settled_matters(connection: Connection, chosen: MatterFilter) -> Settled:
    """Return the keys of all matters that a filter names, in order."""
    connection.execute(select(func.set_config("work_mem", SORT_MEMORY, True)))
    key = func.concat_ws(
        KEY_MARK, _matter.ticket, _matter.kind, cast(_matter.number, Text), cast(_matter.part, Text)
    )
    statement = select(in_order(key, _order(chosen))).where(*_conditions(chosen))
    return Settled([connection.execute(statement).scalar()])


def matters_by_key(connection: Connection, keys: Sequence[str]) -> list[MatterRow | None]:
    """Return matters in the order of their keys; None for those that are not there any more."""
    named = [_parts(key) for key in keys]
    if not named:
        return []
    found = {row.key: row for row in _read(connection, _rows().where(tuple_(*_KEY).in_(named)))}
    return [found.get(key) for key in keys]


def matter_counts(connection: Connection, now: datetime, body: str | None = None) -> MatterCounts:
    """Return how many open matters there are, of a body or of all."""
    still_open = and_(_matter.ended_at.is_(None), *_of_body(body))
    counted = select(
        _matter.kind,
        func.count().label("matters"),
        func.count().filter(_matter.kind == MatterKind.DECISION.value, _matter.due_at < now).label("overdue"),
    )
    rows = connection.execute(counted.where(still_open).group_by(_matter.kind)).all()
    in_charge = connection.execute(
        select(_matter.person, func.count().label("cases"))
        .where(still_open, _matter.sort == ResponsibleAs.LEAD_IN_CHARGE.value)
        .where(_matter.kind == MatterKind.RESPONSIBILITY.value, _matter.person.is_not(None))
        .group_by(_matter.person)
        .order_by(func.count().desc(), _matter.person)
    )
    return MatterCounts(
        {MatterKind(row.kind): int(row.matters) for row in rows},
        sum(row.overdue for row in rows),
        {row.person: int(row.cases) for row in in_charge},
    )


def _conditions(chosen: MatterFilter) -> list[ColumnElement[bool]]:
    found = [*_of_body(chosen.body)]
    if chosen.kind is not None:
        found.append(_matter.kind == chosen.kind.value)
    if chosen.person is not None:
        found.append(_matter.person == chosen.person)
    if not chosen.with_ended:
        found.append(_matter.ended_at.is_(None))
    return found


def _of_body(body: str | None) -> list[ColumnElement[bool]]:
    return [] if body is None else [or_(_matter.to_body == body, _matter.from_body == body)]


def _order(chosen: MatterFilter) -> list[ColumnElement[Any]]:
    """What is open first, by when it is due; a lead-in-charge's list by what lay longest (Q09)."""
    by_time: list[ColumnElement[Any]] = [_matter.due_at.asc().nulls_last(), _matter.opened_at]
    if chosen.kind is MatterKind.RESPONSIBILITY:
        by_time = [_matter.person.asc().nulls_first(), _matter.coordinated_at.asc().nulls_last()]
    # Nobody has been named yet: that is nobody's list, and stands first.
    nobody = and_(_matter.kind == MatterKind.RESPONSIBILITY.value, _matter.person.is_(None))
    return [_matter.ended_at.desc().nulls_first(), nobody.desc(), *by_time, *_KEY]


def _rows() -> Select[*tuple[Any, ...]]:
    return select(schema.matter, _ticket.title.label("ticket_title"), _ticket.lead).join(
        schema.ticket, _ticket.number == _matter.ticket, isouter=True
    )


def _read(connection: Connection, statement: Select[*tuple[Any, ...]]) -> tuple[MatterRow, ...]:
    names = read_names(connection)
    return tuple(_row(row, names) for row in connection.execute(statement).mappings())


def _row(row: Mapping[Any, Any], names: Names) -> MatterRow:
    return MatterRow(
        ticket=row["ticket"],
        ticket_title=row["ticket_title"] or "",
        kind=MatterKind(row["kind"]),
        number=row["number"],
        part=row["part"],
        sort=row["sort"],
        title=row["title"],
        node=Node(row["node"]) if row["node"] else None,
        from_name=names.short_body(row["from_body"]),
        to_name=names.short_body(row["to_body"]),
        person=row["person"] or "",
        lead_name=names.short_body(row["lead"]),
        due_at=row["due_at"],
        opened_at=row["opened_at"],
        ended_at=row["ended_at"],
        ending=Ending(row["outcome"]) if row["outcome"] else None,
        coordinated_at=row["coordinated_at"],
    )


def _parts(key: str) -> tuple[str, str, int, int]:
    ticket, kind, number, part = key.split(KEY_MARK)
    return ticket, kind, int(number), int(part)
