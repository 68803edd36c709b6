"""A person's own pages are made after the first picture, which needs none of them."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from desktop import runtime
from desktop.pages.desk import Desk
from desktop.runtime import garbage

if TYPE_CHECKING:
    from desktop.pages.personal import PersonalPages

PARTS = (
    "dossier",
    "directives",
    "environment",
    "duty_desk",
    "handler_desk",
    "matters",
    "people",
    "personal",
)
"""Modules of this package that are loaded one by one, so that the window paints between them. Never in a
thread: PySide makes its types while they are loaded, and a window at work beside it crashed."""
PAUSE_SECONDS = 0.01


class PagesLater:
    """The pages of whoever sits here: made when one is asked for, at the latest after the first picture."""

    def __init__(self, build: "Callable[[], PersonalPages]") -> None:
        self._build = build
        self._made: PersonalPages | None = None
        self._making: asyncio.Task[None] | None = None

    @property
    def pages(self) -> "PersonalPages":
        """All of them."""
        if self._made is None:
            self._made = self._build()
        return self._made

    def make_soon(self) -> None:
        """Make those that nobody has asked for yet."""
        self._making = runtime.spawn(self._make(), "make pages")

    async def _make(self) -> None:
        for part in PARTS:
            import_module(f"{__package__}.{part}")
            await asyncio.sleep(PAUSE_SECONDS)
        _ = self.pages
        garbage.keep_what_stands()

    async def stop(self) -> None:
        """Make none any more, and let those that there are ask for nothing more."""
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)
        if self._made is not None:
            self._made.end()

    def drop(self) -> dict[str, Desk]:
        """Delete them with whatever they show, and return those that were there."""
        if self._made is None:
            return {}
        dropped, self._made = self._made, None
        dropped.drop()
        return dropped.desks
