"""Where the items of the ledger are, for the map in the ledger's colours (Q18)."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from data_access import schema
from data_access.readers.ledger import read_ledger
from data_access.rules import Rules
from domain.ledger import LedgerPlace

_item, _ticket, _area = schema.item.c, schema.ticket.c, schema.area.c


def ledger_places(connection: Connection, rules: Rules, now: datetime) -> tuple[LedgerPlace, ...]:
    """Return the items that have a place, reddest first: that of their ticket, else of their county."""
    lng, lat = func.coalesce(_ticket.lng, _area.lng), func.coalesce(_ticket.lat, _area.lat)
    joined = schema.item.outerjoin(schema.ticket, _ticket.number == _item.ticket).outerjoin(
        schema.area, _area.code == _item.area
    )
    statement = select(
        _item.number, lng.label("lng"), lat.label("lat"), _ticket.lng.is_not(None).label("exact")
    )
    rows = connection.execute(statement.select_from(joined).where(lng.is_not(None), lat.is_not(None)))
    found = {row.number: (float(row.lng), float(row.lat), bool(row.exact)) for row in rows}
    return tuple(
        LedgerPlace(row, *found[row.number])
        for row in read_ledger(connection, rules, now).rows
        if row.number in found
    )
