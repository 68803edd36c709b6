"""The duty log as of a moment: read from its own streams, this month's and the one before (T05)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from data_access import log, schema
from domain.duty_log import DutyLog, fold_duty, stream_of

MONTHS_BACK = timedelta(days=31)


def duty_log(connection: Connection, now: datetime, zone: ZoneInfo) -> DutyLog:
    """Return who is on duty, the roster of the coming days, and the lines, newest first."""
    streams = sorted({stream_of(now - MONTHS_BACK, zone), stream_of(now, zone)})
    event = schema.event.c
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS)
        .where(event.stream.in_(streams), event.at <= now)
        .order_by(event.at, event.stream, event.seq)
    )
    return fold_duty((log.recorded(row).event for row in rows), now, zone)
