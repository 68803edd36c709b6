"""Values that came in are weighed: episodes of exceedance, clues of them, and what devices need (X14, Q04).

The receiver notes whose values came in (`readings`); they are taken from there, judged by the pure rules of
`domain.exceedance`, and written, with what the tickets' logs have to say, in one transaction: a program that
is killed in between has done nothing, and the next one does it. One program weighs at a time, by a lock.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection, exists, func, select

from data_access import episodes, log, schema
from data_access.air_index import index_touched
from data_access.device_items import Standing, weigh_devices, weigh_intervals
from data_access.episodes import Home, Series, Written, series_of
from data_access.readings import ToWeigh, put_back, take_to_weigh
from data_access.rules import Rules
from data_access.stations import read_limits, read_stations
from data_access.stretches import INSTANT, City, judge_stretches
from domain.events import Event, Fact, Received
from domain.people import SYSTEM
from domain.policy import NoPolicyError
from domain.rejudging import Stretch
from domain.sensor_clue import (
    CHANNEL,
    OpenTicket,
    clue_of,
    exceeded_of,
    is_told,
    joined_by,
    recovered_of,
)
from domain.sensor_rules import SensorRule
from domain.stations import Episode, Span, Station

WEIGHING = 71230011
"""An advisory lock that whoever weighs holds until its transaction ends."""
MOST = 2000
"""Notes of values that came in taken in one transaction."""
ROUNDS = 4
"""Stretches of a series weighed in one transaction, one after the other."""


@dataclass(slots=True)
class Weighed:
    """What a turn did; `more` says that something waits already.

    `left` says from when on series are not weighed yet: their stretches were too long for one turn.
    """

    series: int = 0
    opened: int = 0
    ended: int = 0
    tickets: int = 0
    joined: int = 0
    items: int = 0
    more: bool = False
    left: dict[Series, datetime] = field(default_factory=dict)

    def add(self, other: "Weighed") -> None:
        """Count what another part of the turn did."""
        self.series += other.series
        self.opened += other.opened
        self.ended += other.ended
        self.tickets += other.tickets
        self.joined += other.joined
        self.left |= other.left


def weigh(connection: Connection, rules: Rules, now: datetime, most: int = MOST) -> Weighed:
    """Weigh a portion of what waits, in the caller's transaction, unless another program does."""
    if not connection.execute(select(func.pg_try_advisory_xact_lock(WEIGHING))).scalar_one():
        return Weighed()
    taken = take_to_weigh(connection, most)
    if not taken:
        return Weighed()
    city = city_of(connection, rules, now)
    done, weighed = _weigh_taken(connection, rules, city, taken, now)
    series = dict.fromkeys(map(series_of, taken))
    finest = episodes.finest_spans(connection, series, now - timedelta(days=1))
    serving = [one for one in series if one[0] not in city.retired]
    standing = [Standing(*one) for one in serving if one in finest]
    done.items = weigh_devices(connection, city.rule, standing, now)
    by_minute = {Standing(*one): city.limits_of(one) for one in serving if one[2] is Span.MINUTE}
    done.items += weigh_intervals(connection, city.rule, by_minute, rules.calendar.zone, now)
    index_touched(connection, rules, weighed, now)
    episodes.heard(connection, CHANNEL, now)
    done.more = bool(connection.execute(select(exists(select(schema.to_weigh)))).scalar_one())
    return done


def _weigh_taken(
    connection: Connection, rules: Rules, city: City, taken: Sequence[ToWeigh], now: datetime
) -> tuple[Weighed, list[ToWeigh]]:
    """Weigh what was taken, the stretches of a series one after the other; return what of it was weighed.

    The rest is put back: behind a slice of a series nothing of it is weighed before what follows that slice.
    """
    waiting: defaultdict[Series, list[ToWeigh]] = defaultdict(list)
    for note in taken:
        waiting[series_of(note)].append(note)
    done, weighed = Weighed(), []
    for _ in range(ROUNDS):
        now_due = {series: notes.pop(0) for series, notes in waiting.items() if notes}
        if not now_due:
            break
        stretches = {series: Stretch(note.since, note.until) for series, note in now_due.items()}
        done.add(weigh_series(connection, rules, city, stretches, now))
        for series, note in now_due.items():
            left = done.left.get(series)
            if left is None:
                weighed.append(note)
            else:
                weighed.append(replace(note, until=left - INSTANT))
                rest = replace(note, since=left, until=max(left, note.until))
                put_back(connection, [rest, *waiting.pop(series)])
    for notes in waiting.values():
        put_back(connection, notes)
    return done, weighed


