"""What was measured, against the limit that applied (Y27): as people write it, and as the log keeps it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Accepted, Arrived, Dispatched, Rectified
from domain.readings import MOST_READINGS, Reading, can_be, parse_reading, readings_of
from domain.rights import Reason
from tests.domain.city import DUTY, HOUSING, stream
from tests.domain.test_steps_of_helpers import HELD, as_of, refused, take


@pytest.mark.parametrize(
    ("line", "reading"),
    [
        ("噪声 71 / 55 dB(A)", Reading("噪声（dB(A)）", 71, 55)),
        ("噪声 LA 71.5 dB(A) / 55", Reading("噪声 LA（dB(A)）", 71.5, 55)),
        ("PM10 210 限 150", Reading("PM10", 210, 150)),
        ("PM2.5：80，限值 75 μg/m³", Reading("PM2.5（μg/m³）", 80, 75)),
        ("油烟 1.2/2.0 mg/m³", Reading("油烟（mg/m³）", 1.2, 2.0)),
        ("  氨氮 0.4 ／ 1 ", Reading("氨氮", 0.4, 1)),
    ],
)
def test_a_line_is_a_reading(line: str, reading: Reading) -> None:
    assert parse_reading(line) == reading


@pytest.mark.parametrize(
    "line", ["", "噪声", "噪声 71", "71 / 55", "噪声 七十一 / 55", "噪声 -3 / 55", "长" * 90 + " 1 / 2"]
)
def test_what_is_none_is_none(line: str) -> None:
    assert parse_reading(line) is None


@given(st.text(max_size=60))
def test_whatever_is_written_is_a_reading_that_can_be_or_none(line: str) -> None:
    found = parse_reading(line)
    assert found is None or (found.item and can_be(found.value) and can_be(found.limit))


def test_exactly_at_the_limit_is_within_it() -> None:
    assert not Reading("噪声", 55, 55).exceeds
    assert Reading("噪声", 55.001, 55).exceeds


def test_a_report_keeps_them_and_the_log_tells_them() -> None:
    measured = Arrived(measured=(" 噪声（dB(A)） ", "PM10"), values=(71.00049, 210), limits=(55, 150.0))
    kept = take(measured, HOUSING, as_of(*HELD))
    assert kept == Arrived(measured=("噪声（dB(A)）", "PM10"), values=(71.0, 210.0), limits=(55.0, 150.0))
    again = Rectified("已停工", measured=("噪声（dB(A)）",), values=(48.0,), limits=(55.0,))
    events = stream(
        "2026-09-17 16:00",
        (1, DUTY, Accepted()),
        (2, DUTY, Dispatched("housing")),
        (3, HOUSING, kept),
        (9, HOUSING, take(again, HOUSING, as_of(*HELD))),
    )
    assert [(row.reading.item, row.reading.exceeds) for row in readings_of(events)] == [
        ("噪声（dB(A)）", True),
        ("PM10", True),
        ("噪声（dB(A)）", False),
    ]
    # Whoever writes past this program may leave a number out: the rest is told.
    assert (
        len(
            readings_of([replace(events[2], fact=Arrived(measured=("a", "b"), values=(1.0,), limits=(2.0,)))])
        )
        == 1
    )


@pytest.mark.parametrize(
    "parts",
    [
        {"measured": ("噪声",), "values": (71.0,)},
        {"values": (71.0,), "limits": (55.0,)},
        {"measured": ("噪声",), "values": (-1.0,), "limits": (55.0,)},
        {"measured": ("噪声",), "values": (float("nan"),), "limits": (55.0,)},
        {"measured": ("噪声",), "values": (71.0,), "limits": (float("inf"),)},
        {
            "measured": ("噪声",) * (MOST_READINGS + 1),
            "values": (71.0,) * (MOST_READINGS + 1),
            "limits": (55.0,) * (MOST_READINGS + 1),
        },
    ],
)
def test_what_cannot_be_is_refused(parts: dict[str, object]) -> None:
    ticket = as_of(*HELD)
    reasons = (Reason.BAD_READING, str(MOST_READINGS))
    assert refused(Arrived(**parts), HOUSING, ticket) == reasons  # type: ignore[arg-type]
    assert refused(Rectified("停工", **parts), HOUSING, ticket) == reasons  # type: ignore[arg-type]
