"""Feeds the dossier of one ticket, now or at a replayed minute."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from data_access.errors import StoreError
from data_access.readers.back_trace import trace_of
from data_access.readers.curves import sensor_curves
from data_access.readers.dossier import dossier
from data_access.rules import Rules
from data_access.store import Connection
from desktop import runtime, time
from desktop.dossiers.button import DossierExport
from desktop.evidence_view import EvidenceView
from desktop.pages.desk import Desk
from desktop.readings import Readings
from desktop.thumbnails import Thumbnails
from desktop.touched import Touched
from domain.back_trace import BackTrace
from domain.dossier import Dossier, SeenComplainant
from domain.environment import Curve
from widgets.dossier.page import DossierPage

Read = tuple[Dossier | None, tuple[Curve, ...], BackTrace | None]
"""What the page shows of a ticket, read in one transaction."""


class DossierDesk(Desk):
    """Remembers which ticket is open, and which past minute is replayed.

    Where the window shows a fixed minute, the dossier is a replay of it.

    Signals: station_requested(str): show a station among the others; finding_requested(int): a finding;
    trace_requested(BackTrace): show what lay upwind on the map; and those of a Desk.
    """

    station_requested = Signal(str)
    finding_requested = Signal(int)
    trace_requested = Signal(object)

    def __init__(self, page: DossierPage, readings: Readings, parent: QObject) -> None:
        super().__init__(page, readings, parent)
        self.dossier_page = page
        self.number: str | None = None
        self._minute: datetime | None = None
        page.replay_requested.connect(self._replay)
        page.directive_requested.connect(self.directive_requested)
        page.re_supervision_requested.connect(self.re_supervision_requested)
        page.acknowledge_requested.connect(self.acknowledge_requested)
        page.step_requested.connect(self.step_requested)
        page.ticket_requested.connect(self.ticket_requested)
        page.tickets_requested.connect(self.tickets_requested)
        page.station_requested.connect(self.station_requested)
        page.finding_requested.connect(self.finding_requested)
        page.trace_requested.connect(self.trace_requested)
        self.evidence = EvidenceView(readings, page.evidence.scale, page, self)
        self.evidence.said.connect(self.refused)
        page.evidence.evidence_requested.connect(self._open_evidence)
        self.export = DossierExport(page.log, self._shown, readings, self)
        self.export.said.connect(self.refused)
        self.thumbnails = Thumbnails(readings, self)

    def open_ticket(self, number: str) -> None:
        """Make this the ticket whose dossier the next refresh shows."""
        self.number, self._minute = number, None
        self.forget()

    def turn_minute(self) -> None:
        super().turn_minute()
        self._minute = None

    def _shown(self) -> str | None:
        return self.dossier_page.number

    def _open_evidence(self, checksums: tuple[str, ...]) -> None:
        if self.number is not None:
            self.evidence.open(self.number, checksums)

    def show_complainant(self, ticket: str, who: object) -> None:
        """Show who complained about the ticket on screen, for a minute."""
        if isinstance(who, SeenComplainant):
            self.dossier_page.show_complainant(ticket, who)

    def concerned(self, touched: Touched) -> bool:
        # A replayed minute stands still, but for how long it took until now.
        if touched.everything or touched.new_minute or self.number in touched.tickets:
            return True
        # What becomes of its directives and files is told by those alone.
        return bool(touched.directives or touched.re_supervisions)

    async def refresh(self) -> None:
        if self.number is None:
            return
        asked = (self.number, self._minute, self.readings.as_of)
        found, curves, trace = await self._read(self.number, self._minute or self.readings.as_of)
        if (self.number, self._minute, self.readings.as_of) != asked:
            return  # another ticket or minute was asked for meanwhile
        if found is None and self.readings.as_of is not None:
            self.dossier_page.show_absent(self.tr("那时还没有工单 {0}").format(self.number))
            return
        if found is None:
            self.refused.emit(self.tr("没有工单 {0}。").format(asked[0]))
            return
        self.dossier_page.show_dossier(found)
        self.dossier_page.show_curves(curves)
        self.dossier_page.show_trace(trace)
        self.thumbnails.show(found.number, self.dossier_page.evidence)

    async def _read(self, number: str, minute: datetime | None) -> Read:
        present = time.now()
        moment = minute or present

        def work(connection: Connection, rules: Rules, _moment: datetime) -> Read:
            found = dossier(connection, rules, number, moment, present)
            if found is None:
                return None, (), None
            events = [row.event for row in found.log]
            curves = sensor_curves(connection, rules, events, moment, past=minute is not None)
            return found, curves, trace_of(connection, number, events)

        return await self.readings.read_present(work)

    def _replay(self, minute: object) -> None:
        self._minute = minute if isinstance(minute, datetime) else None
        runtime.spawn(self._refresh_now(), "replay")

    async def _refresh_now(self) -> None:
        try:
            await self.refresh()
        except StoreError as error:
            self.refused.emit(error.message)
