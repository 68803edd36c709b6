"""Which tone sounds: until one by name takes note, red before yellow, no silence over a new red (Y05)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alarm import (
    LEAST_PAUSE,
    LONGEST_SILENCE,
    Silence,
    Sounded,
    Waiting,
    is_due,
    silence,
    tone,
)
from domain.events import WarningLevel
from domain.people import Actor, Role
from domain.rights import Reason, RefusedError
from tests.domain.city import DUTY, at

NOW = at("2026-09-17 16:00")
RED, YELLOW = WarningLevel.RED, WarningLevel.YELLOW
AGAIN = {RED: timedelta(seconds=8), YELLOW: timedelta(seconds=30)}
WALL = Actor(Role.WALL, "大屏")

keys = st.frozensets(st.integers(0, 6), max_size=4)
waits = st.builds(Waiting, keys, keys)
moments = st.integers(-3600, 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))
wanted = st.integers(1, 7200).map(lambda seconds: timedelta(seconds=seconds))
silences = st.none() | st.builds(
    lambda begin, length, heard: Silence("王磊", begin, begin + length, heard), moments, wanted, keys
)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@given(waits)
def test_it_sounds_for_whatever_nobody_has_acknowledged(waiting: Waiting) -> None:
    sounds = tone(waiting, None, NOW)
    assert (sounds is None) == (not waiting)
    assert (sounds is RED) == bool(waiting.red)


@given(waits, silences, moments)
def test_a_silence_holds_back_nothing_red_that_came_after_it(
    waiting: Waiting, held: Silence | None, now: object
) -> None:
    sounds = tone(waiting, held, now)
    if held is None or not held.holds(now):
        assert sounds == tone(waiting, None, now)
    elif waiting.red <= held.heard:
        assert sounds is None
    else:
        assert sounds is RED


@given(waits, keys, wanted, moments, moments)
def test_a_press_is_obeyed_at_once_and_never_for_too_long(
    waiting: Waiting, later: frozenset[int], length: timedelta, now: object, then: object
) -> None:
    held = silence(DUTY, waiting, length, now)
    assert held.by == DUTY.name
    assert tone(waiting, held, now) is None
    assert held.left(now) == min(length, LONGEST_SILENCE)
    assert not held.holds(now + LONGEST_SILENCE)
    if not held.holds(then):
        assert held.left(then) == timedelta(0)
        assert tone(waiting, held, then) == tone(waiting, None, then)
    new = Waiting(waiting.red | later, waiting.yellow)
    assert (tone(new, held, now) is RED) == bool(later - waiting.red)


@given(waits, st.lists(st.tuples(wanted, st.integers(0, 1800)), min_size=1, max_size=12))
def test_pressing_again_and_again_reaches_no_further(
    waiting: Waiting, presses: list[tuple[timedelta, int]]
) -> None:
    """However often it is pressed: half an hour after the first press of a stretch it sounds again."""
    now, held, quiet_since = NOW, None, NOW
    for length, pause in presses:
        if held is None or not held.holds(now):
            quiet_since = now
        held = silence(DUTY, waiting, length, now, held)
        assert held.until <= quiet_since + LONGEST_SILENCE
        now += seconds(pause)


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (WALL, Reason.ROLE),
        (Actor(Role.ADMIN, "周明"), Reason.ROLE),
        (Actor(Role.DUTY, " "), Reason.NOBODY),
    ],
)
def test_only_somebody_with_a_name_and_the_right_may_silence(actor: Actor, reason: Reason) -> None:
    with pytest.raises(RefusedError) as refused:
        silence(actor, Waiting(frozenset({1})), seconds(60), NOW)
    assert refused.value.reason is reason


def test_a_handler_may_silence_the_seat_of_their_body() -> None:
    handler = Actor(Role.HANDLER, "陈立", "housing")
    assert silence(handler, Waiting(frozenset({1})), seconds(60), NOW).by == "陈立"


def test_a_clock_that_was_set_back_ends_a_silence() -> None:
    held = silence(DUTY, Waiting(frozenset({1})), seconds(600), NOW)
    assert tone(Waiting(frozenset({1})), held, NOW - seconds(60)) is RED


ONE = Waiting(frozenset({1}), frozenset({7}))


@pytest.mark.parametrize(
    ("level", "waiting", "last", "due"),
    [
        (RED, ONE, None, True),
        (RED, ONE, Sounded(RED, NOW - seconds(7), ONE.red), False),
        (RED, ONE, Sounded(RED, NOW - seconds(8), ONE.red), True),
        (YELLOW, ONE, Sounded(YELLOW, NOW - seconds(29)), False),
        (YELLOW, ONE, Sounded(YELLOW, NOW - seconds(30)), True),
        # Red cuts in on yellow, whatever yellow has just begun.
        (RED, ONE, Sounded(YELLOW, NOW - seconds(0.2)), True),
        # A new red one is heard before its time has come, but not in the midst of a tone.
        (RED, Waiting(frozenset({1, 2})), Sounded(RED, NOW - seconds(2), ONE.red), False),
        (RED, Waiting(frozenset({1, 2})), Sounded(RED, NOW - seconds(3), ONE.red), True),
        # One of two was acknowledged: nothing new.
        (RED, ONE, Sounded(RED, NOW - seconds(5), frozenset({1, 2})), False),
        # When the last red one was acknowledged, yellow waits for its turn.
        (YELLOW, ONE, Sounded(RED, NOW - seconds(5)), False),
        # A clock that was set back does not make it dumb.
        (YELLOW, ONE, Sounded(YELLOW, NOW + seconds(3600)), True),
    ],
)
def test_when_a_tone_comes(level: WarningLevel, waiting: Waiting, last: Sounded | None, due: bool) -> None:
    assert is_due(level, waiting, last, NOW, AGAIN) is due


@given(st.lists(st.tuples(waits, st.integers(1, 40)), min_size=1, max_size=30))
def test_over_any_history_tones_neither_crowd_nor_fail_to_come(history: list[tuple[Waiting, int]]) -> None:
    """Looked at second by second, as a seat does: as red as it was, it sounded within its time."""
    now, last, quiet = NOW, None, True
    for waiting, lasts in history:
        for _ in range(lasts):
            level = tone(waiting, None, now)
            if level is None:
                last, quiet = None, True
            elif is_due(level, waiting, last, now, AGAIN):
                crowded = last is not None and now - last.at < LEAST_PAUSE
                assert quiet or not crowded or (level, last.level) == (RED, YELLOW)
                last, quiet = Sounded(level, now, waiting.red), False
            if level is not None:
                assert now - last.at < AGAIN[level]
                assert last.level is RED or level is YELLOW
            now += seconds(1)
