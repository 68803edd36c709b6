"""Episodes of exceedance as they were known at a past minute, by what had come in and been told then (X14).

The table says how an episode stands now, and by the values' own times. A value may come in late, and a ticket
is told of an episode some values after its first one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, TIMESTAMP, BigInteger, Connection, Text, bindparam, func, literal, select, text

from data_access import log, schema
from data_access.exceeding import sensor_rule
from data_access.rules import Rules
from domain.sensor_events import SensorExceeded, SensorRecovered
from domain.sensor_rules import SensorRule
from domain.stations import Episode

TOLD_AFTER = timedelta(days=3)
"""An episode's end is known so long after it at the latest: of its values a day's comes in last."""
_TICKET = "ticket/"


@dataclass(slots=True)
class _Told:
    """What tickets had been told of an episode by then, in order; `later`: one was told, but not yet."""

    tickets: list[str] = field(default_factory=list)
    last: SensorExceeded | SensorRecovered | None = None
    later: bool = False


def known_then(
    connection: Connection, rules: Rules, episodes: Iterable[Episode], now: datetime
) -> Mapping[int, Episode]:
    """Return by their numbers those of the episodes that were known at a past moment, as they were known.

    One whose values went had no later ones than its own time, for all that can be said.
    """
    asked = tuple(episodes)
    if not asked:
        return {}
    rule = sensor_rule(rules, now)
    told = _told(connection, rules, asked, now)
    came = {row.number: row for row in connection.execute(_CAME, _asked(asked, now))}
    found: dict[int, Episode] = {}
    for episode in asked:
        known = _known(episode, told.get(episode.number), came[episode.number], rule, now)
        if known is not None:
            found[episode.number] = known
    return found


def _known(
    episode: Episode, told: _Told | None, came: Any, rule: SensorRule, now: datetime
) -> Episode | None:
    of_span = rule.spans[episode.span]
    late = came.over < came.over_now
    if told is None or (told.last is None and not told.later):
        # No ticket knows of it: it was there when so many of its values had come in as it takes.
        if episode.began_at > now or (late and came.over < min(of_span.open_after, episode.over)):
            return None
        ended = episode.ended_at if _has_ended(episode, came, rule, now) else None
        known = replace(episode, ended_at=ended, ticket=told.tickets[-1] if told and told.tickets else None)
    elif told.last is None:
        return None
    else:
        ended = told.last.ended_at if isinstance(told.last, SensorRecovered) else None
        ticket = episode.ticket if episode.ticket in told.tickets else next(reversed(told.tickets), None)
        known = replace(episode, ended_at=ended, ticket=ticket)
    if not late or not came.over:
        return known
    low_side = came.low is not None and episode.peak < came.low
    return replace(
        known, over=came.over, peak=came.least if low_side else came.most, last_over_at=came.last_over_at
    )


def _has_ended(episode: Episode, came: Any, rule: SensorRule, now: datetime) -> bool:
    if episode.ended_at is None or episode.ended_at > now:
        return False
    of_span = rule.spans[episode.span]
    if episode.ended_at <= episode.last_over_at:
        # No values came any more.
        return now > episode.last_over_at + of_span.lost
    return bool(came.calm >= min(of_span.end_after, came.calm_now))


def _told(
    connection: Connection, rules: Rules, episodes: Sequence[Episode], now: datetime
) -> Mapping[int, _Told]:
    """Return what the tickets of episodes, and those they were merged into, were told of each."""
    numbers = {episode.number for episode in episodes if episode.ticket is not None}
    named = {episode.ticket for episode in episodes if episode.ticket is not None}
    if not numbers:
        return {}
    # One that went on when its ticket was closed stands in another one now: the first bears its own number.
    zone = rules.calendar.zone
    named |= {
        f"JC-{episode.began_at.astimezone(zone).year}-{episode.number:06d}"
        for episode in episodes
        if episode.number in numbers
    }
    ticket, event = schema.ticket.c, schema.event.c
    mains = select(ticket.merged_into).where(ticket.number.in_(named), ticket.merged_into.is_not(None))
    named |= set(connection.execute(mains).scalars())
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS)
        .where(
            event.stream == func.any(literal([_TICKET + number for number in sorted(named)], ARRAY(Text))),
            event.kind.in_([SensorExceeded.__name__, SensorRecovered.__name__]),
        )
        .order_by(event.at, event.stream, event.seq)
    )
    found: defaultdict[int, _Told] = defaultdict(_Told)
    for row in rows:
        one = log.recorded(row).event
        fact = one.fact
        if not isinstance(fact, (SensorExceeded, SensorRecovered)) or fact.episode not in numbers:
            continue
        told = found[fact.episode]
        if one.at > now:
            told.later = True
            continue
        told.last = fact
        if isinstance(fact, SensorExceeded):
            told.tickets.append(row.stream.removeprefix(_TICKET))
    _look_at_tickets(connection, [episode for episode in episodes if episode.number not in found], found, now)
    return found


def _look_at_tickets(
    connection: Connection, episodes: Sequence[Episode], found: defaultdict[int, _Told], now: datetime
) -> None:
    """Note by their tickets' own times what may be said of episodes whose tickets' logs say nothing.

    Such as to the wall, which may not read them.
    """
    ticket = schema.ticket.c
    named = {episode.ticket for episode in episodes if episode.ticket is not None}
    query = select(ticket.number, ticket.received_at).where(ticket.number.in_(named))
    received = {row.number: row.received_at for row in connection.execute(query)} if named else {}
    for episode in episodes:
        if episode.ticket is not None and episode.ticket in received:
            if received[episode.ticket] > now:
                found[episode.number].later = True
            else:
                found[episode.number].tickets.append(episode.ticket)


def _asked(episodes: Sequence[Episode], now: datetime) -> dict[str, Any]:
    return {"numbers": [episode.number for episode in episodes], "now": now}


_CAME = text(
    """
    SELECT e.number, beyond.*, behind.*, l.low
    FROM episode AS e LEFT JOIN limit_value AS l ON l.key = e.limit_key
    CROSS JOIN LATERAL (
        SELECT count(*) AS over_now, count(*) FILTER (WHERE r.received_at <= :now) AS over,
            min(r.value) FILTER (WHERE r.received_at <= :now) AS least,
            max(r.value) FILTER (WHERE r.received_at <= :now) AS most,
            max(r.at) FILTER (WHERE r.received_at <= :now) AS last_over_at
        FROM reading AS r
        WHERE r.station = e.station AND r.factor = e.factor AND r.span = e.span
            AND r.at BETWEEN e.began_at AND e.last_over_at AND r.flag = 'N'
            AND (l.key IS NULL OR r.value > l.high OR r.value < l.low)
    ) AS beyond
    CROSS JOIN LATERAL (
        SELECT count(*) AS calm_now, count(*) FILTER (WHERE r.received_at <= :now) AS calm
        FROM (
            SELECT one.received_at FROM reading AS one
            WHERE one.station = e.station AND one.factor = e.factor AND one.span = e.span
                AND one.at >= e.ended_at AND one.at < e.ended_at + interval '3 days' AND one.flag = 'N'
            ORDER BY one.at LIMIT 10
        ) AS r
    ) AS behind
    WHERE e.number = ANY(:numbers)
    """
).bindparams(bindparam("numbers", type_=ARRAY(BigInteger)), bindparam("now", type_=TIMESTAMP(timezone=True)))
