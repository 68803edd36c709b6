"""What every page's desk has in common."""

from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.readings import Readings
from desktop.touched import Touched
from domain.people import Actor


class Desk(QObject):
    """Feeds one page. The window refreshes only the desk whose page is shown.

    Signals:
        tickets_requested(TicketFilter, str): open the list of exactly these tickets, under a title.
        ticket_requested(str): open a ticket's dossier.
        page_requested(str): show another page.
        directive_requested(object), re_supervision_requested(object), acknowledge_requested(object):
            open a form about a warning or a subject of `domain.drafts`.
        step_requested(Asked): open the form of a step of a ticket, a directive or a re-supervision.
        refused(str): something was not possible; a sentence for the screen.
    """

    tickets_requested = Signal(object, str)
    ticket_requested = Signal(str)
    page_requested = Signal(str)
    directive_requested = Signal(object)
    re_supervision_requested = Signal(object)
    acknowledge_requested = Signal(object)
    step_requested = Signal(object)
    refused = Signal(str)

    def __init__(self, page: QWidget, readings: Readings, parent: QObject) -> None:
        super().__init__(parent)
        self.page = page
        self.readings = readings
        self.fresh = False
        """Whether the page shows what is asked of it; `forget` says that something else is asked now."""

    @property
    def restless(self) -> bool:
        """Whether an update left something for a later one, to spare the database."""
        return False

    def forget(self) -> None:
        """Say that the page is to show something else: it is read anew at the next look."""
        self.fresh = False

    def turn_minute(self) -> None:
        """Say that the window shows another minute: `readings.as_of`, or now again."""
        self.forget()

    async def refresh(self) -> None:
        """Read what the page shows, and show it."""
        raise NotImplementedError

    def concerned(self, touched: Touched) -> bool:
        """Whether what the page shows may look different after these changes."""
        return bool(touched)

    async def update(self, touched: Touched) -> None:  # noqa: ARG002 - for those that read less
        """Bring the page up to date with changes that concern it; a desk that can read less does."""
        await self.refresh()

    async def painted(self) -> None:
        """Wait until what was shown is painted, for a picture; only a map takes its time."""

    def tick(self, now: datetime) -> None:
        """Move the page's countdowns to a new moment."""
        tick = getattr(self.page, "tick", None)
        if tick is not None:
            tick(now)

    def set_actor(self, actor: Actor) -> None:
        """Tell the page who is at the screen; what they may not do is shown with the reason."""
        set_actor = getattr(self.page, "set_actor", None)
        if set_actor is not None:
            set_actor(actor)

    def set_stale(self, since: datetime | None) -> None:
        """Veil the page as being true only as of `since`; None lifts the veil."""
        set_stale = getattr(self.page, "set_stale", None)
        if set_stale is not None:
            set_stale(since)
