"""Durations, times and counts as they stand on screen."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.events import Behaviour, WarningKind
from domain.ledger import ColourReason
from domain.nodes import Node
from domain.people import Role
from domain.urgency import Urgency
from widgets import wording

DUE = datetime(2026, 11, 21, 12, 58, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00"), (2467, "00:41:07"), (-2467, "00:41:07"), (86_399, "23:59:59"), (97_260, "1 天 03:01")],
)
def test_durations(seconds: int, text: str):
    assert wording.duration_text(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-72, "剩 00:01:12"), (0, "剩 00:00:00"), (1, "超 00:00:01"), (2467, "超 00:41:07")]
)
def test_a_countdown_turns_when_the_due_time_has_passed(seconds: int, text: str):
    assert wording.countdown_text(DUE, DUE + timedelta(seconds=seconds)) == text


def test_times_are_those_of_the_city():
    assert wording.local_time_text(DUE) == "20:58:13"
    assert wording.local_day_text(DUE + timedelta(hours=4)) == "11-22"
    assert wording.local_moment_text(DUE) == "2026-11-21 20:58:13"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (9999, "9999"), (12_345, "12\u2009345"), (123_456, "12.3万"), (1_234_567, "123万")],
)
def test_counts_fit_a_narrow_place(count: int, text: str):
    assert wording.count_text(count) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(None, "—"), (1.0, "100%"), (0.99999, "99.9%"), (0.9667, "96.7%"), (0.0, "0.0%")]
)
def test_a_rate_is_100_percent_only_when_nothing_is_missing(rate: float | None, text: str):
    assert wording.rate_text(rate) == text


def test_every_member_has_a_word_of_its_own():
    for members, name in (
        (Node, wording.node_name),
        (Urgency, wording.urgency_name),
        (WarningKind, wording.kind_name),
        (Role, wording.role_name),
        (Behaviour, wording.behaviour_name),
        (ColourReason, wording.reason_name),
    ):
        words = [name(member) for member in members]
        assert all(words)
        assert len(set(words)) == len(words)


def test_words_of_two_scripts_are_kept_apart():
    assert wording.joined("铜山区", "金山桥街道", "1 号") == "铜山区金山桥街道 1 号"
    assert wording.joined("计入", "Inspectional Services") == "计入 Inspectional Services"
    assert wording.joined("", "Back Bay", "") == "Back Bay"


def test_a_moment_of_another_year_says_its_year():
    now = datetime(2026, 1, 1, 12, tzinfo=wording.CITY_ZONE)
    assert wording.past_moment_text(now - timedelta(hours=1), now) == "01-01 11:00:00"
    assert wording.past_moment_text(now - timedelta(hours=13), now) == "2025-12-31 23:00:00"


def test_a_list_keeps_every_digit_of_a_count():
    assert [wording.exact_count_text(n) for n in (0, 9999, 58_251, 1_234_567)] == [
        "0", "9999", "58\u2009251", "1\u2009234\u2009567",
    ]  # fmt: skip