def lost_now(connection: Connection, rules: Rules, now: datetime) -> tuple[Episode, ...]:
    """Return the open episodes of which nothing beyond the limit came in for so long that nobody may know."""
    rule = sensor_rule(rules, now)
    shortest = min(of_span.lost for of_span in rule.spans.values())
    return tuple(
        episode
        for episode in episodes.lost_episodes(connection, now - shortest)
        if episode.last_over_at < now - rule.spans[episode.span].lost
    )


def end_lost(
    connection: Connection,
    rules: Rules,
    now: datetime,
    *,
    only: int | None = None,
    without: Collection[int] = (),
) -> Weighed:
    """End the episodes of which nothing came in for so long that nobody knows.

    With `only` no more than that one, and none of `without`.
    """
    if not connection.execute(select(func.pg_try_advisory_xact_lock(WEIGHING))).scalar_one():
        return Weighed()
    lost = [
        episode
        for episode in lost_now(connection, rules, now)
        if only in (None, episode.number) and episode.number not in without
    ]
    if not lost:
        return Weighed()
    stretches = {
        (episode.station, episode.factor, episode.span): Stretch(now, now + episodes.AHEAD)
        for episode in lost
    }
    done = weigh_series(connection, rules, city_of(connection, rules, now), stretches, now)
    put_back(connection, [ToWeigh(*series, at, now + episodes.AHEAD) for series, at in done.left.items()])
    return done


def city_of(connection: Connection, rules: Rules, now: datetime) -> City:
    """Return what values are weighed with at a moment."""
    limits = read_limits(connection)
    stations = {station.number: station for station in read_stations(connection)}
    today = now.astimezone(rules.calendar.zone).date()
    retired = frozenset(number for number, station in stations.items() if not station.serves(today))
    return City(stations, limits, sensor_rule(rules, now), {limit.key: limit for limit in limits}, retired)


def sensor_rule(rules: Rules, now: datetime) -> SensorRule:
    """Return the rule of the standard policy in force; without one, what older versions say."""
    try:
        return rules.policies.in_force("standard", now).sensors
    except NoPolicyError:
        return SensorRule()


def weigh_series(
    connection: Connection, rules: Rules, city: City, stretches: Mapping[Series, Stretch], now: datetime
) -> Weighed:
    """Judge series by what came in, one stretch of each, and write what follows from it.

    A stretch that is too long is judged as far as a slice goes; `left` says from when on it is not.
    """
    found, left = judge_stretches(connection, city, rules.calendar.zone, stretches, now)
    written: dict[Series, list[Written]] = {}
    for series, matched in found.items():
        if matched.new or matched.changed or matched.gone:
            written[series] = episodes.write_episodes(connection, series, matched)
    episodes.change_episodes(connection, chain.from_iterable(written.values()))
    done = _tell(connection, rules, city, written, now)
    done.series = len(stretches)
    done.left = left
    return done


class _Telling:
    """What is to be appended to tickets: their streams, and which episodes stand in which."""

    def __init__(self, tickets: Iterable[OpenTicket], homes: Mapping[str, Home]) -> None:
        self.tickets = list(tickets)
        self.homes = homes
        self.facts: defaultdict[str, list[Fact]] = defaultdict(list)
        self.new: set[str] = set()
        self.named: dict[int, str] = {}
        self.joined = 0

    def open(self, ticket: OpenTicket, clue: Received) -> None:
        """Begin a ticket with what came in."""
        self.new.add(ticket.number)
        self.tickets.append(ticket)
        self.facts[ticket.number].append(clue)


