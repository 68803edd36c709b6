"""The duty log: who is on, what was handed over, and which lines are refused (T05)."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.duty_events import DutyNote, DutyNoted, ShiftTime
from domain.duty_log import (
    DeviceNoteDraft,
    DutyDraft,
    DutyEntryDraft,
    HandOverDraft,
    RosterDraft,
    fold_duty,
    lines_since,
    note_duty,
    shift_at,
    stream_of,
)
from domain.events import Event
from domain.people import Role
from domain.rights import Reason, RefusedError
from tests.domain.city import DUTY, HOUSING, at
from tests.domain.test_steps import ACTORS

ZONE = ZoneInfo("Asia/Shanghai")
NOW = at("2026-11-22 09:30")
HAND_OVER = HandOverDraft("r", "两件特急在办，盯到场", ("李雪",))
ENTRY = DutyEntryDraft("r", "接到市府办电话")
DEVICES = DeviceNoteDraft("r", "已通知运维", (7, 3, 7))
ROSTER = RosterDraft("r", "2026-11-22", ShiftTime.DAY, ("李雪", "张婷"))


def noted(draft: DutyDraft, when: str) -> Event:
    return note_duty(draft, DUTY, at(when))


def test_whoever_is_rostered_is_on_and_the_last_word_counts() -> None:
    """T05: who is on now, by shifts of eight hours in the city."""
    events = [
        noted(replace(ROSTER, names=("王磊",)), "2026-11-15 16:00"),
        noted(ROSTER, "2026-11-16 16:00"),
        noted(replace(ROSTER, day="2026-11-23", shift=ShiftTime.NIGHT), "2026-11-16 16:01"),
    ]
    found = fold_duty(events, NOW, ZONE)
    assert (found.now.shift, found.now.names, found.begun) == (
        ShiftTime.DAY,
        ("李雪", "张婷"),
        at("2026-11-22 08:00"),
    )
    assert [turn.names for turn in found.days[0]] == [(), ("李雪", "张婷"), ()]
    assert found.days[1][0].names == ("李雪", "张婷")
    assert (len(found.days), found.days[-1][0].day) == (7, date(2026, 11, 28))
    # As it was known then.
    assert fold_duty(events, at("2026-11-15 17:00"), ZONE).lines == (events[0],)


@pytest.mark.parametrize(
    ("when", "known"), [("2026-11-22 06:59", False), ("2026-11-22 07:10", True), ("2026-11-22 08:05", True)]
)
def test_a_shift_is_handed_over_about_when_it_begins(when: str, known: bool) -> None:
    found = fold_duty([noted(HAND_OVER, when)], NOW, ZONE)
    assert (found.handed_over is not None) is known


def test_lines_stand_newest_first_and_in_the_month_of_the_city() -> None:
    events = [noted(ENTRY, "2026-11-21 10:00"), noted(HAND_OVER, "2026-11-22 08:01")]
    assert fold_duty(events, NOW, ZONE).lines == (events[1], events[0])


@pytest.mark.parametrize(
    ("now", "since"), [("2026-05-01 00:30", "2026-04-01"), ("2026-03-31 09:00", "2026-02-01")]
)
def test_lines_are_of_this_month_and_the_one_before(now: str, since: str) -> None:
    """However many days either has; an older roster is for its day, and no line."""
    assert lines_since(at(now), ZONE) == at(f"{since} 00:00")
    assert stream_of(at("2026-11-01 00:00"), ZONE) == "duty/2026-11"
    assert stream_of(at("2026-11-01 00:00") - timedelta(seconds=1), ZONE) == "duty/2026-10"


def test_texts_are_tidied_and_names_stand_once() -> None:
    said = noted(replace(HAND_OVER, text=" 盯到场 ", names=(" 李雪 ", "李雪", "")), "2026-11-22 08:00")
    assert said.fact == DutyNoted(DutyNote.HAND_OVER, "盯到场", ("李雪",))
    said = noted(DEVICES, "2026-11-22 03:00")
    assert said.fact == DutyNoted(DutyNote.DEVICES, "已通知运维", items=(3, 7))


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (replace(HAND_OVER, text=" "), Reason.NO_TEXT),
        (replace(HAND_OVER, names=("  ",)), Reason.NO_NAMES),
        (replace(ENTRY, text=""), Reason.NO_TEXT),
        (replace(ENTRY, text="长" * 5000), Reason.TEXT_TOO_LONG),
        (replace(ROSTER, names=()), Reason.NO_NAMES),
        (replace(ROSTER, names=tuple(map(str, range(30)))), Reason.TOO_MANY),
        (replace(DEVICES, text=""), Reason.NO_TEXT),
        (replace(DEVICES, items=()), Reason.NO_DEVICES),
        (replace(DEVICES, items=(0, 7)), Reason.BAD_DATA),
        (replace(DEVICES, items=(7, 10**12)), Reason.BAD_DATA),
        (replace(DEVICES, items=tuple(range(1, 600))), Reason.TOO_MANY),
        (replace(ROSTER, day="明天"), Reason.BAD_DAY),
        (replace(ROSTER, day="2031-01-01"), Reason.BAD_DAY),
    ],
)
def test_what_is_refused(draft: DutyDraft, reason: Reason) -> None:
    with pytest.raises(RefusedError) as error:
        note_duty(draft, DUTY, NOW)
    assert error.value.reason is reason


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DUTY])
def test_only_the_office_keeps_the_log(role: Role) -> None:
    actor = HOUSING if role is Role.HANDLER else ACTORS[role]
    for draft in (HAND_OVER, ENTRY, ROSTER, DEVICES):
        with pytest.raises(RefusedError) as error:
            note_duty(draft, actor, NOW)
        assert error.value.reason is Reason.ROLE


@given(st.datetimes(timezones=st.just(ZONE)))
def test_every_moment_has_one_shift(moment: object) -> None:
    day, shift, begun = shift_at(moment, ZONE)  # type: ignore[arg-type]
    assert (begun.date(), begun.hour) == (day, 8 * list(ShiftTime).index(shift))
    assert timedelta() <= moment.replace(tzinfo=None) - begun.replace(tzinfo=None) < timedelta(hours=8)  # type: ignore[attr-defined]
