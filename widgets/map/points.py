"""The open tickets as columns: what the map counts, filters and draws. Pure numpy, fit for any thread."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.nodes import TicketState
from domain.overview import MapPoint
from domain.urgency import Urgency
from widgets.map.mercator import Floats, project

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

# The order of a donut's segments, clockwise from twelve o'clock: the worst first.
STATES = (
    TicketState.OVERDUE,
    TicketState.DUE_SOON,
    TicketState.ON_TIME,
    TicketState.PAUSED,
    TicketState.DONE,
)
_STATE_CODES = {state: code for code, state in enumerate(STATES)}
# A closed ticket has left the board; should one be handed in, it counts as done rather than vanishing.
_STATE_CODES[TicketState.CLOSED] = _STATE_CODES[TicketState.DONE]
URGENCIES = tuple(Urgency)
_URGENCY_CODES = {urgency: code for code, urgency in enumerate(URGENCIES)}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a code of a column stands for: a key of the master data and its name on screen.

    A category's kind also names its class, which can be chosen as a whole.
    """

    key: str
    name: str
    group_key: str = ""
    group_name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PointColumns:
    """Open tickets as columns of equal length, with and without coordinates.

    `numbers`: str objects; `x`, `y`: world units (mercator.py), NaN without usable coordinates; `state`,
    `urgency`: positions in STATES and URGENCIES; `area`: position in the counties that the columns were made
    with, -1 for none of them; `category`, `body`: positions in `categories` and `bodies`, -1 for none.
    """

    numbers: Texts
    x: Floats
    y: Floats
    state: Ints
    urgency: Ints
    area: Ints
    category: Ints
    body: Ints
    categories: tuple[Choice, ...] = field(default=())
    bodies: tuple[Choice, ...] = field(default=())

    @classmethod
    def from_arrays(
        cls,
        *,
        numbers: Sequence[str] | NDArray[np.object_] | NDArray[np.str_],
        lng: ArrayLike,
        lat: ArrayLike,
        state: ArrayLike,
        urgency: ArrayLike,
        counties: Sequence[str],
        area: ArrayLike,
        areas: Sequence[str],
        states: Sequence[TicketState] = STATES,
        urgencies: Sequence[Urgency] = URGENCIES,
        category: ArrayLike | None = None,
        categories: Sequence[Choice] = (),
        body: ArrayLike | None = None,
        bodies: Sequence[Choice] = (),
    ) -> Self:
        """Return columns of arrays of equal length, without a loop over tickets. Hand in all open tickets.

        Args:
            numbers: ticket numbers; an array of str objects is taken as it is, without a copy.
            lng, lat: degrees, WGS-84; NaN (both) where a ticket has no coordinates.
            state, urgency: integer codes, positions in `states` and `urgencies` (the caller's own order).
            counties: codes of the map's counties, `TicketMap.county_codes`.
            area: integer codes, positions in `areas`; negative for none.
            areas: adcodes; that of a township counts for the county whose six digits it begins with.
            states, urgencies: what the codes mean.
            category, body: integer codes, positions in `categories` and `bodies`; negative for none.
            categories: kinds of the category list, each with its class as group.
            bodies: the lead bodies.
        """
        lng, lat = np.asarray(lng, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        # NaN compares false: neither it nor a place off the world can be shown.
        placed = (np.abs(lng) <= 180.0) & (np.abs(lat) <= 90.0)
        x, y = project(np.where(placed, lng, np.nan), np.where(placed, lat, np.nan))
        length = len(lng)
        position = {adcode: index for index, adcode in enumerate(counties)}
        homes = [position.get(code, position.get(code[:6], -1)) for code in areas]
        return cls(
            np.asarray(numbers, dtype=np.object_),
            x,
            y,
            _translated(state, [_STATE_CODES[one] for one in states]),
            _translated(urgency, [_URGENCY_CODES[one] for one in urgencies]),
            _translated(area, homes),
            _codes(category, length),
            _codes(body, length),
            tuple(categories),
            tuple(bodies),
        )

    @classmethod
    def from_points(cls, points: Sequence[MapPoint], counties: Sequence[str] = ()) -> Self:
        """Return the columns of these points; `counties` are county codes (adcodes)."""
        areas = sorted({point.area or "" for point in points})
        position = {code: index for index, code in enumerate(areas)}
        return cls.from_arrays(
            numbers=[point.number for point in points],
            lng=[point.lng for point in points],
            lat=[point.lat for point in points],
            state=[_STATE_CODES[point.state] for point in points],
            urgency=[_URGENCY_CODES[point.urgency] for point in points],
            counties=counties,
            area=[position[point.area or ""] for point in points],
            areas=areas,
        )

    @property
    def placed(self) -> Bools:
        """Which tickets have coordinates."""
        return ~np.isnan(self.x)

    def totals(self) -> list[int]:
        """Return how many tickets there are by STATES."""
        return [int(count) for count in np.bincount(self.state, minlength=len(STATES))]

    def __len__(self) -> int:
        return len(self.numbers)


def _codes(given: ArrayLike | None, length: int) -> Ints:
    return np.full(length, -1, dtype=np.int64) if given is None else np.asarray(given, dtype=np.int64)


def _translated(given: ArrayLike, meaning: Sequence[int]) -> Ints:
    """Return the codes as those of another table; a negative one stays none."""
    codes = np.asarray(given, dtype=np.int64)
    # The last entry answers for -1.
    return np.array([*meaning, -1], dtype=np.int64)[np.maximum(codes, -1)]
