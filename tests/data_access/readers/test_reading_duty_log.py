"""The duty log at the turn of months (T05): written by the owner, as time goes by otherwise."""

from datetime import datetime

from data_access.readers.duty_log import duty_log
from data_access.store import Store
from domain.duty_events import DutyNote, DutyNoted, ShiftTime
from domain.duty_log import DutyLog, stream_of
from domain.events import Event
from tests.data_access.readers.worlds import put_streams
from tests.data_access.streams import DUTY
from tests.domain.test_duty_log import ZONE, at


def noted(when: str, fact: DutyNoted) -> Event:
    return Event(at(when), DUTY, fact)


def read(store: Store, now: datetime, *events: Event) -> DutyLog:
    put_streams(store, {stream_of(event.at, ZONE): (event,) for event in events})
    return store.read(lambda connection: duty_log(connection, now, ZONE))


def test_on_the_first_of_may_april_is_read(store: Store) -> None:
    """31 days before it is March: the hand-over of the night before would be gone."""
    april = noted("2026-04-30 23:30", DutyNoted(DutyNote.HAND_OVER, "盯到场", ("李雪",)))
    march = noted("2026-03-31 23:30", DutyNoted(DutyNote.ENTRY, "早"))
    found = read(store, at("2026-05-01 00:30"), april, march)
    assert (found.lines, found.handed_over) == ((april,), april)


def test_a_roster_is_read_by_its_day_however_early_it_was_written(store: Store) -> None:
    roster = DutyNoted(DutyNote.ROSTER, "", ("李雪",), "2026-11-22", ShiftTime.DAY)
    past = DutyNoted(DutyNote.ROSTER, "", ("张婷",), "2026-11-21", ShiftTime.DAY)
    found = read(
        store, at("2026-11-22 09:30"), noted("2026-01-05 10:00", roster), noted("2026-02-05 10:00", past)
    )
    assert (found.now.names, found.lines) == (("李雪",), ())
