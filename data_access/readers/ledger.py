"""The four-colour ledger: rows as the scheme of the day colours them, and an item with its history."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Connection, Text, func, literal, select

from data_access import log, schema
from data_access.readers.names import Names, read_names
from data_access.readers.settled import SEPARATOR, Settled
from data_access.rules import Rules
from domain.details import ColourChange, LedgerDetail, ProgressNote
from domain.events import Event
from domain.item_events import ItemClosedOut, ItemProgressed, ItemReturned
from domain.ledger import (
    Colour,
    ColourCount,
    ColourScheme,
    Item,
    LedgerBy,
    LedgerFilter,
    LedgerOrder,
    LedgerRow,
    Milestone,
    colour,
    fold_item,
)

_WORST_FIRST = tuple(reversed(Colour))
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole ledger: rows reddest first, then by deadline; counts in the legend's order."""

    rows: tuple[LedgerRow, ...]
    counts: tuple[ColourCount, ...]
    scheme: ColourScheme


def read_ledger(connection: Connection, rules: Rules, now: datetime, names: Names | None = None) -> Ledger:
    """Return the ledger as of now, coloured by the scheme in force on this day."""
    here = now.astimezone(rules.calendar.zone)
    scheme = rules.scheme_on(here.date())
    known = names or read_names(connection)
    items = (_item(row) for row in connection.execute(select(schema.item)).mappings())
    rows = sorted((_row(item, scheme, known, here) for item in items), key=worst_first)
    counted = Counter(row.colour for row in rows)
    counts = tuple(ColourCount(found, scheme.legend[found], counted[found]) for found in Colour)
    return Ledger(tuple(rows), counts, scheme)


def settled_ledger(ledger: Ledger, chosen: LedgerFilter, order: LedgerOrder) -> Settled:
    """Return the numbers of the items that a filter names, in an order."""
    rows = [
        row for row in ledger.rows if chosen.colour in (None, row.colour) and chosen.body in (None, row.body)
    ]
    first: dict[LedgerBy, Callable[[LedgerRow], Any]] = {
        LedgerBy.NUMBER: lambda row: row.number,
        LedgerBy.BODY: lambda row: row.body_name,
        LedgerBy.DEADLINE: lambda row: row.deadline,
        LedgerBy.PROGRESS: lambda row: row.percent - row.planned,
    }
    if order.by in first:
        rows.sort(key=first[order.by])
    if order.descending:
        rows.reverse()
    return Settled([SEPARATOR.join(row.number for row in rows)])


def items_by_number(
    connection: Connection, rules: Rules, numbers: Sequence[str], now: datetime
) -> list[LedgerRow | None]:
    """Return items as of now, in the order of their numbers; None for unknown ones."""
    here = now.astimezone(rules.calendar.zone)
    scheme, names = rules.scheme_on(here.date()), read_names(connection)
    named = schema.item.c.number == func.any(literal(list(numbers), ARRAY(Text)))
    rows = connection.execute(select(schema.item).where(named)).mappings()
    found = {row["number"]: _row(_item(row), scheme, names, here) for row in rows}
    return [found.get(number) for number in numbers]


def ledger_detail(connection: Connection, rules: Rules, number: str, now: datetime) -> LedgerDetail | None:
    """Return an item with its plan, notes and the history of its colours; None when there is none by now.

    It cuts the past by itself: works on the store as it is for any minute.
    """
    records = log.in_time_order(log.read_stream(connection, f"item/{number}"))
    events = [record.event for record in records if record.event.at <= now]
    if not events:
        return None
    here = now.astimezone(rules.calendar.zone)
    item = fold_item(number, events)
    row = _row(item, rules.scheme_on(here.date()), read_names(connection), here)
    return LedgerDetail(
        row,
        item.goal,
        item.measures,
        item.milestones,
        tuple(_notes(events)),
        tuple(colour_history(number, events, rules, here)),
        item.ticket,
    )


def colour_history(
    number: str, events: Sequence[Event], rules: Rules, now: datetime
) -> Iterator[ColourChange]:
    """Yield each change of an item's colour or of its reason, oldest first.

    Colours change with events, at midnight (milestones, plan, a new scheme), when the last share of the time
    begins and past the deadline; they are computed at these moments. `now` is in the city's zone.
    """
    last: tuple[Colour, object] | None = None
    for moment in _moments(number, events, rules, now):
        item = fold_item(number, [event for event in events if event.at <= moment])
        found = colour(item, rules.scheme_on(moment.date()), moment)
        if (found.colour, found.reason) != last:
            last = found.colour, found.reason
            yield ColourChange(moment, found.colour, found.reason, found.percent, found.planned)


def _moments(number: str, events: Sequence[Event], rules: Rules, now: datetime) -> list[datetime]:
    zone = now.tzinfo
    begin = events[0].at.astimezone(zone)
    item = fold_item(number, events)
    span = item.deadline - item.opened_at
    found = {event.at.astimezone(zone) for event in events}
    found |= {
        (item.deadline - span * rules.scheme_on(now.date()).near_share).astimezone(zone),
        (item.deadline + _TICK).astimezone(zone),
    }
    day = begin.date()
    while day < now.date():
        day += timedelta(days=1)
        found.add(datetime(day.year, day.month, day.day, tzinfo=zone))
    return sorted(moment for moment in found if begin <= moment <= now)


def _notes(events: Sequence[Event]) -> Iterator[ProgressNote]:
    percent = 0
    for event in events:
        match event.fact:
            case ItemProgressed(percent=percent, note=note):
                pass
            case ItemReturned(reason=note):
                pass
            case ItemClosedOut(document=note):
                percent = 100
            case _:
                continue
        yield ProgressNote(event.at, percent, note, event.actor.name)


def _item(row: Mapping[Any, Any]) -> Item:
    return Item(
        number=row["number"],
        source=row["source"],
        batch=row["batch"],
        problem=row["problem"],
        body=row["body"],
        area=row["area"],
        lead_in_charge=row["lead_in_charge"],
        goal=row["goal"],
        measures=row["measures"],
        milestones=tuple(
            Milestone(title, weight, date.fromisoformat(due)) for title, weight, due in row["milestones"]
        ),
        opened_at=row["opened_at"],
        deadline=row["deadline"],
        percent=row["percent"],
        returned=row["returned"],
        closed_out_at=row["closed_out_at"],
        last_progress_at=row["last_progress_at"],
        note=row["note"],
        ticket=row["ticket"],
    )


def _row(item: Item, scheme: ColourScheme, names: Names, now: datetime) -> LedgerRow:
    found = colour(item, scheme, now)
    over = (now.date() - item.deadline.astimezone(now.tzinfo).date()).days
    return LedgerRow(
        number=item.number,
        source=item.source,
        batch=item.batch,
        problem=item.problem,
        body=item.body,
        body_name=names.short_body(item.body),
        area_name=names.area(item.area),
        lead_in_charge=item.lead_in_charge,
        deadline=item.deadline,
        colour=found.colour,
        reason=found.reason,
        percent=found.percent,
        planned=found.planned,
        days_over=max(over, 0) if item.closed_out_at is None else 0,
        closed_out_at=item.closed_out_at,
    )


def worst_first(row: LedgerRow) -> tuple[int, datetime, str]:
    """The order of the ledger on screen: reddest first, then by deadline."""
    return (_WORST_FIRST.index(row.colour), row.deadline, row.number)
