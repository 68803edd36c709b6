"""What stands around the pages: the header, the band of a past minute, the cover of a locked seat."""

from datetime import datetime

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from data_access.readers.overview import header_part
from desktop import time
from desktop.pages.names import TABS_OF_SOME, of_some
from desktop.pages.tabs import tabs
from desktop.readings import Readings
from desktop.seat import Seat
from desktop.signing_in.entrances import DemoEntrance, mark_of_seat
from domain.people import Actor
from widgets.header import Header
from widgets.replay_band import ReplayBand
from widgets.scale import Scale
from widgets.sign_in.lock_page import LockPage


class Frame(QWidget):
    """The header above, the band below it while it is wanted, and one page, or the cover, in the rest."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self.header = Header(tabs(), scale)
        self.band = ReplayBand(scale)
        self.pages = QStackedWidget()
        self.cover = LockPage(scale)
        self.pages.addWidget(self.cover)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.band)
        column.addWidget(self.pages, 1)

    def show_seat(self, seat: Seat, actor: Actor) -> None:
        """Say who sits here, and offer the pages of this person."""
        text, reason = mark_of_seat(seat)
        self.header.set_mark(text, reason, trial=isinstance(seat.entrance, DemoEntrance))
        self.header.show_actor(actor)
        offered = of_some(seat.sitting)
        for name in TABS_OF_SOME:
            self.header.offer_page(name, offered=name in offered)

    def show_cover(self) -> None:
        """Lay the cover over the pages."""
        self.pages.setCurrentWidget(self.cover)

    def tick(self, now: datetime) -> None:
        """Let the clocks go on: the header's shows the page's minute, the band's reaches to now."""
        self.header.tick(now)
        self.band.tick(time.now())

    async def read_header(self, readings: Readings) -> None:
        """Read what the header says of city, day and feeds."""
        part = await readings.read(header_part)
        self.header.show_city(part["city"], part["sample"])
        self.header.show_day(part["day_name"], part["day_kind"])
        self.header.show_feeds(part["feeds"])
        self.header.show_late_directives(part["directives_late"])
