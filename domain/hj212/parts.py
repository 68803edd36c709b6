"""Sub-packets put together (HJ 212-2017, 6.3.4, tables C.49 and C.50). Their QN differ, so it is no key.

A part is answered by itself, and what was answered must be stored. So a part that can be read alone (it has a
`DataTime`, and does not end within a factor) is passed on at once; others wait for their neighbours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.hj212.message import Message

PATIENCE = timedelta(seconds=60)
"""How long a part waits for the others of its set."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A message that can be read, and the messages (`sources`) whose answer is due once it is stored.

    `missing` are the numbers of the parts of this set that have not come so far; empty when it is complete.
    """

    message: Message
    sources: tuple[Message, ...]
    missing: tuple[int, ...] = ()


class Joiner:
    """The unfinished sets of one connection: at most `most`, the oldest is given up for a new one."""

    def __init__(self, most: int = 8, patience: timedelta = PATIENCE) -> None:
        self.given_up = 0

    def add(self, message: Message, now: datetime) -> Joined | None:
        """Return what can be read now that this has come (a whole message: itself), or None: it has to wait."""
        raise NotImplementedError
