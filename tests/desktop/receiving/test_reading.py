"""Whatever a line brings is read without a fault, and only registered devices are listened to (X14)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.receiving.reading import Desk, Line
from desktop.receiving.service import _factors
from tests.desktop.receiving.conftest import frame, station

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
FACTORS = _factors()
FRAMES = [frame(mn, minute) for mn in ("ONE", "TWO", "STRANGER") for minute in range(4)]
REGISTRY = {mn: replace(station(mn), number=number) for number, mn in enumerate(("ONE", "TWO"), 1)}


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A frame in which some bytes are others, or are missing."""
    data = bytearray(draw(st.sampled_from(FRAMES)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(data) - 1))
        data[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(changed(), st.binary(max_size=80)), max_size=8), st.integers(1, 200))
def test_any_bytes_are_read_and_only_of_registered_devices_taken(pieces: list[bytes], size: int) -> None:
    """X14."""
    desk = Desk(FACTORS, timedelta(days=1), REGISTRY)
    line, stream = Line(desk, "10.0.0.1"), b"".join(pieces)
    taken = [
        arrived
        for place in range(0, len(stream), size)
        for arrived in line.feed(stream[place : place + size], NOW)
    ]
    for arrived in taken:
        assert arrived.seen.station in (1, 2)
        assert all(sample.station == arrived.seen.station for sample in arrived.samples)
        assert all(NOW - desk.back <= sample.at <= NOW + timedelta(days=1) for sample in arrived.samples)
        assert all(b"CN=9014;" in answer for answer in arrived.answers)
    assert desk.counts.good >= len(taken)
    assert line.waste <= len(stream)
