"""The four-colour rectification ledger: items, and the scheme that colours them (product.md; Q03, Q17, Q18).

"Four colours" has no common meaning (standards.md §2.12), so a scheme is versioned data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.events import Event
from domain.fields import converted, day, name_of, required, version
from domain.item_events import ItemClosedOut, ItemOpened, ItemProgressed, ItemReturned


class Colour(StrEnum):
    """The order of the members is the order on the legend."""

    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class ColourScheme:
    """When an item has which colour, from `effective_from` on.

    `near_share` is the last share of the time that counts as near due; `behind_yellow` and `behind_red`
    are percentage points behind plan; `legend` has each colour's words for the screen.
    """

    key: str
    version: int
    effective_from: date
    near_share: float
    behind_yellow: int
    behind_red: int
    legend: Mapping[Colour, str]


class ColourReason(StrEnum):
    """Why an item has its colour."""

    CLOSED_OUT = "closed_out"
    ON_PLAN = "on_plan"
    NEAR_DUE = "near_due"
    BEHIND = "behind"
    FAR_BEHIND = "far_behind"
    OVERDUE = "overdue"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Milestone:
    title: str
    weight: int
    due: date


@dataclass(frozen=True, slots=True)
class Item:
    """A rectification item as its events leave it. `percent` is the progress last reported."""

    number: str
    source: str
    batch: str
    problem: str
    body: str
    area: str | None
    lead_in_charge: str
    goal: str
    measures: str
    milestones: tuple[Milestone, ...]
    opened_at: datetime
    deadline: datetime
    percent: int
    returned: bool
    closed_out_at: datetime | None
    last_progress_at: datetime | None
    note: str
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Coloured:
    """An item's colour with its reason and the figures behind it (percent, percentage points)."""

    colour: Colour
    reason: ColourReason
    percent: int
    planned: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger, names ready for the screen."""

    number: str
    source: str
    batch: str
    problem: str
    body: str
    body_name: str
    area_name: str
    lead_in_charge: str
    deadline: datetime
    colour: Colour
    reason: ColourReason
    percent: int
    planned: int
    days_over: int
    closed_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """An item on the map (Q18): degrees of WGS-84, of its ticket where `exact`, else of its county."""

    row: LedgerRow
    lng: float
    lat: float
    exact: bool


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Items that meet every part that is set; `body` is a key."""

    colour: Colour | None = None
    body: str | None = None


class LedgerBy(StrEnum):
    """What the ledger is sorted by. WORST is the reddest first, then by deadline; so are equals.
    PROGRESS is how far behind plan, the furthest first."""

    WORST = "worst"
    NUMBER = "number"
    BODY = "body"
    DEADLINE = "deadline"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class LedgerOrder:
    """An order of items; `descending` is exactly the reverse."""

    by: LedgerBy = LedgerBy.WORST
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ColourCount:
    colour: Colour
    legend: str
    count: int


def fold_item(number: str, events: Iterable[Event]) -> Item:
    """Return an item from its events.

    Raises:
        ValueError: the first event does not open the item.
    """
    opened: ItemOpened | None = None
    opened_at: datetime | None = None
    percent, returned, note = 0, False, ""
    closed_out_at: datetime | None = None
    last_progress_at: datetime | None = None
    for event in events:
        if opened is None:
            if not isinstance(event.fact, ItemOpened):
                break
            opened, opened_at = event.fact, event.at
        match event.fact:
            case ItemProgressed(percent=percent, note=note):
                last_progress_at, returned = event.at, False
            case ItemReturned(reason=note):
                returned, closed_out_at = True, None
            case ItemClosedOut():
                closed_out_at, returned, percent = event.at, False, 100
            case _:
                pass
    if opened is None or opened_at is None:
        raise ValueError(f"item {number} was never opened")
    milestones = tuple(Milestone(t, int(w), date.fromisoformat(d)) for t, w, d in opened.milestones)
    return Item(
        number,
        opened.source,
        opened.batch,
        opened.problem,
        opened.body,
        opened.area,
        opened.lead_in_charge,
        opened.goal,
        opened.measures,
        milestones,
        opened_at,
        opened.deadline,
        percent,
        returned,
        closed_out_at,
        last_progress_at,
        note,
        opened.ticket,
    )


def planned_percent(item: Item, now: datetime) -> int:
    """Return the progress that the plan asks for by now, in percent.

    With milestones it is the sum of the weights of those whose day has ended; without, time elapsed.
    """
    if item.milestones:
        total = sum(milestone.weight for milestone in item.milestones) or 1
        reached = sum(m.weight for m in item.milestones if m.due < now.date())
        return round(100 * reached / total)
    span = item.deadline - item.opened_at
    if span <= timedelta(0):
        return 100
    return round(100 * min(1.0, max(0.0, (now - item.opened_at) / span)))


def colour(item: Item, scheme: ColourScheme, now: datetime) -> Coloured:
    """Return the colour that the scheme gives an item now. `now` is in the city's zone."""
    planned = planned_percent(item, now)
    behind = planned - item.percent
    span = item.deadline - item.opened_at
    if item.closed_out_at is not None and item.closed_out_at <= now:
        found = Colour.GREEN, ColourReason.CLOSED_OUT
    elif item.returned:
        found = Colour.RED, ColourReason.RETURNED
    elif now > item.deadline:
        found = Colour.RED, ColourReason.OVERDUE
    elif behind >= scheme.behind_red:
        found = Colour.RED, ColourReason.FAR_BEHIND
    elif behind >= scheme.behind_yellow:
        found = Colour.YELLOW, ColourReason.BEHIND
    elif item.deadline - now <= span * scheme.near_share:
        found = Colour.YELLOW, ColourReason.NEAR_DUE
    else:
        found = Colour.BLUE, ColourReason.ON_PLAN
    return Coloured(found[0], found[1], item.percent, planned)


def parse_scheme(values: Mapping[str, Any]) -> ColourScheme:
    """Return a scheme from the parsed TOML of `resources/schemes`.

    Raises:
        ValueError: a value is missing or out of range; the message names it.
    """
    where = "colour scheme"
    words = required(values, "legend", where)
    if not isinstance(words, Mapping) or words.keys() != {colour.value for colour in Colour}:
        raise ValueError("colour scheme: the legend must name all four colours, and no other")
    scheme = ColourScheme(
        key=name_of(values, "key", where),
        version=version(values, where),
        effective_from=day(values, "effective_from", where),
        near_share=converted(float, values, "near_share", where),
        behind_yellow=converted(int, values, "behind_yellow", where),
        behind_red=converted(int, values, "behind_red", where),
        legend={colour: str(words[colour.value]) for colour in Colour},
    )
    if not 0 <= scheme.near_share < 1:
        raise ValueError("colour scheme: near_share lies between 0 and 1")
    if not 0 < scheme.behind_yellow <= scheme.behind_red:
        raise ValueError("colour scheme: behind_yellow is positive and not above behind_red")
    return scheme
