"""A frame: all that the map shows of some tickets, made of a job that any thread may run.

The widget puts a job together (what is known, chosen and looked at) and takes the finished frame; between the
two there is no Qt. The frame brings the messages for the page along, already written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from domain.listing import TicketFilter
from domain.overview import AreaCount
from widgets.map.choice import EVERYTHING, Facets, MapFilter, Selection, count, select
from widgets.map.counties import County
from widgets.map.heat import Heat, heat_picture
from widgets.map.marks import Camera, Mark, Marks, build, difference
from widgets.map.outline import Outline
from widgets.map.points import Bools, PointColumns

# A message larger than this is cut in pieces: the channel's cost rises beyond it (traps 3.7).
MESSAGE_MARKS = 2_000


@dataclass(frozen=True, slots=True)
class Atlas:
    """The counties of a city and the land that they cover."""

    counties: tuple[County, ...]
    outline: Outline

    @classmethod
    def of(cls, counties: tuple[County, ...]) -> "Atlas":
        """Return the atlas of these counties, made with their rings."""
        return cls(counties, Outline(tuple(county.rings for county in counties if county.rings)))

    @property
    def codes(self) -> tuple[str, ...]:
        """The counties' codes in their order."""
        return tuple(county.adcode for county in self.counties)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a job made. `number` is the job's; `messages` bring the page up to it, the last one is answered.

    `sent`: the marks that the page has then; `facets`: the counts for filter, legend and county table.
    """

    number: int
    columns: PointColumns
    marks: Marks
    facets: Facets
    messages: tuple[str, ...]
    inside: Bools
    selected: Bools
    camera: Camera | None
    heat: bool

    def filter_of(self, mark_id: str) -> TicketFilter | None:
        """Return the filter of exactly the tickets that a mark counts; None if it counts none."""
        return self.marks.filter_of(mark_id)

    @property
    def unplaced_numbers(self) -> tuple[str, ...]:
        """The tickets that pass the filter and have no coordinates."""
        return tuple(self.columns.numbers[self.selected & ~self.columns.placed])

    @property
    def outside_numbers(self) -> tuple[str, ...]:
        """The tickets that pass the filter and lie outside of all counties."""
        return tuple(self.columns.numbers[self.selected & self.columns.placed & ~self.inside])


@dataclass(frozen=True, slots=True, eq=False)
class FrameJob:
    """Call it, in any thread, for the frame.

    Args:
        number: counts what was asked of the map; the page answers with it when it has painted that.
        atlas: the city.
        columns: the tickets, made with `atlas.codes`.
        areas: the store's counts by county where `columns` lacks tickets without coordinates, else empty.
        camera: the view; None while there is no page, then only the counts are made.
        chosen: the filter.
        before: the marks that were made last, so that what has not changed stands still.
        sent: the marks that the page has; None for a page that knows nothing.
        heat: the layer to make anew; None to leave the page's as it is.
        more: what else the page is told, see resources/map/map.js.
    """

    number: int
    atlas: Atlas
    columns: PointColumns
    areas: tuple[AreaCount, ...] = ()
    camera: Camera | None = None
    chosen: MapFilter = EVERYTHING
    before: Marks | None = None
    sent: Mapping[str, Mark] | None = None
    heat: Heat | None = None
    more: Mapping[str, object] = field(default_factory=dict)

    def __call__(self) -> Frame:
        columns, atlas = self.columns, self.atlas
        selection = select(columns, self.chosen, atlas.codes)
        inside = atlas.outline.inside(columns.x, columns.y)
        facets = count(columns, selection, inside, [(c.adcode, c.name) for c in atlas.counties])
        marks = Marks(columns)
        messages: tuple[str, ...] = ()
        if self.camera is not None:
            marks = build(
                columns, atlas.counties, self.areas, self.camera, self.before, self.chosen, selection.all
            )
            messages = self._messages(marks, facets, selection)
        return Frame(
            self.number,
            columns,
            marks,
            facets,
            messages,
            inside,
            selection.all,
            self.camera,
            self.heat is not None,
        )

    def _messages(self, marks: Marks, facets: Facets, selection: Selection) -> tuple[str, ...]:
        change = difference(self.sent or {}, marks.by_id)
        made = []
        for first in range(0, max(1, len(change.changed)), MESSAGE_MARKS):
            part = change.changed[first : first + MESSAGE_MARKS]
            last = first + MESSAGE_MARKS >= len(change.changed)
            message: dict[str, object] = {
                # Only the last piece is answered.
                "push": self.number if last else 0,
                "all": self.sent is None and first == 0,
                "changed": [mark.as_row() for mark in part],
                "removed": change.removed if first == 0 else (),
            }
            if last:
                message |= self._scene(facets, selection)
            made.append(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        return tuple(made)

    def _scene(self, facets: Facets, selection: Selection) -> dict[str, object]:
        """Return what the last piece says besides the marks."""
        scene: dict[str, object] = {
            "totals": facets.shown,
            "total": facets.total,
            "unplaced": facets.unplaced,
            "outside": facets.outside,
            **self.more,
        }
        if self.heat is not None and self.camera is not None:
            picture = heat_picture(
                self.columns, selection.all, self.heat, self.camera.zoom, self.camera.window
            )
            scene["heat"] = picture.as_message() if picture is not None else None
        return scene


def nothing(columns: PointColumns) -> Frame:
    """Return the frame before there is any."""
    empty = np.zeros(len(columns), dtype=bool)
    return Frame(0, columns, Marks(columns), Facets(), (), empty, empty, None, False)
