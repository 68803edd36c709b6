"""The window: header, pages, forms; it shows one page at a time and keeps that one true."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent

from desktop import runtime
from desktop.alarm.bell import Bell
from desktop.city import CITY_FOLDER
from desktop.fitting import Fitting
from desktop.forms import Forms
from desktop.frame import Frame
from desktop.jobs import Jobs
from desktop.kept_true import KeptTrue
from desktop.live.feed import Live
from desktop.pages.desk import Desk
from desktop.pages.later import PagesLater
from desktop.pages.map import MapDesk, MapPage
from desktop.pages.names import DIRECTIVES, DOSSIER, LEDGER, MAP, OVERVIEW, TICKETS, WITHOUT_TAB
from desktop.pages.overview import OverviewDesk
from desktop.readings import Readings, ShownMinute
from desktop.replaying import Replaying
from desktop.runtime import garbage
from desktop.seat import WATCHER, Seat, Sitting
from desktop.settings import Settings
from desktop.signing_in.idle import IdleWatch, seconds_until_lock
from desktop.signing_in.saved import SavedServers
from desktop.signing_in.seating import Seating
from desktop.touched import Touched
from desktop.window import START_SIZE, Window
from domain.ledger import Colour
from domain.listing import TicketFilter
from domain.overview import Overview
from domain.people import Actor
from widgets.map.view import TicketMap
from widgets.notice import Notice
from widgets.overview_page import OverviewPage
from widgets.refusals import LOOKING_BACK
from widgets.scale import Scale

if TYPE_CHECKING:
    from desktop.pages.personal import PersonalPages
    from widgets.dossier.page import DossierPage
    from widgets.tickets.page import TicketListPage

TICK_MS = 1000


class CommandCentre(Window):
    """The command centre on an open store. It opens at the past minute `as_of`, or else now."""

    def __init__(
        self,
        settings: Settings,
        seat: Seat,
        as_of: datetime | None = None,
        saved: SavedServers | None = None,
    ) -> None:
        """`saved`: what this seat remembers; read from the settings' file if not given."""
        super().__init__()
        self._settings = settings
        self._saved = saved or SavedServers(settings.servers)
        self._seat = seat
        self._readings = Readings(seat, ShownMinute(as_of))
        self._scale = Scale(self)
        self._back: list[str] = []
        self._reading = False
        self._kept = KeptTrue()
        self._fitting = Fitting(self._scale, self)
        self._later = PagesLater(self._build_pages)
        self._build(settings.data / "map")
        self._live = Live(seat, self._update, self)
        self._bell = Bell(settings, self._readings, self.frame.header.bell, self._live, self)
        self._connect()
        self._ticking = QTimer(self)
        self._ticking.setObjectName("window tick")
        self._ticking.setInterval(TICK_MS)
        self._ticking.timeout.connect(self._tick)
        self._live.away_changed.connect(self._set_away)
        self._live.settled.connect(self._note_first_picture)
        self._live.signed_out.connect(self.seating.sign_out)
        self._jobs = Jobs(seat.engine) if seat.engine is not None else None
        self._set_actor(seat.taken().actor)
        self.resize(START_SIZE)
        self.show_page(OVERVIEW)

    @property
    def overview(self) -> Overview | None:
        """What was last read of the overview."""
        return self._overview.latest

    @property
    def ticket_list(self) -> "TicketListPage":
        """The page that lists tickets."""
        return self._own.ticket_list

    @property
    def dossier_page(self) -> "DossierPage":
        """The page of one ticket."""
        return self._own.dossier_page

    def desk(self, name: str) -> Desk:
        """Return what feeds a page."""
        return self._desks.get(name) or self._own.desks[name]

    # --- for the doors ---------------------------------------------------------------------------------

    def pages(self) -> list[str]:
        """Return the names of all pages, those without a tab included."""
        return [OVERVIEW, MAP, *self._own.desks]

    def start(self) -> None:
        """Show the window and keep it true: listen, refresh, tick, sweep."""
        self.show()
        self._idle.watch(self.windowHandle())
        self._ticking.start()
        self._live.start()
        if self._jobs is not None:
            self._jobs.start()
        runtime.spawn(self.forms.load(), "load choices")

    async def stop(self) -> None:
        """Stop what `start` began."""
        self._ticking.stop()
        self._fitting.stop()
        if self._jobs is not None:
            await self._jobs.stop()
        await self._live.stop()
        await self._replaying.stop()
        await self._bell.stop()
        await self._later.stop()
        if self._seat.sitting is not None:
            await runtime.in_thread(self._seat.sitting.end)
        garbage.let_go()

    def show_page(self, name: str) -> None:
        """Show a page; it is refreshed at once."""
        if name not in self._desks and name not in self._own.desks:
            return
        if name in (OVERVIEW, MAP):
            self._place_map(name)
        self._notice.stand_over(name)
        self.shown = name
        self.frame.header.show_page(name)
        if self._reading or self.seating.covered:
            return
        self.frame.pages.setCurrentWidget(self._desks[name].page)
        self._desks[name].page.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._ticking.isActive() and self._replaying.as_of is not None:
            self._replaying.bring(self._desks[name])
        elif self._ticking.isActive():
            self._live.ring()
        if self._live.away:
            self._notice.say(self.tr("数据库暂时无法访问，本页停在上次读到的内容。"))

    async def refreshed(self) -> None:
        """Read and paint the shown page, for a picture."""
        self._fitting.fit()
        if self.forms.choices is None:
            await self.forms.load()
        if self.shown == DOSSIER and self._own.dossier.number is None:
            await self._choose_ticket()
        if self._replaying.as_of is not None:
            await self._replaying.read(self._desks[self.shown])
            self._show_past_header()
        else:
            await self._update(Touched(self._readings.now(), everything=True))
        self._tick()
        # Layouts and first paints settle within a few turns of the loop.
        for _ in range(5):
            await asyncio.sleep(0.02)
        await self._desks[self.shown].painted()

    # --- what the hand does ----------------------------------------------------------------------------

    def open_tickets(self, wanted: TicketFilter, title: str) -> None:
        """List exactly these tickets."""
        self._go(TICKETS)
        self._own.tickets.open_list(wanted, title)

    def open_ticket(self, number: str) -> None:
        """Open a ticket's dossier."""
        self._own.dossier.open_ticket(number)
        self._go(DOSSIER)

    def open_ledger(self, what: object) -> None:
        """Show the ledger at a colour or an item."""
        if isinstance(what, Colour):
            self._own.ledger.open_colour(what)
        else:
            self._own.ledger.open_line(str(what))
        self.choose_page(LEDGER)

    def open_replay(self) -> None:
        self._replaying.open()

    def open_directive(self, number: str) -> None:
        """Show a directive among the others."""
        self._own.directives.open_line(number)
        self.choose_page(DIRECTIVES)

    def leads_back(self) -> bool:
        return self.shown != OVERVIEW

    def _open_environment(self, wanted: object) -> None:
        self._own.environment.open_wanted(wanted)

    def go_back(self) -> None:
        self.show_page(self._back.pop() if self._back else OVERVIEW)

    def choose_page(self, name: str) -> None:
        """Go to a page by its tab: from there, back leads nowhere. One without a tab leads back."""
        if name in WITHOUT_TAB:
            self._go(name)
            return
        self._back.clear()
        self.show_page(name)

    async def sit_down(self, sitting: Sitting) -> None:
        """Let somebody take the seat: all that was shown is dropped, and read anew as this person."""
        self._reading = True
        self.frame.cover.show_reading()
        self.frame.show_cover()
        await self._change_sitting(sitting)
        _ = self._own
        self.seating.uncover()
        self.show_page(OVERVIEW)
        if self._ticking.isActive():
            self._live.start()
        await self.forms.load()

    async def leave_seat(self) -> None:
        """Let nobody sit here: all that was shown is dropped, and nothing more is read."""
        await self._change_sitting(None)

    async def _change_sitting(self, sitting: Sitting | None) -> None:
        await self._live.stop()
        before = self._seat.take(sitting)
        self._drop_pages()
        self._set_actor(WATCHER if sitting is None else sitting.actor)
        if before is not None:
            runtime.spawn(runtime.in_thread(before.end), "sitting ended")

    def _set_actor(self, actor: Actor) -> None:
        self.forms.actor = actor
        self._idle.tell_after(seconds_until_lock(self._settings.lock_after_minutes, self._seat))
        self.frame.show_seat(self._seat, actor)
        self._tell_actor()

    def _tell_actor(self) -> None:
        """Offer every page what this person may do: in the past, nothing."""
        actor = self.forms.actor if self._replaying.as_of is None else LOOKING_BACK
        for desk in self._desks.values():
            desk.set_actor(actor)

    def _go(self, name: str) -> None:
        if self.shown != name:
            self._back.append(self.shown)
        self.show_page(name)

    # --- keeping true ----------------------------------------------------------------------------------

    async def _update(self, touched: Touched) -> bool:
        """Bring the shown page up to date; the others keep what they have not seen until they are shown."""
        self._kept.note(touched)
        desk = self._desks[self.shown]
        if self._replaying.as_of is not None:
            self._replaying.bring(desk)
            return False
        if not await self._kept.update(self.shown, self._show_header):
            return False
        self._lift_cover()
        return desk.restless

    def _lift_cover(self) -> None:
        if self._reading:
            self._reading = False
            self.show_page(self.shown)

    # --- a past minute ---------------------------------------------------------------------------------

    def _turn_minute(self) -> None:
        self._kept.turn_minute()
        self._tell_actor()
        self._tick()
        if self._replaying.as_of is not None:
            self._replaying.bring(self._desks[self.shown])
        else:
            self._live.ring()

    def _settle_past(self) -> None:
        desk = self._desks[self.shown]
        if self._replaying.as_of is None:
            return
        if not desk.fresh:
            self._replaying.bring(desk)
            return
        self._kept.settle(self.shown, self._readings.now(), away=self._live.away)
        self._show_past_header()
        self._lift_cover()

    def _show_past_header(self) -> None:
        if self._overview.latest is not None:
            self.frame.header.show_overview(self._overview.latest)

    def _note_first_picture(self, _touched: Touched) -> None:
        self._live.settled.disconnect(self._note_first_picture)
        self._later.make_soon()

    async def _show_header(self) -> None:
        if self.shown == OVERVIEW and self._overview.latest is not None:
            self.frame.header.show_overview(self._overview.latest)
        else:
            await self.frame.read_header(self._readings)

    def _tick(self) -> None:
        now = self._readings.now()
        self.frame.tick(now)
        self._desks[self.shown].tick(now)

    def _set_away(self, away: bool) -> None:
        self._kept.set_away(away)
        if not away and self.forms.choices is None:
            runtime.spawn(self.forms.load(), "load choices")

    async def _choose_ticket(self) -> None:
        if self._overview.latest is None:
            await self._overview.refresh()
        number = self._overview.most_urgent()
        if number is not None:
            self._own.dossier.open_ticket(number)

    # --- putting together ------------------------------------------------------------------------------

    def _build(self, map_folder: Path) -> None:
        scale = self._scale
        self._map = TicketMap(scale, CITY_FOLDER / "boundaries.geojson", map_folder)
        self.overview_page = OverviewPage(self._map, scale)
        self._map_page = MapPage(scale)
        self._overview = OverviewDesk(self.overview_page, self._map, self._readings, self)
        self.frame = Frame(scale, self)
        self.setCentralWidget(self.frame)
        self._notice = Notice(scale, self)
        self.forms = Forms(self._readings, scale, self)
        self.seating = Seating(self._seat, self.forms, self.frame.cover, self._saved, scale, self)
        self._idle = IdleWatch(self)
        self._replaying = Replaying(self._readings, self.frame.band, self)
        self._desks = self._kept.desks
        self._add_desk(OVERVIEW, self._overview)
        self._add_desk(MAP, MapDesk(self._map_page, self._overview, self))
        self.shown = OVERVIEW

    @property
    def _own(self) -> "PersonalPages":
        return self._later.pages

    def _build_pages(self) -> "PersonalPages":
        from desktop.pages.personal import PersonalPages

        own = PersonalPages(self._readings, self._scale, self)
        for page in own.leading_back:
            page.back_requested.connect(self.go_back)
        own.join_map(self._desks[MAP])
        own.directives.item_requested.connect(self.open_ledger)
        self.forms.complainant_seen.connect(own.dossier.show_complainant)
        for name, desk in own.desks.items():
            self._add_desk(name, desk)
        own.join(self.forms)
        self._tell_actor()
        return own

    def _drop_pages(self) -> None:
        """Forget whatever the last person saw. Map and overview stay, under the cover until they are read."""
        self._back.clear()
        self._kept.forget()
        self._overview.drop()
        for name, desk in self._later.drop().items():
            self._desks.pop(name)
            self.frame.pages.removeWidget(desk.page)

    def _add_desk(self, name: str, desk: Desk) -> None:
        self._desks[name] = desk
        self.frame.pages.addWidget(desk.page)
        desk.tickets_requested.connect(self.open_tickets)
        desk.ticket_requested.connect(self.open_ticket)
        desk.page_requested.connect(self.choose_page)
        desk.directive_requested.connect(self.forms.open_directive)
        desk.re_supervision_requested.connect(self.forms.open_re_supervision)
        desk.acknowledge_requested.connect(self.forms.open_acknowledge)
        desk.step_requested.connect(self.forms.open_step)
        desk.refused.connect(self._notice.say)

    def _connect(self) -> None:
        self.frame.header.page_requested.connect(self.choose_page)
        self.frame.header.actor_requested.connect(self.seating.open_change)
        self.frame.header.replay_requested.connect(self._replaying.open)
        self._replaying.minute_changed.connect(self._turn_minute)
        self._replaying.settled.connect(self._settle_past)
        self._replaying.said.connect(self._notice.say)
        self.seating.sat_down.connect(self._take_seat)
        self.seating.left.connect(self._leave_seat)
        self.seating.covered_changed.connect(self._show_covered)
        self.seating.said.connect(self._notice.say)
        self._idle.idle.connect(self.seating.lock)
        self._idle.lock_pressed.connect(self.seating.lock)
        self._idle.silence_pressed.connect(self._bell.toggle)
        self._bell.said.connect(self._notice.say)
        self._overview.ledger_requested.connect(self.open_ledger)
        self._overview.environment_requested.connect(self._open_environment)
        self._overview.directive_opened.connect(self.open_directive)
        self.forms.written.connect(self._live.ring)
        self.forms.refused.connect(self._notice.say)

    def _take_seat(self, sitting: Sitting) -> None:
        runtime.spawn(self.sit_down(sitting), "sit down")

    def _leave_seat(self) -> None:
        runtime.spawn(self.leave_seat(), "leave seat")

    def _show_covered(self, covered: bool) -> None:
        self.frame.header.set_locked(covered)
        self.frame.band.setVisible(not covered and self._replaying.as_of is not None)
        self._notice.hide()
        if covered:
            self.frame.show_cover()
        else:
            self.show_page(self.shown)

    def _place_map(self, name: str) -> None:
        # One web process draws both maps: the widget moves to where it is looked at.
        (self._map_page if name == MAP else self.overview_page).take(self._map)

    # --- Qt --------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._notice.place()
        if self._ticking.isActive():
            self._fitting.fit_soon()
        else:
            self._fitting.fit()
