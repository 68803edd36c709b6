"""Seeding and harness work, on a city of 200 tickets. How fast anything is, is no test's business."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.figures.memory import settled
from benchmarks.machine import this_machine
from benchmarks.measure import Figure, Judged, Result, quantile, thinned, trend
from benchmarks.report import verdict
from benchmarks.results import Results
from benchmarks.seeding import write
from benchmarks.seeding.city import Size, tickets_of
from data_access import schema
from data_access.rules import load_rules
from data_access.store import Connection, Store
from data_access.verify import verify
from desktop.demo.world import make_world
from domain.events import Closed

ANCHOR = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TICKETS = 200


@pytest.fixture
def filled(store: Store) -> Store:
    said: list[tuple[int, int]] = []

    def show(done: int, total: int) -> None:
        said.append((done, total))

    write.fill(store, TICKETS, ANCHOR, show, processes=1)
    assert said[-1][0] >= TICKETS * 0.95
    return store


def _counts(connection: Connection) -> tuple[int, int]:
    ticket = schema.ticket
    still_open = func.count().filter(ticket.c.closed_at.is_(None))
    found = connection.execute(select(func.count(), still_open).select_from(ticket)).one()
    return found[0], found[1]


def test_a_seeded_store_is_a_real_one(filled: Store) -> None:
    rules = filled.read(load_rules)
    verdict = filled.scratch(lambda connection: verify(connection, rules))
    assert verdict.flaw is None
    tickets, still_open = filled.read(_counts)
    assert TICKETS * 0.9 <= tickets <= TICKETS * 1.1
    assert TICKETS * 0.06 <= still_open <= TICKETS * 0.2


def test_a_block_is_the_same_every_time() -> None:
    world, size = make_world(ANCHOR), Size(10_000)
    block = size.blocks[-1]
    first = list(tickets_of(world, block, size.past_blocks))
    assert first == list(tickets_of(world, block, size.past_blocks))
    assert len(first) == block.size
    assert all(not isinstance(ticket.events[-1].fact, Closed) for ticket in first)
    assert all(event.at <= ANCHOR for ticket in first for event in ticket.events)


@pytest.mark.parametrize("tickets", [200, 10_000, 100_000, 1_000_000])
def test_blocks_add_up(tickets: int) -> None:
    size = Size(tickets)
    assert size.demo + sum(block.size for block in size.blocks) == tickets
    assert [block.index for block in size.blocks] == list(range(len(size.blocks)))


def test_results_survive_and_are_replaced(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    machine = this_machine("18.0")
    assert machine.cores >= 1
    Results(file).add(Result("a", 10, (3.0, 1.0, 2.0)), machine)
    Results(file).add(Result("b", 10, (1.0,)), machine)
    Results(file).add(Result("a", 10, (5.0,)), machine)
    found = Results(file)
    again, other = found.of("a", 10), found.of("b", 10)
    assert again is not None
    assert again.values == (5.0,)
    assert other is not None
    assert found.sizes(["a", "b"]) == [10]
    elsewhere = Results(tmp_path / "elsewhere.jsonl")
    elsewhere.add(Result("b", 10, (9.0,)), machine)
    found.take(elsewhere)
    taken = Results(file).of("b", 10)
    assert taken is not None
    assert taken.values == (9.0,)
    assert all(json.loads(line) for line in file.read_text("utf-8").splitlines())


def test_quantiles_and_slopes() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.95), quantile([7.0], 0.95)) == (50.0, 95.0, 7.0)
    few = thinned([float(value) for value in range(10_000)], 100)
    assert (len(few), few[0], few[-1]) == (100, 0.0, 9999.0)
    slope, error = trend([(hour, 300.0 + 2.0 * hour) for hour in range(10)])
    assert slope == pytest.approx(2.0)
    assert error == pytest.approx(0.0, abs=1e-9)


def test_samples_that_resemble_their_neighbours_count_for_less() -> None:
    apart = [(float(n), 1.0 if n % 2 else -1.0) for n in range(240)]
    alike = [(float(n), 1.0 if n // 10 % 2 else -1.0) for n in range(240)]
    (_, error_apart), (_, error_alike) = trend(apart), trend(alike)
    # Runs of ten: r = (9 - 1) / 10, so that n samples are worth n / 9.
    assert error_alike / error_apart == pytest.approx(9**0.5, rel=0.05)


def test_the_last_hour_of_a_long_soak_is_judged() -> None:
    assert [sample["seconds"] for sample in settled([{"seconds": 600.0 * n} for n in range(1, 11)])] == [
        600.0 * n for n in range(5, 11)
    ]
    assert len(settled([{"seconds": 10.0 * n} for n in range(1, 11)])) == 8


def test_a_budget_speaks_of_its_own_size_and_value() -> None:
    figure = Figure("a", 1, "a", budget=10.0, judged=Judged.P95)
    assert verdict(figure, Result("a", 10_000, (50.0,))) is None
    assert verdict(figure, Result("a", 1_000_000, (1.0, 9.0))) is True
    assert verdict(figure, Result("a", 1_000_000, (1.0, 11.0))) is False
