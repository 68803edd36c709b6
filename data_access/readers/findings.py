"""What radar, van, drone and satellite found, with the clues made of it (T24, T26, Y31)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, and_, cast, func, literal, select

from data_access import schema
from domain.findings import Coverage, Finding, FindingSource, NewFinding

MOST_LISTED = 2_000
"""Findings of a window that are listed and drawn, the latest of more."""

_finding, _file, _ticket = schema.finding.c, schema.finding_file.c, schema.ticket.c
# As domain.findings.clue_number: at least six digits, and more where there are more.
_TICKET = literal("KJ-") + func.lpad(
    cast(_finding.number, Text),
    func.greatest(6, func.length(cast(_finding.number, Text))),
    "0",
)


def findings_between(connection: Connection, since: datetime, until: datetime) -> tuple[Finding, ...]:
    """Return what was found in [since, until), the latest first."""
    rows = connection.execute(
        _select()
        .where(_finding.at >= since, _finding.at < until)
        .order_by(_finding.at.desc(), _finding.number)
        .limit(MOST_LISTED)
    )
    return tuple(_record(row) for row in rows)


def finding_by_number(connection: Connection, number: int) -> Finding | None:
    """Return one finding, None where there is none of that number."""
    row = connection.execute(_select().where(_finding.number == number)).one_or_none()
    return None if row is None else _record(row)


def coverage(connection: Connection, since: datetime, until: datetime) -> Coverage:
    """Return how much of what was found in [since, until) became a clue, and of the tickets the own ones."""
    channel = schema.channel
    suspect = _finding.is_clue
    findings, suspects, followed = connection.execute(
        select(
            func.count(),
            func.count().filter(suspect),
            func.count().filter(and_(suspect, _ticket.number.is_not(None))),
        )
        .select_from(schema.finding.outerjoin(schema.ticket, _ticket.number == _TICKET))
        .where(_finding.at >= since, _finding.at < until)
    ).one()
    own, received = connection.execute(
        select(func.count().filter(channel.c.proactive), func.count())
        .select_from(schema.ticket.outerjoin(channel, channel.c.key == _ticket.channel))
        .where(_ticket.received_at >= since, _ticket.received_at < until, _ticket.merged_into.is_(None))
    ).one()
    return Coverage(since, until, findings, suspects, followed, own, received)


def _select() -> Select[*tuple[Any, ...]]:
    area = schema.area
    named = func.coalesce(area.c.name, _finding.area, "").label("area_name")
    return select(
        schema.finding, _file.name.label("file_name"), _ticket.number.label("clue"), named
    ).select_from(
        schema.finding.join(schema.finding_file, _file.number == _finding.file)
        .outerjoin(schema.ticket, _ticket.number == _TICKET)
        .outerjoin(area, area.c.code == _finding.area)
    )


def _record(row: Row[*tuple[Any, ...]]) -> Finding:
    new = NewFinding(
        FindingSource(row.source),
        row.at,
        row.lng,
        row.lat,
        row.what,
        row.value,
        row.unit,
        row.until,
        tuple((lng, lat, value) for lng, lat, value in row.track or ()),
        row.area,
        row.is_clue,
    )
    return Finding(row.number, new, row.file_name, row.clue, row.area_name)
