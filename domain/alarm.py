"""Which tone is to sound now: until a named person takes note, a tone per level (product.md, The wall; Y05).

A tone sounds for what nobody has acknowledged, red before yellow, and comes again in the time of its level.
Silencing is of one seat and acknowledges nothing: it carries a person's name, ends by itself, and holds back
no red warning that comes after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.events import WarningLevel
from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check

LONGEST_SILENCE = timedelta(minutes=30)
"""No seat is silent for longer at a stretch, however often it is silenced anew."""

LEAST_PAUSE = timedelta(seconds=3)
"""So long a tone is left alone even in a flood of new red warnings: one must be able to speak in between."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The running warnings that nobody has taken note of, by level.

    A key tells a warning from every other, and from an earlier one of the same clock: it is made of what is
    warned of and of when it was raised.
    """

    red: frozenset[int] = frozenset()
    yellow: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything waits for somebody."""
        return bool(self.red or self.yellow)


@dataclass(frozen=True, slots=True)
class Silence:
    """A seat that is kept silent, by whom and from when until when. `heard` are the red warnings of then."""

    by: str
    since: datetime
    until: datetime
    heard: frozenset[int] = frozenset()

    def holds(self, now: datetime) -> bool:
        """Whether it is in force; a clock that was set back ends it."""
        return self.since <= now < self.until

    def left(self, now: datetime) -> timedelta:
        """Return how long it still holds."""
        return self.until - now if self.holds(now) else timedelta(0)


@dataclass(frozen=True, slots=True)
class Sounded:
    """The tone that sounded last, when, and for which red warnings."""

    level: WarningLevel
    at: datetime
    red: frozenset[int] = frozenset()


def tone(waits: Waiting, silence: Silence | None, now: datetime) -> WarningLevel | None:
    """Return the level whose tone sounds now, None for silence.

    While a seat is silenced only red warnings sound that came after.
    """
    if silence is not None and silence.holds(now):
        return WarningLevel.RED if waits.red - silence.heard else None
    if waits.red:
        return WarningLevel.RED
    return WarningLevel.YELLOW if waits.yellow else None


def is_due(
    level: WarningLevel,
    waits: Waiting,
    last: Sounded | None,
    now: datetime,
    again_after: Mapping[WarningLevel, timedelta],
) -> bool:
    """Whether the tone of a level is to begin now, `last` being the one before; None: it was quiet.

    `again_after` says for each level how long after its begin a tone comes again.

    Red cuts in on yellow at once. A new red warning is heard at once, though not in the midst of a tone.
    """
    if last is None or now < last.at:
        return True
    since = now - last.at
    if level is WarningLevel.RED and (last.level is not WarningLevel.RED or waits.red - last.red):
        return last.level is not WarningLevel.RED or since >= LEAST_PAUSE
    return since >= max(again_after[level], LEAST_PAUSE)


def silence(
    actor: Actor, waits: Waiting, wanted: timedelta, now: datetime, before: Silence | None = None
) -> Silence:
    """Return the silence that a person asks for at their seat: of what waits now, for the time wanted.

    One that follows another without a gap counts from the begin of the first, up to `LONGEST_SILENCE`.

    Raises:
        RefusedError: whoever sits there has no name, or may not take note of warnings either.
    """
    check(Command.ACKNOWLEDGE_WARNING, actor, actor.body)
    if not actor.name.strip():
        raise RefusedError(Reason.NOBODY)
    since = before.since if before is not None and before.holds(now) else now
    until = min(now + wanted, since + LONGEST_SILENCE)
    return Silence(actor.name, since, until, waits.red)
