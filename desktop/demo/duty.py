"""The demo city's duty log: a month's roster, each shift handed over, and what happened besides (T05)."""

from datetime import date, datetime, time, timedelta
from random import Random

from desktop.demo.world import World
from domain.duty_events import DutyNote, DutyNoted, ShiftTime
from domain.duty_log import SHIFT_HOURS, stream_of
from domain.events import Event
from domain.people import PLATFORM, Role

DAYS_BACK, DAYS_AHEAD = 6, 5
"""Days that the log reaches back, and that are rostered from today on."""
ENTRIES_A_DAY = 2


def duty_log(world: World, seed: int) -> dict[str, tuple[Event, ...]]:
    """Return the log's streams by month, in their order of time, up to the anchor."""
    random = Random(f"duty/{seed}")  # noqa: S311 - a demo wants the same city every time
    today = world.local(world.anchor).date()
    events: list[Event] = []
    for back in range(DAYS_BACK, -DAYS_AHEAD, -1):
        day = today - timedelta(days=back)
        events += _day(world, day, random)
    found: dict[str, list[Event]] = {}
    for event in sorted((e for e in events if e.at <= world.anchor), key=_at):
        found.setdefault(stream_of(event.at, world.zone), []).append(event)
    return {stream: tuple(lines) for stream, lines in found.items()}


def _day(world: World, day: date, random: Random) -> list[Event]:
    chief = world.staff[Role.DUTY, PLATFORM][0]
    # Rosters are written a week before.
    written = _moment(world, day - timedelta(days=7), 16, random.randint(1, 40))
    events = []
    for place, shift in enumerate(ShiftTime):
        begins = _moment(world, day, place * SHIFT_HOURS, 0)
        on = world.on_duty(begins + timedelta(minutes=1))
        before = world.on_duty(begins - timedelta(minutes=1))
        rostered = DutyNoted(DutyNote.ROSTER, "", (on.name,), day.isoformat(), shift)
        events.append(Event(written + timedelta(seconds=place), chief, rostered))
        text = world.texts.step("hand_over", random)
        handed = DutyNoted(DutyNote.HAND_OVER, text, (on.name,))
        events.append(Event(begins + timedelta(minutes=random.randint(1, 9)), before, handed))
    for _ in range(ENTRIES_A_DAY):
        at = _moment(world, day, random.randrange(24), random.randrange(60))
        events.append(
            Event(at, world.on_duty(at), DutyNoted(DutyNote.ENTRY, world.texts.step("duty", random)))
        )
    return events


def _moment(world: World, day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), world.zone)


def _at(event: Event) -> datetime:
    return event.at