def _tell(
    connection: Connection,
    rules: Rules,
    city: City,
    written: Mapping[Series, Sequence[Written]],
    now: datetime,
) -> Weighed:
    """Make clues of new episodes, and tell tickets of those that began, went on or ended."""
    done = Weighed()
    told = [row.before.ticket for rows in written.values() for row in rows if row.before is not None]
    homes = episodes.homes_of(connection, [ticket for ticket in told if ticket is not None])
    asks = {
        series[0]
        for series, rows in written.items()
        if any(_asks(row, series, homes, city, now) for row in rows)
    }
    around = _around(city.stations, asks)
    telling = _Telling(episodes.open_tickets(connection, around) if around else (), homes)
    for series, rows in written.items():
        for row in rows:
            done.opened += row.before is None or row.run.reopened > row.before.reopened
            done.ended += row.run.ended_at is not None and (row.before is None or row.before.ended_at is None)
            _tell_one(rules, city, series, row, telling, now)
    additions = [
        log.Addition(
            f"ticket/{number}",
            [Event(now, SYSTEM, fact) for fact in facts],
            0 if number in telling.new else None,
        )
        for number, facts in telling.facts.items()
    ]
    if additions:
        log.append(connection, rules, additions)
    episodes.name_ticket(connection, telling.named)
    done.tickets, done.joined = len(telling.new), telling.joined
    return done


def _asks(row: Written, series: Series, homes: Mapping[str, Home], city: City, now: datetime) -> bool:
    """Whether an episode needs a ticket: it has none, or goes on after that one was closed."""
    if series[0] in city.retired or not is_told(row.run, series[2], city.rule, now):
        return False
    home = _home(row, homes)
    return home is None or (home.closed_at is not None and row.run.last_over_at > home.closed_at)


def _home(row: Written, homes: Mapping[str, Home]) -> Home | None:
    ticket = row.before.ticket if row.before is not None else None
    return homes.get(ticket) if ticket is not None else None


def _around(stations: Mapping[int, Station], asks: set[int]) -> dict[int, Station]:
    """Return the stations of the same enterprises as those that ask."""
    enterprises = {stations[number].enterprise for number in asks} - {""}
    return {
        number: station
        for number, station in stations.items()
        if number in asks or station.enterprise in enterprises
    }


def _tell_one(
    rules: Rules, city: City, series: Series, row: Written, telling: _Telling, now: datetime
) -> None:
    station, factor = city.stations[series[0]], series[1]
    before, run, limit = row.before, row.run, city.by_key.get(row.run.limit)
    known = _home(row, telling.homes)
    home = known.ticket if known is not None else None
    was_ended = before is not None and before.ended_at is not None
    if _asks(row, series, telling.homes, city, now):
        joined = joined_by(station, telling.tickets, city.rule, now)
        if joined is not None:
            home = joined.handled_in
            telling.joined += 1
        else:
            home = _number(row, now.astimezone(rules.calendar.zone).year, again=known is not None)
            minutes = limit.minutes if limit is not None else None
            clue = clue_of(station, factor, series[2], run, city.rule, rules.calendar.zone, minutes)
            telling.open(OpenTicket(home, station, now), clue)
        telling.facts[home].append(exceeded_of(station, factor, series[2], run, row.number, limit))
        telling.named[row.number] = home
        was_ended = False
    elif home is not None and before is not None and run.reopened > before.reopened:
        telling.facts[home].append(exceeded_of(station, factor, series[2], run, row.number, limit))
        was_ended = False
    if home is not None and run.ended_at is not None and not was_ended:
        telling.facts[home].append(recovered_of(station, factor, run, row.number))


def _number(row: Written, year: int, *, again: bool) -> str:
    """Return a new ticket's number: an episode's own, so that it says where the ticket comes from."""
    number = f"JC-{year}-{row.number:06d}"
    return f"{number}-{row.run.over}" if again else number
