"""Old readings are rolled up to hours, a month at a time, and dropped when they are older still (X14)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text

from data_access import schema
from data_access.errors import StoreError
from data_access.old_readings import months_before, roll_up
from data_access.readings import load_samples, store_samples
from data_access.store import Store
from desktop.receiving.keeping import Kept, tidy
from domain.stations import DataFlag, Sample, Span

AT = datetime(2025, 3, 31, 22, 0, tzinfo=UTC)
NEXT = datetime(2025, 4, 1, tzinfo=UTC)


def minutes(factor: str, values: Sequence[float | None], flags: str, at: datetime = AT) -> list[Sample]:
    return [
        Sample(1, factor, Span.MINUTE, at + timedelta(minutes=15 * index), value, DataFlag(flag))
        for index, (value, flag) in enumerate(zip(values, flags, strict=True))
    ]


def hours(connection: Connection) -> dict[tuple[str, datetime], tuple[float | None, str]]:
    reading = schema.reading.c
    rows = connection.execute(select(reading).where(reading.span == int(Span.HOUR)))
    return {(row.factor, row.at): (row.value, row.flag) for row in rows}


def spans(connection: Connection) -> dict[int, int]:
    counted = "SELECT span, count(*) FROM reading GROUP BY span"
    return {row[0]: row[1] for row in connection.execute(text(counted))}


def test_hours_are_made_of_minutes_that_go(store: Store) -> None:
    second = AT + timedelta(hours=1)
    samples = [
        *minutes("a34013", [10, 20, 30, 990], "NNND"),
        *minutes("a34013", [10, 20, 990, 980], "NNDD", second),
        *minutes("LA", [50, 60, 60, 60], "NNNN"),
        *minutes("a01008", [350, 10, 350, 10], "NNNN"),
        *minutes("w01018", [None, None, None, None], "BBBB"),
        # Minutes count where there are some; the device's own hour stands.
        *minutes("w21003", [1, 1, 1, 1], "NNNN"),
        Sample(1, "w21003", Span.REAL_TIME, AT + timedelta(minutes=1), 99.0),
        Sample(1, "w21011", Span.HOUR, AT, 5.0, low=4.0, high=6.0, total=7.0),
        *minutes("w21011", [1, 1, 1, 1], "NNNN"),
        # The next month is left alone.
        *minutes("LA", [70], "N", NEXT),
        Sample(1, "LA", Span.DAY, AT - timedelta(hours=6), 61.0),
    ]
    store.write(lambda c: load_samples(c, samples))
    assert store.write(lambda c: roll_up(c, AT, Span.HOUR)) == 29
    found = store.read(hours)
    assert found["a34013", AT] == (20.0, "N")
    assert found["a34013", second] == (500.0, "D")
    level, flag = found["LA", AT]
    assert (level, flag) == (pytest.approx(58.893, abs=0.001), "N")
    direction, _ = found["a01008", AT]
    assert direction is not None
    assert min(direction, 360 - direction) < 1e-6
    assert found["w01018", AT] == (None, "B")
    assert found["w21003", AT] == (1.0, "N")
    assert found["w21011", AT] == (5.0, "N")
    assert store.read(spans) == {int(Span.MINUTE): 1, int(Span.HOUR): 7, int(Span.DAY): 1}
    assert store.write(lambda c: roll_up(c, AT, Span.HOUR)) == 0
    # The month takes late values as before.
    assert store.write(lambda c: store_samples(c, minutes("LA", [50], "N"), NEXT)) == 1


def test_months_go_by_the_settings(store: Store) -> None:
    daily = [
        replace(sample, at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day))
        for day in range(360)
        for sample in (
            Sample(1, "LA", Span.REAL_TIME, AT, 50.0),
            Sample(1, "LA", Span.MINUTE, AT, 50.0),
            Sample(1, "LA", Span.HOUR, AT, 50.0),
        )
    ]
    store.write(lambda c: load_samples(c, daily))
    now = datetime(2025, 12, 27, tzinfo=UTC)
    assert list(tidy(store, Kept(0, 0, 0), now)) == []
    lines = list(tidy(store, Kept(real_time_days=30, minute_days=60, hour_days=300), now))
    assert len(lines) == 2 + 7 + 1
    assert store.read(spans) == {0: 26 + 30, 1: 26 + 30 + 31, 2: 360 - 59}
    assert store.read(lambda c: months_before(c, datetime(2025, 4, 1, tzinfo=UTC))) == (
        datetime(2025, 3, 1, tzinfo=UTC),
    )
    assert list(tidy(store, Kept(real_time_days=30, minute_days=60, hour_days=300), now)) == []


def test_a_reader_is_waited_for_and_then_left_alone(store: Store) -> None:
    """Nothing is done, and nothing lost, where somebody reads on and on."""
    store.write(lambda c: load_samples(c, minutes("LA", [50, 50], "NN")))
    with store.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM reading")).scalar_one() == 2
        with pytest.raises(StoreError):
            store.write(lambda c: roll_up(c, AT, Span.HOUR))
    assert store.read(spans) == {1: 2}
