"""The open tickets in memory, as numpy columns: 100,000 of them are judged anew in a few milliseconds.

A board is a value: `merged` gives another one, so that a worker may look at one while the next is made. What
colour a ticket has is `domain.clock.state_of`'s rule, here once more over columns; a test holds the two (and
the SQL of `data_access.readers.states`) against each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from data_access.readers.board import OpenTickets
from domain.listing import TicketFilter
from domain.nodes import Node, TicketState
from domain.overview import AreaCount, PipelineNode
from domain.urgency import Urgency

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

STATES = tuple(TicketState)
"""What a state code of `judge` means."""
URGENCIES = tuple(Urgency)
NODES = tuple(Node)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_URGENCY_CODES = {urgency.value: code for code, urgency in enumerate(URGENCIES)}
_NODE_CODES = {"": -1, **{node.value: code for code, node in enumerate(NODES)}}
_RUNNING, _DUE_SOON, _OVERDUE, _PAUSED = range(4)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys as small numbers, in the order in which they were first met; -1 stands for none."""

    names: tuple[str, ...] = ()
    codes: Mapping[str, int] = field(default_factory=dict)

    def coded(self, values: Sequence[str]) -> tuple["Keys", Codes]:
        """Return the codes of these keys, an empty one being none, and the keys known then."""
        new = sorted({value for value in values if value} - self.codes.keys())
        known = self
        if new:
            names = (*self.names, *new)
            known = Keys(names, {name: code for code, name in enumerate(names)})
        return known, _coded(values, {"": -1, **known.codes})


