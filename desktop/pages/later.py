"""A person's own pages are made after the first picture, which needs none of them."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from desktop import runtime
from desktop.pages.desk import Desk

if TYPE_CHECKING:
    from desktop.pages.personal import PersonalPages

PERSONAL = "desktop.pages.personal"


class PagesLater:
    """The pages of whoever sits here: made when one is asked for, at the latest after the first picture."""

    def __init__(self, build: "Callable[[], PersonalPages]") -> None:
        self._build = build
        self._made: PersonalPages | None = None

    @property
    def pages(self) -> "PersonalPages":
        """All of them."""
        if self._made is None:
            self._made = self._build()
        return self._made

    async def load(self) -> None:
        """Load what they are made of, beside the window's thread."""
        await runtime.in_thread(partial(import_module, PERSONAL))

    def end(self) -> None:
        """Let them ask for nothing more."""
        if self._made is not None:
            self._made.end()

    def drop(self) -> dict[str, Desk]:
        """Delete them with whatever they show, and return those that were there."""
        if self._made is None:
            return {}
        dropped, self._made = self._made, None
        dropped.drop()
        return dropped.desks
