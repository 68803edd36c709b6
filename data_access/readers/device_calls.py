"""What devices need of people now, and who has taken note of it in the duty log (X14, T05)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data_access import log, schema
from data_access.readers.episodes import device_item_row
from data_access.readers.items_then import open_items_then
from data_access.readers.stations import is_open
from data_access.rules import Rules
from domain.duty_events import DutyNote, DutyNoted
from domain.duty_log import stream_of
from domain.environment import DeviceCalls, DeviceItemRow
from domain.stations import DeviceTrouble

REFUSED_LATELY = timedelta(days=1)
"""Who was refused longer ago has given up: it stays in the list, but calls nobody."""
NOTED_BACK = timedelta(days=366)
"""A note on a device is looked for so far back: what has been wrong for longer is to be noted again."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Who first took note of a device item, and when."""

    by: str
    at: datetime


def device_calls(connection: Connection, rules: Rules, now: datetime, *, past: bool = False) -> DeviceCalls:
    """Return the device items that are open at `now`, the one that waits longest, and how many are refused.

    `past`: a minute that is over; who was refused then is not known any more.
    """
    item, unknown = schema.device_item.c, schema.unknown_device.c
    query = (
        select(item.number, item.trouble, item.opened_at)
        .where(is_open(item.opened_at, item.ended_at, now))
        .order_by(item.opened_at, item.number)
    )
    rows = open_items_then(connection, rules, now) if past else connection.execute(query).all()
    refused = 0
    if not past:
        lately = select(func.count(unknown.mn.distinct())).where(unknown.last_seen > now - REFUSED_LATELY)
        refused = int(connection.execute(lately.select_from(schema.unknown_device)).scalar_one())
    if not rows:
        return DeviceCalls(refused=refused)
    noted = items_noted(connection, rules, rows[0].opened_at, now)
    counts = Counter(DeviceTrouble(row.trouble) for row in rows)
    unseen = [row.number for row in rows if row.number not in noted]
    oldest = device_item_row(connection, unseen[0] if unseen else rows[0].number, now)
    if oldest is not None:
        # Its end may be told later than it was.
        oldest = replace(oldest, item=replace(oldest.item, ended_at=None))
    return DeviceCalls(
        tuple((trouble, counts[trouble]) for trouble in DeviceTrouble if counts[trouble]),
        len(unseen),
        oldest,
        refused,
    )


def with_notes(
    connection: Connection, rules: Rules, rows: Sequence[DeviceItemRow], now: datetime
) -> tuple[DeviceItemRow, ...]:
    """Return device items with who took note of each."""
    if not rows:
        return ()
    noted = items_noted(connection, rules, min(row.item.opened_at for row in rows), now)
    return tuple(
        replace(row, noted_by=found.by, noted_at=found.at)
        if (found := noted.get(row.item.number)) is not None
        else row
        for row in rows
    )


def items_noted(connection: Connection, rules: Rules, since: datetime, now: datetime) -> Mapping[int, Noted]:
    """Return who took note of which device items from `since` to `now`, by their numbers.

    Whoever may not read the duty log finds nothing.
    """
    zone, event = rules.calendar.zone, schema.event.c
    begin = max(since, now - NOTED_BACK)
    months = {stream_of(begin + timedelta(days=day), zone) for day in range((now - begin).days + 1)}
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS)
        .where(
            event.stream.in_(sorted(months | {stream_of(now, zone)})),
            event.data["note"].as_string() == DutyNote.DEVICES.value,
            event.at <= now,
        )
        .order_by(event.at, event.stream, event.seq)
    )
    found: dict[int, Noted] = {}
    for row in rows:
        event_of_row = log.recorded(row).event
        if isinstance(event_of_row.fact, DutyNoted):
            for number in event_of_row.fact.items:
                found.setdefault(number, Noted(event_of_row.actor.name, event_of_row.at))
    return found
