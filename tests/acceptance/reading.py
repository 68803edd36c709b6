"""What acceptance tests ask a store, through the product's own readers."""

from datetime import datetime

from sqlalchemy import func, select

from data_access import log, schema
from data_access.readers.tickets import ticket_page
from data_access.store import Connection, Store
from domain.events import Event
from domain.listing import SortBy, TicketFilter, TicketOrder


def numbers_of(store: Store, chosen: TicketFilter, now: datetime) -> set[str]:
    """Return the numbers of the tickets that a filter names."""

    def read(connection: Connection) -> set[str]:
        page = ticket_page(connection, chosen, now, 0, 1_000_000, TicketOrder(SortBy.RECEIVED))
        assert page.total == len(page.rows)
        return {row.number for row in page.rows}

    return store.read(read)


def events_by_ticket(store: Store) -> dict[str, list[Event]]:
    """Return all events of a small store, by ticket, in the order of the log."""

    def read(connection: Connection) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        statement = select(*log.RECORDED_COLUMNS).order_by(schema.event.c.stream, schema.event.c.seq)
        for row in connection.execute(statement):
            record = log.recorded(row)
            found.setdefault(record.stream.removeprefix("ticket/"), []).append(record.event)
        return found

    return store.read(read)


def fingerprint(store: Store) -> dict[str, int]:
    """Return how many rows each table that an import touches holds."""
    tables = (
        schema.event,
        schema.ticket,
        schema.node_state,
        schema.delivery,
        schema.complainant,
        schema.body,
    )

    def read(connection: Connection) -> dict[str, int]:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }

    return store.read(read)
