"""Old readings are rolled up to hours, a month at a time, and dropped when they are older still (X14)."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
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
    assert roll_up(store, AT, Span.HOUR) == 29
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
    assert roll_up(store, AT, Span.HOUR) == 0
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
            roll_up(store, AT, Span.HOUR)
    assert store.read(spans) == {1: 2}


def test_a_bad_row_does_not_keep_a_month_from_being_rolled_up(store: Store) -> None:
    """Values that are none, though normal; levels and numbers that no sums are made of."""
    samples = [
        *minutes("a34002", [None, None, None, None], "NNNN"),
        *minutes("LA", [99999, -99999, 99999, 99999], "NNNN"),
        *minutes("Leq", [60, 60, 60, 99999], "NNNN"),
        *minutes("w01018", [1e308, 1e308, -1e308, 1e308], "NNNN"),
    ]
    totals = [replace(s, factor="w21003", value=1.0, total=1e308) for s in samples[:4]]
    store.write(lambda c: load_samples(c, [*samples, *totals]))
    assert roll_up(store, AT, Span.HOUR) == 20
    assert store.read(hours) == {
        ("a34002", AT): (None, "D"),
        ("LA", AT): (None, "D"),
        ("Leq", AT): (pytest.approx(60.0), "N"),
        ("w01018", AT): (None, "D"),
        ("w21003", AT): (1.0, "N"),
    }


def one_turn(connection: Connection) -> int:
    """The first has what comes late noted, the second writes the month anew."""
    statement = text("SELECT roll_up_readings(:of, :least)")
    return connection.execute(statement, {"of": AT, "least": int(Span.HOUR)}).scalar_one()


def table_of(month: str) -> Callable[[Connection], int]:
    return lambda c: c.execute(text(f"SELECT pg_relation_filenode('reading_{month}')")).scalar_one()


def test_a_month_is_written_anew_once_and_late_values_are_taken_out_of_it(store: Store) -> None:
    """X14: neither read as a whole each hour, nor written again for what is sent late."""
    hourly = [Sample(1, "LA", Span.HOUR, AT - timedelta(hours=n), 50.0) for n in range(1, 400)]
    fine = [replace(sample, span=Span.MINUTE) for sample in hourly]
    store.write(lambda c: load_samples(c, [*hourly, *fine]))
    assert roll_up(store, AT, Span.HOUR) == 399
    written = store.read(table_of("2025_03"))
    late = [
        *minutes("LA", [60], "N", AT),
        *minutes("LA", [60], "N", AT - timedelta(hours=5)),
        *minutes("a34002", [0.5], "N", AT),
    ]
    store.write(lambda c: store_samples(c, late, NEXT))
    with store.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM reading")).scalar_one() == 402
        # Nobody is waited for, and nobody waits.
        assert roll_up(store, AT, Span.HOUR) == 3
    assert store.read(table_of("2025_03")) == written
    found = store.read(hours)
    assert found["LA", AT] == (60.0, "N")
    assert found["LA", AT - timedelta(hours=5)] == (50.0, "N")
    assert found["a34002", AT] == (0.5, "N")
    assert store.read(spans) == {int(Span.HOUR): 401}


WAITING = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'reading'::regclass AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


def test_who_writes_to_a_month_that_is_written_anew_waits_for_a_second_at_the_most(store: Store) -> None:
    """X14: all devices are answered after one another; what one of them sends late must not keep all waiting.

    And nothing of it is lost: neither a value that goes into an hour, nor a device's own hour.
    """
    early = AT - timedelta(hours=3)
    store.write(lambda c: load_samples(c, [*minutes("LA", [50], "N"), *minutes("LA", [50], "N", early)]))
    late = [[replace(minutes("LA", [60], "N")[0], at=AT + timedelta(minutes=1 + n))] for n in range(2)]
    late.append([Sample(1, "LA", Span.HOUR, early, 77.0)])
    waited: list[float] = []
    with ThreadPoolExecutor(1) as pool, store.engine.connect() as reader:
        # Somebody reads: what was written cannot be put into its place yet.
        reader.execute(text("SELECT count(*) FROM reading"))
        rolled = pool.submit(roll_up, store, AT, Span.HOUR)
        while not store.read(lambda c: c.execute(WAITING).scalar_one()):
            assert not rolled.done()
            time.sleep(0.02)
        for samples in late:
            begun = time.monotonic()
            assert store.write(lambda c, samples=samples: store_samples(c, samples, NEXT)) == 1
            waited.append(time.monotonic() - begun)
        reader.rollback()
        assert rolled.result(30) == 2
    assert max(waited) < 3
    found = store.read(hours)
    assert found["LA", early] == (77.0, "N")
    level, _ = found["LA", AT]
    assert level == pytest.approx(10 * math.log10((1e5 + 2e6) / 3))
    assert store.read(spans) == {int(Span.HOUR): 2}
    left = "SELECT count(*) FROM pg_class WHERE relname ~ '^(late|young)_'"
    assert store.read(lambda c: c.execute(text(left)).scalar_one()) == 0


def test_a_month_goes_on_where_a_program_was_killed_in_between(store: Store) -> None:
    """What came late since then is in it; so it is where the functions were installed anew meanwhile."""
    for gone in (False, True):
        at = AT - timedelta(days=gone)
        store.write(lambda c, at=at: load_samples(c, minutes("LA", [50, 50], "NN", at)))
        assert store.write(one_turn) == -1
        late = replace(minutes("LA", [60], "N", at)[0], at=at + timedelta(minutes=50))
        store.write(lambda c, late=late: store_samples(c, [late], NEXT))
        if gone:
            store.write(lambda c: c.execute(text("DROP TRIGGER note_late ON reading_2025_03")))
        assert roll_up(store, AT, Span.HOUR) == 3
        level, _ = store.read(hours)["LA", at]
        assert level == pytest.approx(10 * math.log10((2e5 + 1e6) / 3))


def test_what_is_rolled_up_is_found_so_without_reading_it_or_keeping_writers_waiting(store: Store) -> None:
    store.write(lambda c: load_samples(c, [Sample(1, "LA", Span.HOUR, AT, 50.0)]))
    with store.engine.connect() as writer:
        writer.execute(text("LOCK TABLE reading_2025_03 IN ROW EXCLUSIVE MODE"))

        def attempt(connection: Connection) -> int:
            connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
            return one_turn(connection)

        assert store.write(attempt) == 0


def test_a_months_new_table_is_not_read_again_while_all_wait(store: Store) -> None:
    """ATTACH believes a check that was there before."""
    store.write(lambda c: load_samples(c, minutes("LA", [50, 50], "NN")))
    told: list[str] = []

    def attempt(connection: Connection) -> int:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        driver.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        connection.execute(text("SET LOCAL client_min_messages = debug1"))
        return one_turn(connection)

    assert store.write(one_turn) == -1
    assert store.write(attempt) == 2
    assert [line for line in told if "is implied by existing constraints" in line]
    checks = (
        "SELECT count(*) FROM pg_constraint WHERE conrelid = 'reading_2025_03'::regclass AND contype = 'c'"
    )
    assert store.read(lambda c: c.execute(text(checks)).scalar_one()) == 0


def test_a_month_that_cannot_be_rolled_up_does_not_stop_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(lambda c: load_samples(c, [*minutes("LA", [50], "N"), *minutes("LA", [50], "N", NEXT)]))

    def fails_once(within: Store, month: datetime, least: Span | None) -> int:
        if month.month == 3:
            raise RuntimeError("a fault")
        return roll_up(within, month, least)

    monkeypatch.setattr("desktop.receiving.keeping.roll_up", fails_once)
    lines: list[str] = []
    with pytest.raises(RuntimeError, match="a fault"):
        lines.extend(tidy(store, Kept(0, 60, 0), datetime(2026, 1, 1, tzinfo=UTC)))
    assert store.read(spans) == {1: 1, 2: 1}
