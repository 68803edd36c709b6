"""The city of the tests: its zone, its policies and calendar as the program ships them, and its people."""

import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from data_access.calendars import notices
from domain.calendar import WorkCalendar
from domain.clock import TicketClock, clock
from domain.events import Event, Fact, Received
from domain.node_clock import NodeClock
from domain.nodes import Node
from domain.people import PLATFORM, Actor, Role
from domain.policy import Policy, parse_policy
from domain.urgency import Urgency

CITY = ZoneInfo("Asia/Shanghai")
RESOURCES = Path(__file__).parents[2] / "resources"

DUTY = Actor(Role.DUTY, "王磊", PLATFORM)
HOUSING = Actor(Role.HANDLER, "陈立", "housing")
ECOLOGY = Actor(Role.HANDLER, "周倩", "ecology")


def policy_of(name: str) -> Policy:
    """The policy of a file in resources/policies."""
    (file,) = (RESOURCES / "policies").glob(f"{name}*.toml")
    return parse_policy(tomllib.loads(file.read_text("utf-8")))


STANDARD = policy_of("standard-v1")
CALENDAR = WorkCalendar(notices())


def at(text: str) -> datetime:
    """The moment of "2026-09-17 16:00" in the city, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=CITY).astimezone(UTC)


def received(urgency: Urgency = Urgency.ORDINARY) -> Received:
    return Received(channel="12345", title="夜间施工噪声", urgency=urgency)


def stream(start: str, *steps: tuple[float, Actor, Fact]) -> tuple[Event, ...]:
    """Events from (hours after the start, actor, fact)."""
    return tuple(Event(at(start) + timedelta(hours=hours), actor, fact) for hours, actor, fact in steps)


def as_of(events: Sequence[Event], moment: str | datetime, policy: Policy = STANDARD) -> TicketClock:
    """The clocks of a ticket at a moment, by the standard policy."""
    return clock(events, policy, CALENDAR, at(moment) if isinstance(moment, str) else moment)


def node_of(ticket: TicketClock, node: Node, round_: int = 1, leg: int = 1) -> NodeClock:
    """The one clock of a node in a round and leg."""
    (found,) = [n for n in ticket.trace.nodes if (n.node, n.round, n.leg) == (node, round_, leg)]
    return found
