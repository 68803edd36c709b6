"""The pages that one person looks at: the next one gets others, which have never shown anything."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.forms import Forms
from desktop.pages.desk import Desk
from desktop.pages.directives import DirectivesDesk
from desktop.pages.dossier import DossierDesk
from desktop.pages.duty_desk import DutyDesk
from desktop.pages.duty_log import DutyLogDesk
from desktop.pages.environment import EnvironmentDesk
from desktop.pages.findings import FindingsDesk
from desktop.pages.handler_desk import HandlerDesk
from desktop.pages.ledger import LedgerDesk
from desktop.pages.lists import DetailDesk, RankingsDesk, ReSupervisionsDesk
from desktop.pages.matters import MattersDesk
from desktop.pages.names import (
    DIRECTIVES,
    DOSSIER,
    DUTY_DESK,
    DUTY_LOG,
    ENVIRONMENT,
    FINDINGS,
    HANDLER_DESK,
    LEDGER,
    MATTERS,
    PATTERNS,
    PEOPLE,
    RANKING,
    RE_SUPERVISIONS,
    REPEATS,
    RISING,
    TICKETS,
    WARNINGS,
    of_some,
)
from desktop.pages.patterns import PatternsDesk
from desktop.pages.people import PeopleDesk
from desktop.pages.repeat_points import RepeatPointsDesk
from desktop.pages.rising import RisingDesk
from desktop.pages.tickets import TicketsDesk
from desktop.pages.warnings import WarningsDesk
from desktop.readings import Readings
from widgets.desk.duty_page import DutyPage
from widgets.desk.handler_page import HandlerDeskPage
from widgets.dossier.page import DossierPage
from widgets.environment.page import EnvironmentPage
from widgets.pages.directives_page import DirectivesPage
from widgets.pages.duty_log_page import DutyLogPage
from widgets.pages.findings_page import FindingsPage
from widgets.pages.ledger_page import LedgerPage
from widgets.pages.matters_page import MattersPage
from widgets.pages.patterns_page import PatternsPage
from widgets.pages.people_page import PeoplePage
from widgets.pages.ranking_page import RankingsPage
from widgets.pages.re_supervisions_page import ReSupervisionsPage
from widgets.pages.repeat_points_page import RepeatPointsPage
from widgets.pages.rising_page import RisingPage
from widgets.pages.warnings_page import WarningsPage
from widgets.scale import Scale
from widgets.tickets.page import TicketListPage

if TYPE_CHECKING:
    # The map's desk knows the tabs, which are named here.
    from desktop.pages.map import MapDesk


class PersonalPages:
    """All pages but the overview and the map, which are costly to make and are read anew as a whole."""

    def __init__(self, readings: Readings, scale: Scale, window: QObject) -> None:
        # Their own: what they have only begun to ask when they are dropped is not asked as the next person.
        readings = self._readings = Readings(readings.seat, readings.shown)
        self.ticket_list, self.dossier_page = TicketListPage(scale), DossierPage(scale)
        self.repeats_page, self.duty_log_page = RepeatPointsPage(scale), DutyLogPage(scale)
        self.tickets = TicketsDesk(self.ticket_list, readings, window)
        self.dossier = DossierDesk(self.dossier_page, readings, window)
        self.ledger = LedgerDesk(LedgerPage(scale), readings, window)
        self.matters = MattersDesk(MattersPage(scale), readings, window)
        # Who comes from a matter looks at the case, not at the log.
        self.matters.ticket_requested.connect(self.dossier_page.show_matters)
        self.directives = DirectivesDesk(DirectivesPage(scale), readings, window)
        self.environment = EnvironmentDesk(EnvironmentPage(scale), readings, window)
        self.dossier.station_requested.connect(self.environment.open_station)
        self.rising_page = RisingPage(scale)
        self.repeats_page.rising_requested.connect(self._show_rising)
        self.findings = FindingsDesk(FindingsPage(scale), readings, scale, window)
        self.dossier.finding_requested.connect(self._show_finding)
        self.desks: dict[str, Desk] = {
            WARNINGS: WarningsDesk(WarningsPage(scale), readings, window),
            RANKING: RankingsDesk(RankingsPage(scale), readings, window),
            LEDGER: self.ledger,
            MATTERS: self.matters,
            DIRECTIVES: self.directives,
            RE_SUPERVISIONS: ReSupervisionsDesk(ReSupervisionsPage(scale), readings, window),
            TICKETS: self.tickets,
            DOSSIER: self.dossier,
            ENVIRONMENT: self.environment,
            REPEATS: RepeatPointsDesk(self.repeats_page, readings, window),
            DUTY_LOG: DutyLogDesk(self.duty_log_page, readings, window),
            FINDINGS: self.findings,
            RISING: RisingDesk(self.rising_page, readings, window),
        }
        self.desks[WARNINGS].environment_requested.connect(self.environment.open_wanted)
        self.people: PeopleDesk | None = None
        offered = of_some(readings.seat.sitting)
        if PEOPLE in offered:
            self.people = self.desks[PEOPLE] = PeopleDesk(PeoplePage(scale), readings, scale, window)
        self.patterns_page: PatternsPage | None = None
        if PATTERNS in offered:
            self._add_patterns(scale, window)
        self.handler: HandlerDesk | None = None
        if HANDLER_DESK in offered:
            page = HandlerDeskPage(scale)
            self.handler = self.desks[HANDLER_DESK] = HandlerDesk(page, readings, scale, window)
            self.handler.line_requested.connect(self.open_line)

        self.duty: DutyDesk | None = None
        if DUTY_DESK in offered:
            self.duty = self.desks[DUTY_DESK] = DutyDesk(DutyPage(scale), readings, scale, window)

    @property
    def leading_back(self) -> tuple[QWidget, ...]:
        """The pages that lead back to the one before."""
        pages = (self.ticket_list, self.repeats_page, self.dossier_page, self.findings.findings_page)
        pages = (*pages, self.duty_log_page, self.rising_page)
        return pages if self.patterns_page is None else (*pages, self.patterns_page)

    def _add_patterns(self, scale: Scale, window: QObject) -> None:
        """The record of bodies and people: reached from a file, from all files and from the ranking."""
        self.patterns_page = PatternsPage(scale)
        patterns = self.desks[PATTERNS] = PatternsDesk(self.patterns_page, self._readings, window)
        for desk in (self.desks[RE_SUPERVISIONS], self.desks[RANKING]):
            desk.history_requested.connect(patterns.open_body)
        patterns.file_requested.connect(self._open_file)

    def _open_file(self, number: str) -> None:
        self.open_line(RE_SUPERVISIONS, number)

    def join_map(self, desk: "MapDesk") -> None:
        """Let marks of the map's layers open their pages, and pages show their layers."""
        desk.forget_layers()
        desk.finding_opened.connect(self.findings.open_finding)
        desk.station_opened.connect(self.environment.open_station)
        self.findings.layer_requested.connect(desk.open_layer)
        self.dossier.trace_requested.connect(desk.open_trace)

    def _show_rising(self) -> None:
        self.desks[RISING].page_requested.emit(RISING)

    def _show_finding(self, number: int) -> None:
        self.findings.open_finding(number)
        self.findings.page_requested.emit(FINDINGS)

    def join(self, forms: Forms) -> None:
        """Let the pages order by the forms of the window."""
        self.findings.form_requested.connect(forms.open_desk_form)
        for desk in (self.directives, self.tickets, self.desks[WARNINGS]):
            forms.carried.connect(desk.carried)
        if self.people is not None:
            self.people.form_requested.connect(forms.open_form)
            forms.carried.connect(self.people.carried)
        if self.handler is not None:
            self.handler.order_given.connect(forms.give)
            forms.not_written.connect(self.handler.not_written)
            self.handler.batch_requested.connect(forms.open_desk_form)
        if self.duty is not None:
            self.duty.order_given.connect(forms.give)
            forms.not_written.connect(self.duty.not_written)
            self.duty.form_requested.connect(forms.open_desk_form)
            forms.carried.connect(self.duty.carried)
            self.duty.environment_requested.connect(self.environment.open_wanted)

    def open_line(self, page: str, number: str) -> None:
        """Show the line of this number on the page that lists its like."""
        desk = self.desks[page]
        if isinstance(desk, DetailDesk):
            desk.open_line(number)
        desk.page_requested.emit(page)

    def end(self) -> None:
        """Ask for nothing more; what comes back of what was asked is dropped."""
        self._readings.end()

    def drop(self) -> None:
        """Delete them with whatever they show."""
        self.end()
        for desk in self.desks.values():
            desk.page.hide()
            desk.page.deleteLater()
            desk.deleteLater()
