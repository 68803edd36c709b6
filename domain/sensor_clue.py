"""From an episode to a ticket: its words, its urgency, and which open ticket it joins (X14, Q04, T26).

A flood of alarms must not be a flood of tickets: one open ticket a station, which further factors and
episodes join, and other stations of the same enterprise close by.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from domain.coordinates import Point, metres_between
from domain.events import Received
from domain.exceedance import Run
from domain.factor_names import factor_name
from domain.sensor_events import SensorExceeded, SensorRecovered
from domain.sensor_proof import LENGTHS
from domain.sensor_rules import SensorRule
from domain.stations import Limit, Span, Station, StationKind
from domain.urgency import Urgency

CHANNEL = "monitoring"

_KINDS = {
    StationKind.DUST: "扬尘",
    StationKind.WATER: "废水",
    StationKind.STACK: "废气",
    StationKind.NOISE: "噪声",
    StationKind.AIR: "空气质量",
}
_SPANS = {Span.REAL_TIME: "实时值", Span.MINUTE: "分钟值", Span.HOUR: "小时值", Span.DAY: "日均值"}


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket that is not closed and that episodes of a station stand in."""

    number: str
    station: Station
    received_at: datetime
    merged_into: str | None = None

    @property
    def handled_in(self) -> str:
        """The ticket that the matter is handled in."""
        return self.merged_into or self.number


def unit_of(station: Station, factor: str) -> str:
    """Return the unit in which a station measures a factor, "" if it is not known to."""
    return next((measure.unit for measure in station.measures if measure.factor == factor), "")


def clue_of(
    station: Station,
    factor: str,
    span: Span,
    run: Run,
    rule: SensorRule,
    zone: tzinfo,
    minutes: int | None = None,
) -> Received:
    """Return what came in: where, what, since when, and against what it was held.

    `minutes` is the averaging time of the limit, where it names one.
    """
    unit = unit_of(station, factor)
    began = run.began_at.astimezone(zone)
    beyond = "高于" if run.peak > run.bound else "低于"
    owner = f"（{station.enterprise}）" if station.enterprise else ""
    averaged = f" {minutes} 分钟均值" if minutes is not None else _SPANS[span]
    text = (
        f"{station.name}{owner}{_KINDS[station.kind]}在线监测：{factor_name(factor)}{averaged}自"
        f" {began:%Y-%m-%d %H:%M} 起 {run.over} 次{beyond}限值，最{'高' if beyond == '高于' else '低'}"
        f" {run.peak:g} {unit}，限值 {run.bound:g} {unit}"
    )
    return Received(
        channel=CHANNEL,
        title=f"{station.name}{factor_name(factor)}超标：{run.peak:g} {unit}（限 {run.bound:g}）",
        text=text.rstrip(),
        urgency=urgency_of(run, rule),
        category=station.category,
        area=station.area,
        township=station.township,
        address=station.name,
        lng=station.lng,
        lat=station.lat,
        external_id=station.key,
    )


def urgency_of(run: Run, rule: SensorRule) -> Urgency:
    """Return how urgent a value makes a matter: far above its limit it is of the first urgency."""
    far = run.peak > run.bound and run.peak >= run.bound * rule.first_percent / 100
    return Urgency.FIRST if far else Urgency.ORDINARY


def exceeded_of(
    station: Station, factor: str, span: Span, run: Run, episode: int, limit: Limit | None
) -> SensorExceeded:
    """Return what the ticket's log says of an episode that began, or that goes on.

    Of one that was taken up again, since then: what came before was told.
    """
    return SensorExceeded(
        episode=episode,
        station=station.key,
        factor=factor,
        value=run.peak if run.resumed_peak is None else run.resumed_peak,
        limit=run.bound if run.resumed_bound is None else run.resumed_bound,
        unit=unit_of(station, factor),
        began_at=run.resumed_at or run.began_at,
        source=limit.source if limit is not None else "",
        name=station.name,
        span=span,
        minutes=limit.minutes if limit is not None else None,
    )


def recovered_of(station: Station, factor: str, run: Run, episode: int) -> SensorRecovered:
    """Return what the ticket's log says of an episode that ended."""
    if run.ended_at is None:
        raise ValueError("the episode goes on")
    return SensorRecovered(
        episode=episode,
        station=station.key,
        factor=factor,
        peak=run.peak,
        over=run.over,
        ended_at=run.ended_at,
        name=station.name,
        lost=run.lost,
    )


def is_told(run: Run, span: Span, rule: SensorRule, now: datetime) -> bool:
    """Whether an episode makes somebody go there: not what was sent in long after it ended.

    A value is as old as its period's end: a day's comes in after midnight and bears the day's beginning.
    """
    return now - run.last_over_at - LENGTHS[span] <= timedelta(minutes=rule.told_minutes)


def joined_by(
    station: Station, tickets: Iterable[OpenTicket], rule: SensorRule, now: datetime
) -> OpenTicket | None:
    """Return the open ticket that an episode of a station joins: its own, or one of its enterprise."""
    since = now - timedelta(minutes=rule.group_minutes)
    known = sorted(tickets, key=_received, reverse=True)
    own = next((ticket for ticket in known if ticket.station.number == station.number), None)
    if own is not None or not station.enterprise:
        return own
    return next(
        (
            ticket
            for ticket in known
            if ticket.received_at >= since
            and ticket.station.enterprise == station.enterprise
            and ticket.station.category == station.category
            and _are_near(ticket.station, station, rule.group_metres)
        ),
        None,
    )


def _are_near(one: Station, other: Station, metres: int) -> bool:
    if one.lng is None or one.lat is None or other.lng is None or other.lat is None:
        return False
    return metres_between(Point(one.lng, one.lat), Point(other.lng, other.lat)) <= metres


def _received(ticket: OpenTicket) -> tuple[datetime, str]:
    return (ticket.received_at, ticket.number)
