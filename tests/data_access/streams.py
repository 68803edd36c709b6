"""Small, plausible streams for tests of the store."""

from datetime import UTC, datetime, timedelta

from domain import events as e
from domain.intake import NewTicket
from domain.people import PLATFORM, Actor, Role
from domain.urgency import Urgency

START = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
"""Monday 2026-09-14, 09:00 in the city."""

DUTY = Actor(Role.DUTY, "王磊", PLATFORM)
HANDLER = Actor(Role.HANDLER, "陈立", "housing")
OTHER = Actor(Role.HANDLER, "周倩", "ecology")


def received(urgency: Urgency = Urgency.ORDINARY, **values: object) -> e.Received:
    return e.Received(channel="12345", title="夜间施工噪声", urgency=urgency, area="320312", **values)  # type: ignore[arg-type]


def happened(*steps: tuple[float, Actor, e.Fact], start: datetime = START) -> tuple[e.Event, ...]:
    """Events from (hours after start, actor, fact)."""
    return tuple(e.Event(start + timedelta(hours=hours), actor, fact) for hours, actor, fact in steps)


def whole_life(start: datetime = START) -> tuple[e.Event, ...]:
    """An ordinary ticket, done in time at every node."""
    return happened(
        (0, DUTY, received()),
        (0.2, DUTY, e.Accepted()),
        (0.5, DUTY, e.Dispatched("housing")),
        (1, HANDLER, e.Signed()),
        (3, HANDLER, e.Arrived(12.5)),
        (30, HANDLER, e.Rectified("停工整改")),
        (31, HANDLER, e.FedBack("电话")),
        (50, DUTY, e.Revisited(True)),
        (80, OTHER, e.PostChecked(True)),
        (81, DUTY, e.Closed("已解决")),
        start=start,
    )


def ticket(number: str, events: tuple[e.Event, ...]) -> NewTicket:
    return NewTicket(number, events, number.encode().ljust(32, b"\0"))