@dataclass(frozen=True, slots=True)
class Board:
    """Open tickets as columns of equal length, ordered by number. Times are microseconds since 1970."""

    number: Objects
    lng: Floats
    lat: Floats
    urgency: Codes
    category: Codes
    area: Codes
    body: Codes
    node: Codes
    node_due_at: Ints
    node_yellow_at: Ints
    red_at: Ints
    yellow_at: Ints
    paused: Bools
    rectified: Bools
    categories: Keys
    areas: Keys
    bodies: Keys

    @classmethod
    def empty(cls) -> "Board":
        """Return a board without tickets."""
        none = np.empty(0, np.int32)
        return cls(*_arrays(OpenTickets(), none, none, none), Keys(), Keys(), Keys())  # type: ignore[arg-type]

    @classmethod
    def of(cls, tickets: OpenTickets) -> "Board":
        """Return the board of these tickets."""
        return cls.empty().merged((), tickets)

    def __len__(self) -> int:
        return len(self.number)

    def merged(self, touched: Sequence[str] | frozenset[str], found: OpenTickets) -> "Board":
        """Return the board after a change of some tickets.

        Args:
            touched: the numbers that were asked for; who is not among `found` is no longer open.
            found: how those stand now.
        """
        categories, category = self.categories.coded(found.category)
        areas, area = self.areas.coded(found.area)
        bodies, body = self.bodies.coded(found.body)
        new = _arrays(found, category, area, body)
        if not len(self):
            return Board(*new, categories, areas, bodies)  # type: ignore[arg-type]
        # What is there goes out, and comes in again as it stands: both by one pass over each column.
        asked = np.array(sorted({*touched, *found.number}), dtype=object)
        at = np.searchsorted(self.number, asked)
        inside = at < len(self)
        there = at[inside][self.number[at[inside]] == asked[inside]]
        columns = [np.delete(column, there) for column in self._columns()]
        places = np.searchsorted(columns[0], new[0])
        return Board(
            *(np.insert(old, places, added) for old, added in zip(columns, new, strict=True)),  # type: ignore[arg-type]
            categories,
            areas,
            bodies,
        )

    def states(self, now: datetime) -> Codes:
        """Return each ticket's colour as a position in STATES, as `domain.clock.state_of` gives it."""
        moment = microseconds(now)
        return np.select(
            [self.red_at < moment, self.paused, self.yellow_at <= moment, self.rectified],
            [
                STATES.index(TicketState.OVERDUE),
                STATES.index(TicketState.PAUSED),
                STATES.index(TicketState.DUE_SOON),
                STATES.index(TicketState.DONE),
            ],
            STATES.index(TicketState.ON_TIME),
        ).astype(np.int32)

    def counts(self, now: datetime, states: Codes) -> "Counts":
        """Return what the panels count of the open tickets as of now."""
        moment = microseconds(now)
        status = np.select(
            [self.node_due_at < moment, self.paused, self.node_yellow_at <= moment],
            [_OVERDUE, _PAUSED, _DUE_SOON],
            _RUNNING,
        )
        placed = self.node >= 0
        by_node = np.bincount(self.node[placed] * 4 + status[placed], minlength=4 * len(NODES)).reshape(-1, 4)
        known = self.area >= 0
        late = states == STATES.index(TicketState.OVERDUE)
        size = len(self.areas.names)
        return Counts(
            len(self),
            tuple(np.bincount(self.urgency, minlength=len(URGENCIES)).tolist()),
            dict(zip(self.areas.names, np.bincount(self.area[known], minlength=size).tolist(), strict=True)),
            dict(
                zip(
                    self.areas.names,
                    np.bincount(self.area[known & late], minlength=size).tolist(),
                    strict=True,
                )
            ),
            tuple(
                PipelineNode(
                    node,
                    int(row.sum()),
                    int(row[_DUE_SOON]),
                    int(row[_OVERDUE]),
                    TicketFilter(open_only=True, node=node),
                )
                for node, row in zip(NODES, by_node, strict=True)
            ),
            int(np.isnan(self.lng).sum()),
        )

    def _columns(self) -> list[NDArray[np.generic]]:
        return [
            self.number,
            self.lng,
            self.lat,
            self.urgency,
            self.category,
            self.area,
            self.body,
            self.node,
            self.node_due_at,
            self.node_yellow_at,
            self.red_at,
            self.yellow_at,
            self.paused,
            self.rectified,
        ]


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted over the open tickets: by URGENCIES, area key and node, and those without a place."""

    open: int
    by_urgency: tuple[int, ...]
    by_area: Mapping[str, int]
    overdue_by_area: Mapping[str, int]
    pipeline: tuple[PipelineNode, ...]
    unplaced: int

    def of_urgency(self, urgency: Urgency) -> int:
        """Return how many open tickets have this urgency."""
        return self.by_urgency[URGENCIES.index(urgency)]

    def areas(self, names: Mapping[str, str]) -> tuple[AreaCount, ...]:
        """Return the counties in the city's order (`names`: key to name), then what only tickets name."""
        unknown = sorted(key for key, count in self.by_area.items() if count and key not in names)
        return tuple(
            AreaCount(key, names.get(key, key), self.by_area.get(key, 0), self.overdue_by_area.get(key, 0))
            for key in (*names, *unknown)
        )


def microseconds(moment: datetime) -> int:
    """Return an aware moment in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def _arrays(found: OpenTickets, category: Codes, area: Codes, body: Codes) -> list[NDArray[np.generic]]:
    """Return the columns of `Board` up to `rectified`, in their order."""
    number = np.empty(len(found), object)
    number[:] = found.number
    return [
        number,
        _unpacked(found.lng, ">f8", np.float64),
        _unpacked(found.lat, ">f8", np.float64),
        _coded(found.urgency, _URGENCY_CODES),
        category,
        area,
        body,
        _coded(found.node, _NODE_CODES),
        _unpacked(found.node_due_at, ">i8", np.int64),
        _unpacked(found.node_yellow_at, ">i8", np.int64),
        _unpacked(found.red_at, ">i8", np.int64),
        _unpacked(found.yellow_at, ">i8", np.int64),
        _unpacked(found.paused, ">i8", np.bool_),
        _unpacked(found.rectified, ">i8", np.bool_),
    ]


def _coded(values: Sequence[str], codes: Mapping[str, int]) -> Codes:
    return np.fromiter(map(codes.__getitem__, values), np.int32, len(values))


def _unpacked(packed: bytes, stored: str, wanted: type[np.generic]) -> NDArray[np.generic]:
    return np.frombuffer(packed, stored).astype(wanted)
