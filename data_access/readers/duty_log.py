"""The duty log as of a moment: read from its own streams, this month's and the one before (T05)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, or_, select

from data_access import log, schema
from domain.duty_events import DutyNote
from domain.duty_log import FARTHEST, DutyLog, fold_duty, lines_since, stream_of

A_DAY = timedelta(days=1)


def duty_log(connection: Connection, now: datetime, zone: ZoneInfo) -> DutyLog:
    """Return who is on duty, the roster of the coming days, and the lines, newest first.

    A roster is read by its day, in whatever month it was written.
    """
    streams = sorted({stream_of(lines_since(now, zone), zone), stream_of(now, zone)})
    written = {stream_of(now - day * A_DAY, zone) for day in range(FARTHEST.days + 2)}
    event = schema.event.c
    today = now.astimezone(zone).date().isoformat()
    rostered = and_(
        event.stream.in_(sorted(written.difference(streams))),
        event.data["note"].as_string() == DutyNote.ROSTER.value,
        event.data["day"].as_string() >= today,
    )
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS)
        .where(or_(event.stream.in_(streams), rostered), event.at <= now)
        .order_by(event.at, event.stream, event.seq)
    )
    return fold_duty((log.recorded(row).event for row in rows), now, zone)
