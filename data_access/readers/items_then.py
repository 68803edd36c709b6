"""Which device items were known at a past minute: by the values that had come in by then (X14).

An item bears the time of its first value, and ends with one: both are known only when values have come in.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, TIMESTAMP, BigInteger, Connection, Row, bindparam, or_, select, text

from data_access import schema
from data_access.exceeding import sensor_rule
from data_access.rules import Rules
from domain.stations import DeviceTrouble, Span

TOLD_AFTER = timedelta(days=3)
"""An item's end is known so long after it at the latest."""


def open_items_then(connection: Connection, rules: Rules, now: datetime) -> Sequence[Row[Any]]:
    """Return the rows of the device items that were known to be open at a past moment, the oldest first."""
    item = schema.device_item.c
    rows = connection.execute(
        select(schema.device_item)
        .where(item.opened_at <= now, or_(item.ended_at.is_(None), item.ended_at > now - TOLD_AFTER))
        .order_by(item.opened_at, item.number)
    ).all()
    known = items_then(connection, rules, [row.number for row in rows], now)
    return [row for row in rows if known.get(row.number) is False]


def items_then(
    connection: Connection, rules: Rules, numbers: Collection[int], now: datetime
) -> Mapping[int, bool]:
    """Return whether they had ended of those device items that were known at a past moment, by their numbers.

    Silence has no values; neither has what was rolled up: these go by their own time.
    """
    if not numbers:
        return {}
    rule = sensor_rule(rules, now)
    found: dict[int, bool] = {}
    for row in connection.execute(_CAME, {"numbers": sorted(numbers), "now": now}):
        known = row.opened_at <= now
        if row.trouble != DeviceTrouble.SILENT.value and row.span is not None:
            needed = rule.spans[Span(row.span)].invalid_after
            known = known and row.came >= min(needed, row.there)
        if known:
            ended = row.ended_at is not None and row.ended_at <= now and row.end_came is not False
            found[row.number] = ended
    return found


# Of several spans the finest is weighed.
_CAME = text(
    """
    SELECT i.number, i.trouble, i.opened_at, i.ended_at, first.span, begun.there, begun.came, last.end_came
    FROM device_item AS i
    LEFT JOIN LATERAL (
        SELECT min(r.span) AS span FROM reading AS r
        WHERE r.station = i.station AND r.factor = i.factor AND r.at = i.opened_at
            AND r.span BETWEEN 0 AND 3
    ) AS first ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS there, count(*) FILTER (WHERE received_at <= :now) AS came FROM (
            SELECT r.received_at FROM reading AS r
            WHERE r.station = i.station AND r.factor = i.factor AND r.span = first.span
                AND r.at >= i.opened_at AND r.at < i.opened_at + interval '3 days'
            ORDER BY r.at LIMIT 20
        ) AS those
    ) AS begun ON true
    LEFT JOIN LATERAL (
        SELECT r.received_at <= :now AS end_came FROM reading AS r
        WHERE r.station = i.station AND r.factor = i.factor AND r.span = first.span AND r.at = i.ended_at
    ) AS last ON true
    WHERE i.number = ANY(:numbers)
    """
).bindparams(bindparam("numbers", type_=ARRAY(BigInteger)), bindparam("now", type_=TIMESTAMP(timezone=True)))
