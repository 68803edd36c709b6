"""Feeds the page of running warnings, at any length."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from data_access.readers.names import read_names
from data_access.readers.settled import Settled
from data_access.readers.warning_causes import settled_causes
from data_access.readers.warning_list import settled_warnings, ticket_of, warnings_by_key
from data_access.rules import Rules
from data_access.store import Connection
from desktop.pages.device_look import DeviceLook
from desktop.pages.list_desk import ListDesk
from desktop.readings import Readings
from desktop.touched import Touched
from domain.drafts import DirectiveDraft
from domain.listing import WarningCounts, WarningFilter, WarningOrder, WarningRow
from domain.warning_causes import CauseRow
from widgets.pages.warnings_page import WarningsPage

Choices = tuple[tuple[str, str], ...]


class Warnings:
    """The warnings that a filter names, in an order: a source of `LazyList` that counts them, too."""

    def __init__(self, chosen: WarningFilter, order: WarningOrder) -> None:
        self._chosen = chosen
        self._order = order
        self.counts = WarningCounts()

    def first(
        self, _connection: Connection, _rules: Rules, _now: datetime, _limit: int
    ) -> Sequence[WarningRow]:
        """Return nothing: which are the worst is known when all are looked through."""
        return ()

    def settle(self, connection: Connection, _rules: Rules, now: datetime) -> Settled:
        """Return the keys of all."""
        settled, self.counts = settled_warnings(connection, self._chosen, now, self._order)
        return settled

    def by_key(
        self, connection: Connection, rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[WarningRow | None]:
        """Return warnings by their keys."""
        return warnings_by_key(connection, rules, keys, now)


class Causes:
    """The same by their causes: a source of `LazyList`, too. Opened lines show their warnings."""

    def __init__(self, chosen: WarningFilter, order: WarningOrder) -> None:
        self._chosen = chosen
        self._order = order
        self._opened: frozenset[str] = frozenset()
        self._lines: Mapping[str, CauseRow] = {}
        self.counts = WarningCounts()

    def toggle(self, key: str) -> None:
        """Open a line, or close it, from the next settling on."""
        self._opened ^= {key}

    def first(
        self, _connection: Connection, _rules: Rules, _now: datetime, _limit: int
    ) -> Sequence[CauseRow]:
        """Return nothing: the counts are known when all are."""
        return ()

    def settle(self, connection: Connection, rules: Rules, now: datetime) -> Settled:
        """Return the keys of the lines, and of the warnings under those that are opened."""
        settled, self.counts, self._lines = settled_causes(
            connection, rules, self._chosen, now, self._order, self._opened
        )
        return settled

    def by_key(
        self, connection: Connection, rules: Rules, now: datetime, keys: Sequence[str]
    ) -> Sequence[CauseRow | WarningRow | None]:
        """Return lines and warnings by their keys."""
        lines = self._lines
        asked = [key for key in keys if key not in lines]
        rows = dict(zip(asked, warnings_by_key(connection, rules, asked, now), strict=True))
        return [lines.get(key) or rows.get(key) for key in keys]


class WarningsDesk(ListDesk):
    """Remembers which warnings are listed.

    Signals: `environment_requested(object)`: show what devices need.
    """

    environment_requested = Signal(object)

    def __init__(self, page: WarningsPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.warnings_page = page
        self._source: Warnings | Causes | None = None
        page.list_requested.connect(self._open)
        page.cause_toggled.connect(self._toggle)
        page.ticket_requested.connect(self.ticket_requested)
        page.acknowledge_requested.connect(self.acknowledge_requested)
        page.directive_requested.connect(self.directive_requested)
        page.re_supervision_requested.connect(self.re_supervision_requested)
        self._devices = DeviceLook(readings, page.devices.show_calls)
        page.devices.devices_requested.connect(self.environment_requested)

    def concerned(self, touched: Touched) -> bool:
        named = touched.tickets or touched.re_supervisions or touched.administration
        return touched.everything or touched.new_minute or bool(named)

    def tick(self, now: datetime) -> None:
        super().tick(now)
        if self.fresh:
            self._devices.tick()

    async def update(self, touched: Touched) -> None:
        if self._source is None:
            self._open(WarningFilter(), WarningOrder())
        elif self.concerned(touched) or self._list.restless:
            shown = self.warnings_page.table.keys_in_sight()
            keys = [key for key in shown if ticket_of(key) in touched.tickets]
            await self._list.update(keys, everything=touched.everything)
        if touched.everything:
            self.warnings_page.show_choices(*await self.readings.read(_choices))
        if touched.everything or touched.new_minute or touched.administration:
            await self._devices.look()

    def carried(self, draft: object, _found: object) -> None:
        """Let go of the selection that a directive was made of."""
        if isinstance(draft, DirectiveDraft):
            self.warnings_page.let_go(draft.tickets)

    def _listed(self) -> Warnings | Causes | None:
        return self._source

    def _toggle(self, key: str) -> None:
        if isinstance(self._source, Causes):
            self._source.toggle(key)
            self._list.renew(key)

    def _open(self, chosen: WarningFilter, order: WarningOrder) -> None:
        self._source = Causes(chosen, order) if self.warnings_page.by_cause else Warnings(chosen, order)
        self._list.open(self._source)

    def _counted(self, total: int | None, as_of: datetime) -> None:
        if self._source is not None:
            self.warnings_page.show_counts(total, self._source.counts, as_of)


def _choices(connection: Connection, _rules: Rules, _now: datetime) -> tuple[Choices, Choices]:
    names = read_names(connection)
    return tuple(names.short_bodies.items()), tuple(names.areas.items())
