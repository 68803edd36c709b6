"""The duty log: who is on duty, from when to when, and what shifts leave to each other (T05)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.duty_events import DutyNote, DutyNoted, ShiftTime
from domain.events import Event
from domain.orders import LONGEST_NAME, note, written
from domain.people import Actor
from domain.rights import Command, Reason, RefusedError, check

SHIFT_HOURS = 8
EARLY = timedelta(hours=1)
"""A hand-over is noted up to so long before the shift begins."""
FARTHEST = timedelta(days=366)
"""A roster is written for a day no further away than this."""
MOST_NAMES = 20
MOST_ITEMS = 500
HIGHEST_ITEM = 10**12 - 1
"""The database knows no longer numbers in a fact."""


@dataclass(frozen=True, slots=True)
class HandOverDraft:
    """交接班: who takes over, and what is left to do."""

    request_id: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DutyEntryDraft:
    """值班记事."""

    request_id: str
    text: str


@dataclass(frozen=True, slots=True)
class RosterDraft:
    """排班: who is on in one shift of a day, given as ISO text."""

    request_id: str
    day: str
    shift: ShiftTime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceNoteDraft:
    """设备异常已阅: these device items, by number, are known now; the text says what was done (X14)."""

    request_id: str
    text: str
    items: tuple[int, ...]


DutyDraft = HandOverDraft | DutyEntryDraft | RosterDraft | DeviceNoteDraft


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift of a day, and who is on; nobody where none was rostered."""

    day: date
    shift: ShiftTime
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyLog:
    """The shift that runs, whether it was handed over, the days from today on, the lines, newest first."""

    now: Turn
    begun: datetime
    handed_over: Event | None
    days: tuple[tuple[Turn, ...], ...]
    lines: tuple[Event, ...]


def stream_of(now: datetime, zone: ZoneInfo) -> str:
    """Return the stream of the month in which something is noted."""
    return f"duty/{now.astimezone(zone):%Y-%m}"


def lines_since(now: datetime, zone: ZoneInfo) -> datetime:
    """Return from when on lines are shown: the beginning of the month before this one."""
    this = now.astimezone(zone).date().replace(day=1)
    return datetime.combine((this - timedelta(days=1)).replace(day=1), time(), zone)


def shift_at(now: datetime, zone: ZoneInfo) -> tuple[date, ShiftTime, datetime]:
    """Return the day and the shift that run at a moment, and when that began."""
    local = now.astimezone(zone)
    place = local.hour // SHIFT_HOURS
    begun = datetime.combine(local.date(), time(place * SHIFT_HOURS), zone)
    return local.date(), tuple(ShiftTime)[place], begun


def fold_duty(events: Iterable[Event], now: datetime, zone: ZoneInfo, days: int = 7) -> DutyLog:
    """Return the log as of a moment from its events in their order of time."""
    since = lines_since(now, zone)
    rostered: dict[tuple[str, ShiftTime | None], tuple[str, ...]] = {}
    lines: list[Event] = []
    for event in events:
        fact = event.fact
        if not isinstance(fact, DutyNoted) or event.at > now:
            continue
        if event.at >= since:
            lines.append(event)
        if fact.note is DutyNote.ROSTER:
            rostered[fact.day, fact.shift] = fact.names
    today, shift, begun = shift_at(now, zone)
    handed = [e for e in lines if _is_hand_over(e) and e.at >= begun - EARLY]

    def turn(day: date, of: ShiftTime) -> Turn:
        return Turn(day, of, rostered.get((day.isoformat(), of), ()))

    week = tuple(tuple(turn(today + timedelta(days=n), of) for of in ShiftTime) for n in range(days))
    return DutyLog(turn(today, shift), begun, handed[-1] if handed else None, week, tuple(reversed(lines)))


def note_duty(draft: DutyDraft, actor: Actor, now: datetime) -> Event:
    """Return the event of a line of the duty log, its texts tidied.

    Raises:
        RefusedError: the role has no right to it, a text, a name or a device is missing or too long or too
            many, or the day is none or too far away.
    """
    check(Command.KEEP_DUTY_LOG, actor)
    match draft:
        case HandOverDraft(text=text, names=names):
            fact = DutyNoted(DutyNote.HAND_OVER, written(text), _named(names))
        case DutyEntryDraft(text=text):
            fact = DutyNoted(DutyNote.ENTRY, written(text))
        case RosterDraft(day=day, shift=shift, names=names):
            fact = DutyNoted(DutyNote.ROSTER, "", _named(names), _near(day, now).isoformat(), shift)
        case DeviceNoteDraft(text=text, items=items):
            fact = DutyNoted(DutyNote.DEVICES, written(text), items=_numbers(items))
    return Event(now, actor, fact)


def _is_hand_over(event: Event) -> bool:
    return isinstance(event.fact, DutyNoted) and event.fact.note is DutyNote.HAND_OVER


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(filter(None, (note(name, LONGEST_NAME) for name in names))))
    if not found:
        raise RefusedError(Reason.NO_NAMES)
    if len(found) > MOST_NAMES:
        raise RefusedError(Reason.TOO_MANY, str(MOST_NAMES))
    return found


def _numbers(items: tuple[int, ...]) -> tuple[int, ...]:
    found = tuple(sorted(set(items)))
    if not found:
        raise RefusedError(Reason.NO_DEVICES)
    if found[0] < 1 or found[-1] > HIGHEST_ITEM:
        raise RefusedError(Reason.BAD_DATA, "DutyNoted.items")
    if len(found) > MOST_ITEMS:
        raise RefusedError(Reason.TOO_MANY, str(MOST_ITEMS))
    return found


def _near(day: str, now: datetime) -> date:
    try:
        found = date.fromisoformat(day.strip())
    except ValueError:
        raise RefusedError(Reason.BAD_DAY, day[:40]) from None
    if abs(found - now.date()) > FARTHEST:
        raise RefusedError(Reason.BAD_DAY, day[:40])
    return found
