"""A city's master data: its bodies, areas, categories, people and channels, as read from `resources/city`.

The records only name things; who may do what is decided by roles (people.py), when by policies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.people import PLATFORM, Actor, Role
from domain.urgency import Urgency


class BodyKind(StrEnum):
    """PLATFORM is the platform office, DISCIPLINE the commission, RESPONSIBLE one of the twelve."""

    PLATFORM = "platform"
    DISCIPLINE = "discipline"
    RESPONSIBLE = "responsible"


@dataclass(frozen=True, slots=True)
class Body:
    """A body; `name` is its full name for rankings, `short` the one for warnings and logs."""

    key: str
    name: str
    short: str
    kind: BodyKind


@dataclass(frozen=True, slots=True)
class Township:
    """A township or subdistrict of the county `area`; a WGS-84 point inside that county, in degrees."""

    name: str
    area: str
    lng: float
    lat: float


@dataclass(frozen=True, slots=True)
class Area:
    """A county by its adcode (GB/T 2260); the point is a representative one inside, WGS-84 degrees.

    `body` is the county's own key among the responsible bodies, where it is one.
    """

    adcode: str
    name: str
    short: str
    lng: float
    lat: float
    townships: tuple[Township, ...]
    body: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryClass:
    """One of the classes of the responsibility list (Y12), by its letter."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class FastLane:
    """A batch of fast-lane kinds; it counts for tickets received from `effective_from` on (Y03, Y25)."""

    batch: int
    effective_from: date


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of the responsibility list: a class letter and two digits, such as C12.

    `local` kinds are led by the county where the county itself is a responsible body. `basis` names the
    statute; `urgency` is the level that fits as a rule.
    """

    code: str
    name: str
    class_code: str
    class_name: str
    lead: str
    assisting: tuple[str, ...] = ()
    local: bool = False
    fast_lane: FastLane | None = None
    urgency: Urgency = Urgency.ORDINARY
    keywords: tuple[str, ...] = ()
    basis: str = ""

    @property
    def rule(self) -> str:
        """The line of the responsibility list, as a dispatch cites it: C12 is 责任清单 3.12."""
        return f"责任清单 {ord(self.class_code) - ord('A') + 1}.{int(self.code[1:])}"

    def is_fast_lane(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether a ticket received at this moment goes by the fast lane."""
        return self.fast_lane is not None and moment.astimezone(zone).date() >= self.fast_lane.effective_from


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sit at the screen. `title` is an office or a function, for the screen; `login` is how
    the database knows this person, None for one who cannot sign in."""

    name: str
    role: Role
    title: str = ""
    body: str | None = None
    login: str | None = None

    @property
    def actor(self) -> Actor:
        """The person as an event names it."""
        return Actor(self.role, self.name, self.body)


@dataclass(frozen=True, slots=True)
class Channel:
    """A source of complaints or alarms; it should speak at least every `heartbeat_seconds`, None for one
    without a link. `proactive`: what it brings was found by oneself, not complained about (Y31)."""

    key: str
    name: str
    full_name: str
    heartbeat_seconds: int | None
    proactive: bool = False


@dataclass(frozen=True)
class City:
    """All master data of a city, with look-ups by key. `sample` marks data that is 示例."""

    name: str
    title: str
    bodies: tuple[Body, ...]
    areas: tuple[Area, ...]
    classes: tuple[CategoryClass, ...]
    categories: tuple[Category, ...]
    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    sample: bool = True
    _bodies: Mapping[str, Body] = field(init=False, repr=False, compare=False)
    _areas: Mapping[str, Area] = field(init=False, repr=False, compare=False)
    _categories: Mapping[str, Category] = field(init=False, repr=False, compare=False)
    _channels: Mapping[str, Channel] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bodies", {body.key: body for body in self.bodies})
        object.__setattr__(self, "_areas", {area.adcode: area for area in self.areas})
        object.__setattr__(self, "_categories", {category.code: category for category in self.categories})
        object.__setattr__(self, "_channels", {channel.key: channel for channel in self.channels})

    def body(self, key: str | None) -> Body | None:
        """Return the body of this key, or None."""
        return self._bodies.get(key) if key else None

    def area(self, adcode: str | None) -> Area | None:
        """Return the county of this adcode, or None."""
        return self._areas.get(adcode) if adcode else None

    def category(self, code: str | None) -> Category | None:
        """Return the kind of this code, or None."""
        return self._categories.get(code) if code else None

    def channel(self, key: str | None) -> Channel | None:
        """Return the channel of this key, or None."""
        return self._channels.get(key) if key else None

    @property
    def linked(self) -> tuple[Channel, ...]:
        """The channels that have a link of their own, in the order of the file."""
        return tuple(channel for channel in self.channels if channel.heartbeat_seconds is not None)

    @property
    def responsible(self) -> tuple[Body, ...]:
        """The responsible bodies, in the order of the file."""
        return tuple(body for body in self.bodies if body.kind is BodyKind.RESPONSIBLE)

    def staff(self, role: Role, body: str | None = None) -> tuple[Person, ...]:
        """Return the people of a role, of one body when it is named."""
        return tuple(p for p in self.people if p.role is role and (body is None or p.body == body))

    def lead_for(self, category: Category, area: str | None) -> tuple[str, tuple[str, ...]]:
        """Return the lead body and the assisting bodies that the responsibility list names for a place."""
        county = self.area(area)
        if not category.local or county is None or county.body is None:
            return category.lead, category.assisting
        others = (category.lead, *(key for key in category.assisting if key != county.body))
        return county.body, others


def stand_ins(bodies: Iterable[tuple[str, str]]) -> tuple[Person, ...]:
    """Return nameless people for a trial store that knows none: one of each role, a handler for each body.

    `bodies` are (key, name) of the responsible ones. A city's own server has people who sign in instead.
    """
    return (
        Person("值班员", Role.DUTY, "试用身份", PLATFORM),
        Person("领导", Role.LEADER, "试用身份"),
        Person("纪检干部", Role.DISCIPLINE, "试用身份", "discipline"),
        *(Person(f"{name}承办人", Role.HANDLER, "试用身份", key) for key, name in bodies),
        Person("大屏", Role.WALL, "试用身份"),
    )
