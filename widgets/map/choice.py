"""Which tickets the map shows, and how many each further choice would leave. Pure numpy, for any thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from domain.listing import UNSET, TicketFilter
from domain.nodes import TicketState
from domain.urgency import Urgency
from widgets.map.points import STATES, URGENCIES, Bools, Choice, Ints, PointColumns

_OVERDUE = STATES.index(TicketState.OVERDUE)


@dataclass(frozen=True, slots=True)
class MapFilter:
    """Open tickets that meet every part that is set; an empty part is no condition.

    `category` is a class or kind code, or UNSET for tickets without one; `body` a key; `areas` adcodes of
    counties (several, where small ones share a donut).
    """

    states: frozenset[TicketState] = frozenset()
    urgencies: frozenset[Urgency] = frozenset()
    category: str | None = None
    body: str | None = None
    areas: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return bool(self.states or self.urgencies or self.category or self.body or self.areas)

    def as_ticket_filter(self, area: str | None = None) -> TicketFilter | None:
        """Return the same as a filter of the ticket list, in one county; None where that cannot say it."""
        areas = (area,) if area is not None else self.areas
        if max(len(self.states), len(self.urgencies), len(areas)) > 1:
            return None
        return TicketFilter(
            open_only=True,
            state=next(iter(self.states), None),
            urgency=next(iter(self.urgencies), None),
            category=self.category,
            body=self.body,
            area=next(iter(areas), None),
        )


EVERYTHING = MapFilter()


@dataclass(frozen=True, slots=True)
class CountRow:
    """Tickets of a county or body, with and without coordinates."""

    key: str
    name: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many tickets there are by each choice, all other parts of the filter applied.

    `shown` by STATES of what passes the whole filter; `states` and `urgencies` by STATES and URGENCIES;
    `categories` by kind and class code (and UNSET), those that have tickets; `counties` all of the map's,
    `bodies` those of the columns' table that have tickets, both worst first; `unplaced` pass the filter but
    have no coordinates, `outside` lie outside of all counties.
    """

    total: int = 0
    shown: tuple[int, ...] = (0,) * len(STATES)
    states: tuple[int, ...] = (0,) * len(STATES)
    urgencies: tuple[int, ...] = (0,) * len(URGENCIES)
    categories: Mapping[str, int] = field(default_factory=dict)
    counties: tuple[CountRow, ...] = ()
    bodies: tuple[CountRow, ...] = ()
    unplaced: int = 0
    outside: int = 0
    category_choices: tuple[Choice, ...] = ()
    body_choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The tickets that pass a filter, as masks over the columns: of all of it, and of all but one part."""

    all: Bools
    but: Mapping[str, Bools]


def select(columns: PointColumns, chosen: MapFilter, counties: Sequence[str]) -> Selection:
    """Return which tickets pass; `counties` are the codes that the columns were made with."""
    parts: dict[str, Bools] = {}
    if chosen.states:
        parts["states"] = np.isin(columns.state, [STATES.index(state) for state in chosen.states])
    if chosen.urgencies:
        parts["urgencies"] = np.isin(columns.urgency, [URGENCIES.index(one) for one in chosen.urgencies])
    if chosen.category == UNSET:
        parts["category"] = columns.category < 0
    elif chosen.category is not None:
        kinds = [chosen.category in (kind.key, kind.group_key) for kind in columns.categories]
        parts["category"] = _marked(columns.category, kinds)
    if chosen.body is not None:
        parts["body"] = _marked(columns.body, [body.key == chosen.body for body in columns.bodies])
    if chosen.areas:
        parts["areas"] = _marked(columns.area, [code in chosen.areas for code in counties])
    everything = np.ones(len(columns), dtype=bool)
    names = ("states", "urgencies", "category", "body", "areas")
    return Selection(
        _together(everything, parts),
        {name: _together(everything, {k: v for k, v in parts.items() if k != name}) for name in names},
    )


def count(
    columns: PointColumns, selection: Selection, inside: Bools, counties: Sequence[tuple[str, str]]
) -> Facets:
    """Return the counts by each choice.

    Args:
        columns: the tickets.
        selection: which pass the filter (`select`).
        inside: which lie in a county by their coordinates.
        counties: code and name of each county, in the columns' order.
    """
    but = selection.but
    kinds = _counts(columns.category[but["category"]] + 1, len(columns.categories) + 1)
    categories = {UNSET: kinds[0]} if kinds[0] else {}
    for kind, tickets in zip(columns.categories, kinds[1:], strict=True):
        if tickets:
            categories[kind.key] = tickets
            if kind.group_key:
                categories[kind.group_key] = categories.get(kind.group_key, 0) + tickets
    shown = tuple(_counts(columns.state[selection.all], len(STATES)))
    named = [(body.key, body.name) for body in columns.bodies]
    return Facets(
        sum(shown),
        shown,
        tuple(_counts(columns.state[but["states"]], len(STATES))),
        tuple(_counts(columns.urgency[but["urgencies"]], len(URGENCIES))),
        categories,
        _rows(columns.area[but["areas"]], columns.state[but["areas"]], counties),
        tuple(row for row in _rows(columns.body[but["body"]], columns.state[but["body"]], named) if row.open),
        int((selection.all & ~columns.placed).sum()),
        int((selection.all & columns.placed & ~inside).sum()),
        columns.categories,
        columns.bodies,
    )


def _rows(codes: Ints, states: Ints, named: Sequence[tuple[str, str]]) -> tuple[CountRow, ...]:
    """Return the counts by code, those with most overdue tickets first; -1 is left out."""
    opened = _counts(codes + 1, len(named) + 1)[1:]
    late = _counts(codes[states == _OVERDUE] + 1, len(named) + 1)[1:]
    rows = [CountRow(*who, *of) for who, *of in zip(named, opened, late, strict=True)]
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.open, row.key)))


def _marked(codes: Ints, marked: Sequence[bool]) -> Bools:
    """Return where the code is one of the marked; -1 never is."""
    return np.array([*marked, False], dtype=bool)[codes]


def _together(everything: Bools, parts: Mapping[str, Bools]) -> Bools:
    found = everything
    for part in parts.values():
        found = found & part
    return found


def _counts(codes: Ints, length: int) -> list[int]:
    return [int(n) for n in np.bincount(codes, minlength=length)]
