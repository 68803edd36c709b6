"""What runs by the clock: sweeps at the second that something falls due, and ends in order."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from data_access import rule_files, schema, sweeper, tallies
from data_access.readings import store_samples
from data_access.seal import seals
from data_access.stations import put_limits, put_stations
from data_access.store import Store
from data_access.sweep import LOCK
from desktop import jobs
from desktop.jobs import Jobs
from desktop.time import now
from domain.events import DueSupplied, WarningKind
from domain.nodes import Node
from domain.stations import Limit, Measure, Sample, Span, Station, StationKind
from tests.data_access.sealed_days import at, last_finished_day, record
from tests.data_access.streams import DUTY, happened, received, ticket, whole_life
from tests.data_access.test_log import put


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.02)


def at_work(store: Store) -> bool:
    """Whether a sweep is still in its transaction."""
    return not store.write(lambda c: c.execute(select(func.pg_try_advisory_xact_lock(LOCK))).scalar_one())


@pytest.mark.faults_expected
async def test_an_end_does_not_wait_for_a_sweep_that_hangs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PATIENCE_SECONDS", 0.2)
    released = threading.Event()

    def hang(_connection: Connection, **_: object) -> None:
        released.wait(10)

    monkeypatch.setattr(sweeper, "take_turn", hang)
    running = Jobs(store)
    running.start()
    await until(lambda: running._sweeping.locked())
    try:
        async with asyncio.timeout(3):
            await running.stop()
    finally:
        released.set()
        await until(lambda: not at_work(store))


@pytest.mark.faults_expected
async def test_a_sweep_that_fails_again_and_again_is_logged_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds: list[int] = []

    def fail(_connection: Connection, **_: object) -> None:
        rounds.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(sweeper, "take_turn", fail)
    monkeypatch.setattr(jobs, "SWEEP_SECONDS", 0.1)
    running = Jobs(store)
    running.start()
    await until(lambda: len(rounds) >= 4)
    await running.stop()
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.name for record in errors] == ["qingshao.faults"]


async def test_a_warning_comes_at_the_second_and_not_at_the_next_round(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SWEEP_SECONDS", 600)  # the next round is far: only the due time can call
    due = now() + timedelta(seconds=6)
    start = due - timedelta(days=1)
    supplied = (0, DUTY, DueSupplied(Node.RECTIFY, due, "test"))
    events = happened((0, DUTY, received(policy="source-due")), supplied, start=start)
    put(store, ticket("T-1", events))
    running = Jobs(store)
    running.start()
    try:
        await until(lambda: late_warnings(store) != [])
    finally:
        await running.stop()
    assert now() > due
    assert late_warnings(store) == [due]


async def test_changes_are_added_to_the_tallies(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TALLY_SECONDS", 0.3)
    monkeypatch.setattr(tallies, "ENOUGH", 1)
    put(store, ticket("T-1", whole_life()))
    assert waiting(store)
    running = Jobs(store)
    running.start()
    try:
        await until(lambda: not waiting(store))
    finally:
        await running.stop()


async def test_days_that_ended_while_no_program_was_open_are_sealed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SEAL_SECONDS", 0.3)
    first = last_finished_day(store) - timedelta(days=2)
    record(store, at(first), one=whole_life()[:1])
    running = Jobs(store)
    running.start()
    try:
        await until(lambda: len(store.read(seals)) == 3)
    finally:
        await running.stop()
    assert store.read(seals)[0].day == first


def late_warnings(store: Store) -> list[datetime]:
    warning = schema.warning.c
    late = select(warning.raised_at).where(warning.kind == WarningKind.LATE)
    return list(store.read(lambda c: c.execute(late).scalars().all()))


def waiting(store: Store) -> int:
    count = select(func.count()).select_from(schema.tally_change)
    return store.read(lambda c: c.execute(count).scalar_one())


async def test_a_clock_that_is_set_back_does_not_stop_the_sweep(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(jobs, "SWEEP_SECONDS", 0.3)
    # All was planned by a clock that was a year ahead.
    ahead = [timedelta(days=365)]
    monkeypatch.setattr(jobs, "now", lambda: now() + sum(ahead, timedelta(0)))
    running = Jobs(store)
    running.start()
    ahead.clear()
    try:
        await until(lambda: any("sweeps now" in record.message for record in caplog.records))
    finally:
        await running.stop()
    assert any("set back" in record.message for record in caplog.records)


async def test_a_clock_that_is_set_back_does_not_stop_the_tallies(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SWEEP_SECONDS", 0.3)
    monkeypatch.setattr(jobs, "TALLY_SECONDS", 0.6)
    monkeypatch.setattr(tallies, "ENOUGH", 1)
    ahead = [timedelta(days=365)]
    monkeypatch.setattr(jobs, "now", lambda: now() + sum(ahead, timedelta(0)))
    put(store, ticket("T-1", whole_life()))
    running = Jobs(store)
    running.start()
    running._scheduler.modify_job("tallies", next_run_time=now() + ahead[0])
    ahead.clear()
    try:
        await until(lambda: not waiting(store))
    finally:
        await running.stop()


async def test_what_a_station_measured_is_a_clue_a_moment_later(store: Store) -> None:
    """X14: by the program that sweeps, without anybody asking."""
    measure = Measure("a34002", "µg/m³")
    dust = Station(0, "dust-01", "一号工地", StationKind.DUST, "MN-1", (measure,))
    (number,) = store.write(lambda c: put_stations(c, [dust])).values()
    since = now().date() - timedelta(days=9)
    limit = Limit("pm10", "a34002", Span.MINUTE, 150.0, since, "示例", kind=StationKind.DUST)
    store.write(lambda c: put_limits(c, [limit]))
    begin = now().replace(second=0, microsecond=0) - timedelta(minutes=5)
    samples = [Sample(number, "a34002", Span.MINUTE, begin + timedelta(minutes=n), 300.0) for n in range(3)]
    running = Jobs(store)
    running.start()
    store.write(lambda c: store_samples(c, samples, now()))
    ticket = schema.ticket.c
    await until(
        lambda: store.read(lambda c: c.execute(select(ticket.channel)).scalars().all()) == ["monitoring"]
    )
    await running.stop()


async def test_a_job_that_takes_longer_than_its_rest_is_not_begun_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that is short of time; the scheduler would warn of it each time, which fails this test."""
    begun: list[int] = []

    def slow(_connection: Connection) -> bool:
        begun.append(1)
        time.sleep(0.7)
        return False

    monkeypatch.setattr(rule_files, "waiting", slow)
    monkeypatch.setattr(jobs, "RULES_SECONDS", 0.1)
    running = Jobs(store)
    running.start()
    await until(lambda: len(begun) == 2)
    await running.stop()
    assert len(begun) <= 3
