"""How the sources' links stand: when each last spoke, against what it promised."""

from datetime import datetime

from sqlalchemy import Connection, or_, select

from data_access import schema
from domain.overview import FeedHealth, FeedState

SILENT_AFTER = 10
"""A source that is behind by more than this many times its promise is silent, not slow."""


def feed_health(connection: Connection, now: datetime) -> tuple[FeedHealth, ...]:
    """Return the links in the city's order: ok, lagging (later than promised), silent, not connected (never).

    A channel that promised nothing and never spoke has no link. The store keeps only when a source last
    spoke: at a past minute before that, it counts as speaking then.
    """
    channel, feed = schema.channel, schema.feed
    statement = (
        select(channel.c.key, channel.c.name, channel.c.expected_seconds, feed.c.last_seen)
        .select_from(channel.outerjoin(feed, feed.c.channel == channel.c.key))
        .where(or_(channel.c.expected_seconds.is_not(None), feed.c.last_seen.is_not(None)))
        .order_by(channel.c.position, channel.c.key)
    )
    return tuple(
        _health(row.key, row.name, row.expected_seconds, row.last_seen, now)
        for row in connection.execute(statement)
    )


def _health(
    key: str, name: str, expected: int | None, last_seen: datetime | None, now: datetime
) -> FeedHealth:
    if last_seen is None:
        return FeedHealth(key, name, FeedState.NOT_CONNECTED)
    seen = min(last_seen, now)
    quiet = int((now - seen).total_seconds())
    if expected is None or quiet <= expected:
        return FeedHealth(key, name, FeedState.OK, seen)
    state = FeedState.SILENT if quiet > SILENT_AFTER * expected else FeedState.LAGGING
    return FeedHealth(key, name, state, seen, quiet - expected)
