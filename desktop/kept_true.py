"""Which page has seen what: the shown one is brought up to date, the others catch up when they are shown."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from desktop.pages.desk import Desk
from desktop.readings import MinuteChangedError
from desktop.touched import Touched


class KeptTrue:
    """The desks of a window by name, with what each has not seen yet, and since when it has been true."""

    def __init__(self) -> None:
        self.desks: dict[str, Desk] = {}
        self.unseen: dict[str, Touched] = {}
        self._fresh: dict[str, datetime] = {}

    def note(self, touched: Touched) -> None:
        """Keep for every page what has changed."""
        for name in self.desks:
            known = self.unseen.get(name)
            self.unseen[name] = touched if known is None else known.and_then(touched)

    async def update(self, name: str, afterwards: Callable[[], Awaitable[None]]) -> bool:
        """Bring a page up to date, and what is read with it; return whether it is true now.

        What failed is kept, and read the next time. False where another minute is wanted meanwhile.
        """
        desk, unseen = self.desks[name], self.unseen.pop(name)
        if not desk.fresh:
            unseen = replace(unseen, everything=True)
        # Whoever wants something else meanwhile says so anew.
        desk.fresh = True
        try:
            if unseen.everything or desk.restless or desk.concerned(unseen):
                await desk.update(unseen)
            await afterwards()
        except BaseException as error:
            later = self.unseen.get(name)
            self.unseen[name] = unseen if later is None else unseen.and_then(later)
            if isinstance(error, MinuteChangedError):
                return False
            raise
        self._fresh[name] = unseen.now
        return True

    def settle(self, name: str, now: datetime, *, away: bool) -> None:
        """Note that a page is true as of now, read by somebody else; veil it while the database is away."""
        self._fresh[name] = now
        self.desks[name].set_stale(now if away else None)

    def set_away(self, away: bool) -> None:
        """Veil each page with the time of its data while the database is away."""
        for name, desk in self.desks.items():
            desk.set_stale(self._fresh.get(name) if away else None)

    def turn_minute(self) -> None:
        """Let every page be read anew for another minute."""
        for desk in self.desks.values():
            desk.turn_minute()
            desk.set_stale(None)

    def forget(self) -> None:
        """Forget what was seen: somebody else looks now."""
        self.unseen.clear()
        self._fresh.clear()
