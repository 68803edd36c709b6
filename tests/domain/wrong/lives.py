"""A ticket's life in order, as the standard policy asks for it, and ways to spoil one step of it."""

from collections.abc import Mapping
from datetime import timedelta

from domain.case_events import ResponsibilityNamed, ResponsibleAs
from domain.events import (
    Accepted,
    Arrived,
    Closed,
    Dispatched,
    Event,
    Fact,
    FedBack,
    PostChecked,
    Received,
    Rectified,
    Revisited,
    Signed,
)
from domain.people import Actor, Role
from domain.urgency import Urgency
from domain.wrong.judge import Judgement, judge
from domain.wrong.surroundings import Surroundings
from tests.domain.city import CALENDAR, DUTY, ECOLOGY, HOUSING, at, policy_of

SHIPPED = policy_of("standard-v2")
START = at("2026-09-14 09:00")
"""A Monday."""
NOTHING_AROUND = Surroundings()
END = START + timedelta(days=60)
PHOTO, OTHER_PHOTO = "a" * 64, "b" * 64
CONSTRUCTION = Actor(Role.HANDLER, "吴江", "construction")
ROBOT = Actor(Role.SYSTEM, "12345")

Step = tuple[float, Actor, Fact]
"""Hours after the start, who, and what."""

IN_ORDER: Mapping[str, Step] = {
    "received": (0, ROBOT, Received("12345", "夜间施工噪声", urgency=Urgency.FIRST, category="C12")),
    "accepted": (0.01, DUTY, Accepted()),
    "dispatched": (0.03, DUTY, Dispatched("housing")),
    "signed": (0.06, HOUSING, Signed()),
    "arrived": (1.5, HOUSING, Arrived(40.0, (PHOTO,))),
    "rectified": (5, HOUSING, Rectified("停止夜间施工", evidence=(OTHER_PHOTO,))),
    "fed_back": (6, HOUSING, FedBack("电话", "已告知")),
    "revisited": (8, DUTY, Revisited(True)),
    "post_checked": (30, ECOLOGY, PostChecked(True)),
    "closed": (32, DUTY, Closed("已解决")),
}

WATCHED: Step = (0.04, DUTY, ResponsibilityNamed(ResponsibleAs.WATCHER, "王磊"))


def life(**changes: Step | None) -> tuple[Event, ...]:
    """The life in order with some steps replaced, added, or (None) left out."""
    steps = {**IN_ORDER, **changes}
    events = [
        Event(START + timedelta(hours=hours), actor, fact)
        for hours, actor, fact in (step for step in steps.values() if step is not None)
    ]
    return tuple(sorted(events, key=lambda event: event.at))


def judged(
    events: tuple[Event, ...], around: Surroundings = NOTHING_AROUND, hours: float | None = None
) -> Judgement:
    """What the shipped policy says of a life, at its end or so many hours after the start."""
    now = END if hours is None else START + timedelta(hours=hours)
    return judge(events, SHIPPED, CALENDAR, around, now)
