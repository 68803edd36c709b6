"""Sub-packets put together (HJ 212-2017, tables C.49 and C.50). Their QN differ, so the QN is no key.

A part is answered by itself, and what was answered must be stored. So a part that can be read alone (it has a
`DataTime`, and does not end within a factor) is passed on at once; others wait for their neighbours.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.hj212.message import Group, Message

PATIENCE = timedelta(seconds=60)
"""How long a part waits for the others of its set."""

MOST_WAITING = 64
"""Parts of one set that may wait: more is no device's, and would fill the memory."""

_TIME = "DataTime"
_FLAG = "-Flag"


@dataclass(frozen=True, slots=True)
class Joined:
    """A message that can be read, and the messages (`sources`) whose answer is due once it is stored."""

    message: Message
    sources: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A set of `parts` that never became whole: so many `came`, and of those `unread` could not be read alone
    and were not answered."""

    mn: str
    cn: str
    parts: int
    came: int
    unread: int


@dataclass(slots=True)
class _Set:
    parts: int
    began: datetime
    time: str | None = None
    seen: dict[int, int] = field(default_factory=dict)
    """What came, by part: a hash of what it said, to tell a repetition from another set."""
    waiting: dict[int, Message] = field(default_factory=dict)

    def is_of(self, message: Message) -> bool:
        """Whether the message is a part of this set, new or sent again."""
        assert message.part is not None
        time = message.value(_TIME)
        known = self.seen.get(message.part)
        return (time is None or self.time in (None, time)) and known in (None, hash(message.groups))

    def take(self, message: Message) -> None:
        assert message.part is not None
        self.seen[message.part] = hash(message.groups)
        self.waiting[message.part] = message
        if self.time is None:
            self.time = message.value(_TIME)

    def readable(self) -> list[Message]:
        """Return the waiting parts that can be read now, in order, and let them go."""
        if self.time is None:
            return []
        ready: list[Message] = []
        chain: list[Message] = []
        for part in sorted(self.waiting):
            message = self.waiting[part]
            if chain and chain[-1].part != part - 1:
                chain = []
            if not chain and not self._begins(message, part):
                continue
            chain.append(message)
            if part == self.parts or not _ends_within(message):
                for each in chain:
                    assert each.part is not None
                    del self.waiting[each.part]
                ready += chain
                chain = []
        return ready

    def _begins(self, message: Message, part: int) -> bool:
        """Whether the part does not go on with what an earlier one began and is not here."""
        return (
            part == 1
            or message.value(_TIME) is not None
            or (part - 1 in self.seen and part - 1 not in self.waiting)
        )


class Joiner:
    """The unfinished sets of one connection: at most `most`, the oldest is given up for a new one."""

    def __init__(self, most: int = 8, patience: timedelta = PATIENCE) -> None:
        self._given_up: list[GivenUp] = []
        self._most = most
        self._patience = patience
        self._sets: dict[tuple[str, str, str, int], _Set] = {}

    def add(self, message: Message, now: datetime) -> Joined | None:
        """Return what can be read now that this came (a whole message: itself), or None: it has to wait."""
        if self._sets:
            self._give_up_the_old(now)
        if message.parts is None:
            return Joined(message, (message,))
        key = (message.mn, message.st, message.cn, message.parts)
        found = self._sets.get(key)
        if found is not None and (len(found.waiting) >= MOST_WAITING or not found.is_of(message)):
            self._give_up(key)
            found = None
        if found is None:
            if len(self._sets) >= self._most:
                self._give_up(next(iter(self._sets)))
            found = self._sets[key] = _Set(message.parts, now)
        found.take(message)
        ready = found.readable()
        if len(found.seen) == found.parts and not found.waiting:
            del self._sets[key]
        if not ready:
            return None
        assert found.time is not None
        return Joined(_one(ready, found.time), tuple(ready))

    def finish(self) -> None:
        """Give up what is unfinished: nothing more will come."""
        for key in list(self._sets):
            self._give_up(key)

    def take_given_up(self) -> tuple[GivenUp, ...]:
        """Return the sets that were given up since the last call."""
        taken = tuple(self._given_up)
        self._given_up.clear()
        return taken

    def _give_up_the_old(self, now: datetime) -> None:
        for key in [key for key, each in self._sets.items() if now - each.began > self._patience]:
            self._give_up(key)

    def _give_up(self, key: tuple[str, str, str, int]) -> None:
        mn, _, cn, parts = key
        found = self._sets.pop(key)
        self._given_up.append(GivenUp(mn, cn, parts, len(found.seen), len(found.waiting)))


def _one(messages: list[Message], time: str) -> Message:
    """Return one message of neighbouring parts, with the set's `DataTime` first."""
    groups: list[Group] = [((_TIME, time),)]
    for message in messages:
        groups += [
            group for each in message.groups if (group := tuple(item for item in each if item[0] != _TIME))
        ]
    oddities = dict.fromkeys(oddity for message in messages for oddity in message.oddities)
    return replace(messages[0], groups=tuple(groups), oddities=tuple(oddities))


def _ends_within(message: Message) -> bool:
    """Whether the part seems to end within a factor: its last item has no flag, though others have one."""
    flagged = [any(name.endswith(_FLAG) for name, _ in group) for group in message.groups]
    return any(flagged) and not flagged[-1]
