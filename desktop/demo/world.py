"""What the demo city plays on: master data, words, rules, people on duty, and the habits of the bodies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from data_access.calendars import notices
from data_access.rules import RESOURCES
from desktop.city import CITY_FOLDER, load_boundaries, load_city, read_table
from desktop.demo.texts import Texts, load_texts
from domain.calendar import WorkCalendar
from domain.city import City
from domain.nodes import Node
from domain.people import PLATFORM, Actor, Role
from domain.policy import Limit, Policy, PolicyBook, parse_policy
from domain.urgency import Urgency

SPAN = timedelta(days=90)
"""How far back the tickets go."""

RECENT = timedelta(days=30)
"""The ranking's window: a body's rate of the last 30 days and the one before differ a little."""

DEFAULT_RATE = 0.98


@dataclass(frozen=True)
class KnownDays(WorkCalendar):
    """A calendar that remembers each day's next working day: the flow asks for the same ones all the time."""

    _next: dict[date, date] = field(default_factory=dict, repr=False, compare=False)

    def next_working_day(self, day: date) -> date:
        """Return the first working day after a day."""
        found = self._next.get(day)
        if found is None:
            found = self._next[day] = super().next_working_day(day)
        return found


@dataclass(frozen=True)
class World:
    """The stage. Everything is read-only; chance comes in by the seeded `Random` of each ticket."""

    city: City
    texts: Texts
    policy: Policy
    calendar: WorkCalendar
    anchor: datetime
    rates: dict[str, tuple[float, float]]
    rings: dict[str, Sequence[Sequence[float]]]
    staff: dict[tuple[Role, str | None], tuple[Actor, ...]]

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone."""
        return self.policy.zone

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the city's zone."""
        return moment.astimezone(self.zone)

    def limit(self, node: Node, urgency: Urgency) -> Limit:
        """Return how long a node may take."""
        rule = self.policy.rule(node)
        if rule is None or urgency not in rule.limits:
            raise ValueError(f"the demo city's policy has no limit for {node} of {urgency}")
        return rule.limits[urgency]

    def on_time_rate(self, body: str, moment: datetime) -> float:
        """Return the share of its nodes that a body finishes in time."""
        recent, before = self.rates.get(body, (DEFAULT_RATE, DEFAULT_RATE))
        return recent if moment >= self.anchor - RECENT else before

    def on_duty(self, moment: datetime) -> Actor:
        """Return who of the platform office is on shift: 0-8, 8-16 and 16-24, in rotation (T05)."""
        local = self.local(moment)
        officers = self.staff[Role.DUTY, PLATFORM]
        return officers[(local.toordinal() * 3 + local.hour // 8) % (len(officers) - 1)]

    def caller(self) -> Actor:
        """Return the person of the platform office who calls complainants back."""
        return self.staff[Role.DUTY, PLATFORM][-1]

    def handler(self, body: str, random: Random) -> Actor:
        """Return somebody who works for a body."""
        if body == PLATFORM:
            return self.caller()
        return random.choice(self.staff[Role.HANDLER, body])

    def supervisor(self, body: str, moment: datetime) -> Actor:
        """Return who speaks for a body that supervises jointly."""
        if body == PLATFORM:
            return self.on_duty(moment)
        people = (self.staff.get((role, body), ()) for role in (Role.HANDLER, Role.DISCIPLINE))
        return next(found[0] for found in people if found)

    def office_moment(self, moment: datetime, random: Random) -> datetime:
        """Return the moment itself within office hours, else some minutes into the next ones."""
        local = self.local(moment)
        opening, closing = self.calendar.office_start, self.calendar.office_end
        if self.calendar.is_working(local.date()) and opening <= local.time() < closing:
            return moment
        day = local.date()
        if not (self.calendar.is_working(day) and local.time() < opening):
            day = self.calendar.next_working_day(day)
        start = datetime.combine(day, opening, self.zone)
        return start + timedelta(seconds=random.randint(120, 9000))

    def inside(self, area: str, lng: float, lat: float) -> bool:
        """Whether a point lies inside a county: an odd number of crossings to the east."""
        ring = self.rings[area]
        crossings = 0
        x1, y1 = ring[-1][0], ring[-1][1]
        for x2, y2 in ring:
            if (y1 > lat) != (y2 > lat) and lng < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
                crossings += 1
            x1, y1 = x2, y2
        return crossings % 2 == 1


def supervisors(lead: str | None) -> tuple[str, ...]:
    """Return the two bodies that supervise what `lead` has to do again (Y17): never the lead itself."""
    return ("discipline" if lead == "ecology" else "ecology", PLATFORM)


def make_world(anchor: datetime) -> World:
    """Return the stage as of a moment, from the resources that come with the program."""
    bodies = read_table(CITY_FOLDER, "bodies.toml")
    policy = read_policy(anchor)
    features: list[dict[str, Any]] = load_boundaries()["features"]
    city = load_city()
    staff: dict[tuple[Role, str | None], tuple[Actor, ...]] = {}
    for person in city.people:
        staff[person.role, person.body] = (*staff.get((person.role, person.body), ()), person.actor)
    return World(
        city=city,
        texts=load_texts(),
        policy=policy,
        calendar=KnownDays(notices(), policy.zone),
        anchor=anchor,
        rates={row["key"]: (row["rate"], row["before"]) for row in bodies["body"] if "rate" in row},
        rings={f["properties"]["adcode"]: f["geometry"]["coordinates"][0] for f in features},
        staff=staff,
    )


def read_policy(anchor: datetime) -> Policy:
    """Return the standard policy that was in force when the demo's first tickets came in."""
    folder = RESOURCES / "policies"
    book = PolicyBook([parse_policy(read_table(folder, path.name)) for path in sorted(folder.glob("*.toml"))])
    return book.in_force("standard", anchor - SPAN)
