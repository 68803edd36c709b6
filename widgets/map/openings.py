"""What a click on the map opens: exactly the tickets that the figure counted, and a title that says which."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from domain.listing import TicketFilter
from widgets.map.choice import MapFilter
from widgets.map.frames import Frame
from widgets.map.marks import MarkKind
from widgets.map.points import Bools
from widgets.map.words import filter_words
from widgets.wording import exact_count_text

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Opening:
    """A list of tickets under a title, or, where `ticket` is set, that ticket."""

    wanted: TicketFilter
    title: str
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Openings:
    """All that can be opened of a frame; `names` are the counties' by code."""

    frame: Frame
    chosen: MapFilter
    names: Mapping[str, str]

    def of_mark(self, mark_id: str) -> Opening | None:
        """Return what a mark opens; None if it is gone or counts nothing."""
        mark = self.frame.marks.by_id.get(mark_id)
        wanted = self.frame.filter_of(mark_id)
        if mark is None or wanted is None:
            return None
        if mark.kind in (MarkKind.TICKET, MarkKind.ALERT) and mark.count == 1:
            return Opening(wanted, mark.label, mark.label)
        if mark.kind in (MarkKind.COUNTY, MarkKind.LABEL):
            return self._list(wanted, mark.label, mark.count)
        if mark.kind is MarkKind.ALERT:
            return self._list(wanted, translate("map", "紧急工单"), mark.count)
        return self._list(wanted, translate("map", "地图聚合"), mark.count)

    def of_all(self) -> Opening:
        """Return the list of all that pass the filter."""
        wanted = self.chosen.as_ticket_filter() or self._numbered(self.frame.selected)
        return self._list(wanted, self.where or translate("map", "全市"), self.frame.facets.total)

    def of_county(self, code: str, tickets: int) -> Opening:
        """Return the list of a county's tickets that pass the filter."""
        wanted = self.chosen.as_ticket_filter(code)
        if wanted is None:
            areas = list(self.names)
            wanted = self._numbered(self.frame.selected & (self.frame.columns.area == areas.index(code)))
        return self._list(wanted, self.names[code], tickets)

    def of_aside(self, which: str) -> Opening | None:
        """Return the list of the tickets without coordinates ("unplaced") or outside of the city."""
        outside = which == "outside"
        numbers = self.frame.outside_numbers if outside else self.frame.unplaced_numbers
        if not numbers:
            return None
        title = translate("map", "界外工单") if outside else translate("map", "无坐标工单")
        return self._list(TicketFilter(numbers=numbers), title, len(numbers))

    @property
    def where(self) -> str:
        """The names of the counties that are shown, empty for the whole city."""
        return "·".join(self.names.get(code, code) for code in self.chosen.areas)

    def _numbered(self, chosen: Bools) -> TicketFilter:
        return TicketFilter(numbers=tuple(self.frame.columns.numbers[chosen]))

    def _list(self, wanted: TicketFilter, title: str, tickets: int) -> Opening:
        words = filter_words(self.chosen, self.frame.facets)
        tail = translate("map", "{0} 件") if wanted.numbers is not None else translate("map", "在办 {0} 件")
        parts = (title, words, tail.format(exact_count_text(tickets)))
        return Opening(wanted, " · ".join(part for part in parts if part))
