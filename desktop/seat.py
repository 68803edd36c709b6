"""A seat: the store of the engine, where there is one, and the store as the person sees it who sits there.

Jobs, sweep and the living demo work on the engine's store. Every read and order of the window goes to the
sitting's, whose sessions are that person's: the database refuses what the person may not.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_access.credentials import Secret
from data_access.errors import StoreError
from data_access.store import Store
from domain.people import Actor, Role
from domain.rights import RIGHTS, Command, Scope

if TYPE_CHECKING:
    from desktop.signing_in.entrances import Entrance

WATCHER = Actor(Role.WALL, "大屏")
"""Whoever has not said who they are only watches."""


class SignedOutError(StoreError):
    """Nobody is signed in at this seat, or somebody else is by now."""

    def __init__(self) -> None:
        super().__init__("尚未登录，或已换人", "请登录后再试。")


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who sits there. `login` None: nobody in particular; the database knows only the engine."""

    actor: Actor
    login: str | None = None

    @property
    def sees_part(self) -> bool:
        """Whether the database hides rows from this person: what leaves sight is told by no event."""
        return self.login is not None and RIGHTS[Command.SEE_TICKETS].get(self.actor.role) is Scope.OWN_BODY


class Sitting:
    """One person's time at a seat. Its store is closed when it has ended and nobody uses it any more."""

    def __init__(
        self, store: Store, sitter: Sitter, *, own: bool = True, secret: Secret | None = None
    ) -> None:
        """`own`: the store is this person's, and ends with the sitting; else it is the engine's.

        `secret`: what its connections are made with, forgotten at the end.
        """
        self.secret = secret
        self.store = store
        self.sitter = sitter
        self._own = own
        self._lock = threading.Lock()
        self._users = 0
        self._ended = False

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.sitter.actor

    @contextmanager
    def used(self) -> Iterator[Store]:
        """Use the store, in a worker thread; it stays open meanwhile.

        Raises:
            SignedOutError: the sitting has ended.
        """
        with self._lock:
            if self._ended:
                raise SignedOutError
            self._users += 1
        try:
            yield self.store
        finally:
            with self._lock:
                self._users -= 1
            self._close_unused()

    def end(self) -> None:
        """End it: the store is closed, at once or by its last user. May wait for the network."""
        with self._lock:
            self._ended = True
        self._close_unused()

    def _close_unused(self) -> None:
        with self._lock:
            last = self._ended and self._own and not self._users
            self._own = self._own and not last
        if last:
            self.store.close()
            if self.secret is not None:
                self.secret.forget()


class Seat:
    """Who sits in front of this program's window; for the window's thread."""

    def __init__(
        self, engine: Store | None, sitting: Sitting | None = None, entrance: "Entrance | None" = None
    ) -> None:
        """`engine` None: this program has only a person's rights, and runs no jobs. `entrance`: how others
        come to sit here."""
        self.engine = engine
        self.sitting = sitting
        self.entrance = entrance

    @property
    def sitter(self) -> Sitter | None:
        """Who sits there; None: nobody."""
        return None if self.sitting is None else self.sitting.sitter

    def taken(self) -> Sitting:
        """Return the present sitting.

        Raises:
            SignedOutError: nobody is signed in.
        """
        if self.sitting is None:
            raise SignedOutError
        return self.sitting

    def take(self, sitting: Sitting | None) -> Sitting | None:
        """Let somebody else sit down, or nobody; return the sitting before, for the caller to end."""
        before, self.sitting = self.sitting, sitting
        return before


def watched_by_engine(store: Store, entrance: "Entrance | None" = None) -> Seat:
    """Return a seat that looks through the engine's own eyes, until somebody says who they are."""
    return Seat(store, Sitting(store, Sitter(WATCHER), own=False), entrance)
